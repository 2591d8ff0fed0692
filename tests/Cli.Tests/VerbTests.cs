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
        "staff", "neighbour", "squad", "venue", "studio", "visit", "hazard", "workorder", "activity", "supervision", "assignment", "queue",
        "duty", "consultation",
    ];

    /// <summary>Verbs of groups that also have others, which say a sentence or write a file instead of showing a record.</summary>
    private static readonly string[] Others =
    [
        "case offer-receipt", "case accept-receipt", "case own", "whistle list", "whistle score", "whistle justify", "whistle scores",
        "indicators series", "indicators breakdown", "indicators records", "estate show", "team show", "destinations show",
        "attachment list", "attachment add", "attachment remove",
    ];

    private const string Parts =
        """
        {"type":"FeatureCollection","features":[{"type":"Feature",
          "geometry":{"type":"Polygon","coordinates":[[[116.1,33.1],[116.2,33.1],[116.2,33.2],[116.1,33.1]]]},
          "properties":{"code":"34990100100111","name":"东","kind":"business_circle","households":7}}]}
        """;

    private readonly string folder = Directory.CreateTempSubdirectory("gov-verbs-").FullName;

    private AnyService service = null!;

    public static TheoryData<string> Verbs => [.. Leaves().Select(leaf => leaf.Path)];

    public async ValueTask InitializeAsync()
    {
        service = await AnyService.StartAsync();
        // What the examples of help name.
        await File.WriteAllTextAsync(Path.Combine(folder, "gate.jpg"), "abc");
        await File.WriteAllTextAsync(Path.Combine(folder, "parts.geojson"), Parts);
    }

    public async ValueTask DisposeAsync()
    {
        await service.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

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

    /// <summary>But imports and what else a city pack brings, and watches, which have no end.</summary>
    [Fact]
    public async Task Every_method_has_a_verb()
    {
        string[] ofPacks = ["PutPolicy", "PutIndicatorDefinitions", "ListIndicatorDefinitions"];
        foreach (var example in AllLeaves().SelectMany(leaf => Example.Of(leaf).Take(1)))
            await GovAsync(example.Split(' ')[1..]);

        var reached = service.Asked.Select(asked => asked.Method).ToHashSet();
        AnyService.AllMethods
            .Where(method => !method.IsClientStreaming && !method.Name.StartsWith("Watch", StringComparison.Ordinal))
            .Where(method => !ofPacks.Contains(method.Name) && !reached.Contains(method))
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
    [InlineData("attachment", "add", Id, "--file", "no-such.jpg", "--reference", "https://files.example.org/a", "--media-type", "x/y")]
    [InlineData("assignment", "give", Id, "--lead", $"{Id},2")]
    [InlineData("assignment", "give", Id, "--lead", $"{Id},2,fortnights")]
    [InlineData("indicators", "records", "--service", "grids", "--name", "cases", "--where", "state")]
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
    public async Task Files_are_sent_with_their_size_and_checksum()
    {
        var (_, request) = await AskAsync(
            ["attachment", "add", Id, "--file", "gate.jpg", "--reference", "https://files.example.org/a", "--media-type", "image/jpeg"]);

        var added = (AddAttachmentRequest)request;
        added.Size.ShouldBe(3);
        added.Sha256.ShouldBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    [Fact]
    public async Task A_file_that_is_not_the_one_that_was_given_has_its_own_exit_code()
    {
        var run = await GovAsync(["attachment", "verify", Id, "--attachment", "id", "--file", "gate.jpg", "--json"]);

        run.ExitCode.ShouldBe(ExitCodes.FileDiffers);
        JsonNode.Parse(run.Out)!["same"]!.GetValue<bool>().ShouldBeFalse();
    }

    [Fact]
    public async Task Parts_of_a_grid_are_read_from_geojson_without_the_corner_that_closes_the_ring()
    {
        var (_, request) = await AskAsync(["grid", "split", "34990100100101", "--parts", "parts.geojson"]);

        var part = ((SplitGridRequest)request).Parts.ShouldHaveSingleItem();
        part.Kind.ShouldBe(GridKind.BusinessCircle);
        part.Households.ShouldBe(7);
        part.Boundary.Points.Select(corner => corner.Latitude).ShouldBe([33.1, 33.1, 33.2]);
    }

    private static IEnumerable<(string Path, Command Command)> Leaves() => Gov.Build(Run.Host()).Subcommands
        .SelectMany(group => group.Subcommands.Select(command => (Group: group.Name, Path: $"{group.Name} {command.Name}", command)))
        .Where(leaf => Groups.Contains(leaf.Group) || Others.Contains(leaf.Path))
        .Select(leaf => (leaf.Path, leaf.command));

    private static IEnumerable<Command> AllLeaves()
    {
        string[] others = ["token", "seed", "demo", "figures"];
        return Gov.Build(Run.Host()).Subcommands.Where(group => !others.Contains(group.Name))
            .SelectMany(group => group.Subcommands.Append(group))
            .Where(command => command.Action is not null && command.Name != "watch");
    }

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

    private Task<Run> GovAsync(string[] args) => Run.GovAsync(folder, service.Variables, args);
}
