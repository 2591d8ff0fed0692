using Google.Protobuf.WellKnownTypes;
using Governance.Common.V1;
using Governance.Grids.V1;
using Governance.TestKit;
using Grpc.Core;
using Shouldly;
using Xunit;
using static Governance.Grids.Tests.GridsFixture;

namespace Governance.Grids.Tests;

public sealed class VisitsTests(GridsFixture grids) : ServiceTest(grids), IClassFixture<GridsFixture>
{
    private const string Here = GridsFixture.Grid;

    private static readonly DateTimeOffset Morning = ServiceFixture.Morning;

    private static int households;

    public static VisitPolicy Policy() => new()
    {
        RetryDays = 2,
        ReinspectWithin = new TimeLimit { Unit = TimeUnit.WorkDays, Amount = 2 },
        Hazards =
        {
            new HazardLimit
            {
                Category = HazardCategory.Gas,
                ReinspectWithin = new TimeLimit { Unit = TimeUnit.EmergencyHours, Amount = 24 },
            },
        },
        Frequencies =
        {
            new VisitFrequency { Need = CareNeed.LivingAlone, EveryDays = 7 },
            new VisitFrequency { Need = CareNeed.Elderly, EveryDays = 15 },
            new VisitFrequency { Need = CareNeed.Ill, EveryDays = 3 },
        },
    };

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await grids.PutPolicyAsync(p => p.Visits = Policy());
    }

    [Fact]
    public async Task A_plan_needs_the_consent_of_the_household()
    {
        var request = Planning();
        request.Consent = null;
        await Refused.AsAsync("VISIT_CONSENT_MISSING", Visits().PlanVisitsAsync(request));
        request.Consent = new VisitConsent { GivenBy = "member-1" };
        await Refused.AsAsync("VISIT_CONSENT_MISSING", Visits().PlanVisitsAsync(request));
        request.Consent = new VisitConsent { GivenAt = Morning.ToTimestamp() };
        await Refused.AsAsync("VISIT_CONSENT_MISSING", Visits().PlanVisitsAsync(request));
        request.Consent = new VisitConsent { GivenBy = "member-1", GivenAt = Morning.AddHours(1).ToTimestamp() };
        await Refused.AsAsync("VISIT_CONSENT_MISSING", Visits().PlanVisitsAsync(request));
        (await grids.ScalarAsync<long>($"select count(*) from visit_plans where household = '{request.Household}'")).ShouldBe(0);
        request.Consent = new VisitConsent { GivenBy = "member-1", GivenAt = Morning.AddDays(-1).ToTimestamp() };
        var plan = (await Visits().PlanVisitsAsync(request)).Plan;
        (await Visits().PlanVisitsAsync(request)).Plan.ShouldBe(plan);
        (plan.State, plan.EveryDays).ShouldBe((VisitPlanState.Active, 7));
        plan.DueAt.ToDateTimeOffset().ShouldBe(Morning, TimeSpan.FromMinutes(5));
        // About where it is: no more than three digits.
        (plan.Place.Longitude, plan.Place.Latitude).ShouldBe((116.806, 33.904));
        (await Visits().GetVisitPlanAsync(new GetVisitPlanRequest { Id = plan.Id })).Plan.ShouldBe(plan);
        request.Worker = "another";
        await Refused.AsAsync("REQUEST_ID_REUSED", Visits().PlanVisitsAsync(request));
        request.RequestId = NewId();
        await Refused.AsAsync("VISIT_PLAN_EXISTS", Visits().PlanVisitsAsync(request));
    }

    [Fact]
    public async Task Plans_that_cannot_be_are_refused_by_name()
    {
        await Refused.AsAsync("VISIT_NEED_UNKNOWN", Visits().PlanVisitsAsync(Planning(needs: CareNeed.Asked)));
        await Refused.AsAsync("GRID_NOT_FOUND", Visits().PlanVisitsAsync(Planning("34060499999901")));
        await Refused.AsAsync("GRID_CODE_INVALID", Visits().PlanVisitsAsync(Planning(Community)));
        await Refused.AsAsync("VISIT_PLAN_NOT_FOUND", Visits().GetVisitPlanAsync(new GetVisitPlanRequest { Id = NewId() }));
        await Refused.AsAsync("VISIT_PLAN_NOT_FOUND", Visits().RecordVisitAsync(Visit(NewId())));
        await Refused.AsAsync("HAZARD_NOT_FOUND", Visits().GetHazardAsync(new GetHazardRequest { Id = NewId() }));
    }

    [Fact]
    public async Task A_household_has_one_active_plan_however_many_are_made_at_once()
    {
        var request = Planning();
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 5).Select(async _ =>
        {
            try
            {
                var one = request.Clone();
                one.RequestId = NewId();
                await Visits().PlanVisitsAsync(one);
                return "";
            }
            catch (RpcException refused)
            {
                return Refused.Of(refused).Reason;
            }
        }));
        outcomes.Order().ShouldBe(["", .. Enumerable.Repeat("VISIT_PLAN_EXISTS", 4)]);
    }

    [Fact]
    public async Task Workers_of_the_grid_and_officers_see_plans_and_nobody_else_does()
    {
        var plan = await PlanAsync();
        var get = new GetVisitPlanRequest { Id = plan.Id };
        await Visits("grid_worker", Here).GetVisitPlanAsync(get);
        await Visits("officer", Community).GetVisitPlanAsync(get);
        await Refused.AsAsync("OUTSIDE_TERRITORY", Visits("grid_worker", NextGrid).GetVisitPlanAsync(get));
        await Refused.AsAsync("OUTSIDE_TERRITORY",
            Visits("grid_worker", NextGrid).GetVisitPlanAsync(new GetVisitPlanRequest { Id = NewId() }));
        await Refused.AsAsync("OUTSIDE_TERRITORY", Visits("officer", OtherCommunity).RecordVisitAsync(Visit(plan.Id)));
        await Refused.AsAsync("OUTSIDE_TERRITORY",
            Visits("officer", OtherCommunity).ListVisitPlansAsync(new ListVisitPlansRequest { Territory = Here }));
        await Refused.AsAsync("OUTSIDE_TERRITORY", Visits("grid_worker", NextGrid).PlanVisitsAsync(Planning()));
        foreach (var role in new[] { "resident", "volunteer", "responder", "operator", "auditor", "service" })
            await Refused.AsAsync("ROLE_NOT_ALLOWED", Visits(role).GetVisitPlanAsync(get));
    }

    [Fact]
    public async Task A_withdrawal_stops_the_plan_and_removes_what_was_kept_for_it()
    {
        var request = Planning();
        request.Helpers.Add("helper-1");
        var plan = (await Visits().PlanVisitsAsync(request)).Plan;
        var visit = Visit(plan.Id);
        (visit.Note, visit.Checked[0]) = ("听力不好", "smoke_detector");
        visit.Hazards.Add(new SeenHazard { Category = HazardCategory.Gas, Note = "卧室堆满纸箱" });
        visit.Hazards.Add(new SeenHazard { Category = HazardCategory.Fire, Note = "卧室堆满纸箱" });
        var hazards = (await Visits().RecordVisitAsync(visit)).Hazards;
        foreach (var hazard in hazards)
        {
            var look = Look(hazard.Id, resolved: hazard == hazards[1]);
            look.Note = "仍堆满纸箱";
            await Visits().ReinspectHazardAsync(look);
        }

        var withdrawal = new WithdrawVisitConsentRequest { RequestId = NewId(), PlanId = plan.Id };
        var over = (await Visits("grid_worker", Here).WithdrawVisitConsentAsync(withdrawal)).Plan;
        (await Visits("grid_worker", Here).WithdrawVisitConsentAsync(withdrawal)).Plan.ShouldBe(over);
        over.State.ShouldBe(VisitPlanState.Withdrawn);
        over.Consent.WithdrawnAt.ShouldNotBeNull();
        (over.Needs.Count, over.Helpers.Count, over.Worker, over.EveryDays).ShouldBe((0, 0, "", 0));
        (over.Place, over.DueAt).ShouldBe((null, null));
        var kept = (await Visits().ListVisitsAsync(new ListVisitsRequest { PlanId = plan.Id })).Visits.ShouldHaveSingleItem();
        (kept.Note, kept.Checked.Count, kept.Outcome).ShouldBe(("", 0, VisitOutcome.Met));
        (await grids.ScalarAsync<long>(
            $"select count(*) from visit_plans where id = '{plan.Id}' and needs = '[]' and longitude is null and helpers = '[]'"))
            .ShouldBe(1);

        // What could harm somebody is looked at until it is resolved, and nothing is noted of the household.
        var last = Look(hazards[0].Id, resolved: true);
        last.Note = "纸箱已清";
        await Visits().ReinspectHazardAsync(last);
        foreach (var hazard in hazards)
        {
            var told = await Visits().GetHazardAsync(new GetHazardRequest { Id = hazard.Id });
            (told.Hazard.Note, told.Hazard.ResolvedAt is null).ShouldBe(("", false));
            told.Reinspections.ShouldAllBe(r => r.Note == "");
        }
        (await grids.ScalarAsync<long>(
            "select (select count(*) from hazards h where h::text like '%纸箱%') + (select count(*) from reinspections r where r::text like '%纸箱%')"))
            .ShouldBe(0);

        withdrawal.RequestId = NewId();
        await Refused.AsAsync("VISIT_CONSENT_MISSING", Visits().WithdrawVisitConsentAsync(withdrawal));
        await Refused.AsAsync("VISIT_CONSENT_MISSING", Visits().RecordVisitAsync(Visit(plan.Id)));
        await Refused.AsAsync("VISIT_CONSENT_MISSING", Visits().ChangeVisitPlanAsync(Change(plan.Id, CareNeed.Ill)));
        await Refused.AsAsync("VISIT_CONSENT_MISSING",
            Visits().EndVisitPlanAsync(new EndVisitPlanRequest { RequestId = NewId(), PlanId = plan.Id }));
        (await Visits().ListDueVisitsAsync(new ListDueVisitsRequest { Until = Morning.AddYears(1).ToTimestamp() })).Plans
            .ShouldNotContain(p => p.Id == plan.Id);
        // With a new consent there may be a new plan.
        request.RequestId = NewId();
        await Visits().PlanVisitsAsync(request);
    }

    [Fact]
    public async Task Whoever_consented_is_forgotten_once_the_consent_is_withdrawn()
    {
        var request = Planning();
        request.Consent.GivenBy = "member-to-forget";
        var plan = (await Visits().PlanVisitsAsync(request)).Plan;
        var persons = new Persons.PersonsClient(grids.As("resident", Here, "member-to-forget"));
        var erase = new EraseSubjectRequest { RequestId = NewId(), Reason = "本人申请" };
        await Refused.AsAsync("SUBJECT_NEEDED", persons.EraseSubjectAsync(erase));
        using (var call = persons.ExportSubject(new ExportSubjectRequest()))
        {
            (await call.ResponseStream.MoveNext(TestContext.Current.CancellationToken)).ShouldBeTrue();
            (call.ResponseStream.Current.Kind, call.ResponseStream.Current.RecordId).ShouldBe(("visit_plan", plan.Id));
        }
        await Visits().WithdrawVisitConsentAsync(new WithdrawVisitConsentRequest { RequestId = NewId(), PlanId = plan.Id });
        (await persons.EraseSubjectAsync(erase)).Records.ShouldBe(1);
        (await Visits().GetVisitPlanAsync(new GetVisitPlanRequest { Id = plan.Id })).Plan.Consent.GivenBy.ShouldBe("");
    }

    [Fact]
    public async Task A_household_is_told_all_that_is_kept_of_it_and_those_who_visit_it_their_own_part()
    {
        var request = Planning();
        (request.Consent.GivenBy, request.Worker) = ("told-member", "told-worker");
        request.Helpers.Add("told-helper");
        var plan = (await Visits().PlanVisitsAsync(request)).Plan;
        var visit = Visit(plan.Id);
        visit.Note = "听力不好";
        visit.Hazards.Add(new SeenHazard { Category = HazardCategory.Gas, Note = "软管老化" });
        var made = await Visits("grid_worker", Here, "told-worker").RecordVisitAsync(visit);
        var look = Look(made.Hazards[0].Id, resolved: false);
        look.Note = "仍未更换";
        await Visits("grid_worker", Here, "told-inspector").ReinspectHazardAsync(look);

        var told = await ExportAsync("told-member");
        told.Select(r => (r.Kind, r.RecordId)).ShouldBe(
            [("visit_plan", plan.Id), ("visit", made.Visit.Id), ("hazard", made.Hazards[0].Id), ("reinspection", made.Hazards[0].Id)]);
        told[0].Fields.ShouldBe(
            new Dictionary<string, string>
            {
                ["part"] = "household",
                ["household"] = request.Household,
                ["needs"] = "LivingAlone, Elderly",
                ["worker"] = "told-worker",
                ["place"] = "116.806, 33.904",
            },
            ignoreOrder: true);
        (told[1].Fields["note"], told[1].Fields["checked"], told[1].Fields["outcome"]).ShouldBe(("听力不好", "stove", "Met"));
        (told[2].Fields["note"], told[2].Fields["category"], told[3].Fields["note"]).ShouldBe(("软管老化", "Gas", "仍未更换"));

        (await ExportAsync("told-worker")).Select(r => (r.Kind, r.Fields["part"])).ShouldBe([("visit_plan", "worker"), ("visit", "visitor")]);
        (await ExportAsync("told-helper")).Select(r => string.Join(' ', r.Fields.Keys)).ShouldBe(["part"]);
        (await ExportAsync("told-inspector")).Select(r => (r.Kind, r.Fields["part"])).ShouldBe([("reinspection", "inspector")]);
        await new Persons.PersonsClient(grids.As("operator", City)).EraseSubjectAsync(
            new EraseSubjectRequest { RequestId = NewId(), Subject = "told-inspector", Reason = "本人申请" });
        (await ExportAsync("told-inspector")).ShouldBeEmpty();
        (await Visits().GetHazardAsync(new GetHazardRequest { Id = made.Hazards[0].Id })).Reinspections.ShouldHaveSingleItem().Inspector.ShouldBe("");

        async Task<List<ExportSubjectResponse>> ExportAsync(string subject)
        {
            using var call = new Persons.PersonsClient(grids.As("operator", City)).ExportSubject(
                new ExportSubjectRequest { Subject = subject, Reason = "本人申请" });
            var all = new List<ExportSubjectResponse>();
            await foreach (var record in call.ResponseStream.ReadAllAsync())
                all.Add(record);
            return all;
        }
    }

    [Fact]
    public async Task References_of_households_are_a_city_s_own()
    {
        const string grid = OtherCity + "0100100101";
        await grids.Policies("operator", OtherCity).PutPolicyAsync(new PutPolicyRequest
        {
            RequestId = NewId(),
            City = OtherCity,
            Policy = new Policy { City = OtherCity, EffectiveFrom = "2025-01-01", Visits = Policy() },
        });
        using var import = grids.Boundaries("operator", OtherCity).ImportGrids();
        await import.SendAsync(
        [
            new ImportGridsRequest { Header = new ImportHeader { RequestId = NewId(), Territory = OtherCity } },
            new ImportGridsRequest { Rows = { Row(grid, 70) } },
        ]);
        var here = Planning();
        await Visits().PlanVisitsAsync(here);
        var there = Planning(grid);
        there.Household = here.Household;
        await Visits("officer", OtherCity).PlanVisitsAsync(there);
        there.RequestId = NewId();
        await Refused.AsAsync("VISIT_PLAN_EXISTS", Visits("officer", OtherCity).PlanVisitsAsync(there));
    }

    [Fact]
    public async Task A_plan_that_has_ended_takes_nothing_more()
    {
        var plan = await PlanAsync();
        await Refused.AsAsync("ETAG_STALE",
            Visits().EndVisitPlanAsync(new EndVisitPlanRequest { RequestId = NewId(), PlanId = plan.Id, Etag = "v9" }));
        var ended = (await Visits().EndVisitPlanAsync(
            new EndVisitPlanRequest { RequestId = NewId(), PlanId = plan.Id, Etag = plan.Etag })).Plan;
        (ended.State, ended.Needs.Count, ended.DueAt).ShouldBe((VisitPlanState.Ended, 0, null));
        await Refused.AsAsync("VISIT_PLAN_ENDED", Visits().RecordVisitAsync(Visit(plan.Id)));
        await Refused.AsAsync("VISIT_PLAN_ENDED", Visits().ChangeVisitPlanAsync(Change(plan.Id, CareNeed.Ill)));
        await Refused.AsAsync("VISIT_PLAN_ENDED",
            Visits().WithdrawVisitConsentAsync(new WithdrawVisitConsentRequest { RequestId = NewId(), PlanId = plan.Id }));
    }

    [Fact]
    public async Task The_next_visit_is_due_by_the_policy_counted_from_the_last()
    {
        var plan = await PlanAsync();
        var visited = await Visits("grid_worker", Here, "worker").RecordVisitAsync(Visit(plan.Id));
        visited.Visit.Visitor.ShouldBe("worker");
        (visited.Plan.DueAt.ToDateTimeOffset() - visited.Visit.At.ToDateTimeOffset()).ShouldBe(TimeSpan.FromDays(7));
        var absent = Visit(plan.Id);
        absent.Outcome = VisitOutcome.NotAtHome;
        var retried = await Visits().RecordVisitAsync(absent);
        (retried.Plan.DueAt.ToDateTimeOffset() - retried.Visit.At.ToDateTimeOffset()).ShouldBe(TimeSpan.FromDays(2));
        // What is told late moves nothing.
        var late = Visit(plan.Id);
        late.At = Morning.AddMinutes(-30).ToTimestamp();
        (await Visits().RecordVisitAsync(late)).Plan.DueAt.ShouldBe(retried.Plan.DueAt);
        foreach (var wrong in new[] { Morning.AddHours(2), Morning.AddDays(-3) })
        {
            var visit = Visit(plan.Id);
            visit.At = wrong.ToTimestamp();
            await Refused.AsAsync("VISIT_TIME_INVALID", Visits().RecordVisitAsync(visit));
        }
        var changed = (await Visits().ChangeVisitPlanAsync(Change(plan.Id, CareNeed.Ill, CareNeed.Elderly))).Plan;
        changed.EveryDays.ShouldBe(3);
        // The second try stays.
        changed.DueAt.ShouldBe(retried.Plan.DueAt);
        await Refused.AsAsync("VISIT_NEED_UNKNOWN", Visits().ChangeVisitPlanAsync(Change(plan.Id, CareNeed.Asked)));
        var stale = Change(plan.Id, CareNeed.Ill);
        stale.Etag = plan.Etag;
        await Refused.AsAsync("ETAG_STALE", Visits().ChangeVisitPlanAsync(stale));
    }

    [Fact]
    public async Task A_problem_becomes_a_case_and_a_hazard_waits_in_the_same_act()
    {
        var plan = await PlanAsync();
        var request = Visit(plan.Id);
        request.Problem = new VisitProblem { Title = "楼道灯不亮", Description = "三楼" };
        request.Hazards.Add(new SeenHazard { Category = HazardCategory.Gas, Note = "软管老化" });
        request.Hazards.Add(new SeenHazard { Category = HazardCategory.Fall });
        var answer = await Visits("grid_worker", Here, "worker").RecordVisitAsync(request);
        (await Visits("grid_worker", Here, "worker").RecordVisitAsync(request)).ShouldBe(answer);
        var opened = (await grids.Cases().GetCaseAsync(new GetCaseRequest { Id = answer.Visit.CaseId })).Case;
        (opened.Channel, opened.Reporter, opened.Territory).ShouldBe((CaseChannel.Visit, "worker", Here));
        (opened.State, opened.Place).ShouldBe((CaseState.Reported, null));
        opened.Deadlines.AssessBy.ShouldNotBeNull();
        (await grids.ScalarAsync<long>("select count(*) from cases where title = '楼道灯不亮'")).ShouldBe(1);
        (await grids.ScalarAsync<long>($"select count(*) from hazards where plan_id = '{plan.Id}'")).ShouldBe(2);
        answer.Hazards.Select(h => h.DueAt.ToDateTimeOffset() - answer.Visit.At.ToDateTimeOffset() == TimeSpan.FromHours(24))
            .ShouldBe([true, false]);
    }

    [Fact]
    public async Task When_the_case_cannot_be_opened_nothing_of_the_visit_is_kept()
    {
        const string code = "34060400400101";
        await grids.ImportAsync(Row(code, 40));
        var plan = (await Visits().PlanVisitsAsync(Planning(code))).Plan;
        // Nobody knows in which part the household is.
        await grids.Boundaries().SplitGridAsync(new SplitGridRequest { RequestId = NewId(), Code = code, Parts = { Half(8, 0), Half(9, 0.005) } });
        var request = Visit(plan.Id);
        request.Problem = new VisitProblem { Title = "无处可报" };
        request.Hazards.Add(new SeenHazard { Category = HazardCategory.Gas });
        await Refused.AsAsync("GRID_ENDED", Visits().RecordVisitAsync(request));
        (await grids.ScalarAsync<long>(
            $"""
            select (select count(*) from visits where plan_id = '{plan.Id}') + (select count(*) from hazards where plan_id = '{plan.Id}')
                + (select count(*) from cases where title = '无处可报')
            """)).ShouldBe(0);
        (await Visits().GetVisitPlanAsync(new GetVisitPlanRequest { Id = plan.Id })).Plan.ShouldBe(plan);

        static GridRow Half(int n, double east)
        {
            var half = new GridRow(Row($"3406040040010{n}", 40)) { Boundary = Square(117.2 + east, 33.9, 0.01) };
            (half.Boundary.Points[1].Longitude, half.Boundary.Points[2].Longitude) = (117.2 + east + 0.005, 117.2 + east + 0.005);
            return half;
        }
    }

    [Fact]
    public async Task A_hazard_is_looked_at_again_until_it_is_resolved()
    {
        var plan = await PlanAsync();
        var request = Visit(plan.Id);
        request.Hazards.Add(new SeenHazard { Category = HazardCategory.Gas });
        var hazard = (await Visits().RecordVisitAsync(request)).Hazards[0];
        hazard.Overdue.ShouldBeFalse();
        (await Overdue()).ShouldNotContain(hazard.Id);
        grids.Clock.Advance(TimeSpan.FromHours(25));
        (await Overdue()).ShouldContain(hazard.Id);
        await Refused.AsAsync("ETAG_STALE", Visits().ReinspectHazardAsync(Look(hazard.Id, false, "v9")));
        var still = Look(hazard.Id, false);
        var looked = (await Visits().ReinspectHazardAsync(still)).Hazard;
        (await Visits().ReinspectHazardAsync(still)).Hazard.ShouldBe(looked);
        (looked.Overdue, looked.Reinspections).ShouldBe((false, 1));
        looked.DueAt.ShouldBeGreaterThan(hazard.DueAt);
        await Refused.AsAsync("OUTSIDE_TERRITORY", Visits("officer", OtherCommunity).ReinspectHazardAsync(Look(hazard.Id, true)));
        var resolved = (await Visits().ReinspectHazardAsync(Look(hazard.Id, true))).Hazard;
        (resolved.DueAt, resolved.Reinspections).ShouldBe((null, 2));
        resolved.ResolvedAt.ShouldNotBeNull();
        await Refused.AsAsync("HAZARD_RESOLVED", Visits().ReinspectHazardAsync(Look(hazard.Id, true)));
        var told = await Visits().GetHazardAsync(new GetHazardRequest { Id = hazard.Id });
        told.Reinspections.Select(r => (r.Sequence, r.Resolved)).ShouldBe([(1, false), (2, true)]);
        told.Reinspections[0].DueAt.ShouldBe(hazard.DueAt);
        (await Visits().ListHazardsAsync(new ListHazardsRequest())).Hazards.ShouldNotContain(h => h.Id == hazard.Id);

        async Task<IEnumerable<string>> Overdue() =>
            (await Visits().ListHazardsAsync(new ListHazardsRequest { OverdueOnly = true })).Hazards.Select(h => h.Id);
    }

    [Fact]
    public async Task What_is_due_comes_soonest_first_in_pages_that_hold_every_plan_once()
    {
        const string grid = OtherCommunity + "02";
        var made = new List<VisitPlan>();
        for (var n = 0; n < 5; n++)
            made.Add((await Visits().PlanVisitsAsync(Planning(grid))).Plan);
        // Visited a moment ago, the first is due in a week.
        await Visits().RecordVisitAsync(Visit(made[0].Id));
        var request = new ListDueVisitsRequest { Territory = grid, Until = Morning.AddDays(30).ToTimestamp(), PageSize = 2 };
        var ids = new List<string>();
        do
        {
            var page = await Visits("grid_worker", grid).ListDueVisitsAsync(request);
            ids.AddRange(page.Plans.Select(p => p.Id));
            if (page.NextPageToken.Length > 0)
                await Refused.AsAsync("PAGE_TOKEN_INVALID",
                    Visits().ListDueVisitsAsync(new ListDueVisitsRequest { Territory = City, PageToken = page.NextPageToken }));
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);
        ids.ShouldBe([.. made.Skip(1).Select(p => p.Id), made[0].Id]);
        (await Visits().ListDueVisitsAsync(new ListDueVisitsRequest { Territory = grid })).Plans.Count.ShouldBe(4);

        var all = new ListVisitPlansRequest { Territory = grid, PageSize = 3, State = VisitPlanState.Active };
        var first = await Visits().ListVisitPlansAsync(all);
        all.PageToken = first.NextPageToken;
        first.Plans.Concat((await Visits().ListVisitPlansAsync(all)).Plans)
            .Select(p => p.Id).ShouldBe(made.Select(p => p.Id), ignoreOrder: true);
    }

    [Fact]
    public async Task A_route_goes_to_the_nearest_that_is_left_and_is_of_one_worker()
    {
        foreach (var (east, worker) in new[] { (0.009, "walker"), (0.002, "walker"), (0.005, "walker"), (0.001, "another") })
        {
            var request = Planning(OtherCommunity + "01");
            (request.Worker, request.Place) = (worker, new Point { Longitude = 116.82 + east, Latitude = 33.905 });
            await Visits().PlanVisitsAsync(request);
        }
        var nowhere = Planning(OtherCommunity + "01");
        (nowhere.Worker, nowhere.Place) = ("walker", null);
        await Visits().PlanVisitsAsync(nowhere);
        var route = await Visits("grid_worker", OtherCommunity).GetVisitRouteAsync(new GetVisitRouteRequest
        {
            Worker = "walker",
            Start = new Point { Longitude = 116.82, Latitude = 33.905 },
        });
        route.Plans.Select(p => p.Place?.Longitude).ShouldBe([116.822, 116.825, 116.829, null]);
        // 0.009 degrees of longitude at 33.9 degrees north.
        route.LengthM.ShouldBeInRange(825, 836);
    }

    private V1.Visits.VisitsClient Visits(string role = "officer", string territory = City, string subject = "somebody") =>
        new(grids.As(role, territory, subject));

    private async Task<VisitPlan> PlanAsync() => (await Visits().PlanVisitsAsync(Planning())).Plan;

    private static PlanVisitsRequest Planning(string grid = Here, CareNeed needs = CareNeed.LivingAlone) => new()
    {
        RequestId = NewId(),
        Territory = grid,
        Household = $"H-{Interlocked.Increment(ref households)}",
        Place = new Point { Longitude = 116.80551, Latitude = 33.90449 },
        Needs = { needs, CareNeed.Elderly },
        Consent = new VisitConsent { GivenBy = "member-1", GivenAt = Morning.AddDays(-1).ToTimestamp() },
        Worker = "worker-1",
    };

    private static ChangeVisitPlanRequest Change(string plan, params CareNeed[] needs) =>
        new() { RequestId = NewId(), PlanId = plan, Needs = { needs }, Worker = "worker-2" };

    private static RecordVisitRequest Visit(string plan) =>
        new() { RequestId = NewId(), PlanId = plan, Outcome = VisitOutcome.Met, Checked = { "stove" } };

    private static ReinspectHazardRequest Look(string hazard, bool resolved, string etag = "") =>
        new() { RequestId = NewId(), HazardId = hazard, Resolved = resolved, Etag = etag };
}
