using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using Xunit;

namespace Governance.Primitives.Tests;

public sealed class IdentityCodeTests
{
    private const string CreditAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";

    private static readonly Gen<string> CreditCodes =
        from head in Gen.ArrayOf(Gen.Elements(CreditAlphabet.ToCharArray()), 2)
        from division in Property.Digits(6)
        from organisation in Gen.ArrayOf(Gen.Elements(CreditAlphabet.ToCharArray()), 9)
        let body = new string(head) + division + new string(organisation)
        select body + CreditCode.CheckCharacter(body);

    private static readonly Gen<string> CitizenIds =
        from division in Property.Digits(6)
        from day in Gen.Choose(0, 50_000)
        from sequence in Property.Digits(3)
        let body = division + new DateOnly(1900, 1, 1).AddDays(day).ToString("yyyyMMdd") + sequence
        select body + CitizenId.CheckCharacter(body);

    [Theory]
    [InlineData("91350100M000100Y43")]
    [InlineData("91110000600037341L")]
    [InlineData("914403001922038216")]
    [InlineData("91330100799655058B")]
    public void Issued_credit_codes_are_accepted(string text)
    {
        var code = CreditCode.Parse(text);

        code.Value.ShouldBe(text);
        code.Authority.ShouldBe('9');
        code.Kind.ShouldBe('1');
        code.Division.ShouldBe(text[2..8]);
        code.HasConsistentOrganisationCode.ShouldBeTrue();
        CreditCode.Parse(text.ToLowerInvariant()).ShouldBe(code);
        JsonSerializer.Deserialize<CreditCode>(JsonSerializer.Serialize(code)).ShouldBe(code);
    }

    [Theory]
    [InlineData(null, CreditCodeFault.Empty)]
    [InlineData("", CreditCodeFault.Empty)]
    [InlineData("91350100M000100Y4", CreditCodeFault.WrongLength)]
    [InlineData("91350100M000100Y43 ", CreditCodeFault.WrongLength)]
    [InlineData("91350100M000100Y4Z", CreditCodeFault.BadCharacter)]
    [InlineData("91350100M000100I43", CreditCodeFault.BadCharacter)]
    [InlineData("９1350100M000100Y43", CreditCodeFault.BadCharacter)]
    [InlineData("9135A100M000100Y43", CreditCodeFault.BadDivision)]
    [InlineData("91350100M000100Y34", CreditCodeFault.BadCheckDigit)]
    public void Other_credit_codes_are_refused_with_their_reason(string? text, CreditCodeFault expected)
    {
        CreditCode.TryParse(text, out var code, out var fault).ShouldBeFalse();

        code.ShouldBeNull();
        fault.ShouldBe(expected);
        Should.Throw<FormatException>(() => CreditCode.Parse(text)).Message.ShouldBe(CreditCode.Describe(expected).English);
    }

    [Fact]
    public void Any_single_wrong_character_of_a_credit_code_is_detected()
    {
        Property.Holds(CreditCodes, text => CreditCode.TryParse(text, out _, out _));
        Property.Holds(
            Property.Three(CreditCodes, Gen.Choose(0, 17), Gen.Elements(CreditAlphabet.ToCharArray())),
            t => t.Item1[t.Item2] == t.Item3 || !CreditCode.TryParse(Replaced(t.Item1, t.Item2, t.Item3), out _, out _),
            3000);
    }

    [Theory]
    [InlineData("360426199101010071", 1991, 1, 1, Sex.Male)]
    [InlineData("11010519491231002X", 1949, 12, 31, Sex.Female)]
    [InlineData("11010519491231002x", 1949, 12, 31, Sex.Female)]
    public void Issued_identity_numbers_tell_birth_date_and_sex(string text, int year, int month, int day, Sex sex)
    {
        var id = CitizenId.Parse(text);

        id.Value.ShouldBe(text.ToUpperInvariant());
        id.BirthDate.ShouldBe(new DateOnly(year, month, day));
        id.Sex.ShouldBe(sex);
    }

    [Theory]
    [InlineData(null, CitizenIdFault.Empty)]
    [InlineData("36042619910101007", CitizenIdFault.WrongLength)]
    [InlineData("360426910101007", CitizenIdFault.WrongLength)]
    [InlineData("36042619910101X071", CitizenIdFault.BadCharacter)]
    [InlineData("11010519491231002A", CitizenIdFault.BadCharacter)]
    [InlineData("360426199102300071", CitizenIdFault.BadBirthDate)]
    [InlineData("360426000001010071", CitizenIdFault.BadBirthDate)]
    [InlineData("360426199101010072", CitizenIdFault.BadCheckDigit)]
    public void Other_identity_numbers_are_refused_with_their_reason_and_never_quoted(string? text, CitizenIdFault expected)
    {
        CitizenId.TryParse(text, out var id, out var fault).ShouldBeFalse();

        id.ShouldBeNull();
        fault.ShouldBe(expected);
        var message = Should.Throw<FormatException>(() => CitizenId.Parse(text)).Message;
        message.ShouldBe(CitizenId.Describe(expected).English);
        if (text is not null)
            message.ShouldNotContain(text);
    }

    [Fact]
    public void Any_single_wrong_digit_of_an_identity_number_is_detected()
    {
        Property.Holds(CitizenIds, text => CitizenId.TryParse(text, out _, out _));
        Property.Holds(
            Property.Three(CitizenIds, Gen.Choose(0, 17), Gen.Elements("0123456789X".ToCharArray())),
            t => t.Item1[t.Item2] == t.Item3 || !CitizenId.TryParse(Replaced(t.Item1, t.Item2, t.Item3), out _, out _),
            3000);
    }

    [Fact]
    public void Text_and_json_of_an_identity_number_are_masked()
    {
        var id = CitizenId.Parse("360426199101010071");

        id.Masked.ShouldBe("3604************71");
        $"{id}".ShouldBe(id.Masked);
        JsonSerializer.Serialize(new { id }).ShouldBe($$"""{"id":"{{id.Masked}}"}""");
        Should.Throw<JsonException>(() => JsonSerializer.Deserialize<CitizenId>("\"360426199101010071\""));
        Property.Holds(CitizenIds, text => !CitizenId.Parse(text).ToString().Contains(text[4..16], StringComparison.Ordinal));
    }

    [Fact]
    public void No_random_text_throws() => Property.Holds(
        ArbMap.Default.GeneratorFor<string?>(),
        text => !CreditCode.TryParse(text, out _, out _) && !CitizenId.TryParse(text, out _, out _));

    private static string Replaced(string text, int index, char with) => $"{text[..index]}{with}{text[(index + 1)..]}";
}
