using Google.Protobuf.WellKnownTypes;
using Governance.Common.V1;
using Governance.Grids.V1;
using Governance.TestKit;
using Shouldly;
using Xunit;
using static Governance.Grids.Tests.GridsFixture;

namespace Governance.Grids.Tests;

/// <summary>What becomes of visits when their grid is redrawn. Each test has a community of its own, of two squares.</summary>
public sealed class VisitMovesTests(GridsFixture grids) : ServiceTest(grids), IClassFixture<GridsFixture>
{
    private const double South = 33.2;

    private static readonly DateTimeOffset Morning = ServiceFixture.Morning;

    private static int households;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await grids.PutPolicyAsync(p => p.Visits = VisitsTests.Policy());
    }

    [Fact]
    public async Task A_plan_of_a_grid_that_gets_another_code_goes_on_under_it_with_all_its_visits()
    {
        var community = await NewCommunityAsync(1);
        var plan = await PlanAsync(community + "01");
        var first = await Worker(community + "01").RecordVisitAsync(Visit(plan.Id, HazardCategory.Gas));
        var over = await PlanAsync(community + "01");
        await Worker(community + "01").EndVisitPlanAsync(new EndVisitPlanRequest { RequestId = NewId(), PlanId = over.Id });

        await grids.Boundaries().RecodeGridAsync(new RecodeGridRequest { RequestId = NewId(), Code = community + "01", NewCode = community + "07" });

        var worker = Worker(community + "07");
        var moved = (await worker.GetVisitPlanAsync(new GetVisitPlanRequest { Id = plan.Id })).Plan;
        (moved.Territory, moved.DueAt, moved.State).ShouldBe((community + "07", first.Plan.DueAt, VisitPlanState.Active));
        moved.Etag.ShouldNotBe(first.Plan.Etag);
        (await DueAsync(community + "07")).ShouldBe([plan.Id]);
        (await DueAsync(community + "01")).ShouldBeEmpty();
        (await worker.GetVisitRouteAsync(new GetVisitRouteRequest { Worker = "worker-1", Until = Later })).Plans.ShouldHaveSingleItem().Id.ShouldBe(plan.Id);
        var hazard = (await worker.ListHazardsAsync(new ListHazardsRequest())).Hazards.ShouldHaveSingleItem();
        (hazard.Id, hazard.Territory, hazard.DueAt).ShouldBe((first.Hazards[0].Id, community + "07", first.Hazards[0].DueAt));

        // The worker of the new code visits, opens a case, and looks at the hazard again.
        grids.Clock.Advance(TimeSpan.FromHours(1));
        var visit = Visit(plan.Id);
        visit.Problem = new VisitProblem { Title = "楼道堆物" };
        var second = await worker.RecordVisitAsync(visit);
        (await grids.Cases().GetCaseAsync(new GetCaseRequest { Id = second.Visit.CaseId })).Case.Territory.ShouldBe(community + "07");
        await worker.ReinspectHazardAsync(new ReinspectHazardRequest { RequestId = NewId(), HazardId = hazard.Id, Resolved = true });
        var visits = (await worker.ListVisitsAsync(new ListVisitsRequest { PlanId = plan.Id })).Visits;
        visits.Select(v => (v.Id, v.Territory)).ShouldBe([(second.Visit.Id, community + "07"), (first.Visit.Id, community + "01")]);
        (await worker.ListVisitsAsync(new ListVisitsRequest())).Visits.Select(v => v.Id).ShouldBe([second.Visit.Id]);

        // What is over stays where it was, and whoever has the old code alone reaches the plan no more.
        var ended = (await Worker(community).GetVisitPlanAsync(new GetVisitPlanRequest { Id = over.Id })).Plan;
        ended.Territory.ShouldBe(community + "01");
        await Refused.AsAsync("OUTSIDE_TERRITORY", Worker(community + "01").GetVisitPlanAsync(new GetVisitPlanRequest { Id = plan.Id }));
    }

    [Fact]
    public async Task Open_hazards_of_a_plan_that_is_over_follow_too()
    {
        var community = await NewCommunityAsync(4);
        var plan = await PlanAsync(community + "01");
        var hazard = (await Worker(community + "01").RecordVisitAsync(Visit(plan.Id, HazardCategory.Gas))).Hazards.ShouldHaveSingleItem();
        await Worker(community + "01").EndVisitPlanAsync(new EndVisitPlanRequest { RequestId = NewId(), PlanId = plan.Id });

        await grids.Boundaries().RecodeGridAsync(new RecodeGridRequest { RequestId = NewId(), Code = community + "01", NewCode = community + "07" });

        var worker = Worker(community + "07");
        var moved = (await worker.ListHazardsAsync(new ListHazardsRequest())).Hazards.ShouldHaveSingleItem();
        (moved.Id, moved.Territory, moved.DueAt).ShouldBe((hazard.Id, community + "07", hazard.DueAt));
        await Refused.AsAsync("ETAG_STALE", worker.ReinspectHazardAsync(
            new ReinspectHazardRequest { RequestId = NewId(), HazardId = hazard.Id, Resolved = true, Etag = hazard.Etag }));
        await worker.ReinspectHazardAsync(
            new ReinspectHazardRequest { RequestId = NewId(), HazardId = hazard.Id, Resolved = true, Etag = moved.Etag });
    }

    [Fact]
    public async Task Plans_of_grids_that_are_merged_are_due_together()
    {
        var community = await NewCommunityAsync(2);
        var plans = new[] { await PlanAsync(community + "01"), await PlanAsync(community + "02") };

        await grids.Boundaries().MergeGridsAsync(new MergeGridsRequest
        {
            RequestId = NewId(),
            Grids = { new GridVersion { Code = community + "01" }, new GridVersion { Code = community + "02" } },
            NewCode = community + "09",
            Name = "合并网格",
        });

        (await DueAsync(community + "09")).ShouldBe(plans.Select(p => p.Id), ignoreOrder: true);
    }

    [Fact]
    public async Task Plans_of_a_grid_that_is_split_go_where_they_surely_lie_and_the_others_where_an_officer_says()
    {
        var community = await NewCommunityAsync(3);
        var west = West(3);
        var (inWest, inEast) = (await PlanAsync(community + "01", west + 0.002), await PlanAsync(community + "01", west + 0.008));
        // About on the new border, and nowhere in particular.
        var (between, nowhere) = (await PlanAsync(community + "01", west + 0.005), await PlanAsync(community + "01"));

        await grids.Boundaries().SplitGridAsync(new SplitGridRequest
        {
            RequestId = NewId(),
            Code = community + "01",
            Parts = { Half(community + "03", west), Half(community + "04", west + 0.005) },
        });

        (await DueAsync(community + "03")).ShouldBe([inWest.Id]);
        (await DueAsync(community + "04")).ShouldBe([inEast.Id]);
        (await DueAsync(community + "01")).ShouldBe([between.Id, nowhere.Id], ignoreOrder: true);

        // Nothing is lost of them meanwhile; a case waits until it is known in which part.
        await Worker(community).RecordVisitAsync(Visit(between.Id));
        var visit = Visit(between.Id);
        visit.Problem = new VisitProblem { Title = "楼道堆物" };
        (await Refused.AsAsync("GRID_ENDED", Worker(community).RecordVisitAsync(visit))).Metadata["successors"].ShouldBe($"{community}03, {community}04");

        var change = new ChangeVisitPlanRequest { RequestId = NewId(), PlanId = between.Id, Needs = { CareNeed.Elderly }, Territory = community + "02" };
        var refused = await Refused.AsAsync("VISIT_PLAN_ELSEWHERE", Worker(community).ChangeVisitPlanAsync(change));
        refused.Metadata["successors"].ShouldBe($"{community}03, {community}04");
        change.Territory = OtherCommunity + "01";
        await Refused.AsAsync("OUTSIDE_TERRITORY", Worker(community).ChangeVisitPlanAsync(change));
        change.Territory = community + "04";
        (await Worker(community).ChangeVisitPlanAsync(change)).Plan.Territory.ShouldBe(community + "04");
        (await Worker(community + "04").RecordVisitAsync(visit)).Visit.CaseId.ShouldNotBeEmpty();
        (await DueAsync(community + "04")).ShouldBe([inEast.Id, between.Id], ignoreOrder: true);

        // From a grid in force a plan goes nowhere.
        var away = new ChangeVisitPlanRequest { RequestId = NewId(), PlanId = inWest.Id, Needs = { CareNeed.Elderly }, Territory = community + "04" };
        await Refused.AsAsync("VISIT_PLAN_ELSEWHERE", Worker(community).ChangeVisitPlanAsync(away));
    }

    private static Timestamp Later => Morning.AddDays(60).ToTimestamp();

    private static double West(int n) => 118 + (n * 0.1);

    private async Task<string> NewCommunityAsync(int n)
    {
        var community = $"340603007{n:000}";
        await grids.ImportAsync(Square(community + "01", West(n)), Square(community + "02", West(n) + 0.01));
        return community;
    }

    private static GridRow Square(string code, double west) => new(Row(code, 0)) { Boundary = GridsFixture.Square(west, South, 0.01) };

    private static GridRow Half(string code, double west)
    {
        var row = Square(code, west);
        (row.Boundary.Points[1].Longitude, row.Boundary.Points[2].Longitude) = (west + 0.005, west + 0.005);
        return row;
    }

    private V1.Visits.VisitsClient Worker(string territory) => new(grids.As("grid_worker", territory, "worker-1"));

    private async Task<VisitPlan> PlanAsync(string grid, double? longitude = null) => (await Worker(grid).PlanVisitsAsync(new PlanVisitsRequest
    {
        RequestId = NewId(),
        Territory = grid,
        Household = $"M-{Interlocked.Increment(ref households)}",
        Place = longitude is { } east ? new Point { Longitude = east, Latitude = South + 0.005 } : null,
        Needs = { CareNeed.Elderly },
        Consent = new VisitConsent { GivenBy = "member-1", GivenAt = Morning.AddDays(-1).ToTimestamp() },
        Worker = "worker-1",
    })).Plan;

    private static RecordVisitRequest Visit(string plan, params HazardCategory[] hazards) => new()
    {
        RequestId = NewId(),
        PlanId = plan,
        Outcome = VisitOutcome.Met,
        Hazards = { hazards.Select(h => new SeenHazard { Category = h, Note = "胶管老化" }) },
    };

    private async Task<List<string>> DueAsync(string grid) =>
        [.. (await Worker(grid).ListDueVisitsAsync(new ListDueVisitsRequest { Until = Later })).Plans.Select(p => p.Id)];
}
