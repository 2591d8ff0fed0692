using System.CommandLine;
using System.Text.Json.Nodes;
using Governance.Cli.Client;
using Governance.Cli.Demo;
using Governance.Cli.Output;
using Governance.Common.V1;
using static Governance.Cli.Commands.CommandBuilding;

namespace Governance.Cli.Commands;

/// <summary>`gov demo`: three appeals and a council's topic, all the way round, through the public API.</summary>
internal static class DemoCommand
{
    private const string About =
        """
        Carry three appeals and a topic of a residents' council all the way round on the running stack, and print who did what and how
        long it took.

        Each actor has a token of its own. It can be run again and again. Ends with exit code 5 and the name of the step when
        anything does not happen, or an event does not arrive within 15 seconds.

          property    a resident reports a broken gate; the estate's property company repairs it on a work order
          whistle     beyond the community's powers: escalated, two departments called, one of them late
          volunteers  a need for hands becomes an activity; a team signs up and its service is recorded
          councils    a topic is proposed, supported, consulted, voted on in a session, carried out, and answered in the bulletin
        """;

    /// <summary>A story that is over.</summary>
    private sealed record Played(
        string Story, string About, Result Result, TimeSpan Elapsed, IReadOnlyList<(string Name, TimeSpan Took)> Steps);

    public static Command Build(CliHost host)
    {
        var only = Option<string[]>("--only", "Play only this story; may be repeated.", "property|whistle|volunteers|councils");
        only.AcceptOnlyFromAmong(PropertyStory.Name, WhistleStory.Name, VolunteersStory.Name, CouncilsStory.Name);
        var seconds = new Option<double>("--report-within")
        {
            Description = "How soon the departments of the whistle must come, in seconds.",
            HelpName = "N",
            DefaultValueFactory = _ => 3,
        };
        return new Command("demo", About).Does(
            host, [only, seconds], async (session, line, cancelled) =>
            {
                if (session.HasFixedToken)
                    throw new UsageException(
                        "The demo plays several people, each with a token of its own: leave --token and GOV_TOKEN out.");
                var reportWithin = TimeSpan.FromSeconds(line.GetValue(seconds));
                (string Name, string About, Func<Stage, CancellationToken, Task> Play)[] stories =
                [
                    (PropertyStory.Name, PropertyStory.About, PropertyStory.PlayAsync),
                    (WhistleStory.Name, WhistleStory.About, (stage, token) => WhistleStory.PlayAsync(stage, reportWithin, token)),
                    (VolunteersStory.Name, VolunteersStory.About, VolunteersStory.PlayAsync),
                    (CouncilsStory.Name, CouncilsStory.About, CouncilsStory.PlayAsync),
                ];
                var wanted = line.GetValue(only) is { Length: > 0 } some ? some : [.. stories.Select(story => story.Name)];

                var onlooker = session.As(Caller.In("officer", session.City, "officer-city"));
                await ReachAsync(onlooker, cancelled);
                var operating = session.As(Caller.In("operator", session.City, "operator-city"));
                await using var live = await LiveChanges.StartAsync(onlooker, operating, session.Clock, cancelled);
                var played = new List<Played>();
                foreach (var story in stories.Where(story => wanted.Contains(story.Name)))
                    played.Add(await PlayAsync(session, onlooker, live, story.Name, story.About, story.Play, cancelled));
                session.Out.Answer(
                    () => new JsonObject { ["stories"] = new JsonArray([.. played.Select(ToJson)]) },
                    () => session.Out.Say(
                        $"All {played.Count} stories came to their end: {string.Join(", ", played.Select(one => one.Story))}."));
            },
            "gov demo",
            "gov demo --only whistle --report-within 5",
            "gov demo --json");
    }

    /// <summary>Asks every service something small first, so that a stack that is down is told as such and not as a failed step.</summary>
    private static async Task ReachAsync(PublicApi onlooker, CancellationToken cancelled)
    {
        foreach (var service in PublicApi.Services)
            await onlooker.Indicators(service).GetIndicatorsAsync(new GetIndicatorsRequest(), cancellationToken: cancelled);
    }

    private static async Task<Played> PlayAsync(
        Session session, PublicApi onlooker, LiveChanges live, string name, string about,
        Func<Stage, CancellationToken, Task> play, CancellationToken cancelled)
    {
        session.Out.Say($"{name}: {about}");
        var start = session.Clock.GetTimestamp();
        var stage = new Stage(name, session);
        await play(stage, cancelled);
        var result = stage.TopicId.Length > 0
            ? await Result.OfTopicAsync(stage, onlooker, live, cancelled)
            : await Result.OfCaseAsync(stage, onlooker, live, cancelled);
        var played = new Played(name, about, result, session.Clock.GetElapsedTime(start), stage.Steps);
        if (!session.Out.Json)
            Show(session.Out, played);
        return played;
    }

    private static void Show(Printer printer, Played played)
    {
        printer.Say("");
        printer.Say($"{played.Result.Heading}, {Tables.Span(played.Elapsed)} in all");
        foreach (var table in played.Result.Tables)
            printer.Draw(table);
        printer.Say("");
    }

    private static JsonNode ToJson(Played played)
    {
        var json = new JsonObject
        {
            ["story"] = played.Story,
            ["about"] = played.About,
            ["elapsedMs"] = Math.Round(played.Elapsed.TotalMilliseconds),
        };
        foreach (var (name, value) in played.Result.Json)
            json[name] = value?.DeepClone();
        json["steps"] = new JsonArray([.. played.Steps.Select(step => new JsonObject
        {
            ["name"] = step.Name,
            ["tookMs"] = Math.Round(step.Took.TotalMilliseconds),
        })]);
        return json;
    }
}
