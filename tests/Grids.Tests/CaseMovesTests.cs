using Governance.Common.V1;
using Governance.Grids.V1;
using Governance.TestKit;
using Grpc.Core;
using Shouldly;
using Xunit;
using static Governance.Grids.Tests.GridsFixture;

namespace Governance.Grids.Tests;

/// <summary>What becomes of open cases and of those who work in a grid when it is redrawn. Each test has a community of its own, of two squares.</summary>
public sealed class CaseMovesTests(GridsFixture grids) : ServiceTest(grids), IClassFixture<GridsFixture>
{
    private const double South = 33.7;

    [Fact]
    public async Task Open_cases_of_a_grid_that_goes_to_another_community_go_with_it_and_are_held_there()
    {
        var (community, other) = (await NewCommunityAsync(1), await NewCommunityAsync(2));
        var (old, now) = (community + "01", other + "07");
        var (open, up, over) = (await ReportAsync(old), await ReportAsync(old), await ReportAsync(old));
        await grids.Cases().RejectCaseAsync(new RejectCaseRequest { RequestId = NewId(), CaseId = over.Id, Reason = "重复" });
        await grids.Cases().AssessCaseAsync(new AssessCaseRequest { RequestId = NewId(), CaseId = up.Id, Category = "street_order" });
        await grids.Cases().EscalateCaseAsync(new EscalateCaseRequest { RequestId = NewId(), CaseId = up.Id, Reason = "超出能力" });
        var orders = new V1.Escalations.EscalationsClient(grids.As("officer", City));
        await orders.IssueSupervisionOrderAsync(new IssueSupervisionOrderRequest
        {
            RequestId = NewId(), CaseId = open.Id, Instruction = "请说明", ReplyWithin = new V1.TimeLimit { Unit = TimeUnit.WorkHours, Amount = 8 },
        });

        await grids.Boundaries().RecodeGridAsync(new RecodeGridRequest { RequestId = NewId(), Code = old, NewCode = now });

        // The officers of the new community see it, and act on it.
        var officer = grids.Cases("officer", other);
        var moved = (await officer.GetCaseAsync(new GetCaseRequest { Id = open.Id })).Case;
        (moved.Territory, moved.Holder, moved.State, moved.Deadlines).ShouldBe((now, other, open.State, open.Deadlines));
        (await officer.ListCasesAsync(new ListCasesRequest())).Cases.Select(c => c.Id).ShouldBe([up.Id, open.Id]);
        (await new Persons.PersonsClient(grids.As("officer", other)).ListPersonsAsync(new ListPersonsRequest { RecordId = open.Id })).Persons
            .ShouldHaveSingleItem().Territory.ShouldBe(now);
        (await orders.ListSupervisionOrdersAsync(new ListSupervisionOrdersRequest { Territory = other })).Orders
            .ShouldHaveSingleItem().Ordered.ShouldBe(other);
        await officer.AssessCaseAsync(new AssessCaseRequest { RequestId = NewId(), CaseId = open.Id, Category = "street_order" });
        (await grids.Cases().GetCaseAsync(new GetCaseRequest { Id = up.Id })).Case.Holder.ShouldBe(other[..9]);
        var history = (await officer.GetCaseHistoryAsync(new GetCaseHistoryRequest { CaseId = open.Id })).Entries;
        history.Select(e => e.Action).ShouldBe(["Reported", "SupervisionOrdered", "GridRedrawn", "Assessed"]);
        history[2].Note.ShouldBe(old);
        await Refused.AsAsync("OUTSIDE_TERRITORY", grids.Cases("officer", community).GetCaseAsync(new GetCaseRequest { Id = open.Id }));

        // What is over stays where it was.
        (await grids.Cases().GetCaseAsync(new GetCaseRequest { Id = over.Id })).Case.Territory.ShouldBe(old);
    }

    [Fact]
    public async Task What_was_asked_about_an_answer_is_decided_above_the_new_grid_and_comes_back_to_where_the_case_lies()
    {
        var (community, other) = (await NewCommunityAsync(8), "340603008009");
        var (reviewed, surveyed) = (await AnsweredAsync(community + "01"), await AnsweredAsync(community + "01"));
        await new V1.Reviews.ReviewsClient(Reporter()).RequestReviewAsync(
            new RequestReviewRequest { RequestId = NewId(), CaseId = reviewed.Id, Reason = "没有解决" });
        await new V1.Cases.CasesClient(Reporter()).ConfirmCaseAsync(
            new ConfirmCaseRequest { RequestId = NewId(), CaseId = surveyed.Id, Satisfaction = Satisfaction.Satisfied });
        await grids.PutPolicyAsync(p => p.Satisfaction = SatisfactionRulesTests.Policy());
        await new V1.SatisfactionSurveys.SatisfactionSurveysClient(Reporter()).RespondToCaseAsync(
            new RespondToCaseRequest { RequestId = NewId(), CaseId = surveyed.Id, Score = 1 });

        await grids.Boundaries().RecodeGridAsync(new RecodeGridRequest { RequestId = NewId(), Code = community + "01", NewCode = other + "07" });

        // A subdistrict that the case did not lie in before decides, and its community goes on.
        var above = grids.As("officer", other[..9], "reviewer");
        var remanded = (await new V1.Reviews.ReviewsClient(above).DecideReviewAsync(new DecideReviewRequest
        {
            RequestId = NewId(), CaseId = reviewed.Id, Decision = ReviewDecision.Remanded, Opinion = "重新办理",
        })).Case;
        (remanded.State, remanded.Holder).ShouldBe((CaseState.Assessed, other));
        (await grids.Cases("officer", other).ListCasesAsync(new ListCasesRequest())).Cases.ShouldContain(c => c.Id == reviewed.Id);
        await grids.Cases("officer", other).TagCaseAsync(
            new TagCaseRequest { RequestId = NewId(), CaseId = reviewed.Id, Dimensions = { GovernanceDimension.RuleOfLaw } });

        var surveys = new V1.SatisfactionSurveys.SatisfactionSurveysClient(above);
        var opened = (await surveys.ListSatisfactionReviewsAsync(new ListSatisfactionReviewsRequest())).Reviews.ShouldHaveSingleItem();
        await surveys.DecideSatisfactionReviewAsync(new DecideSatisfactionReviewRequest
        {
            RequestId = NewId(), ReviewId = opened.Id, Etag = opened.Etag, Reopen = true, Reason = "复核",
        });
        (await grids.Cases().GetCaseAsync(new GetCaseRequest { Id = surveyed.Id })).Case.ShouldSatisfyAllConditions(
            c => c.State.ShouldBe(CaseState.Assessed), c => c.Holder.ShouldBe(other));

        CallInvoker Reporter() => grids.As("grid_worker", City, "reporter");
    }

    [Fact]
    public async Task Whoever_asks_again_after_the_grid_was_redrawn_gets_the_first_answer()
    {
        var community = await NewCommunityAsync(10);
        var (old, now) = (community + "01", community + "07");
        var report = new ReportCaseRequest { RequestId = NewId(), GridCode = old, Title = "路灯不亮", Channel = CaseChannel.MiniProgramme };
        var appoint = new AppointStaffRequest
        {
            RequestId = NewId(), Territory = old, Role = GridStaffRole.Worker, Subject = "w", Name = "w", Duty = "网格员", Employment = StaffEmployment.FullTime,
        };
        var resident = grids.Cases("resident", old, "resident-9");
        var reported = await resident.ReportCaseAsync(report);
        var appointed = await Staffing().AppointStaffAsync(appoint);
        await grids.Boundaries().RecodeGridAsync(new RecodeGridRequest { RequestId = NewId(), Code = old, NewCode = now });
        (await resident.ReportCaseAsync(report)).ShouldBe(reported);
        (await Staffing().AppointStaffAsync(appoint)).ShouldBe(appointed);
        report.RequestId = NewId();
        await Refused.AsAsync("GRID_ENDED", resident.ReportCaseAsync(report));
    }

    [Fact]
    public async Task After_a_split_a_case_is_of_the_part_in_which_its_place_lies()
    {
        var community = await NewCommunityAsync(3);
        var old = community + "01";
        var (west, nowhere) = (await ReportAsync(old), await ReportAsync(old, placed: false));
        await grids.Boundaries().SplitGridAsync(new SplitGridRequest
        {
            RequestId = NewId(),
            Code = old,
            Parts =
            {
                Part(community + "03", 115 + 3, 0.004),
                Part(community + "04", 115 + 3 + 0.004, 0.006),
            },
        });
        (await grids.Cases().GetCaseAsync(new GetCaseRequest { Id = west.Id })).Case.Territory.ShouldBe(community + "04");
        (await grids.Cases().GetCaseAsync(new GetCaseRequest { Id = nowhere.Id })).Case.Territory.ShouldBe(old);

        static GridRow Part(string code, double left, double width) => new()
        {
            Code = code,
            Name = code,
            Kind = GridKind.Residential,
            Households = 100,
            Boundary = new Polygon
            {
                Points =
                {
                    new Point { Longitude = left, Latitude = South },
                    new Point { Longitude = left + width, Latitude = South },
                    new Point { Longitude = left + width, Latitude = South + 0.01 },
                    new Point { Longitude = left, Latitude = South + 0.01 },
                },
            },
        };
    }

    [Fact]
    public async Task Whoever_works_in_a_grid_that_gets_another_code_works_in_that_one()
    {
        var community = await NewCommunityAsync(4);
        var (old, now) = (community + "01", community + "07");
        var leader = await AppointAsync(old, "leader-1", GridStaffRole.Leader);
        var group = (await Staffing().SetUpNeighbourGroupAsync(new SetUpNeighbourGroupRequest
        {
            RequestId = NewId(), Code = "moves-1", Territory = old, Name = "邻里一组", Buildings = { "1号楼", "2号楼", "3号楼" },
            Heads = { new NeighbourHead { Subject = "head" } },
        })).Group;
        var squad = (await Staffing().FormSquadAsync(new FormSquadRequest
        {
            RequestId = NewId(), Territory = old, Name = "一队", LeaderId = leader.Id, GroupIds = { group.Id },
        })).Squad;

        await grids.Boundaries().RecodeGridAsync(new RecodeGridRequest { RequestId = NewId(), Code = old, NewCode = now });

        (await RosterAsync(now)).ShouldBe(["网格长 leader-1"]);
        (await Staffing().GetSquadAsync(new GetSquadRequest { Id = squad.Id })).Squad.Territory.ShouldBe(now);
        (await Staffing().GetNeighbourGroupAsync(new GetNeighbourGroupRequest { Id = group.Id })).Group.Territory.ShouldBe(now);
        var worker = await AppointAsync(now, "worker-1", GridStaffRole.Worker);
        (await Staffing().LeadSquadAsync(new LeadSquadRequest { RequestId = NewId(), SquadId = squad.Id, LeaderId = worker.Id })).Squad.LeaderId
            .ShouldBe(worker.Id);
    }

    [Fact]
    public async Task Of_two_leaders_of_merged_grids_an_officer_ends_one_and_all_others_go_on()
    {
        var community = await NewCommunityAsync(5);
        foreach (var n in new[] { 1, 2 })
        {
            await AppointAsync($"{community}0{n}", $"leader-{n}", GridStaffRole.Leader);
            await AppointAsync($"{community}0{n}", $"worker-{n}", GridStaffRole.Worker);
        }
        await grids.Boundaries().MergeGridsAsync(new MergeGridsRequest
        {
            RequestId = NewId(),
            Grids = { new GridVersion { Code = community + "01" }, new GridVersion { Code = community + "02" } },
            NewCode = community + "09",
            Name = "合并网格",
        });
        (await RosterAsync(community + "09")).ShouldBe(["网格员 worker-1", "网格员 worker-2"]);
        (await Staffing().ListStaffAsync(new ListStaffRequest { Territory = community + "01" })).Staff.ShouldHaveSingleItem().Subject
            .ShouldBe("leader-1");
    }

    [Fact]
    public async Task Watchers_of_both_codes_are_told_that_much_of_them_has_changed()
    {
        var (community, other) = (await NewCommunityAsync(6), await NewCommunityAsync(7));
        using var from = Changes(community + "01");
        using var to = Changes(other);
        foreach (var watch in new[] { from, to })
            await watch.ResponseStream.MoveNext(TestContext.Current.CancellationToken);

        await grids.Boundaries().RecodeGridAsync(new RecodeGridRequest { RequestId = NewId(), Code = community + "01", NewCode = other + "07" });

        (await ToldAsync(from)).Territory.ShouldBe(community + "01");
        (await ToldAsync(to)).Territory.ShouldBe(other + "07");

        // An import of the city's names no record, and may have written any.
        await grids.ImportAsync(Row(other + "09", 900));
        (await ToldAsync(to)).Action.ShouldBe("ImportGrids");

        static async Task<Change> ToldAsync(AsyncServerStreamingCall<WatchChangesResponse> watch)
        {
            while (await watch.ResponseStream.MoveNext(TestContext.Current.CancellationToken))
                if (watch.ResponseStream.Current.Change is { RecordId: "" } change)
                    return change;
            throw new InvalidOperationException("The watch ended.");
        }
    }

    private AsyncServerStreamingCall<WatchChangesResponse> Changes(string territory) =>
        new Governance.Common.V1.Changes.ChangesClient(grids.As("service", City)).WatchChanges(new WatchChangesRequest { Territory = territory });

    private V1.Staffing.StaffingClient Staffing() => new(grids.As("officer", City));

    private async Task<IEnumerable<string>> RosterAsync(string grid) =>
        (await Staffing().GetPublicRosterAsync(new GetPublicRosterRequest { GridCode = grid })).Entries.Select(e => $"{e.Duty} {e.Name}");

    private async Task<GridStaff> AppointAsync(string grid, string subject, GridStaffRole role) =>
        (await Staffing().AppointStaffAsync(new AppointStaffRequest
        {
            RequestId = NewId(),
            Territory = grid,
            Role = role,
            Subject = subject,
            Name = subject,
            Duty = role is GridStaffRole.Leader ? "网格长" : "网格员",
            Employment = StaffEmployment.FullTime,
        })).Staff;

    /// <summary>In the middle of the grid, or known by its code alone.</summary>
    private async Task<V1.Case> ReportAsync(string grid, bool placed = true, string subject = "somebody")
    {
        var request = new ReportCaseRequest
        {
            RequestId = NewId(),
            Title = "路灯不亮",
            Channel = CaseChannel.Visit,
            Contact = new Person { Name = "王某", Phone = "13955550001" },
        };
        if (placed)
            request.Point = new Point { Longitude = 115 + int.Parse(grid[9..12]) + 0.005, Latitude = South + 0.005 };
        else
            request.GridCode = grid;
        return (await grids.Cases("grid_worker", City, subject).ReportCaseAsync(request)).Case;
    }

    private async Task<V1.Case> AnsweredAsync(string grid)
    {
        var id = (await ReportAsync(grid, subject: "reporter")).Id;
        await grids.Cases().DispatchCaseAsync(new DispatchCaseRequest
        {
            RequestId = NewId(), CaseId = id, Category = "street_order", Handler = new Handler { OrganisationId = NewId() },
        });
        await grids.Cases().CompleteHandlingAsync(new CompleteHandlingRequest { RequestId = NewId(), CaseId = id, Result = "换了灯泡" });
        return (await grids.Cases().AnswerCaseAsync(new AnswerCaseRequest { RequestId = NewId(), CaseId = id, Answer = "已修好" })).Case;
    }

    private async Task<string> NewCommunityAsync(int n)
    {
        var community = $"340603007{n:000}";
        GridRow[] rows = [Row(community + "01", 0), Row(community + "02", 0)];
        for (var i = 0; i < rows.Length; i++)
            rows[i].Boundary = Square(115 + n + (i * 0.01), South, 0.01);
        await grids.ImportAsync(rows);
        return community;
    }
}
