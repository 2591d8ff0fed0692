using Governance.Common.V1;
using Governance.Grids.V1;
using Governance.TestKit;
using Shouldly;
using Xunit;
using static Governance.Grids.Tests.GridsFixture;

namespace Governance.Grids.Tests;

public sealed class StaffingTests(GridsFixture grids) : ServiceTest(grids), IClassFixture<GridsFixture>
{
    private static int squares = 10;

    public static StaffingPolicy Policy() => new()
    {
        MinBuildings = 3,
        MaxBuildings = 5,
        Duties =
        {
            new GridDuty { Role = GridStaffRole.Leader, Code = "organise", Name = "统筹网格工作" },
            Enumerable.Range(1, 6).Select(n => new GridDuty { Role = GridStaffRole.Worker, Code = $"duty-{n}", Name = $"职责{n}" }),
        },
    };

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await grids.PutPolicyAsync(p => p.Staffing = Policy());
    }

    [Fact]
    public async Task The_standard_of_a_city_names_six_duties_of_a_worker_and_the_size_of_a_group()
    {
        var standard = await Staffing("resident").GetStaffingStandardAsync(new GetStaffingStandardRequest { Territory = Community });
        standard.Duties.Count(d => d.Role is GridStaffRole.Worker).ShouldBe(6);
        (standard.MinBuildings, standard.MaxBuildings).ShouldBe((3, 5));
        await Refused.AsAsync("POLICY_MISSING", Staffing().GetStaffingStandardAsync(new GetStaffingStandardRequest { Territory = "3404" }));
        await Refused.AsAsync("POLICY_INVALID", () => grids.PutPolicyAsync(
            p =>
            {
                p.Staffing = Policy();
                p.Staffing.MinBuildings = 6;
            },
            "2027-01-01"));
    }

    [Fact]
    public async Task A_post_is_given_read_and_ended_and_stays_in_the_records()
    {
        var grid = await NewGridAsync();
        var request = Appointment(grid, GridStaffRole.Leader, "leader");
        var made = (await Staffing().AppointStaffAsync(request)).Staff;
        (made.From, made.Until).ShouldBe(("2026-03-09", ""));
        (await Staffing().AppointStaffAsync(request)).Staff.ShouldBe(made);
        request.Name = "别人";
        await Refused.AsAsync("REQUEST_ID_REUSED", Staffing().AppointStaffAsync(request));
        (await Staffing("grid_worker", grid).GetStaffAsync(new GetStaffRequest { Id = made.Id })).Staff.ShouldBe(made);
        (await grids.ScalarAsync<long>($"select count(*) from audit where record_id = '{made.Id}'")).ShouldBe(1);

        await Refused.AsAsync("STAFF_DAY_INVALID", Staffing().EndAppointmentAsync(End(made.Id, until: "2026-03-08")));
        await Refused.AsAsync("STAFF_DAY_INVALID", Staffing().EndAppointmentAsync(End(made.Id, until: "2026-03-10")));
        await Refused.AsAsync("ETAG_STALE", Staffing().EndAppointmentAsync(End(made.Id, etag: "v9")));
        (await Staffing().EndAppointmentAsync(End(made.Id, etag: made.Etag))).Staff.Until.ShouldBe("2026-03-09");
        await Refused.AsAsync("STAFF_ENDED", Staffing().EndAppointmentAsync(End(made.Id)));

        (await Staffing().ListStaffAsync(new ListStaffRequest { Territory = grid })).Staff.ShouldBeEmpty();
        (await Staffing().ListStaffAsync(new ListStaffRequest { Territory = grid, IncludeEnded = true })).Staff.ShouldHaveSingleItem();
        // Whoever has left may come back.
        await AppointedAsync(grid, GridStaffRole.Leader, "leader");
    }

    [Fact]
    public async Task Posts_that_cannot_be_are_refused_by_name()
    {
        var grid = await NewGridAsync();
        await Refused.AsAsync("GRID_NOT_FOUND", Staffing().AppointStaffAsync(Appointment("34060499999901", GridStaffRole.Worker, "a")));
        await Refused.AsAsync("GRID_CODE_INVALID", Staffing().AppointStaffAsync(Appointment(Community, GridStaffRole.Worker, "a")));
        var later = Appointment(grid, GridStaffRole.Worker, "a");
        later.From = "2026-03-10";
        await Refused.AsAsync("STAFF_DAY_INVALID", Staffing().AppointStaffAsync(later));
        await AppointedAsync(grid, GridStaffRole.Worker, "a");
        await Refused.AsAsync("STAFF_TWICE", Staffing().AppointStaffAsync(Appointment(grid, GridStaffRole.Substitute, "a")));
        await Refused.AsAsync("STAFF_NOT_FOUND", Staffing().GetStaffAsync(new GetStaffRequest { Id = NewId() }));
        await Refused.AsAsync("STAFF_NOT_FOUND", Staffing().EndAppointmentAsync(End(NewId())));
    }

    [Fact]
    public async Task Nobody_reaches_the_staff_of_a_foreign_territory_and_no_resident_reaches_any()
    {
        var grid = await NewGridAsync();
        var made = await AppointedAsync(grid, GridStaffRole.Worker, "a");
        var foreign = Staffing("officer", OtherCommunity);
        await Refused.AsAsync("OUTSIDE_TERRITORY", foreign.GetStaffAsync(new GetStaffRequest { Id = made.Id }));
        await Refused.AsAsync("OUTSIDE_TERRITORY", foreign.GetStaffAsync(new GetStaffRequest { Id = NewId() }));
        await Refused.AsAsync("OUTSIDE_TERRITORY", foreign.ListStaffAsync(new ListStaffRequest { Territory = grid }));
        await Refused.AsAsync("OUTSIDE_TERRITORY", foreign.AppointStaffAsync(Appointment(grid, GridStaffRole.Worker, "b")));
        await Refused.AsAsync("OUTSIDE_TERRITORY", foreign.EndAppointmentAsync(End(made.Id)));
        await Refused.AsAsync("ROLE_NOT_ALLOWED", Staffing("resident", grid).ListStaffAsync(new ListStaffRequest()));
        await Refused.AsAsync("ROLE_NOT_ALLOWED",
            Staffing("grid_worker", grid).AppointStaffAsync(Appointment(grid, GridStaffRole.Worker, "b")));
    }

    [Fact]
    public async Task A_grid_has_one_leader_however_many_are_appointed_at_once()
    {
        var grid = await NewGridAsync();
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 6).Select(n =>
            Refused.ReasonAsync(Staffing().AppointStaffAsync(Appointment(grid, GridStaffRole.Leader, $"leader-{n}")))));
        outcomes.Count(o => o is "").ShouldBe(1);
        outcomes.Where(o => o is not "").ShouldAllBe(o => o == "GRID_LEADER_EXISTS");
    }

    [Fact]
    public async Task Everybody_reads_names_and_duties_of_a_grid_and_nothing_else()
    {
        var grid = await NewGridAsync();
        var worker = await AppointedAsync(grid, GridStaffRole.Worker, "worker-subject", duty: "1号楼至4号楼");
        await AppointedAsync(grid, GridStaffRole.Leader, "leader-subject");
        var substitute = await AppointedAsync(grid, GridStaffRole.Substitute, "substitute-subject");
        var stranger = Staffing("resident", OtherCommunity, "stranger");
        var roster = await stranger.GetPublicRosterAsync(new GetPublicRosterRequest { GridCode = grid });
        roster.Entries.Select(e => (e.Name, e.Duty)).ShouldBe(
            [("leader-subject先生", "网格长"), ("worker-subject先生", "1号楼至4号楼"), ("substitute-subject先生", "替岗网格员")]);
        PublicRosterEntry.Descriptor.Fields.InFieldNumberOrder().Select(f => f.Name).ShouldBe(["name", "duty"]);

        await Staffing().ArrangeStandInAsync(Arrangement(worker.Id, substitute.Id, "2026-03-09", "2026-03-10"));
        (await stranger.GetPublicRosterAsync(new GetPublicRosterRequest { GridCode = grid })).Entries[^1].Duty.ShouldBe("代1号楼至4号楼");
        grids.Clock.Advance(TimeSpan.FromDays(2));
        (await stranger.GetPublicRosterAsync(new GetPublicRosterRequest { GridCode = grid })).Entries[^1].Duty.ShouldBe("替岗网格员");

        await Refused.AsAsync("GRID_NOT_FOUND", stranger.GetPublicRosterAsync(new GetPublicRosterRequest { GridCode = "34060499999901" }));
        await Refused.AsAsync("GRID_CODE_INVALID", stranger.GetPublicRosterAsync(new GetPublicRosterRequest { GridCode = Community }));
    }

    [Fact]
    public async Task Stand_ins_do_not_overlap_and_can_be_cancelled()
    {
        var grid = await NewGridAsync();
        var leader = await AppointedAsync(grid, GridStaffRole.Leader, "leader");
        var worker = await AppointedAsync(grid, GridStaffRole.Worker, "worker");
        var substitute = await AppointedAsync(grid, GridStaffRole.Substitute, "substitute");
        var request = Arrangement(leader.Id, substitute.Id, "2026-03-10", "2026-03-12");
        var made = (await Staffing().ArrangeStandInAsync(request)).StandIn;
        (await Staffing().ArrangeStandInAsync(request)).StandIn.ShouldBe(made);

        await Refused.AsAsync("STAND_IN_OVERLAPS",
            Staffing().ArrangeStandInAsync(Arrangement(leader.Id, worker.Id, "2026-03-12", "2026-03-20")));
        await Refused.AsAsync("STAND_IN_OVERLAPS",
            Staffing().ArrangeStandInAsync(Arrangement(worker.Id, substitute.Id, "2026-03-09", "2026-03-10")));
        await Staffing().ArrangeStandInAsync(Arrangement(leader.Id, worker.Id, "2026-03-13", "2026-03-20"));
        await Refused.AsAsync("STAND_IN_INVALID",
            Staffing().ArrangeStandInAsync(Arrangement(leader.Id, leader.Id, "2026-04-01", "2026-04-02")));
        await Refused.AsAsync("STAND_IN_INVALID",
            Staffing().ArrangeStandInAsync(Arrangement(worker.Id, substitute.Id, "2026-04-02", "2026-04-01")));
        await Refused.AsAsync("STAFF_NOT_FOUND",
            Staffing().ArrangeStandInAsync(Arrangement(NewId(), substitute.Id, "2026-04-01", "2026-04-02")));
        await Refused.AsAsync("OUTSIDE_TERRITORY",
            Staffing("officer", OtherCommunity).ArrangeStandInAsync(Arrangement(worker.Id, substitute.Id, "2026-04-01", "2026-04-02")));

        (await Staffing().ListStandInsAsync(new ListStandInsRequest { Territory = grid, On = "2026-03-12" }))
            .StandIns.ShouldHaveSingleItem().Id.ShouldBe(made.Id);
        var first = await Staffing().ListStandInsAsync(new ListStandInsRequest { Territory = grid, PageSize = 1 });
        first.NextPageToken.ShouldNotBeEmpty();
        (await Staffing().ListStandInsAsync(new ListStandInsRequest { Territory = grid, PageSize = 1, PageToken = first.NextPageToken }))
            .StandIns.ShouldHaveSingleItem().Id.ShouldBe(made.Id);

        (await Staffing().CancelStandInAsync(new CancelStandInRequest { RequestId = NewId(), StandInId = made.Id }))
            .StandIn.CancelledAt.ShouldNotBeNull();
        await Refused.AsAsync("STAND_IN_CANCELLED",
            Staffing().CancelStandInAsync(new CancelStandInRequest { RequestId = NewId(), StandInId = made.Id }));
        await Refused.AsAsync("STAND_IN_NOT_FOUND",
            Staffing().CancelStandInAsync(new CancelStandInRequest { RequestId = NewId(), StandInId = NewId() }));
        await Staffing().ArrangeStandInAsync(Arrangement(worker.Id, substitute.Id, "2026-03-09", "2026-03-10"));
        await Staffing().EndAppointmentAsync(End(substitute.Id));
        await Refused.AsAsync("STAFF_ENDED",
            Staffing().ArrangeStandInAsync(Arrangement(worker.Id, substitute.Id, "2026-05-01", "2026-05-02")));
    }

    [Fact]
    public async Task With_a_post_its_arrangements_end_and_somebody_else_stands_in()
    {
        var grid = await NewGridAsync();
        var worker = await AppointedAsync(grid, GridStaffRole.Worker, "worker");
        var leaving = await AppointedAsync(grid, GridStaffRole.Substitute, "leaving");
        var next = await AppointedAsync(grid, GridStaffRole.Substitute, "next");
        await Staffing().ArrangeStandInAsync(Arrangement(worker.Id, leaving.Id, "2026-03-09", "2026-03-20"));
        await Staffing().ArrangeStandInAsync(Arrangement(worker.Id, leaving.Id, "2026-04-01", "2026-04-20"));
        await Staffing().EndAppointmentAsync(End(leaving.Id));

        var ended = (await Staffing().ListStandInsAsync(new ListStandInsRequest { Territory = grid })).StandIns;
        ended.Select(s => (s.From, s.Until, s.CancelledAt is null)).ShouldBe(
            [("2026-04-01", "2026-04-20", false), ("2026-03-09", "2026-03-09", true)]);
        await Staffing().ArrangeStandInAsync(Arrangement(worker.Id, next.Id, "2026-03-10", "2026-04-20"));
    }

    [Fact]
    public async Task Nobody_is_arranged_for_twice_at_once()
    {
        var grid = await NewGridAsync();
        var worker = await AppointedAsync(grid, GridStaffRole.Worker, "worker");
        var substitutes = new List<GridStaff>();
        for (var n = 0; n < 5; n++)
            substitutes.Add(await AppointedAsync(grid, GridStaffRole.Substitute, $"substitute-{n}"));
        var outcomes = await Task.WhenAll(substitutes.Select(s =>
            Refused.ReasonAsync(Staffing().ArrangeStandInAsync(Arrangement(worker.Id, s.Id, "2026-03-10", "2026-03-12")))));
        outcomes.Count(o => o is "").ShouldBe(1);
        outcomes.Where(o => o is not "").ShouldAllBe(o => o == "STAND_IN_OVERLAPS");
    }

    [Fact]
    public async Task A_check_names_grids_without_leader_or_worker_and_ended_ones_with_staff()
    {
        const string community = "340604002001";
        string[] codes = [community + "01", community + "02", community + "03"];
        await grids.ImportAsync(Row(codes[0], 60), Row(codes[1], 61), Row(codes[2], 62));
        await AppointedAsync(codes[0], GridStaffRole.Leader, "l0");
        await AppointedAsync(codes[0], GridStaffRole.Worker, "w0");
        await AppointedAsync(codes[1], GridStaffRole.Worker, "w1");
        var check = await Staffing("grid_worker", community).CheckStaffingAsync(new CheckStaffingRequest());
        (check.Grids, check.WithoutLeader, check.WithoutWorker, check.EndedWithStaff).ShouldBe((3, 2, 1, 0));
        (check.FewestLeaders, check.FewestWorkers).ShouldBe((0, 0));
        check.Findings.Select(f => (f.Territory, f.Problem)).ShouldBe(
            [(codes[1], StaffingProblem.NoLeader), (codes[2], StaffingProblem.NoLeader), (codes[2], StaffingProblem.NoWorker)]);

        await AppointedAsync(codes[1], GridStaffRole.Leader, "l1");
        await AppointedAsync(codes[2], GridStaffRole.Leader, "l2");
        await AppointedAsync(codes[2], GridStaffRole.Worker, "w2");
        (await FewestAsync(community)).ShouldBe((1, 1));

        // Both have a leader, and the one grid that comes of them can only have one.
        await grids.Boundaries().MergeGridsAsync(new MergeGridsRequest
        {
            RequestId = NewId(),
            Grids = { new GridVersion { Code = codes[1] }, new GridVersion { Code = codes[2] } },
            NewCode = community + "09",
            Name = "合并网格",
        });
        var findings = new List<StaffingFinding>();
        var request = new CheckStaffingRequest { Territory = community, PageSize = 1 };
        do
        {
            var page = await Staffing().CheckStaffingAsync(request);
            (page.Grids, page.EndedWithStaff).ShouldBe((2, 2));
            findings.AddRange(page.Findings);
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);
        findings.Select(f => (f.Territory, f.Problem)).ShouldBe(
        [
            (codes[1], StaffingProblem.GridEnded), (codes[2], StaffingProblem.GridEnded), (community + "09", StaffingProblem.NoLeader),
        ]);
    }

    [Fact]
    public async Task An_import_writes_posts_and_the_same_again_changes_nothing()
    {
        var (one, two) = (await NewGridAsync(), await NewGridAsync());
        var rows = new[]
        {
            StaffRow(one, GridStaffRole.Leader, "l"), StaffRow(one, GridStaffRole.Worker, "w"), StaffRow(two, GridStaffRole.Leader, "l"),
            StaffRow(two, GridStaffRole.Leader, "other"), StaffRow("34060499999901", GridStaffRole.Worker, "w"),
            StaffRow(Community, GridStaffRole.Worker, "w"), StaffRow(one, GridStaffRole.Worker, "w"),
            StaffRow(one, GridStaffRole.Worker, "late", from: "2026-03-12"),
        };
        var summary = await ImportAsync(rows);
        (summary.Received, summary.Created, summary.Rejected).ShouldBe((8, 3, 5));
        summary.Errors.SelectMany(e => e.Violations.Select(v => v.Reason)).ShouldBe(
            ["GRID_CODE_INVALID", "ROW_TERRITORY_OUTSIDE", "ROW_DUPLICATE", "STAFF_DAY_INVALID", "GRID_LEADER_EXISTS", "GRID_NOT_FOUND"],
            ignoreOrder: true);

        rows[1].Name = "新名字";
        var again = await ImportAsync(rows[..3]);
        (again.Created, again.Updated, again.Unchanged).ShouldBe((0, 1, 2));
        // An import does not put a leader out of his post.
        var rival = await ImportAsync(StaffRow(one, GridStaffRole.Leader, "rival"));
        rival.Errors.Single().Violations.Single().Reason.ShouldBe("GRID_LEADER_EXISTS");
    }

    [Fact]
    public async Task Whoever_has_left_can_be_forgotten_and_whoever_is_in_office_can_not()
    {
        var grid = await NewGridAsync();
        var post = await AppointedAsync(grid, GridStaffRole.Worker, "leaver");
        var persons = new Persons.PersonsClient(grids.As("operator", City));
        var erase = new EraseSubjectRequest { RequestId = NewId(), Subject = "leaver", Reason = "本人申请" };
        await Refused.AsAsync("SUBJECT_NEEDED", persons.EraseSubjectAsync(erase));
        using (var call = persons.ExportSubject(new ExportSubjectRequest { Subject = "leaver", Reason = "本人申请" }))
        {
            (await call.ResponseStream.MoveNext(TestContext.Current.CancellationToken)).ShouldBeTrue();
            var told = call.ResponseStream.Current;
            (told.Kind, told.RecordId, told.Fields["name"]).ShouldBe(("grid_staff", post.Id, "leaver先生"));
        }
        await Staffing().EndAppointmentAsync(End(post.Id));
        (await persons.EraseSubjectAsync(erase)).Records.ShouldBe(1);
        var left = (await Staffing().GetStaffAsync(new GetStaffRequest { Id = post.Id })).Staff;
        (left.Subject, left.Name, left.Until).ShouldBe(("", "", "2026-03-09"));
    }

    [Fact]
    public async Task Pages_hold_every_post_once()
    {
        var grid = await NewGridAsync();
        for (var n = 0; n < 5; n++)
            await AppointedAsync(grid, GridStaffRole.Worker, $"w{n}");
        var request = new ListStaffRequest { Territory = grid, PageSize = 2 };
        var ids = new List<string>();
        do
        {
            var page = await Staffing().ListStaffAsync(request);
            ids.AddRange(page.Staff.Select(s => s.Id));
            if (page.NextPageToken.Length > 0)
                await Refused.AsAsync("PAGE_TOKEN_INVALID",
                    Staffing().ListStaffAsync(new ListStaffRequest { Territory = City, PageToken = page.NextPageToken }));
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);
        ids.ShouldBeUnique();
        ids.Count.ShouldBe(5);
        (await Staffing().ListStaffAsync(new ListStaffRequest { Territory = grid, Subject = "w3" })).Staff.ShouldHaveSingleItem();
        (await Staffing().ListStaffAsync(new ListStaffRequest { Territory = grid, Role = GridStaffRole.Leader })).Staff.ShouldBeEmpty();
    }

    private V1.Staffing.StaffingClient Staffing(string role = "officer", string territory = City, string subject = "somebody") =>
        new(grids.As(role, territory, subject));

    private async Task<string> NewGridAsync()
    {
        var n = Interlocked.Increment(ref squares);
        var code = $"340604001001{n:00}";
        await grids.ImportAsync(Row(code, n));
        return code;
    }

    private async Task<GridStaff> AppointedAsync(string grid, GridStaffRole role, string subject, string duty = "")
    {
        var request = Appointment(grid, role, subject);
        request.Duty = duty;
        return (await Staffing().AppointStaffAsync(request)).Staff;
    }

    private async Task<ImportSummary> ImportAsync(params StaffRow[] rows)
    {
        using var call = Staffing("operator").ImportStaff();
        return (await call.SendAsync(
        [
            new ImportStaffRequest { Header = new ImportHeader { RequestId = NewId(), Territory = "340604" } },
            new ImportStaffRequest { Rows = { rows } },
        ])).Summary;
    }

    private async Task<(int Leaders, int Workers)> FewestAsync(string territory)
    {
        var check = await Staffing().CheckStaffingAsync(new CheckStaffingRequest { Territory = territory });
        return (check.FewestLeaders, check.FewestWorkers);
    }

    private static AppointStaffRequest Appointment(string grid, GridStaffRole role, string subject) => new()
    {
        RequestId = NewId(),
        Territory = grid,
        Role = role,
        Subject = subject,
        Name = $"{subject}先生",
        Employment = StaffEmployment.FullTime,
        PartyMember = true,
    };

    private static EndAppointmentRequest End(string id, string etag = "", string until = "") =>
        new() { RequestId = NewId(), StaffId = id, Etag = etag, Until = until };

    private static ArrangeStandInRequest Arrangement(string staff, string substitute, string from, string until) =>
        new() { RequestId = NewId(), StaffId = staff, SubstituteId = substitute, From = from, Until = until };

    private static StaffRow StaffRow(string grid, GridStaffRole role, string subject, string from = "2026-01-01") => new()
    {
        Territory = grid,
        Role = role,
        Subject = subject,
        Name = $"{subject}先生",
        Employment = StaffEmployment.PartTime,
        From = from,
    };
}
