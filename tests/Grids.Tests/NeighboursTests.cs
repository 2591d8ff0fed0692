using Governance.Common.V1;
using Governance.Grids.V1;
using Governance.TestKit;
using Shouldly;
using Xunit;
using static Governance.Grids.Tests.GridsFixture;

namespace Governance.Grids.Tests;

/// <summary>Neighbour groups with their heads, and squads with what they do.</summary>
public sealed class NeighboursTests(GridsFixture grids) : ServiceTest(grids), IClassFixture<GridsFixture>
{
    private static int squares = 10;
    private static int codes;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await grids.PutPolicyAsync(p => p.Staffing = StaffingTests.Policy());
    }

    [Fact]
    public async Task A_group_is_set_up_changed_and_dissolved_and_its_heads_come_and_go()
    {
        var grid = await NewGridAsync();
        var request = SetUp(grid, 3);
        var group = (await Staffing().SetUpNeighbourGroupAsync(request)).Group;
        (group.Active, group.OutsideStandard, group.Heads.Count).ShouldBe((true, false, 1));
        (await Staffing().SetUpNeighbourGroupAsync(request)).Group.ShouldBe(group);
        (await Staffing().GetNeighbourGroupAsync(new GetNeighbourGroupRequest { Id = group.Id })).Group.ShouldBe(group);

        var head = (await Staffing().AppointNeighbourHeadAsync(Head(group.Id, "second", group.Etag))).Group;
        head.Heads.Select(h => h.Subject).ShouldBe(["head", "second"], ignoreOrder: true);
        await Refused.AsAsync("ETAG_STALE", Staffing().AppointNeighbourHeadAsync(Head(group.Id, "third", group.Etag)));
        await Refused.AsAsync("NEIGHBOUR_HEAD_TWICE", Staffing().AppointNeighbourHeadAsync(Head(group.Id, "second")));
        var ended = (await Staffing().EndNeighbourHeadAsync(EndHead(group.Id, group.Heads[0].Id))).Group;
        ended.Heads.ShouldHaveSingleItem().Subject.ShouldBe("second");
        await Refused.AsAsync("NEIGHBOUR_HEAD_UNKNOWN", Staffing().EndNeighbourHeadAsync(EndHead(group.Id, group.Heads[0].Id)));

        // Six buildings are said, and not refused.
        var changed = (await Staffing().ChangeNeighbourGroupAsync(Change(group.Id, 6))).Group;
        (changed.OutsideStandard, changed.Buildings.Count).ShouldBe((true, 6));

        var dissolved = (await Staffing().DissolveNeighbourGroupAsync(Dissolve(group.Id))).Group;
        (dissolved.Active, dissolved.Heads.Count).ShouldBe((false, 0));
        await Refused.AsAsync("NEIGHBOUR_GROUP_DISSOLVED", Staffing().AppointNeighbourHeadAsync(Head(group.Id, "late")));
        await Refused.AsAsync("NEIGHBOUR_GROUP_DISSOLVED", Staffing().EndNeighbourHeadAsync(EndHead(group.Id, NewId())));
        await Refused.AsAsync("NEIGHBOUR_GROUP_DISSOLVED", Staffing().ChangeNeighbourGroupAsync(Change(group.Id, 3)));
        await Refused.AsAsync("NEIGHBOUR_GROUP_DISSOLVED", Staffing().DissolveNeighbourGroupAsync(Dissolve(group.Id)));
        (await grids.ScalarAsync<long>($"select count(*) from neighbour_heads where group_id = '{group.Id}' and until is not null"))
            .ShouldBe(2);
        // Its code is free again.
        request.RequestId = NewId();
        await Staffing().SetUpNeighbourGroupAsync(request);
        request.RequestId = NewId();
        await Refused.AsAsync("NEIGHBOUR_GROUP_EXISTS", Staffing().SetUpNeighbourGroupAsync(request));
    }

    [Fact]
    public async Task Groups_that_cannot_be_are_refused_by_name()
    {
        var grid = await NewGridAsync();
        var twice = SetUp(grid, 3);
        twice.Buildings.Add(twice.Buildings[0]);
        await Refused.AsAsync("NEIGHBOUR_BUILDING_TWICE", Staffing().SetUpNeighbourGroupAsync(twice));
        var heads = SetUp(grid, 3);
        heads.Heads.Add(heads.Heads[0]);
        await Refused.AsAsync("NEIGHBOUR_HEAD_TWICE", Staffing().SetUpNeighbourGroupAsync(heads));
        await Refused.AsAsync("GRID_NOT_FOUND", Staffing().SetUpNeighbourGroupAsync(SetUp("34060499999901", 3)));
        await Refused.AsAsync("GRID_CODE_INVALID", Staffing().SetUpNeighbourGroupAsync(SetUp(Community, 3)));
        await Refused.AsAsync("NEIGHBOUR_GROUP_NOT_FOUND",
            Staffing().GetNeighbourGroupAsync(new GetNeighbourGroupRequest { Id = NewId() }));
        var group = await GroupAsync(grid, 3);
        var foreign = Staffing("officer", OtherCommunity);
        await Refused.AsAsync("OUTSIDE_TERRITORY", foreign.GetNeighbourGroupAsync(new GetNeighbourGroupRequest { Id = group.Id }));
        await Refused.AsAsync("OUTSIDE_TERRITORY", foreign.AppointNeighbourHeadAsync(Head(group.Id, "x")));
        await Refused.AsAsync("OUTSIDE_TERRITORY", foreign.ListNeighbourGroupsAsync(new ListNeighbourGroupsRequest { Territory = grid }));
        await Refused.AsAsync("ROLE_NOT_ALLOWED",
            Staffing("resident", grid).GetNeighbourGroupAsync(new GetNeighbourGroupRequest { Id = group.Id }));

        var full = SetUp(grid, 3);
        full.Heads.Clear();
        full.Heads.Add(Enumerable.Range(0, 20).Select(n => new NeighbourHead { Subject = $"h{n}" }));
        var crowded = (await Staffing().SetUpNeighbourGroupAsync(full)).Group;
        await Refused.AsAsync("NEIGHBOUR_HEADS_FULL", Staffing().AppointNeighbourHeadAsync(Head(crowded.Id, "x")));
    }

    [Fact]
    public async Task A_check_counts_heads_once_and_names_groups_outside_the_policy_or_without_a_head()
    {
        var grid = await NewGridAsync();
        await GroupAsync(grid, 3, ("a", true), ("b", false));
        await GroupAsync(grid, 5, ("a", true), ("c", true));
        var large = await GroupAsync(grid, 7, ("d", true));
        var headless = await GroupAsync(grid, 4);
        var check = await Staffing().CheckNeighbourGroupsAsync(new CheckNeighbourGroupsRequest { Territory = grid });
        (check.Groups, check.MinBuildings, check.MaxBuildings).ShouldBe((4, 3, 5));
        (check.FewestBuildings, check.MostBuildings, check.OutsideStandard, check.WithoutHead).ShouldBe((3, 7, 1, 1));
        (check.Heads, check.PartyMemberHeads).ShouldBe((4, 3));
        check.Findings.Select(f => f.Id).ShouldBe([large.Id, headless.Id], ignoreOrder: true);
        // The whole country has no policy of its own.
        await Refused.AsAsync("REQUEST_INVALID", new V1.Staffing.StaffingClient(grids.As("officer", "*")).CheckNeighbourGroupsAsync(
            new CheckNeighbourGroupsRequest()));
        (await PartyMemberHeadsAsync(grid)).ShouldBe(3);
        await Staffing().DissolveNeighbourGroupAsync(Dissolve(large.Id));
        (await PartyMemberHeadsAsync(grid)).ShouldBe(2);

        var request = new ListNeighbourGroupsRequest { Territory = grid, PageSize = 2, IncludeDissolved = true };
        var ids = new List<string>();
        do
        {
            var page = await Staffing().ListNeighbourGroupsAsync(request);
            ids.AddRange(page.Groups.Select(g => g.Id));
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);
        ids.ShouldBeUnique();
        ids.Count.ShouldBe(4);
    }

    [Fact]
    public async Task An_import_writes_groups_with_all_their_heads_and_the_same_again_changes_nothing()
    {
        var (one, two) = (await NewGridAsync(), await NewGridAsync());
        var rows = new[]
        {
            GroupRow(one, 3, "a", "b"), GroupRow(one, 4, "c"), GroupRow(two, 5), GroupRow("34060499999901", 3),
            GroupRow(two, 3, "x", "x"), GroupRow(Community, 3),
        };
        var summary = await ImportAsync(rows);
        (summary.Received, summary.Created, summary.Rejected).ShouldBe((6, 3, 3));
        summary.Errors.SelectMany(e => e.Violations.Select(v => v.Reason)).ShouldBe(
            ["NEIGHBOUR_HEAD_TWICE", "GRID_CODE_INVALID", "ROW_TERRITORY_OUTSIDE", "GRID_NOT_FOUND"], ignoreOrder: true);

        (rows[0].Heads[0], rows[0].Heads[1]) = (rows[0].Heads[1].Clone(), rows[0].Heads[0].Clone());
        rows[1].Heads[0].PartyMember = false;
        rows[2].Heads.Add(new NeighbourHead { Subject = "new", PartyMember = true });
        var again = await ImportAsync(rows[..3]);
        (again.Created, again.Updated, again.Unchanged).ShouldBe((0, 2, 1));
        (await PartyMemberHeadsAsync(one)).ShouldBe(2);
        (await PartyMemberHeadsAsync(two)).ShouldBe(1);

        rows[0].Heads.RemoveAt(0);
        rows[1].Territory = two;
        var moved = await ImportAsync(rows[..2]);
        moved.Updated.ShouldBe(1);
        moved.Errors.Single().Violations.Single().Reason.ShouldBe("NEIGHBOUR_GROUP_ELSEWHERE");
        (await Staffing().ListNeighbourGroupsAsync(new ListNeighbourGroupsRequest { Territory = one })).Groups
            .Single(g => g.Code == rows[0].Code).Heads.ShouldHaveSingleItem().Subject.ShouldBe("a");
    }

    [Fact]
    public async Task A_group_of_another_district_is_not_taken_by_its_code()
    {
        var grid = await NewGridAsync();
        var elsewhere = SetUp(OtherCommunity + "01", 3);
        await Staffing().SetUpNeighbourGroupAsync(elsewhere);
        var row = GroupRow(grid, 3);
        row.Code = elsewhere.Code;
        (await ImportAsync(row)).Errors.Single().Violations.Single().Reason.ShouldBe("ROW_TERRITORY_OUTSIDE");
    }

    [Fact]
    public async Task A_squad_is_led_by_staff_of_its_grid_and_takes_groups_that_are_free()
    {
        var grid = await NewGridAsync();
        var (one, two) = (await GroupAsync(grid, 3, ("a", true)), await GroupAsync(grid, 4, ("b", true)));
        var worker = await StaffAsync(grid, GridStaffRole.Worker, "w");
        var substitute = await StaffAsync(grid, GridStaffRole.Substitute, "s");
        var elsewhere = await GroupAsync(await NewGridAsync(), 3);
        await Refused.AsAsync("SQUAD_LEADER_INVALID", Staffing().FormSquadAsync(Form(grid, substitute.Id, one.Id)));
        await Refused.AsAsync("SQUAD_LEADER_INVALID", Staffing().FormSquadAsync(Form(grid, NewId(), one.Id)));
        await Refused.AsAsync("SQUAD_GROUP_INVALID", Staffing().FormSquadAsync(Form(grid, worker.Id, one.Id, elsewhere.Id)));
        await Refused.AsAsync("SQUAD_GROUP_INVALID", Staffing().FormSquadAsync(Form(grid, worker.Id, NewId())));
        await Refused.AsAsync("GRID_NOT_FOUND", Staffing().FormSquadAsync(Form("34060499999901", worker.Id, one.Id)));

        var request = Form(grid, worker.Id, one.Id, two.Id);
        var squad = (await Staffing().FormSquadAsync(request)).Squad;
        (await Staffing().FormSquadAsync(request)).Squad.ShouldBe(squad);
        (squad.FormedOn, squad.Leaderless).ShouldBe(("2026-03-09", false));
        squad.GroupIds.ShouldBe([one.Id, two.Id], ignoreOrder: true);
        (await Staffing().GetNeighbourGroupAsync(new GetNeighbourGroupRequest { Id = one.Id })).Group.SquadId.ShouldBe(squad.Id);
        await Refused.AsAsync("SQUAD_GROUP_INVALID", Staffing().FormSquadAsync(Form(grid, worker.Id, two.Id)));

        await Staffing().EndAppointmentAsync(new EndAppointmentRequest { RequestId = NewId(), StaffId = worker.Id });
        (await Staffing().GetSquadAsync(new GetSquadRequest { Id = squad.Id })).Squad.Leaderless.ShouldBeTrue();
        await Refused.AsAsync("SQUAD_LEADER_INVALID", Staffing().LeadSquadAsync(Lead(squad.Id, worker.Id)));
        await Refused.AsAsync("ETAG_STALE", Staffing().LeadSquadAsync(Lead(squad.Id, worker.Id, "v9")));
        var leader = await StaffAsync(grid, GridStaffRole.Leader, "l");
        (await Staffing().LeadSquadAsync(Lead(squad.Id, leader.Id))).Squad.Leaderless.ShouldBeFalse();

        await Staffing().DissolveNeighbourGroupAsync(Dissolve(one.Id));
        (await Staffing().GetSquadAsync(new GetSquadRequest { Id = squad.Id })).Squad.GroupIds.ShouldBe([two.Id]);
        var dissolved = (await Staffing().DissolveSquadAsync(DissolveSquad(squad.Id))).Squad;
        (dissolved.DissolvedOn, dissolved.GroupIds.Count).ShouldBe(("2026-03-09", 0));
        await Refused.AsAsync("SQUAD_DISSOLVED", Staffing().LeadSquadAsync(Lead(squad.Id, leader.Id)));
        await Refused.AsAsync("SQUAD_DISSOLVED", Staffing().DissolveSquadAsync(DissolveSquad(squad.Id)));
        await Refused.AsAsync("SQUAD_DISSOLVED", Staffing().RecordExchangeAsync(Exchange(squad.Id, ExchangeKind.Daily, "2026-03-09")));
        await Staffing().FormSquadAsync(Form(grid, leader.Id, two.Id));
        (await Staffing().ListSquadsAsync(new ListSquadsRequest { Territory = grid })).Squads.ShouldHaveSingleItem();
        (await Staffing().ListSquadsAsync(new ListSquadsRequest { Territory = grid, IncludeDissolved = true })).Squads.Count.ShouldBe(2);
        await Refused.AsAsync("OUTSIDE_TERRITORY",
            Staffing("officer", OtherCommunity).GetSquadAsync(new GetSquadRequest { Id = squad.Id }));
        await Refused.AsAsync("SQUAD_NOT_FOUND", Staffing().GetSquadAsync(new GetSquadRequest { Id = NewId() }));
    }

    [Fact]
    public async Task Exchanges_are_counted_by_day_and_by_whole_week_and_what_was_missed_is_named()
    {
        var grid = await NewGridAsync();
        var worker = await StaffAsync(grid, GridStaffRole.Worker, "w");
        // Monday 9 March: both squads are formed.
        var (keen, lazy) = (await SquadAsync(grid, worker.Id), await SquadAsync(grid, worker.Id));
        await Refused.AsAsync("EXCHANGE_DAY_INVALID", Staffing().RecordExchangeAsync(Exchange(keen, ExchangeKind.Daily, "2026-03-08")));
        await Refused.AsAsync("EXCHANGE_DAY_INVALID", Staffing().RecordExchangeAsync(Exchange(keen, ExchangeKind.Daily, "2026-03-10")));
        grids.Clock.Advance(TimeSpan.FromDays(14));
        var day = new DateOnly(2026, 3, 9);
        for (var n = 0; n < 14; n++)
            await Staffing("grid_worker", grid).RecordExchangeAsync(Exchange(keen, ExchangeKind.Daily, $"{day.AddDays(n):yyyy-MM-dd}"));
        foreach (var met in new[] { "2026-03-13", "2026-03-22", "2026-03-22" })
            await Staffing().RecordExchangeAsync(Exchange(keen, ExchangeKind.Weekly, met));

        var check = await Staffing().CheckExchangesAsync(Check(grid, "2026-03-01", "2026-03-22"));
        (check.Squads, check.Days, check.Weeks).ShouldBe((2, 28, 4));
        (check.FewestADay, check.FewestAWeek).ShouldBe((0, 0));
        check.Findings.ShouldHaveSingleItem().ShouldBe(
            new ExchangeFinding { SquadId = lazy, Territory = grid, DaysMissed = 14, WeeksMissed = 2 });

        // Dissolved on the 23rd, the lazy one still counts for the past; formed today, nobody counts for yesterday.
        await Staffing().DissolveSquadAsync(DissolveSquad(lazy));
        (await Staffing().CheckExchangesAsync(Check(grid, "2026-03-09", "2026-03-22"))).Findings.ShouldHaveSingleItem();
        var after = await Staffing().CheckExchangesAsync(Check(grid, "2026-03-23", "2026-03-23"));
        (after.Squads, after.Days, after.Weeks, after.FewestADay).ShouldBe((1, 1L, 0L, 0));
        for (var n = 0; n < 14; n++)
            await grids.ScalarAsync<long>(
                $"""
                with added as (
                    insert into squad_exchanges (id, squad_id, kind, day, attendance, note)
                    values (gen_random_uuid(), '{lazy}', 1, '{day.AddDays(n):yyyy-MM-dd}', 3, '') returning 1)
                select count(*) from added
                """);
        var almost = await Staffing().CheckExchangesAsync(Check(grid, "2026-03-09", "2026-03-22"));
        (almost.FewestADay, almost.FewestAWeek, almost.Findings.Single().WeeksMissed).ShouldBe((1, 0, 2));

        await Refused.AsAsync("CHECK_PERIOD_INVALID", Staffing().CheckExchangesAsync(Check(grid, "2026-03-10", "2026-03-09")));
        await Refused.AsAsync("CHECK_PERIOD_INVALID", Staffing().CheckExchangesAsync(Check(grid, "2026-01-01", "2026-12-31")));
        var page = await Staffing().ListExchangesAsync(new ListExchangesRequest { SquadId = keen, PageSize = 10 });
        var rest = await Staffing().ListExchangesAsync(
            new ListExchangesRequest { SquadId = keen, PageSize = 10, PageToken = page.NextPageToken });
        page.Exchanges.Concat(rest.Exchanges).Select(e => e.Id).Distinct().Count().ShouldBe(17);
        await Refused.AsAsync("SQUAD_NOT_FOUND", Staffing().ListExchangesAsync(new ListExchangesRequest { SquadId = NewId() }));
    }

    private V1.Staffing.StaffingClient Staffing(string role = "officer", string territory = City) => new(grids.As(role, territory));

    private async Task<string> NewGridAsync()
    {
        var n = Interlocked.Increment(ref squares);
        var code = $"340604001001{n:00}";
        await grids.ImportAsync(Row(code, n));
        return code;
    }

    private async Task<NeighbourGroup> GroupAsync(string grid, int buildings, params (string Subject, bool PartyMember)[] heads)
    {
        var request = SetUp(grid, buildings);
        request.Heads.Clear();
        request.Heads.Add(heads.Select(h => new NeighbourHead { Subject = h.Subject, PartyMember = h.PartyMember }));
        return (await Staffing().SetUpNeighbourGroupAsync(request)).Group;
    }

    private async Task<GridStaff> StaffAsync(string grid, GridStaffRole role, string subject) =>
        (await Staffing().AppointStaffAsync(new AppointStaffRequest
        {
            RequestId = NewId(),
            Territory = grid,
            Role = role,
            Subject = subject,
            Name = "某某",
            Employment = StaffEmployment.FullTime,
        })).Staff;

    private async Task<string> SquadAsync(string grid, string leader) =>
        (await Staffing().FormSquadAsync(Form(grid, leader, (await GroupAsync(grid, 3)).Id))).Squad.Id;

    private async Task<ImportSummary> ImportAsync(params NeighbourGroupRow[] rows)
    {
        using var call = Staffing("operator").ImportNeighbourGroups();
        return (await call.SendAsync(
        [
            new ImportNeighbourGroupsRequest { Header = new ImportHeader { RequestId = NewId(), Territory = "340604" } },
            new ImportNeighbourGroupsRequest { Rows = { rows } },
        ])).Summary;
    }

    private async Task<int> PartyMemberHeadsAsync(string territory) =>
        (await Staffing().CheckNeighbourGroupsAsync(new CheckNeighbourGroupsRequest { Territory = territory })).PartyMemberHeads;

    private static IEnumerable<string> Buildings(int count) => Enumerable.Range(1, count).Select(n => $"{n}号楼");

    private static SetUpNeighbourGroupRequest SetUp(string grid, int buildings) => new()
    {
        RequestId = NewId(),
        Territory = grid,
        Code = $"G-{Interlocked.Increment(ref codes)}",
        Name = "邻里小组",
        Buildings = { Buildings(buildings) },
        Heads = { new NeighbourHead { Subject = "head", PartyMember = true } },
    };

    private static NeighbourGroupRow GroupRow(string grid, int buildings, params string[] heads) => new()
    {
        Territory = grid,
        Code = $"G-{Interlocked.Increment(ref codes)}",
        Name = "邻里小组",
        Buildings = { Buildings(buildings) },
        Heads = { heads.Select(h => new NeighbourHead { Subject = h, PartyMember = true }) },
    };

    private static AppointNeighbourHeadRequest Head(string group, string subject, string etag = "") =>
        new() { RequestId = NewId(), GroupId = group, Subject = subject, PartyMember = true, Etag = etag };

    private static EndNeighbourHeadRequest EndHead(string group, string head) =>
        new() { RequestId = NewId(), GroupId = group, HeadId = head };

    private static ChangeNeighbourGroupRequest Change(string group, int buildings) =>
        new() { RequestId = NewId(), GroupId = group, Name = "新名", Buildings = { Buildings(buildings) } };

    private static DissolveNeighbourGroupRequest Dissolve(string group) => new() { RequestId = NewId(), GroupId = group };

    private static FormSquadRequest Form(string grid, string leader, params string[] groups) =>
        new() { RequestId = NewId(), Territory = grid, Name = "邻长小队", LeaderId = leader, GroupIds = { groups } };

    private static LeadSquadRequest Lead(string squad, string leader, string etag = "") =>
        new() { RequestId = NewId(), SquadId = squad, LeaderId = leader, Etag = etag };

    private static DissolveSquadRequest DissolveSquad(string squad) => new() { RequestId = NewId(), SquadId = squad };

    private static RecordExchangeRequest Exchange(string squad, ExchangeKind kind, string day) =>
        new() { RequestId = NewId(), SquadId = squad, Kind = kind, Day = day, Attendance = 3 };

    private static CheckExchangesRequest Check(string territory, string from, string until) =>
        new() { Territory = territory, From = from, Until = until };
}
