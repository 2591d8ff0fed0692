using Google.Protobuf;
using Governance.Grids.V1;
using Governance.Organisations.V1;
using Governance.Properties.V1;
using Shouldly;
using Xunit;

namespace Governance.Cli.Tests;

public sealed class ExpansionTests : IDisposable
{
    private readonly SmallPack pack = new();

    public void Dispose() => pack.Dispose();

    [Fact]
    public void Every_row_of_the_pack_is_there()
    {
        var rows = pack.Expand();

        rows.City.ShouldBe("3499");
        rows.Policies.Count.ShouldBe(4);
        rows.Organisations.Count.ShouldBe(3 + 2 + 5 + 5 + 2);
        rows.Grids.Count.ShouldBe(3 + 2);
        rows.Teams.Count.ShouldBe(1 + 7);
        rows.Estates.Count.ShouldBe(2 * 3);
    }

    [Fact]
    public void Same_pack_gives_the_same_bytes_in_the_same_order()
    {
        static byte[] Bytes(SmallPack pack)
        {
            var rows = pack.Expand();
            IEnumerable<IMessage> all =
                [.. rows.Policies, .. rows.Organisations, .. rows.Grids, .. rows.Teams, .. rows.Estates.Select(seed => seed.Row)];
            return [.. all.SelectMany(row => row.ToByteArray())];
        }

        using var again = new SmallPack();

        Bytes(again).ShouldBe(Bytes(pack));
    }

    [Fact]
    public void Grids_fill_their_community_from_west_to_east()
    {
        var grids = pack.Expand().Grids.Where(grid => grid.Code.StartsWith("349901001001", StringComparison.Ordinal)).ToList();

        grids.Select(grid => grid.Code).ShouldBe(["34990100100101", "34990100100102", "34990100100103"]);
        grids[0].Boundary.Points[0].Longitude.ShouldBe(116.70);
        grids[2].Boundary.Points[1].Longitude.ShouldBe(116.75);
        for (var index = 1; index < grids.Count; index++)
            grids[index].Boundary.Points[0].Longitude.ShouldBe(grids[index - 1].Boundary.Points[1].Longitude);
        grids.Sum(grid => grid.Households).ShouldBe(1000);
        grids.ShouldAllBe(grid => grid.Kind == GridKind.Residential);
    }

    [Fact]
    public void Generated_organisations_find_their_superior_in_their_territory_or_around_it()
    {
        var rows = pack.Expand().Organisations.ToDictionary(row => row.Code);

        rows["S-SQ-02"].ParentCode.ShouldBe("S-JD");
        rows["S-WG-003"].ParentCode.ShouldBe("S-SQ-01");
        rows["S-WG-004"].ParentCode.ShouldBe("S-SQ-02");
        rows["S-WY-1"].ParentCode.ShouldBeEmpty();
    }

    [Fact]
    public void Counted_rows_are_spread_evenly_in_code_order()
    {
        var units = pack.Expand().Organisations.Where(row => row.Kind == OrganisationKind.ResidentUnit);

        units.Select(row => row.Territory).ShouldBe(
            ["349901001001", "349901001001", "349901001001", "349901001002", "349901001002"]);
    }

    [Fact]
    public void Parents_stand_before_their_children_also_when_the_pack_names_them_later()
    {
        pack.Replace("city.yaml", "parent: S-SW, responds_to", "parent: S-JD, responds_to");

        var codes = pack.Expand().Organisations.Select(row => row.Code).ToList();

        codes.IndexOf("S-JD").ShouldBeLessThan(codes.IndexOf("S-CG"));
    }

    [Fact]
    public void Teams_have_skills_in_turn_and_people_marked_as_examples()
    {
        var teams = pack.Expand().Teams.Where(team => team.Code != "S-VT-X").ToList();

        teams.Select(team => team.Skills.Single()).ShouldBe(["repair", "patrol", "repair", "patrol", "repair", "patrol", "repair"]);
        teams[0].Name.ShouldBe("东社区服务队1（示例）");
        teams[0].Members.Select(member => member.Number).ShouldBe(["S-VT-001-1", "S-VT-001-2"]);
        teams[0].Members.Count(member => member.Leader).ShouldBe(1);
        teams.SelectMany(team => team.Members).ShouldAllBe(member => member.Name.EndsWith("（示例）"));
    }

    [Fact]
    public void Estates_lie_within_their_grid_and_apart_from_each_other()
    {
        var rows = pack.Expand();
        foreach (var estate in rows.Estates.Select(seed => seed.Row))
        {
            var grid = rows.Grids.Single(grid => grid.Code == estate.Territory).Boundary.Points;
            estate.Boundary.Points.ShouldAllBe(corner =>
                corner.Longitude > grid[0].Longitude && corner.Longitude < grid[2].Longitude
                && corner.Latitude > grid[0].Latitude && corner.Latitude < grid[2].Latitude);
        }

        var areas = rows.Estates.Select(seed => seed.Row.Boundary.Points)
            .Select(ring => new Pack.Area(ring[0].Longitude, ring[0].Latitude, ring[2].Longitude, ring[2].Latitude)).ToList();
        areas.SelectMany((one, index) => areas.Skip(index + 1).Select(other => one.Overlaps(other))).ShouldAllBe(overlaps => !overlaps);
    }

    [Fact]
    public void Estates_have_their_modes_and_companies_in_turn()
    {
        var estates = pack.Expand().Estates;

        estates.Select(seed => seed.CompanyCode).ShouldBe(["S-WY-1", "S-WY-2", "", "S-WY-1", "S-WY-2", ""]);
        estates[2].Row.Mode.ShouldBe(ManagementMode.SelfManaged);
        estates[0].Row.CompanyName.ShouldBe("物业1（示例）");
    }

    [Fact]
    public void Policies_carry_their_limits_and_hours()
    {
        var policies = pack.Expand().Policies;

        var cases = policies.Single(policy => policy.Cases is not null);
        cases.City.ShouldBe("3499");
        cases.EffectiveFrom.ShouldBe("2025-01-01");
        cases.Cases.AnswerWithin.ShouldBe(new TimeLimit { Amount = 1, Unit = TimeUnit.WorkDays });
        cases.Cases.Categories[0].HandleWithin.ShouldBe(new TimeLimit { Amount = 4, Unit = TimeUnit.WorkHours });
        policies.Single(policy => policy.WorkingHours is not null).WorkingHours.Spans.Select(span => (span.FromMinute, span.ToMinute))
            .ShouldBe([(510, 720), (840, 1050)]);
        policies.Single(policy => policy.WorkingHours is not null).WorkingHours.Seasons.ShouldBeEmpty();
        policies.Single(policy => policy.Holidays is not null).EffectiveFrom.ShouldBe("2026-01-01");
        policies.Single(policy => policy.Holidays is not null).Holidays.Provisional.ShouldBeFalse();
    }

    [Fact]
    public void A_year_whose_notice_is_not_out_is_provisional()
    {
        pack.Replace("holidays/2026.yaml", "year: 2026", "year: 2026\nprovisional: true");

        pack.Expand().Policies.Single(policy => policy.Holidays is not null).Holidays.Provisional.ShouldBeTrue();
    }
}
