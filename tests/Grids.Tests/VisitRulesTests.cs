using FsCheck;
using FsCheck.Fluent;
using Governance.Grids.Policies;
using Governance.Grids.V1;
using Governance.Grids.Visits;
using Governance.TestKit;
using Shouldly;
using Xunit;

namespace Governance.Grids.Tests;

/// <summary>The rules of visits over random histories, and the way of a day.</summary>
public sealed class VisitRulesTests
{
    private static readonly CityPolicies Policies = RulePolicies.With(p => p.Visits = RulePolicy());

    private static readonly Gen<int[]> Acts = Gen.ArrayOf(Gen.Choose(0, 999_999), 60);

    private static readonly Gen<(int East, int North)[]> Places =
        Gen.ArrayOf(Gen.Choose(0, 2_499).Select(n => (n % 50, n / 50)), 40);

    [Fact]
    public void Nothing_happens_without_consent_and_an_active_plan_is_always_due_over_random_histories()
    {
        var reached = new HashSet<VisitPlanState>();
        Prop.ForAll(Acts.ToArbitrary(), acts =>
        {
            var now = ServiceFixture.Morning;
            var plan = VisitRules.Start(NewPlan(now), Policies, now).OrRefuse();
            foreach (var act in acts)
            {
                now = now.AddHours(act % 97);
                var by = act / 97;
                var next = (by % 20) switch
                {
                    0 => VisitRules.Withdraw(plan, now),
                    1 when by % 3 is 0 => VisitRules.End(plan, now),
                    < 6 => VisitRules.Change(plan, plan.Territory, [], [(CareNeed)((by % 4) + 1)], $"w{by % 3}", [$"h{by % 2}"], Policies, now),
                    _ => VisitRules.Visited(plan, NewVisit(plan, now.AddHours(-(by % 50)), (VisitOutcome)((by % 3) + 1)), Policies, now),
                };
                if (plan.State is not VisitPlanState.Active)
                    next.Refusal.ShouldNotBeNull();
                if (next.Refusal is null)
                    plan = next.OrRefuse();
                reached.Add(plan.State);
                if (plan.State is VisitPlanState.Active)
                {
                    plan.DueAt.ShouldNotBeNull();
                    plan.Needs.ShouldNotBeEmpty();
                    // Never longer than the frequency after the last visit.
                    if (plan.LastVisitAt is { } last)
                        (plan.DueAt.Value - last).ShouldBeInRange(TimeSpan.FromDays(1), TimeSpan.FromDays(plan.EveryDays));
                }
                else
                {
                    (plan.Needs.Count, plan.Helpers.Count, plan.Worker, plan.Place, plan.DueAt).ShouldBe((0, 0, "", null, null));
                }
                (plan.Consent.WithdrawnAt is not null).ShouldBe(plan.State is VisitPlanState.Withdrawn);
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));
        reached.ShouldBe([VisitPlanState.Active, VisitPlanState.Ended, VisitPlanState.Withdrawn], ignoreOrder: true);
    }

    [Fact]
    public void A_hazard_is_due_until_it_is_resolved_and_every_look_is_told_over_random_histories() =>
        Prop.ForAll(Acts.ToArbitrary(), acts =>
        {
            var now = ServiceFixture.Morning;
            var hazard = HazardRules.Find(
                new Danger
                {
                    Id = Guid.CreateVersion7(),
                    PlanId = Guid.CreateVersion7(),
                    Territory = GridsFixture.Grid,
                    Category = (HazardCategory)((acts[0] % 6) + 1),
                    Note = "",
                    FoundAt = now,
                    Version = 0,
                },
                Policies).OrRefuse();
            var looks = new List<Look>();
            foreach (var act in acts)
            {
                now = now.AddHours(act % 97);
                var before = hazard.DueAt;
                var looked = HazardRules.Reinspect(hazard, VisitPlanState.Active, act % 30 is 0, "", "somebody", Policies, now);
                (looked.Refusal is null).ShouldBe(before is not null);
                if (looked.Refusal is not null)
                    continue;
                (hazard, var look) = looked.OrRefuse();
                looks.Add(look);
                look.DueAt.ShouldBe(before!.Value);
                (hazard.DueAt is null).ShouldBe(hazard.ResolvedAt is not null);
                hazard.DueAt?.ShouldBeGreaterThan(now);
            }
            looks.Select(l => l.Sequence).ShouldBe(Enumerable.Range(1, hazard.Reinspections));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    [Theory]
    [InlineData(VisitOutcome.NotAtHome, CareNeed.Elderly, 2)]
    [InlineData(VisitOutcome.NotAtHome, CareNeed.LivingAlone, 2)]
    [InlineData(VisitOutcome.Met, CareNeed.Elderly, 15)]
    [InlineData(VisitOutcome.Met, CareNeed.LivingAlone, 7)]
    [InlineData(VisitOutcome.Met, CareNeed.Ill, 3)]
    public void A_change_counts_from_the_last_visit_and_leaves_a_second_try_where_it_was(VisitOutcome outcome, CareNeed need, int days)
    {
        var now = ServiceFixture.Morning;
        var started = VisitRules.Start(NewPlan(now) with { Needs = [CareNeed.Elderly] }, Policies, now).OrRefuse();
        var visited = VisitRules.Visited(started, NewVisit(started, now, outcome), Policies, now).OrRefuse();
        var changed = VisitRules.Change(visited, visited.Territory, [], [need], "w", ["another"], Policies, now.AddDays(1)).OrRefuse();
        changed.Helpers.ShouldBe(["another"]);
        changed.DueAt.ShouldBe(now.AddDays(days));
    }

    [Theory]
    [InlineData(VisitPlanState.Active, "胶管老化")]
    [InlineData(VisitPlanState.Ended, "")]
    [InlineData(VisitPlanState.Withdrawn, "")]
    public void Of_a_household_whose_plan_is_over_a_look_notes_nothing(VisitPlanState plan, string kept)
    {
        var found = HazardRules.Find(
            new Danger
            {
                Id = Guid.CreateVersion7(),
                PlanId = Guid.CreateVersion7(),
                Territory = GridsFixture.Grid,
                Category = HazardCategory.Gas,
                Note = "",
                FoundAt = ServiceFixture.Morning,
                Version = 0,
            },
            Policies).OrRefuse();
        var (next, look) = HazardRules.Reinspect(found, plan, true, "胶管老化", "somebody", Policies, ServiceFixture.Morning).OrRefuse();
        (look.Note, look.Resolved, next.ResolvedAt).ShouldBe((kept, true, ServiceFixture.Morning));
    }

    [Fact]
    public void A_hazard_is_not_looked_at_without_end()
    {
        var worn = new Danger
        {
            Id = Guid.CreateVersion7(),
            PlanId = Guid.CreateVersion7(),
            Territory = GridsFixture.Grid,
            Category = HazardCategory.Fire,
            Note = "",
            FoundAt = ServiceFixture.Morning,
            DueAt = ServiceFixture.Morning,
            Reinspections = HazardRules.MaxReinspections,
            Version = 1,
        };
        HazardRules.Reinspect(worn, VisitPlanState.Active, false, "", "somebody", Policies, ServiceFixture.Morning)
            .Refusal!.Definition.ShouldBe(VisitErrors.HazardFull);
        // That it is gone can always be said.
        var (next, look) = HazardRules.Reinspect(worn, VisitPlanState.Active, true, "", "somebody", Policies, ServiceFixture.Morning).OrRefuse();
        (next.ResolvedAt, look.Sequence).ShouldBe((ServiceFixture.Morning, HazardRules.MaxLooks));
    }

    [Fact]
    public void A_route_holds_every_stop_once_and_always_goes_to_the_nearest() =>
        Prop.ForAll(Places.ToArbitrary(), places =>
        {
            var plans = places.Select(p => NewPlan(ServiceFixture.Morning) with { Place = At(p.East, p.North) }).ToList();
            plans[0] = plans[0] with { Place = null };
            var start = At(25, 25);
            var (way, length) = Route.Of(plans, start);
            way.Select(p => p.Id).ShouldBe(plans.Select(p => p.Id), ignoreOrder: true);
            way[^1].Place.ShouldBeNull();
            var (here, walked) = (start, 0.0);
            for (var i = 0; i < way.Count - 1; i++)
            {
                var step = Route.DistanceM(here, way[i].Place!.Value);
                way.Skip(i).Where(p => p.Place is not null).ShouldAllBe(p => Route.DistanceM(here, p.Place!.Value) >= step);
                (here, walked) = (way[i].Place!.Value, walked + step);
            }
            length.ShouldBe(walked, 0.001);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(200));

    [Fact]
    public void A_route_is_bounded_and_begins_at_what_is_due_first_when_no_start_is_given()
    {
        var plans = Enumerable.Range(0, 100).Select(n => NewPlan(ServiceFixture.Morning) with { Place = At(n * 7 % 50, n) }).ToList();
        var (way, _) = Route.Of(plans, null);
        way.Count.ShouldBe(Route.MaxStops);
        way[0].ShouldBe(plans[0]);
        way.ShouldAllBe(p => plans.Take(Route.MaxStops).Contains(p));
        Route.Of([], At(0, 0)).LengthM.ShouldBe(0);
    }

    [Fact]
    public void A_degree_of_latitude_is_about_111_kilometres()
    {
        Route.DistanceM(new Place(116.8, 33), new Place(116.8, 34)).ShouldBe(111_195, 1);
        Route.DistanceM(new Place(116.8, 60), new Place(117.8, 60)).ShouldBe(55_597, 1);
    }

    [Theory]
    [InlineData(116.80551, 116.806)]
    [InlineData(-0.00049, 0)]
    public void A_place_is_kept_to_a_thousandth_of_a_degree(double given, double kept) => new Place(given, 0).Longitude.ShouldBe(kept);

    // By the clock only: these histories leave the year whose holidays are known.
    private static VisitPolicy RulePolicy()
    {
        var policy = VisitsTests.Policy();
        policy.ReinspectWithin = new TimeLimit { Unit = TimeUnit.EmergencyHours, Amount = 48 };
        return policy;
    }

    private static Place At(int east, int north) => new(116.8 + (east * 0.001), 33.9 + (north * 0.001));

    private static Plan NewPlan(DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(),
        Territory = GridsFixture.Grid,
        Household = "H",
        Place = At(1, 1),
        Needs = [CareNeed.LivingAlone],
        Worker = "w",
        Helpers = ["h"],
        Consent = new Consent("member", now.AddDays(-1)),
        UpdatedAt = now,
        Version = 0,
    };

    private static Made NewVisit(Plan plan, DateTimeOffset at, VisitOutcome outcome) =>
        new(Guid.CreateVersion7(), plan.Id, plan.Territory, "w", at, outcome, [], "");
}
