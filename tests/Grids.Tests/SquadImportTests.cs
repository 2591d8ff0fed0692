using Governance.Common.V1;
using Governance.Grids.V1;
using Governance.TestKit;
using Shouldly;
using Xunit;
using static Governance.Grids.Tests.GridsFixture;

namespace Governance.Grids.Tests;

/// <summary>Squads of neighbour heads, and what they did, as they come from another system.</summary>
public sealed class SquadImportTests(GridsFixture grids) : ServiceTest(grids), IClassFixture<GridsFixture>
{
    // Grids of their own, so that tests don't see each other's squads.
    private static int squares = 10;
    private static int codes;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await grids.PutPolicyAsync(p => p.Staffing = StaffingTests.Policy());
        var policy = new Policy { City = OtherCity, EffectiveFrom = "2025-01-01", Staffing = StaffingTests.Policy() };
        await grids.Policies(territory: OtherCity).PutPolicyAsync(
            new PutPolicyRequest { RequestId = NewId(), City = OtherCity, Policy = policy });
    }

    [Fact]
    public async Task An_import_writes_squads_with_all_their_groups_and_the_same_again_changes_nothing()
    {
        var (grid, other) = (await NewGridAsync(), await NewGridAsync());
        var (a, b, c) = (await GroupAsync(grid), await GroupAsync(grid), await GroupAsync(grid));
        var row = SquadRow(grid, a.Code, b.Code);
        (await ImportAsync(row, SquadRow(other, (await GroupAsync(other)).Code))).Created.ShouldBe(2);
        var squad = await SquadAsync(grid, row.Code);
        (squad.Name, squad.FormedOn, squad.Leaderless).ShouldBe((row.Name, "2026-03-01", false));
        squad.GroupIds.ShouldBe([a.Id, b.Id], ignoreOrder: true);

        row.GroupCodes.Clear();
        row.GroupCodes.Add([b.Code, a.Code]);
        (await ImportAsync(row)).Unchanged.ShouldBe(1);
        (await SquadAsync(grid, row.Code)).ShouldBe(squad);

        row.GroupCodes[1] = c.Code;
        (row.Name, row.FormedOn) = ("新名小队", "2026-03-05");
        (await ImportAsync(row)).Updated.ShouldBe(1);
        var changed = await SquadAsync(grid, row.Code);
        (changed.Id, changed.Name, changed.FormedOn).ShouldBe((squad.Id, "新名小队", "2026-03-01"));
        changed.GroupIds.ShouldBe([b.Id, c.Id], ignoreOrder: true);
        changed.Etag.ShouldNotBe(squad.Etag);
        (await GroupOfAsync(a.Id)).SquadId.ShouldBeEmpty();
        (await GroupOfAsync(c.Id)).SquadId.ShouldBe(squad.Id);
    }

    [Fact]
    public async Task A_squad_row_that_breaks_a_rule_is_left_out_with_its_reason()
    {
        var (grid, other) = (await NewGridAsync(), await NewGridAsync());
        var (free, taken, elsewhere) = (await GroupAsync(grid), await GroupAsync(grid), await GroupAsync(other));
        var known = SquadRow(grid, taken.Code);
        (await ImportAsync(known)).Created.ShouldBe(1);
        var moved = SquadRow(other, elsewhere.Code);
        moved.Code = known.Code;
        var stranger = SquadRow(grid, free.Code);
        stranger.LeaderSubject = "nobody";
        var early = SquadRow(grid, free.Code);
        early.FormedOn = "2027-01-01";

        await RejectedAsync("SQUAD_ELSEWHERE", moved);
        await RejectedAsync("SQUAD_LEADER_INVALID", stranger);
        await RejectedAsync("SQUAD_DAY_INVALID", early);
        await RejectedAsync("SQUAD_GROUPS_INVALID", SquadRow(grid, taken.Code));
        await RejectedAsync("SQUAD_GROUPS_INVALID", SquadRow(grid, elsewhere.Code));
        await RejectedAsync("SQUAD_GROUPS_INVALID", SquadRow(grid, free.Code, free.Code));
        await RejectedAsync("GRID_CODE_INVALID", SquadRow("340604001001", free.Code));
        await RejectedAsync("GRID_NOT_FOUND", SquadRow("34060400100199", free.Code));
        await RejectedAsync("ROW_TERRITORY_OUTSIDE", SquadRow("34060300100101", free.Code));

        // One group cannot be in two squads of one import either; the first keeps it.
        var (first, second) = (SquadRow(grid, free.Code), SquadRow(grid, free.Code));
        var summary = await ImportAsync(first, second);
        (summary.Created, summary.Errors.Single().Code).ShouldBe((1, second.Code));
        (await GroupOfAsync(free.Id)).SquadId.ShouldBe((await SquadAsync(grid, first.Code)).Id);
    }

    [Fact]
    public async Task A_squad_that_was_dissolved_leaves_its_code_to_a_new_one()
    {
        var grid = await NewGridAsync();
        var row = SquadRow(grid, (await GroupAsync(grid)).Code);
        await ImportAsync(row);
        var old = await SquadAsync(grid, row.Code);
        await Staffing("officer").DissolveSquadAsync(new DissolveSquadRequest { RequestId = NewId(), SquadId = old.Id });

        (await ImportAsync(row)).Created.ShouldBe(1);
        (await SquadAsync(grid, row.Code)).Id.ShouldNotBe(old.Id);
    }

    [Fact]
    public async Task Imported_exchanges_count_by_day_and_week_and_those_recorded_here_stay()
    {
        var grid = await NewGridAsync();
        var row = SquadRow(grid, (await GroupAsync(grid)).Code);
        await ImportAsync(row);
        var squad = await SquadAsync(grid, row.Code);
        await Staffing("officer").RecordExchangeAsync(new RecordExchangeRequest
        {
            RequestId = NewId(),
            SquadId = squad.Id,
            Kind = ExchangeKind.Daily,
            Day = "2026-03-02",
            Attendance = 9,
        });
        var rows = Enumerable.Range(2, 7).Select(day => ExchangeRow(row, ExchangeKind.Daily, $"2026-03-{day:00}"))
            .Append(ExchangeRow(row, ExchangeKind.Weekly, "2026-03-06")).ToArray();

        var summary = await ImportAsync(rows);
        (summary.Created, summary.Unchanged, summary.Rejected).ShouldBe((7, 1, 0));
        (await ImportAsync(rows)).Unchanged.ShouldBe(8);
        var check = await Staffing("officer").CheckExchangesAsync(
            new CheckExchangesRequest { Territory = grid, From = "2026-03-02", Until = "2026-03-08" });
        (check.Squads, check.FewestADay, check.FewestAWeek).ShouldBe((1, 1, 1));
        var request = new ListExchangesRequest { SquadId = squad.Id, PageSize = 3 };
        var days = new List<(string Day, int Attendance)>();
        do
        {
            var page = await Staffing("officer").ListExchangesAsync(request);
            days.AddRange(page.Exchanges.Select(e => (e.Day, e.Attendance)));
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);
        days.Select(d => d.Day).ShouldBe(days.Select(d => d.Day).OrderDescending());
        (days.Count, days[^1]).ShouldBe((8, ("2026-03-02", 9)));
    }

    [Fact]
    public async Task An_exchange_row_of_no_squad_or_of_a_wrong_day_is_left_out()
    {
        var grid = await NewGridAsync();
        var row = SquadRow(grid, (await GroupAsync(grid)).Code);
        await ImportAsync(row);
        var twice = ExchangeRow(row, ExchangeKind.Daily, "2026-03-03");
        var stranger = ExchangeRow(row, ExchangeKind.Daily, "2026-03-04");
        stranger.SquadCode = "NO-SQUAD";
        var abroad = ExchangeRow(row, ExchangeKind.Daily, "2026-03-05");
        abroad.Territory = "34060300100101";

        var summary = await ImportAsync(
            twice, twice, stranger, ExchangeRow(row, ExchangeKind.Daily, "2026-02-28"),
            ExchangeRow(row, ExchangeKind.Daily, "2026-04-01"), abroad);

        summary.Created.ShouldBe(1);
        summary.Errors.Select(e => (e.Row, e.Violations.Single().Reason)).Order().ShouldBe(
        [
            (2, "ROW_DUPLICATE"), (3, "SQUAD_CODE_UNKNOWN"), (4, "EXCHANGE_DAY_INVALID"),
            (5, "EXCHANGE_DAY_INVALID"), (6, "ROW_TERRITORY_OUTSIDE"),
        ]);
    }

    [Fact]
    public async Task Two_cities_give_the_same_codes_to_groups_and_squads_of_their_own()
    {
        var (grid, abroad) = (await NewGridAsync(), await NewGridAsync(OtherCity));
        var group = await GroupAsync(grid);
        var other = await GroupAsync(abroad, group.Code);
        await Refused.AsAsync("NEIGHBOUR_GROUP_EXISTS", () => GroupAsync(abroad, group.Code));
        var row = SquadRow(grid, group.Code);
        var twin = SquadRow(abroad, group.Code);
        twin.Code = row.Code;
        (await ImportAsync(row)).Created.ShouldBe(1);
        (await ImportAsync(twin)).Created.ShouldBe(1);
        (await ImportAsync(row)).Unchanged.ShouldBe(1);
        (await SquadAsync(grid, row.Code)).GroupIds.ShouldBe([group.Id]);
        (await SquadAsync(abroad, row.Code)).GroupIds.ShouldBe([other.Id]);

        (await ImportAsync(ExchangeRow(row, ExchangeKind.Daily, "2026-03-02"))).Created.ShouldBe(1);
        (await Staffing("officer", OtherCity).CheckExchangesAsync(
            new CheckExchangesRequest { Territory = abroad, From = "2026-03-02", Until = "2026-03-02" })).FewestADay.ShouldBe(0);
    }

    private V1.Staffing.StaffingClient Staffing(string role, string territory = City) => new(grids.As(role, territory));

    private async Task<string> NewGridAsync(string city = City)
    {
        var n = Interlocked.Increment(ref squares);
        var code = $"{city}04001001{n:00}";
        using var import = new V1.Boundaries.BoundariesClient(grids.As("operator", city)).ImportGrids();
        (await import.SendAsync(
            [
                new ImportGridsRequest { Header = new ImportHeader { RequestId = NewId(), Territory = city } },
                new ImportGridsRequest { Rows = { Row(code, n) } },
            ])).Summary.Created.ShouldBe(1);
        await Staffing("officer", city).AppointStaffAsync(new AppointStaffRequest
        {
            RequestId = NewId(),
            Territory = code,
            Role = GridStaffRole.Worker,
            Subject = $"worker-{code}",
            Name = "某某",
            Employment = StaffEmployment.FullTime,
        });
        return code;
    }

    private async Task<NeighbourGroup> GroupAsync(string grid, string? code = null) =>
        (await Staffing("officer", grid[..4]).SetUpNeighbourGroupAsync(new SetUpNeighbourGroupRequest
        {
            RequestId = NewId(),
            Territory = grid,
            Code = code ?? $"SG-{Interlocked.Increment(ref codes)}",
            Name = "邻里小组",
            Buildings = { "1号楼", "2号楼", "3号楼" },
        })).Group;

    private async Task<NeighbourGroup> GroupOfAsync(string id) =>
        (await Staffing("officer").GetNeighbourGroupAsync(new GetNeighbourGroupRequest { Id = id })).Group;

    private async Task<Squad> SquadAsync(string grid, string code) =>
        (await Staffing("officer", grid[..4]).ListSquadsAsync(new ListSquadsRequest { Territory = grid })).Squads
            .Single(s => s.Code == code);

    private async Task RejectedAsync(string reason, SquadRow row)
    {
        var summary = await ImportAsync(row);
        (summary.Rejected, summary.Errors.Single().Violations.Single().Reason).ShouldBe((1, reason));
    }

    private async Task<ImportSummary> ImportAsync(params SquadRow[] rows)
    {
        var city = rows[0].Territory[..4];
        using var call = Staffing("operator", city).ImportSquads();
        return (await call.SendAsync(
        [
            new ImportSquadsRequest { Header = Head(city is OtherCity ? OtherCity : "340604") },
            new ImportSquadsRequest { Rows = { rows } },
        ])).Summary;
    }

    private async Task<ImportSummary> ImportAsync(params ExchangeRow[] rows)
    {
        using var call = Staffing("operator").ImportExchanges();
        return (await call.SendAsync(
        [
            new ImportExchangesRequest { Header = Head("340604") },
            new ImportExchangesRequest { Rows = { rows } },
        ])).Summary;
    }

    private static ImportHeader Head(string territory) => new() { RequestId = NewId(), Territory = territory };

    private static SquadRow SquadRow(string grid, params string[] groups) => new()
    {
        Code = $"SQ-{Interlocked.Increment(ref codes)}",
        Territory = grid,
        Name = "邻长小队",
        LeaderSubject = $"worker-{grid}",
        GroupCodes = { groups },
        FormedOn = "2026-03-01",
    };

    private static ExchangeRow ExchangeRow(SquadRow squad, ExchangeKind kind, string day) =>
        new() { SquadCode = squad.Code, Territory = squad.Territory, Kind = kind, Day = day, Attendance = 4 };
}
