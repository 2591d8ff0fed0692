using System.Text.Json.Nodes;
using Shouldly;
using Xunit;

namespace Governance.EndToEnd.Tests;

/// <summary>What clients in Python and JavaScript see; see <c>clients/</c> for what they do.</summary>
[Collection(StackCollection.Name)]
public sealed class ForeignClientTests(StackFixture fixture)
{
    private const int GridsOfTheCity = 552;

    public static TheoryData<string> Clients => ["python", "js"];

    [Theory, MemberData(nameof(Clients))]
    public async Task A_unary_call_is_answered(string client)
    {
        var saw = await fixture.Foreign.SawAsync(client, "unary");
        Number(saw, "grids").ShouldBe(GridsOfTheCity);
    }

    [Theory, MemberData(nameof(Clients))]
    public async Task A_stream_from_the_server_arrives_in_order(string client)
    {
        var saw = await fixture.Foreign.SawAsync(client, "server_streaming");
        Number(saw, "received").ShouldBeGreaterThan(GridsOfTheCity);
        saw["parents_first"]!.GetValue<bool>().ShouldBeTrue();
    }

    [Theory, MemberData(nameof(Clients))]
    public async Task A_stream_to_the_server_is_summed_up_with_the_errors_of_its_rows(string client)
    {
        var saw = await fixture.Foreign.SawAsync(client, "client_streaming");
        (Number(saw, "received"), Number(saw, "unchanged"), Number(saw, "rejected")).ShouldBe((2, 1, 1));
        var error = saw["errors"]!.AsArray().ShouldHaveSingleItem()!;
        Number(error, "row").ShouldBe(2);
        Texts(error["violations"]).ShouldBe(["code: FIELD_MALFORMED", "name: FIELD_REQUIRED"]);
    }

    [Theory, MemberData(nameof(Clients))]
    public async Task A_watch_tells_a_new_case_and_ends_when_it_is_cancelled(string client)
    {
        var saw = await fixture.Foreign.SawAsync(client, "cancellation");
        saw["sign_of_life"]!.GetValue<bool>().ShouldBeTrue();
        Text(saw, "action").ShouldBe("Reported");
        saw["same_case"]!.GetValue<bool>().ShouldBeTrue();
        Text(saw, "end").ShouldBe("CANCELLED");
    }

    [Theory, MemberData(nameof(Clients))]
    public async Task Deadlines_end_a_call_and_a_stream(string client)
    {
        var saw = await fixture.Foreign.SawAsync(client, "deadline");
        Text(saw, "unary").ShouldBe("DEADLINE_EXCEEDED");
        Text(saw, "stream").ShouldBe("DEADLINE_EXCEEDED");
    }

    [Theory, MemberData(nameof(Clients))]
    public async Task Metadata_carries_the_token_and_the_language(string client)
    {
        var saw = await fixture.Foreign.SawAsync(client, "metadata");
        Text(saw["without_token"]!, "code").ShouldBe("UNAUTHENTICATED");
        Text(saw["without_token"]!, "reason").ShouldBe("TOKEN_MISSING");
        Text(saw["english"]!, "message").ShouldBe("There is no grid 34069999999901.");
        Text(saw["chinese"]!, "message").ShouldBe("没有编号为 34069999999901 的网格。");
        Text(saw["chinese"]!, "reason").ShouldBe("GRID_NOT_FOUND");
    }

    [Theory, MemberData(nameof(Clients))]
    public async Task Error_details_name_every_field_that_is_wrong(string client)
    {
        var saw = await fixture.Foreign.SawAsync(client, "details");
        Text(saw, "code").ShouldBe("INVALID_ARGUMENT");
        Text(saw, "reason").ShouldBe("REQUEST_INVALID");
        Text(saw, "domain").ShouldBe("governance.micro");
        Texts(saw["violations"]).ShouldBe(["request_id: FIELD_MALFORMED", "grid_code: FIELD_MALFORMED", "title: FIELD_TOO_LONG"]);
    }

    [Theory, MemberData(nameof(Clients))]
    public async Task Reflection_lists_the_services_and_describes_one(string client)
    {
        var saw = await fixture.Foreign.SawAsync(client, "reflection");
        foreach (var version in new[] { saw["v1"]!, saw["v1alpha"]! })
        {
            Texts(version["services"]).ShouldBe(
            [
                "governance.common.v1.Changes",
                "governance.common.v1.Destinations",
                "governance.common.v1.Indicators",
                "governance.common.v1.Operations",
                "governance.common.v1.Persons",
                "governance.grids.v1.Attachments",
                "governance.grids.v1.Boundaries",
                "governance.grids.v1.Budgets",
                "governance.grids.v1.Cases",
                "governance.grids.v1.Councils",
                "governance.grids.v1.Deadlines",
                "governance.grids.v1.Dispatch",
                "governance.grids.v1.Escalations",
                "governance.grids.v1.Exports",
                "governance.grids.v1.Intake",
                "governance.grids.v1.Mediations",
                "governance.grids.v1.Meetings",
                "governance.grids.v1.Policies",
                "governance.grids.v1.Reviews",
                "governance.grids.v1.Staffing",
                "governance.grids.v1.Visits",
                "governance.grids.v1.Bulletins",
                "governance.grids.v1.SatisfactionSurveys",
                "grpc.health.v1.Health",
                "grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection",
            ], ignoreOrder: true);
            Number(version, "files").ShouldBeGreaterThan(1);
        }
    }

    [Theory, MemberData(nameof(Clients))]
    public async Task Health_is_told_when_asked_and_when_watched(string client)
    {
        var saw = await fixture.Foreign.SawAsync(client, "health");
        Text(saw, "asked").ShouldBe("SERVING");
        Text(saw, "watched").ShouldBe("SERVING");
    }

    [Theory, MemberData(nameof(Clients))]
    public async Task Messages_travel_compressed_both_ways(string client)
    {
        var saw = await fixture.Foreign.SawAsync(client, "gzip");
        Number(saw, "received").ShouldBe(500);
        // grpcio does not show how an answer came; in JavaScript the same call is made once by hand.
        if (saw["by_hand"] is { } byHand)
        {
            Text(byHand, "encoding").ShouldBe("gzip");
            Number(byHand, "flag").ShouldBe(1);
            Number(byHand, "received").ShouldBe(500);
        }
    }

    private static long Number(JsonNode saw, string name) => saw[name]!.GetValue<long>();

    private static string Text(JsonNode saw, string name) => saw[name]!.GetValue<string>();

    private static IEnumerable<string> Texts(JsonNode? saw) => saw!.AsArray().Select(text => text!.GetValue<string>());
}
