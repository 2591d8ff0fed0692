using Governance.Common.V1;
using Governance.Grids.V1;
using Governance.TestKit;
using Shouldly;
using Xunit;
using static Governance.Grids.Tests.GridsFixture;

namespace Governance.Grids.Tests;

/// <summary>Indicators behind published figures: each moves when a record does.</summary>
public sealed class FiguresTests(GridsFixture grids) : ServiceTest(grids), IClassFixture<GridsFixture>
{
    private static readonly string[] AllGrids = [GridsFixture.Grid, NextGrid, OtherCommunity + "01", OtherCommunity + "02"];

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await grids.PutPolicyAsync(p => p.Staffing = StaffingTests.Policy());
        await grids.PutIndicatorsOfPacksAsync();
    }

    [Theory]
    [InlineData("cases_handled", CaseChannel.Council)]
    [InlineData("practical_matters_done", CaseChannel.CommunityService)]
    [InlineData("member_issues_resolved", CaseChannel.MemberRegistration)]
    [InlineData("matters_resolved", CaseChannel.JointMeeting)]
    [InlineData("resident_orders_resolved", CaseChannel.ResidentOrder)]
    public async Task A_closed_case_counts_for_its_channel(string name, CaseChannel channel)
    {
        var before = await ValueAsync(name);
        await CaseAsync(channel, state: 2);
        (await ValueAsync(name)).ShouldBe(before);
        await CaseAsync(channel, state: 9);
        (await ValueAsync(name)).ShouldBe(before + 1);
    }

    [Fact]
    public async Task A_mean_a_year_is_over_the_years_of_the_period()
    {
        var years = new IndicatorPeriod { From = "2024-01-01", Until = "2025-12-31" };
        await CaseAsync(CaseChannel.DeputyStudio, state: 9, at: "2024-06-01");
        await CaseAsync(CaseChannel.DeputyStudio, state: 9, at: "2025-06-01");
        await CaseAsync(CaseChannel.DeputyStudio, state: 9, at: "2025-07-01");
        (await GetAsync("deputy_issues_resolved_per_year", years)).Exact.ShouldBe(new IndicatorValue { Numerator = 3, Denominator = 2, Decimal = "2" });
    }

    [Fact]
    public async Task A_petition_of_resettled_workers_is_seen()
    {
        (await ValueAsync("resettlement_petitions")).ShouldBe(0);
        await CaseAsync(CaseChannel.Petition, state: 1, category: "worker_resettlement");
        (await ValueAsync("resettlement_petitions")).ShouldBe(1);
    }

    [Fact]
    public async Task A_grid_without_leader_or_worker_is_the_least_of_all()
    {
        (await ValueAsync("grid_leaders_per_grid")).ShouldBe(0);
        foreach (var grid in AllGrids)
        {
            (await ValueAsync("grid_workers_per_grid_min")).ShouldBe(0);
            await AppointAsync(grid, GridStaffRole.Leader, $"leader-{grid}");
            await AppointAsync(grid, GridStaffRole.Worker, $"worker-{grid}");
        }
        (await ValueAsync("grid_leaders_per_grid")).ShouldBe(1);
        (await ValueAsync("grid_leaders_per_grid_max")).ShouldBe(1);
        (await ValueAsync("grid_workers_per_grid_min")).ShouldBe(1);
        await AppointAsync(NextGrid, GridStaffRole.Worker, "second");
        (await ValueAsync("grid_workers_per_grid_min")).ShouldBe(1);
        (await ValueAsync("grid_workers_per_grid_min", NextGrid)).ShouldBe(2);
    }

    [Fact]
    public async Task Neighbours_are_counted_as_they_are_now()
    {
        var heads = await ValueAsync("neighbour_heads");
        var group = (await Staffing().SetUpNeighbourGroupAsync(new SetUpNeighbourGroupRequest
        {
            RequestId = NewId(),
            Territory = GridsFixture.Grid,
            Code = "F-1",
            Name = "邻里小组",
            Buildings = { "1号楼", "2号楼", "3号楼" },
            Heads = { new NeighbourHead { Subject = "head-1", PartyMember = true }, new NeighbourHead { Subject = "head-2", PartyMember = false } },
        })).Group;
        (await ValueAsync("neighbour_heads")).ShouldBe(heads + 1);
        var leader = await AppointAsync(GridsFixture.Grid, GridStaffRole.Worker, "squad-leader");
        var squad = (await Staffing().FormSquadAsync(new FormSquadRequest
        {
            RequestId = NewId(),
            Territory = GridsFixture.Grid,
            Name = "邻长小队",
            LeaderId = leader.Id,
            GroupIds = { group.Id },
        })).Squad;

        // Two days and the week they lie in: Monday and Tuesday.
        grids.Clock.Set(ServiceFixture.Morning.AddDays(1));
        await ExchangeAsync(squad.Id, ExchangeKind.Daily, "2026-03-09");
        (await ValueAsync("squad_exchanges_per_day", days: ("2026-03-09", "2026-03-09"))).ShouldBe(1);
        grids.Clock.Set(ServiceFixture.Morning.AddDays(8));
        (await ValueAsync("squad_exchanges_per_day", days: ("2026-03-09", "2026-03-10"))).ShouldBe(0);
        await ExchangeAsync(squad.Id, ExchangeKind.Daily, "2026-03-10");
        (await ValueAsync("squad_exchanges_per_day", days: ("2026-03-09", "2026-03-10"))).ShouldBe(1);
        (await ValueAsync("squad_meetings_per_week", days: ("2026-03-09", "2026-03-15"))).ShouldBe(0);
        await ExchangeAsync(squad.Id, ExchangeKind.Weekly, "2026-03-12");
        (await ValueAsync("squad_meetings_per_week", days: ("2026-03-09", "2026-03-15"))).ShouldBe(1);
        await Staffing().EndNeighbourHeadAsync(new EndNeighbourHeadRequest { RequestId = NewId(), GroupId = group.Id, HeadId = group.Heads[0].Id });
        (await ValueAsync("neighbour_heads")).ShouldBe(heads);
    }

    [Fact]
    public async Task Venues_and_deputies_are_counted_while_they_serve()
    {
        var (venues, deputies) = (await ValueAsync("neighbourhood_venues"), await ValueAsync("receiving_deputies"));
        var venue = (await Staffing().OpenVenueAsync(new OpenVenueRequest
        {
            RequestId = NewId(),
            Territory = GridsFixture.Grid,
            Code = "V-1",
            Name = "邻里阵地",
            Premises = VenuePremises.Community,
        })).Venue;
        (await ValueAsync("neighbourhood_venues")).ShouldBe(venues + 1);
        await Staffing().CloseVenueAsync(new CloseVenueRequest { RequestId = NewId(), VenueId = venue.Id });
        (await ValueAsync("neighbourhood_venues")).ShouldBe(venues);

        // A deputy of two studios is one deputy.
        foreach (var code in (string[])["S-1", "S-2"])
        {
            var studio = (await Staffing().OpenStudioAsync(
                new OpenStudioRequest { RequestId = NewId(), Territory = Community, Code = code, Name = "代表委员工作室" })).Studio;
            await Staffing().AssignDeputyAsync(
                new AssignDeputyRequest { RequestId = NewId(), StudioId = studio.Id, Subject = "deputy-1", Kind = DeputyKind.PeoplesDeputy });
        }
        (await ValueAsync("receiving_deputies")).ShouldBe(deputies + 1);
    }

    private V1.Staffing.StaffingClient Staffing() => new(grids.As("officer", City));

    private async Task<GridStaff> AppointAsync(string grid, GridStaffRole role, string subject) => (await Staffing().AppointStaffAsync(new AppointStaffRequest
    {
        RequestId = NewId(),
        Territory = grid,
        Role = role,
        Subject = subject,
        Name = "某某",
        Employment = StaffEmployment.FullTime,
    })).Staff;

    private async Task ExchangeAsync(string squad, ExchangeKind kind, string day) => await Staffing().RecordExchangeAsync(
        new RecordExchangeRequest { RequestId = NewId(), SquadId = squad, Kind = kind, Day = day, Attendance = 3 });

    private async Task CaseAsync(CaseChannel channel, int state, string at = "2026-03-01", string category = "")
    {
        await using var insert = grids.Database.CreateCommand($"""
            insert into cases (id, number, territory, holder, title, description, channel, reporter, state, category, result, answer,
                satisfaction, assess_by, policy_version, steps, reported_at, updated_at, version)
            values (gen_random_uuid(), -(random() * 1e15)::bigint, '{GridsFixture.Grid}', '{Community}', '数', '', {(int)channel}, 'r', {state}, '{category}', '', '',
                0, '{at}', 1, 1, '{at}', '{at}', 1)
            """);
        await insert.ExecuteNonQueryAsync();
    }

    private async Task<long> ValueAsync(string name, string territory = City, (string From, string Until)? days = null) =>
        (await GetAsync(name, days is var (from, until) ? new IndicatorPeriod { From = from, Until = until } : null, territory)).Value;

    private async Task<Indicator> GetAsync(string name, IndicatorPeriod? period, string territory = City) =>
        (await new Indicators.IndicatorsClient(grids.As("officer", City)).GetIndicatorsAsync(
            new GetIndicatorsRequest { Territory = territory, Names = { name }, Period = period })).Indicators.Single();
}
