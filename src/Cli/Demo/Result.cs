using System.Text.Json.Nodes;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Governance.Cli.Client;
using Governance.Cli.Commands;
using Governance.Cli.Output;
using Governance.Grids.V1;
using Spectre.Console;

namespace Governance.Cli.Demo;

/// <summary>What is shown of a story when it is over: its case or topic, and everything that was done to it.</summary>
internal sealed record Result(string Heading, IReadOnlyList<Table> Tables, JsonObject Json)
{
    private const string HistoryStep = "the history is read";
    private const string LiveStep = "every step was told live, once and in order";

    public static async Task<Result> OfCaseAsync(Stage stage, PublicApi onlooker, LiveChanges live, CancellationToken cancelled)
    {
        var history = (await stage.StepAsync(HistoryStep, async () =>
            await onlooker.Cases.GetCaseHistoryAsync(
                new GetCaseHistoryRequest { CaseId = stage.CaseId }, cancellationToken: cancelled))).Entries;
        await stage.ArriveAsync(LiveStep, () =>
            Task.FromResult(live.Of(stage.CaseId).SequenceEqual(history.Select(entry => entry.Sequence)) ? history : null), cancelled);
        var item = (await onlooker.Cases.GetCaseAsync(new GetCaseRequest { Id = stage.CaseId }, cancellationToken: cancelled)).Case;
        return new Result(
            $"{item.Title}, case {item.Number} ({item.Id})",
            [CaseViews.Timeline(history), .. item.Whistle is { } whistle ? [CaseViews.Responders(whistle)] : Array.Empty<Table>()],
            new JsonObject { ["case"] = Printer.ToJson(item), ["timeline"] = Timeline(history, entry => entry.At) });
    }

    public static async Task<Result> OfTopicAsync(Stage stage, PublicApi onlooker, LiveChanges live, CancellationToken cancelled)
    {
        var history = (await stage.StepAsync(HistoryStep, async () =>
            await onlooker.Councils.GetTopicHistoryAsync(
                new GetTopicHistoryRequest { TopicId = stage.TopicId }, cancellationToken: cancelled))).Entries;
        var topic = (await onlooker.Councils.GetTopicAsync(new GetTopicRequest { Id = stage.TopicId }, cancellationToken: cancelled)).Topic;
        // What is done to a session or a ballot alone is told of those.
        string[] acts =
        [
            "ProposeTopic", .. Enumerable.Repeat("SupportTopic", topic.Supporters - 1), "ConsultTopic", "ConveneSession", "DecideTopic",
            "CarryOutTopic", "AnswerTopic",
        ];
        await stage.ArriveAsync(LiveStep, () => Task.FromResult(live.ActsOn(stage.TopicId).SequenceEqual(acts) ? acts : null), cancelled);
        return new Result(
            $"{topic.Title}, topic {topic.Id} of the council of {topic.Territory}: {TopicCommands.TextOf(topic.Decision?.Vote)}",
            [TopicCommands.Steps(history)],
            new JsonObject { ["topic"] = Printer.ToJson(topic), ["timeline"] = Timeline(history, entry => entry.At) });
    }

    private static JsonArray Timeline<T>(IReadOnlyList<T> entries, Func<T, Timestamp> at)
        where T : IMessage => new([.. entries.Select((entry, index) =>
        {
            var json = Printer.ToJson(entry);
            json["afterMs"] = index == 0
                ? 0
                : Math.Round((at(entry).ToDateTimeOffset() - at(entries[index - 1]).ToDateTimeOffset()).TotalMilliseconds);
            return json;
        })]);
}
