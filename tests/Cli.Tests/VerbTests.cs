using System.CommandLine;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Governance.Cli.Commands;
using Governance.Common.V1;
using Governance.Grids.V1;
using Shouldly;
using Xunit;

namespace Governance.Cli.Tests;

/// <summary>
/// Every verb of these groups is run as its help shows it: what it sends must be all that its method asks for, each option must
/// change what is sent, and the answer must be shown.
/// </summary>
public sealed class VerbTests : IAsyncLifetime
{
    private const string Id = "0197f3c2-7c1e-7a55-9d0f-0d4b7f6a2c11";

    private static readonly string[] Groups =
    [
        "council", "session", "topic", "ballot", "bulletin", "satisfaction", "supervisor", "meeting", "budget", "project", "mediation",
        "staff", "neighbour", "squad", "venue", "studio", "visit", "hazard", "workorder", "activity", "supervision",
    ];

    /// <summary>All methods of these are reached, but imports, which city packs make.</summary>
    private static readonly string[] Services =
        ["Councils", "Bulletins", "SatisfactionSurveys", "Meetings", "Budgets", "Mediations", "Staffing", "Visits"];

    private AnyService service = null!;

    public static TheoryData<string> Verbs => [.. Leaves().Select(leaf => leaf.Path)];

    public async ValueTask InitializeAsync() => service = await AnyService.StartAsync();

    public ValueTask DisposeAsync() => service.DisposeAsync();

    [Theory]
    [MemberData(nameof(Verbs))]
    public async Task A_verb_sends_all_that_its_method_asks_for(string path)
    {
        var (_, request) = await AskAsync(ArgumentsOf(path));

        Missing(request).ShouldBeEmpty();
        if (request.Descriptor.FindFieldByName("request_id") is { } field)
            Guid.Parse((string)field.Accessor.GetValue(request)).Version.ShouldBe(7);
    }

    [Theory]
    [MemberData(nameof(Verbs))]
    public async Task Each_option_changes_what_is_sent(string path)
    {
        var leaf = Leaves().Single(entry => entry.Path == path).Command;
        var example = ArgumentsOf(path);
        var (_, whole) = await AskAsync(example);
        foreach (var option in leaf.Options.Where(option => !option.Required && example.Contains(option.Name)))
        {
            var at = Array.IndexOf(example, option.Name);
            var length = option is Option<bool> ? 1 : 2;
            var run = await GovAsync([.. example[..at], .. example[(at + length)..]]);
            if (run.ExitCode == ExitCodes.Usage)
                continue;
            Comparable(service.Asked.Last().Request).ShouldNotBe(Comparable(whole), $"{option.Name} of gov {path}");
        }
    }

    [Theory]
    [MemberData(nameof(Verbs))]
    public async Task The_answer_is_shown_as_text_and_as_json(string path)
    {
        var example = ArgumentsOf(path);
        var text = await GovAsync(example);
        text.ExitCode.ShouldBe(ExitCodes.Done, text.Error);
        text.Out.ShouldContain("│");

        var json = await GovAsync([.. example, "--json"]);
        JsonNode.Parse(json.Out).ShouldNotBeNull();
    }

    [Fact]
    public async Task Every_method_has_a_verb()
    {
        foreach (var path in Leaves().Select(leaf => leaf.Path))
            await AskAsync(ArgumentsOf(path));

        var reached = service.Asked.Select(asked => asked.Method).ToHashSet();
        Services.SelectMany(AnyService.MethodsOf)
            .Where(method => !method.IsClientStreaming && !reached.Contains(method))
            .Select(method => method.FullName)
            .ShouldBeEmpty();
    }

    [Theory]
    [InlineData("council", "establish", "--of", "34990100100101", "--name", "x", "--quorum", "2", "--from", "x", "--until", "x")]
    [InlineData("satisfaction", "respond", Id)]
    [InlineData("satisfaction", "respond", Id, "--satisfaction", "satisfied", "--score", "5")]
    [InlineData("meeting", "hold", Id, "--minutes", "x", "--came", "secretary")]
    [InlineData("meeting", "hold", Id, "--minutes", "x", "--came", "secretary,many")]
    [InlineData("meeting", "hold", Id, "--minutes", "x", "--came", "nobody,3")]
    [InlineData("project", "propose", Id, "--title", "x", "--text", "x", "--yuan", "3.001")]
    [InlineData("project", "propose", Id, "--title", "x", "--text", "x", "--yuan", "-3")]
    [InlineData("session", "convene", Id, "--at", "tomorrow", "--place", "x", "--topic", Id)]
    [InlineData("visit", "change", Id, "--needs", "elderly,rich")]
    [InlineData("neighbour", "set-up", "--of", "x", "--code", "x", "--name", "x", "--building", "x", "--head", "resident-1,not")]
    [InlineData("grid", "split", "34990100100101", "--parts", "no-such.geojson")]
    public async Task What_can_not_be_read_is_wrong_usage_and_nothing_is_sent(params string[] args)
    {
        var run = await GovAsync(args);

        run.ExitCode.ShouldBe(ExitCodes.Usage);
        run.Error.ShouldNotBeEmpty();
        service.Asked.ShouldBeEmpty();
    }

    [Fact]
    public async Task Amounts_of_yuan_are_sent_as_fen()
    {
        var (_, request) = await AskAsync(["project", "book", Id, "--yuan", "8000.05", "--purpose", "x"]);

        ((BookSpendingRequest)request).AmountFen.ShouldBe(800005);
    }

    [Fact]
    public async Task Parts_of_a_grid_are_read_from_geojson_without_the_corner_that_closes_the_ring()
    {
        var file = Path.Combine(Directory.CreateTempSubdirectory("gov-split-").FullName, "parts.geojson");
        await File.WriteAllTextAsync(
            file,
            """
            {"type":"FeatureCollection","features":[{"type":"Feature",
              "geometry":{"type":"Polygon","coordinates":[[[116.1,33.1],[116.2,33.1],[116.2,33.2],[116.1,33.1]]]},
              "properties":{"code":"34990100100111","name":"东","kind":"business_circle","households":7}}]}
            """,
            TestContext.Current.CancellationToken);

        var (_, request) = await AskAsync(["grid", "split", "34990100100101", "--parts", file]);

        var part = ((SplitGridRequest)request).Parts.ShouldHaveSingleItem();
        part.Kind.ShouldBe(GridKind.BusinessCircle);
        part.Households.ShouldBe(7);
        part.Boundary.Points.Select(corner => corner.Latitude).ShouldBe([33.1, 33.1, 33.2]);
        Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
    }

    private static IEnumerable<(string Path, Command Command)> Leaves() => Gov.Build(Run.Host()).Subcommands
        .Where(group => Groups.Contains(group.Name))
        .SelectMany(group => group.Subcommands.Select(command => ($"{group.Name} {command.Name}", command)));

    private static string[] ArgumentsOf(string path) =>
        Example.Of(Leaves().Single(leaf => leaf.Path == path).Command)[0].Split(' ')[1..];

    private static string[] Missing(IMessage message, string path = "") =>
        [.. message.Descriptor.Fields.InDeclarationOrder().SelectMany(field =>
        {
            var name = $"{path}{field.Name}";
            var value = field.Accessor.GetValue(message);
            var empty = value is null or "" or 0 or 0L or System.Collections.ICollection { Count: 0 } or ByteString { Length: 0 }
                || (field.FieldType is FieldType.Enum && !field.IsRepeated && Convert.ToInt32(value) == 0);
            if (empty)
                return field.GetOptions()?.GetExtension(AccessExtensions.Limits)?.Required == true ? [name] : [];
            if (field.FieldType is not FieldType.Message)
                return [];
            return field.IsRepeated
                ? ((System.Collections.IEnumerable)value!).Cast<IMessage>().SelectMany(item => Missing(item, $"{name}."))
                : Missing((IMessage)value!, $"{name}.");
        })];

    private static string Comparable(IMessage request)
    {
        foreach (var own in new[] { "request_id", "salt" })
            request.Descriptor.FindFieldByName(own)?.Accessor.Clear(request);
        return request.ToString()!;
    }

    private async Task<(MethodDescriptor Method, IMessage Request)> AskAsync(string[] args)
    {
        var run = await GovAsync(args);
        run.ExitCode.ShouldBe(ExitCodes.Done, run.Error);
        return service.Asked.Last();
    }

    private Task<Run> GovAsync(string[] args) => Run.GovAsync(Path.GetTempPath(), service.Variables, args);
}
