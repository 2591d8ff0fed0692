using System.CommandLine;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Governance.Cli.Commands;
using Governance.Common.V1;
using Shouldly;
using Xunit;

namespace Governance.Cli.Tests;

/// <summary>
/// Every verb of these groups is run as its help shows it: what it sends must be all that its method asks for, each option must
/// change what is sent, and the answer must be shown.
/// </summary>
public sealed class VerbTests : IAsyncLifetime
{
    private static readonly string[] Groups =
    [
        "council", "session", "topic", "ballot", "bulletin", "satisfaction", "supervisor", "meeting", "budget", "project", "mediation",
        "staff", "neighbour", "squad", "venue", "studio", "visit", "hazard", "workorder", "activity", "supervision",
    ];

    /// <summary>Imports are made by city packs.</summary>
    private static readonly string[] Services = ["Councils", "Bulletins", "SatisfactionSurveys", "Meetings", "Budgets", "Mediations", "Staffing", "Visits"];

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
