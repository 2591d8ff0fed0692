using Governance.Common.V1;
using Governance.Grids.V1;
using Governance.ServiceDefaults.Indicators;
using Governance.TestKit;
using Shouldly;
using Xunit;
using static Governance.Grids.Tests.GridsFixture;

namespace Governance.Grids.Tests;

/// <summary>Numbers of policies as indicators tell them.</summary>
public sealed class StandardsTests(GridsFixture grids) : ServiceTest(grids), IClassFixture<GridsFixture>
{
    private static readonly string[] Collecting = ["reported", "assessed"];
    private static readonly string[] Handling = ["dispatched", "handling", "whistled", "handled"];

    [Fact]
    public async Task A_standard_is_that_of_the_policy_in_force_and_changes_with_it()
    {
        (await ExactAsync("grid_worker_duties")).Denominator.ShouldBe(0);
        await grids.PutPolicyAsync(p => p.Staffing = Staffing(duties: 6, least: 3, most: 5));
        (await ValuesAsync()).ShouldBe((6, 3, 5));

        // Of a day to come: nothing changes before it begins, in local time.
        await grids.PutPolicyAsync(p => p.Staffing = Staffing(duties: 4, least: 2, most: 7), "2026-03-10");
        (await ValuesAsync()).ShouldBe((6, 3, 5));
        grids.Clock.Set(new DateTimeOffset(2026, 3, 9, 15, 59, 59, TimeSpan.Zero));
        (await ValuesAsync()).ShouldBe((6, 3, 5));
        grids.Clock.Set(new DateTimeOffset(2026, 3, 9, 16, 0, 1, TimeSpan.Zero));
        (await ValuesAsync()).ShouldBe((4, 2, 7));

        // Behind the number stands the one policy in force.
        var records = (await Indicators().ListIndicatorRecordsAsync(
            new ListIndicatorRecordsRequest { Territory = City, Name = "grid_worker_duties" })).Records;
        records.Select(r => r.Id.Split('/')[^1]).ShouldBe(["grid_worker_duties"]);
    }

    [Fact]
    public async Task Steps_are_counted_and_a_later_policy_without_steps_has_none()
    {
        (await ExactAsync("case_workflow_steps")).Numerator.ShouldBe(0);
        await PutStepsAsync("2026-02-01", Steps());
        (await ExactAsync("case_workflow_steps")).Numerator.ShouldBe(3);
        await PutStepsAsync("2026-03-01");
        (await ExactAsync("case_workflow_steps")).Numerator.ShouldBe(0);
    }

    [Theory]
    [InlineData("step close stands twice")]
    [InlineData("a case has no state asleep")]
    [InlineData("the state reported belongs to two steps")]
    [InlineData("no step has the state rejected, banked")]
    public async Task Steps_that_do_not_cover_every_state_once_are_refused_by_name(string problem)
    {
        var steps = Steps();
        switch (problem)
        {
            case "step close stands twice":
                steps[0].Code = "close";
                break;
            case "a case has no state asleep":
                steps[0].States.Add("asleep");
                break;
            case "the state reported belongs to two steps":
                steps[2].States.Add("reported");
                break;
            default:
                steps[2].States.Remove("rejected");
                steps[2].States.Remove("banked");
                break;
        }
        (await Refused.AsAsync("POLICY_INVALID", () => PutStepsAsync("2026-03-05", steps))).Metadata["problem"].ShouldBe(problem);
    }

    internal static WorkflowStep[] Steps() =>
    [
        new() { Code = "collect", Name = "收集", States = { Collecting } },
        new() { Code = "handle", Name = "办理", States = { Handling } },
        new()
        {
            Code = "close",
            Name = "反馈",
            States = { Dimension.Of<CaseState>("state").Values.Except(["unspecified", .. Collecting, .. Handling]) },
        },
    ];

    private Task PutStepsAsync(string from, params WorkflowStep[] steps) => grids.PutPolicyAsync(
        p =>
        {
            p.Cases = GridsFixture.CasePolicy();
            p.Cases.Steps.Add(steps);
        },
        from);

    internal static StaffingPolicy Staffing(int duties, int least, int most) => new()
    {
        Duties =
        {
            new GridDuty { Role = GridStaffRole.Leader, Code = "organise", Name = "统筹" },
            Enumerable.Range(0, duties).Select(i => new GridDuty { Role = GridStaffRole.Worker, Code = $"d{i}", Name = $"职责{i}" }),
        },
        MinBuildings = least,
        MaxBuildings = most,
    };

    private async Task<(long Duties, long Least, long Most)> ValuesAsync() => (
        (await ExactAsync("grid_worker_duties")).Numerator,
        (await ExactAsync("neighbour_group_buildings_min")).Numerator,
        (await ExactAsync("neighbour_group_buildings_max")).Numerator);

    private async Task<IndicatorValue> ExactAsync(string name) => (await Indicators().GetIndicatorsAsync(
        new GetIndicatorsRequest { Territory = City, Names = { name } })).Indicators.Single().Exact;

    private Indicators.IndicatorsClient Indicators() => new(grids.As("officer", City));
}
