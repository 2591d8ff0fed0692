using System.Text.Json.Nodes;
using Shouldly;
using Xunit;

namespace Governance.EndToEnd.Tests;

[Collection(StackCollection.Name)]
public sealed class DemoTests(StackFixture fixture)
{
    private readonly RunningStack stack = fixture.Stack;

    [Fact]
    public async Task The_demo_carries_three_appeals_and_a_topic_all_the_way_round()
    {
        var ran = await stack.GovAsync("demo", "--json");
        ran.ExitCode.ShouldBe(0, ran.ToString());
        var stories = JsonNode.Parse(ran.Out)!["stories"]!.AsArray().ToDictionary(story => story!["story"]!.GetValue<string>(), story => story!);
        stories.Keys.ShouldBe(["property", "whistle", "volunteers", "councils"]);
        foreach (var story in stories.Values.Where(story => story["case"] is not null))
            story["case"]!["state"]!.GetValue<string>().ShouldBe("CASE_STATE_CLOSED");

        Actions(stories["property"]).ShouldBe(
            ["Reported", "Assessed", "Dispatched", "HandlingStarted", "Handled", "Answered", "Confirmed", "Closed"]);
        ByEvent(stories["property"]).ShouldBe(["HandlingStarted by WorkOrderOpened", "Handled by WorkOrderCompleted"]);
        stories["property"]["case"]!["handler"]!["reference"]!.GetValue<string>().ShouldNotBeEmpty();

        ByEvent(stories["whistle"]).ShouldBe(["ResponderReported by ResponderReported", "ResponderReported by ResponderReported"]);
        var responders = stories["whistle"]["case"]!["whistle"]!["responders"]!.AsArray();
        responders.Count.ShouldBe(2);
        responders.Select(responder => responder!["reportedAt"]).ShouldAllBe(at => at != null);
        responders.Select(responder => responder!["late"]!.GetValue<bool>()).Order().ShouldBe([false, true]);
        Actions(stories["whistle"]).ShouldContain("Escalated");

        ByEvent(stories["volunteers"]).ShouldBe(["HandlingStarted by ActivityOpened", "Handled by ActivityCompleted"]);
        stories["volunteers"]["case"]!["result"]!.GetValue<string>().ShouldContain("2 volunteers, 60 minutes");

        var topic = stories["councils"]["topic"]!;
        topic["state"]!.GetValue<string>().ShouldBe("TOPIC_STATE_ANSWERED");
        topic["decision"]!["ballotId"]!.GetValue<string>().ShouldNotBeEmpty();
        topic["decision"]!["vote"]!["inFavour"]!.GetValue<int>().ShouldBe(7);
        Actions(stories["councils"]).ShouldBe(["Proposed", "Supported", "Consulted", "PutOnAgenda", "Adopted", "CarriedOut", "Answered"]);
        foreach (var section in (string[])["topics", "echo"])
        {
            var read = await stack.GovAsync(
                "bulletin", "read", "--of", topic["territory"]!.GetValue<string>(), "--section", section, "--role", "resident", "--json");
            JsonNode.Parse(read.Out)!.AsArray().ShouldContain(entry => entry!["title"]!.GetValue<string>() == "增设电动车充电桩", section);
        }
    }

    [Fact]
    public async Task The_story_of_the_council_can_be_played_again()
    {
        for (var time = 0; time < 2; time++)
        {
            var ran = await stack.GovAsync("demo", "--only", "councils");
            ran.ExitCode.ShouldBe(0, ran.ToString());
        }
    }

    [Fact]
    public async Task Loading_the_city_again_changes_nothing()
    {
        var ran = await stack.GovAsync("seed", "load", "huaibei", "--json");
        ran.ExitCode.ShouldBe(0, ran.ToString());
        var loaded = JsonNode.Parse(ran.Out)!["loaded"]!.AsObject();
        loaded.Select(kind => kind.Key).ShouldBe(
            ["policies", "indicators", "organisations", "grids", "teams", "estates", "councils", "meetings", "bulletins"], ignoreOrder: true);
        foreach (var (kind, summary) in loaded)
        {
            Number(summary!, "received").ShouldBeGreaterThan(0, kind);
            Number(summary!, "unchanged").ShouldBe(Number(summary!, "received"), kind);
            (Number(summary!, "created") + Number(summary!, "updated") + Number(summary!, "rejected")).ShouldBe(0, kind);
        }
    }

    [Fact]
    public async Task Indicators_equal_the_counts_that_the_city_has_published()
    {
        var ran = await stack.GovAsync("indicators", "--json");
        ran.ExitCode.ShouldBe(0, ran.ToString());
        var indicators = JsonNode.Parse(ran.Out)!.AsArray().ToDictionary(one => one!["name"]!.GetValue<string>(), one => Number(one!, "value"));
        indicators["communities"].ShouldBe(113);
        indicators["grids"].ShouldBe(552);
        indicators["teams"].ShouldBe(3200);

        var rows = JsonNode.Parse((await stack.GovAsync("seed", "check", "huaibei", "--json")).Out)!;
        indicators["organisations"].ShouldBe(Number(rows, "organisations"));
        indicators["estates"].ShouldBe(Number(rows, "estates"));
    }

    private static IEnumerable<string> Actions(JsonNode story) =>
        story["timeline"]!.AsArray().Select(entry => entry!["action"]!.GetValue<string>());

    /// <summary>What was done not by a person but because an event of another service arrived.</summary>
    private static IEnumerable<string> ByEvent(JsonNode story) =>
        story["timeline"]!.AsArray().Where(entry => entry!["actorRole"]!.GetValue<string>() == "service")
            .Select(entry => $"{entry!["action"]} by {entry["actor"]}");

    // 64-bit numbers of protobuf are texts in its JSON; those that `gov` counts itself are numbers.
    private static long Number(JsonNode parent, string name) =>
        long.Parse(parent[name]!.ToString(), System.Globalization.CultureInfo.InvariantCulture);
}
