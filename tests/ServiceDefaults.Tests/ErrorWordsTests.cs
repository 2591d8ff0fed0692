using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Governance.Grids.Policies;
using Governance.Grids.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Grpc;
using Shouldly;
using Xunit;

namespace Governance.ServiceDefaults.Tests;

/// <summary>A message is of one language, with all that is put into it.</summary>
public sealed partial class ErrorWordsTests
{
    /// <summary>What is called the same in every language, beside the names of fields, which are told by their underscore.</summary>
    private static readonly string[] Terms =
    [
        "gzip", "http", "https", "s3", "json", "xml", "open311/v2/services.json", "application/x-www-form-urlencoded", "UTF-8", "WGS-84", "UUID",
        "Idempotency-Key", "attribute", "lat", "long", "page", "open", "closed", "2026-03-09T09:00:00", "I", "O", "S", "V", "Z", "X",
    ];

    /// <summary>Metadata that programs read and no message tells, and those that name a field.</summary>
    private static readonly string[] Untold = ["verb", "other"];

    private static readonly string[] Folders = ["src/Primitives", "src/ServiceDefaults", "src/Services"];

    private static readonly IReadOnlyList<MethodInfo> Labels =
    [
        .. from assembly in ErrorCatalogue.Services.Select(s => s.Assembly).Prepend(typeof(Words).Assembly)
           from type in assembly.GetTypes()
           from method in type.GetMethods(BindingFlags.Static | BindingFlags.Public)
           where method.Name is "Told" && method.IsDefined(typeof(ExtensionAttribute)) && method.GetParameters()[0].ParameterType.IsEnum
           select method,
    ];

    [Fact]
    public void Every_text_of_the_catalogue_is_of_its_language()
    {
        ErrorCatalogue.All.Where(e => Foreign(e.Chinese).Any()).Select(e => e.Chinese).ShouldBeEmpty();
        ErrorCatalogue.All.Where(e => IsChinese(e.English)).Select(e => e.English).ShouldBeEmpty();
        // What both texts tell is the same.
        ErrorCatalogue.All
            .Where(e => !Braces().Matches(e.English).Select(m => m.Value).ToHashSet().SetEquals(Braces().Matches(e.Chinese).Select(m => m.Value)))
            .Select(e => e.Reason).ShouldBeEmpty();
        ErrorCatalogue.All.Where(e => e.Chinese.Contains("{verb}", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    [Fact]
    public void Every_value_of_a_labelled_enum_has_labels_of_its_own_in_both_languages()
    {
        Labels.Select(m => m.GetParameters()[0].ParameterType).ShouldContain(typeof(CaseState));
        foreach (var method in Labels)
        {
            var of = method.GetParameters()[0].ParameterType;
            var told = Enum.GetValues(of).Cast<Enum>().Select(value => (Words)method.Invoke(null, [value])!).ToList();
            told.Select(w => w.Value).ShouldBe(Enum.GetNames(of), of.Name);
            told.Select(w => w.English).ShouldBeUnique(of.Name);
            told.Select(w => w.Chinese).ShouldBeUnique(of.Name);
            told.Where(w => !IsChinese(w.Chinese) || Foreign(w.Chinese).Any() || IsChinese(w.English)).ShouldBeEmpty(of.Name);
        }
    }

    [Fact]
    public void Every_kind_of_policy_is_told_in_both_languages()
    {
        var kinds = typeof(CityPolicies).GetFields().Where(f => f.IsLiteral).Select(f => (string)f.GetRawConstantValue()!).ToList();
        kinds.ShouldContain(CityPolicies.WorkingHoursKind);
        kinds.Select(PolicyLabels.Told).Where(w => !IsChinese(w.Chinese) || Foreign(w.Chinese).Any() || IsChinese(w.English)).ShouldBeEmpty();
    }

    [Fact]
    public void Sources_mix_no_languages_in_what_they_tell() =>
        Sources().SelectMany(file => Mixed(File.ReadAllText(file)).Concat(Bare(File.ReadAllText(file))).Select(found => $"{file}: {found}")).ShouldBeEmpty();

    [Theory]
    [InlineData("""CommonErrors.TokenInvalid.With(("problem", "no territory"));""")]
    [InlineData("""CommonErrors.TokenInvalid.With(("problem", length is 0 ? "empty" : "too long"));""")]
    [InlineData("""Violation.Of("lat", FieldErrors.Malformed, ("format", $"a number up to {max}"));""")]
    [InlineData("""return new("a territory code", "territory 编码");""")]
    [InlineData("""return new($"level {level}", $"level“{level.Told().Chinese}”重复");""")]
    public void A_source_that_mixes_them_is_found_out(string line) => Mixed(line).Concat(Bare(line)).ShouldHaveSingleItem();

    [Theory]
    [InlineData("""CommonErrors.TokenInvalid.With(("problem", new Words("no territory", "it names no territory", "未载明管辖范围")), ("verb", "Ask"));""")]
    [InlineData("""Violation.Of("lat", FieldErrors.Malformed, ("format", new Words($"up to {max}", $"不超过 {max}（as_told）")));""")]
    public void One_that_does_not_is_left_alone(string line) => Mixed(line).Concat(Bare(line)).ShouldBeEmpty();

    [Fact]
    public void A_format_is_told_in_the_language_of_the_message()
    {
        var violation = RequestValidator.Check(new ListGridsRequest { Territory = "x" })!.Violations.Single();
        violation.Definition.Text(Language.Chinese, violation.Metadata).ShouldBe("不是有效的行政区划或网格编码");
        violation.Definition.Text(Language.English, violation.Metadata).ShouldBe("is not a territory code");
    }

    [Fact]
    public void Metadata_hold_what_programs_read()
    {
        var answer = CommonErrors.TokenInvalid.With(("problem", new Words("signature", "its signature does not hold", "签名无效"))).ToRpcException(Language.Chinese);
        answer.Status.Detail.ShouldBe("身份令牌无效：签名无效。");
        var status = Google.Rpc.Status.Parser.ParseFrom(answer.Trailers.GetValueBytes(ErrorAnswers.DetailsTrailer));
        status.Details.Single().Unpack<Google.Rpc.ErrorInfo>().Metadata["problem"].ShouldBe("signature");
    }

    [Fact]
    public void Several_words_are_told_as_a_choice() =>
        Words.OneOf([new("open", "open", "进行中"), new("Done", "done", "已完成")]).ShouldBe(new Words("open / Done", "open or done", "进行中或已完成"));

    /// <summary>Texts with Chinese in them that hold other words too.</summary>
    private static IEnumerable<string> Mixed(string source) =>
        Literals().Matches(source).Select(m => m.Groups[1].Value).Where(text => IsChinese(text) && Foreign(text).Any());

    /// <summary>Texts that are put into a message as they are, whatever its language.</summary>
    private static IEnumerable<string> Bare(string source) =>
        from call in Calls().Matches(source)
        let said = Field().Replace(Told().Replace(call.Value, ""), "")
        from pair in Pairs().Matches(said)
        where !Untold.Contains(pair.Groups[1].Value)
        let texts = Literals().Matches(pair.Groups[2].Value).Select(m => Holes().Replace(m.Groups[1].Value, "")).Where(t => t.Any(char.IsAsciiLetter))
        where texts.Any()
        select string.Join(" | ", texts);

    private static IEnumerable<string> Foreign(string text) =>
        Latin().Matches(Holes().Replace(text, "")).Select(m => m.Value.TrimEnd('.', '-', '/')).Where(w => !w.Contains('_', StringComparison.Ordinal) && !Terms.Contains(w));

    private static bool IsChinese(string text) => text.Any(c => c is >= '\u4e00' and <= '\u9fff');

    private static IEnumerable<string> Sources() => Folders
        .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(RepositoryRoot.Path, folder), "*.cs", SearchOption.AllDirectories))
        .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal))
        // Looks for words that people write in either language, and tells none.
        .Where(file => !file.EndsWith("/Privacy/Redaction.cs", StringComparison.Ordinal));

    [GeneratedRegex("""(?<!')"((?:[^"\\\n]|\\.)*)"(?!')""")]
    private static partial Regex Literals();

    // Also the end of one that a literal inside it cut off.
    [GeneratedRegex(@"\{[^{}]*\}|\{[^{}]*$")]
    private static partial Regex Holes();

    [GeneratedRegex(@"\{\w+\}")]
    private static partial Regex Braces();

    [GeneratedRegex("[A-Za-z0-9][A-Za-z0-9_./:-]*[A-Za-z][A-Za-z0-9_./:-]*|[A-Za-z][A-Za-z0-9_./:-]*")]
    private static partial Regex Latin();

    [GeneratedRegex("""(?:\.With|Violation\.Of)\((?:[^()"]|"(?:[^"\\]|\\.)*"|(?<open>\()|(?<-open>\)))*(?(open)(?!))\)""")]
    private static partial Regex Calls();

    // Texts in both languages, which the other rule looks at.
    [GeneratedRegex("""new(?: Words)?\((?:[^()"]|"(?:[^"\\]|\\.)*"|\([^()]*\))*\)""")]
    private static partial Regex Told();

    [GeneratedRegex("""Violation\.Of\(\$?"[^"]*",?""")]
    private static partial Regex Field();

    [GeneratedRegex("""\("(\w+)", (.*?)(?=\("\w+", |$)""", RegexOptions.Singleline)]
    private static partial Regex Pairs();
}
