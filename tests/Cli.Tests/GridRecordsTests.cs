using System.Text.Json.Nodes;
using Google.Protobuf;
using Governance.Grids.V1;
using Shouldly;
using Xunit;

namespace Governance.Cli.Tests;

/// <summary>Families of grid records in a pack: staff, neighbour groups, squads, venues, studios, councils, deliberations.</summary>
public sealed class GridRecordsTests : IDisposable
{
    private const string Families =
        """
        staff: { leaders_per_grid: 1, workers_per_grid: 2, from: 2020-01-01 }
        neighbour_groups: { count: 12, code: "S-LL-{n:00}", name: "{grid}小组{n}（示例）", buildings: [3, 4, 5], heads: 1 }
        squads:
          code: "S-XD-{n:00}"
          name: "{grid}小队（示例）"
          formed_on: 2021-01-01
          exchanges: { from: 2021-03-01, until: 2021-03-15 }
        venues: { count: 5, code: "S-ZD-{n}", name: "{community}阵地{n}（示例）", premises: [community, unit] }
        studios: { code: "S-GZS-{n}", name: "{community}工作室（示例）", deputies: 7, kinds: [congress_delegate, cppcc_member] }
        councils:
          - { count: 4, territory: grid, name: "{grid}议事会（示例）", members: 3, concurrent_heads: 3, concurrent_source: 虚构,
              from: 2025-01-01, until: 2027-12-31 }
          - { territory: community, within: "349901001002", name: "{community}议事会（示例）", members: 2, from: 2025-01-01, until: 2027-12-31 }
        deliberations:
          count: 3
          within: "349901001002"
          title: "{community}议事第{n}场（示例）"
          form: party_and_residents
          parties: [社区党组织]
          summary: 虚构
          from: 2023-01-01
          until: 2024-01-01

        """;

    private readonly SmallPack pack = new();

    public GridRecordsTests() => pack.Write("city.yaml", SmallPack.City + Families);

    public void Dispose() => pack.Dispose();

    [Fact]
    public void Every_grid_has_its_staff_and_a_squad_of_all_its_groups()
    {
        var rows = pack.Expand();
        var records = rows.Records;

        records.Staff.Count.ShouldBe(5 * 3);
        records.Staff.CountBy(post => (post.Territory, post.Role))
            .ShouldAllBe(some => some.Value == (some.Key.Role == GridStaffRole.Leader ? 1 : 2));
        records.Staff.ShouldAllBe(post => post.Name.EndsWith("（示例）"));
        records.Groups.Count.ShouldBe(12);
        records.Groups.Select(group => group.Buildings.Count).Take(4).ShouldBe([3, 4, 5, 3]);
        foreach (var grid in records.Groups.GroupBy(group => group.Territory))
            grid.SelectMany(group => group.Buildings).ShouldBeUnique();
        records.Squads.Select(squad => squad.Territory).ShouldBe(rows.Grids.Select(grid => grid.Code));
        records.Squads.SelectMany(squad => squad.GroupCodes).ShouldBe(records.Groups.Select(group => group.Code));
        records.Squads.ShouldAllBe(squad => records.Staff.Any(post =>
            post.Subject == squad.LeaderSubject && post.Territory == squad.Territory && post.Role == GridStaffRole.Worker));
    }

    [Fact]
    public void Squads_exchange_every_day_and_confer_on_every_friday_of_their_days()
    {
        var exchanges = pack.Expand().Records.Exchanges;

        exchanges.Count(row => row.Kind == ExchangeKind.Daily).ShouldBe(5 * 14);
        exchanges.Where(row => row.Kind == ExchangeKind.Weekly).Select(row => row.Day).Distinct().ShouldBe(["2021-03-05", "2021-03-12"]);
        exchanges.Min(row => row.Day).ShouldBe("2021-03-01");
        exchanges.Max(row => row.Day).ShouldBe("2021-03-14");
        exchanges.Sum(row => row.Kind == ExchangeKind.Daily ? row.Attendance : 0).ShouldBe(14 * (12 + 5));
    }

    [Fact]
    public void Venues_studios_councils_and_deliberations_are_dealt_out_over_their_territories()
    {
        var records = pack.Expand().Records;

        records.Venues.Select(venue => venue.Premises).ShouldBe(
            [VenuePremises.Community, VenuePremises.Unit, VenuePremises.Community, VenuePremises.Unit, VenuePremises.Community]);
        records.Studios.Select(studio => studio.Deputies.Count).ShouldBe([3, 4]);
        records.Studios.SelectMany(studio => studio.Deputies).Select(deputy => deputy.Subject).ShouldBeUnique();
        records.Councils.Select(council => council.ConcurrentHead).ShouldBe(
            [ConcurrentHead.No, ConcurrentHead.Yes, ConcurrentHead.Yes, ConcurrentHead.Yes, ConcurrentHead.Unspecified]);
        records.Councils.ShouldAllBe(council => council.Members.Count(member => member.Seat == CouncilSeat.Head) == 1);
        records.Councils.Select(council => council.Territory).ShouldBeUnique();
        records.Deliberations.Select(held => (held.Territory, held.HeldOn)).ShouldBe(
            [("349901001002", "2023-01-01"), ("349901001002", "2023-05-02"), ("349901001002", "2023-09-01")]);
        records.Deliberations.Select(held => held.Title).ShouldBeUnique();
    }

    [Fact]
    public void Communities_of_a_subdistrict_are_generated_apart_within_its_area_and_kinds_of_subdistricts_are_told_apart()
    {
        pack.Replace("city.yaml", "organisations:\n", """
                  - { code: "349901002", name: 二街道, kind: subdistrict,
                      generated: { count: 7, area: [117.0, 33.9, 117.1, 34.0], name: "{district}{subdistrict}第{n}社区（示例）",
                                   grids: 2, households: 900 } }
                  - { code: "349901100", name: 三镇, kind: town }
            organisations:

            """);
        pack.Replace("city.yaml", "generated:\n  - { kind: community,", """
            generated:
              - { kind: subdistrict, territory: subdistrict, within: "349901002", code: "S-JD-{n}", name: "{subdistrict}", parent: S-SW }
              - { kind: greater_working_committee, territory: subdistrict, only: subdistrict, code: "S-DG-{n}",
                  name: "{subdistrict}大工委", parent: S-SW }
              - { kind: community,
            """);
        var rows = pack.Expand();

        var grids = rows.Grids.Where(grid => grid.Code.StartsWith("349901002")).ToList();
        grids.Select(grid => grid.Code[..12]).Distinct().ShouldBe(Enumerable.Range(901, 7).Select(number => $"349901002{number}"));
        grids.ShouldAllBe(grid => grid.Name.StartsWith("甲区二街道第"));
        var areas = grids.ConvertAll(grid => grid.Boundary.Points)
            .ConvertAll(ring => new Pack.Area(ring[0].Longitude, ring[0].Latitude, ring[2].Longitude, ring[2].Latitude));
        areas.SelectMany((one, index) => areas.Skip(index + 1).Select(other => one.Overlaps(other))).ShouldAllBe(overlaps => !overlaps);
        areas.ShouldAllBe(area => new Pack.Area(117.0, 33.9, 117.1, 34.0).Contains(area));
        rows.Organisations.Where(row => row.Code.StartsWith("S-DG-")).Select(row => row.Territory).ShouldBe(["349901001", "349901002"]);
    }

    [Theory]
    [InlineData("workers_per_grid: 2", "workers_per_grid: 0", "squads are made of 'neighbour_groups' and led by workers of 'staff'")]
    [InlineData("formed_on: 2021-01-01", "formed_on: 2021-03-02", "a squad exchanges from the day on which it was formed")]
    [InlineData("premises: [community, unit]", "premises: []", "'premises' is empty")]
    [InlineData("premises: [community, unit]", "premises: [moon]", "'premises' is 'moon'")]
    [InlineData("concurrent_heads: 3", "concurrent_heads: 5", "there are 4 councils")]
    [InlineData("concurrent_source: 虚构,", "", "'concurrent_source' is missing")]
    [InlineData(
        "count: 3\n  within: \"349901001002\"", "count: 3\n  within: \"349901001001\"", "349901001001 has no council that could deliberate")]
    [InlineData("count: 3\n  within: \"349901001002\"", "count: 3\n  within: \"349902\"", "'349902' is no territory of this pack")]
    [InlineData("buildings: [3, 4, 5]", "buildings: [3, 400]", "'400' is not a number of buildings")]
    [InlineData("S-LL-{n:00}", "S-LL", "the neighbour group's code 'S-LL' is there twice")]
    [InlineData("territory: community, within: \"349901001002\"", "territory: grid, within: \"349901001002\"", "has a council from")]
    public void Every_slip_is_named(string right, string wrong, string problem)
    {
        pack.Replace("city.yaml", right, wrong);

        pack.Problems().ShouldContain(told => told.StartsWith("city.yaml:") && told.Contains(problem));
    }

    [Fact]
    public async Task Families_are_sent_after_what_they_name_and_a_second_load_changes_nothing()
    {
        pack.Replace("city.yaml", "count: 5, code: \"S-RU", "count: 4, code: \"S-RU");
        await using var stack = await FakeStack.StartAsync();

        var first = await Run.GovAsync(pack.Root, stack.Variables, "seed", "load", "small", "--json");
        var second = await Run.GovAsync(pack.Root, stack.Variables, "seed", "load", "small", "--json");

        first.ExitCode.ShouldBe(ExitCodes.Done, first.Error);
        (string, int)[] families =
        [
            ("staff", 15), ("neighbour_groups", 12), ("squads", 5), ("exchanges", 80),
            ("venues", 5), ("studios", 2), ("councils", 5), ("deliberations", 3),
        ];
        families.Select(family => (family.Item1, Of(first, family.Item1, "created"))).ShouldBe(families);
        families.Select(family => (family.Item1, Of(second, family.Item1, "unchanged"))).ShouldBe(families);
        var order = stack.Seen.Order.Distinct().ToList();
        order.IndexOf("squads").ShouldBeGreaterThan(Math.Max(order.IndexOf("staff"), order.IndexOf("groups")));
        order.IndexOf("exchanges").ShouldBeGreaterThan(order.IndexOf("squads"));
        Math.Min(order.IndexOf("staff"), order.IndexOf("councils")).ShouldBeGreaterThan(order.IndexOf("grids"));
    }

    [Fact]
    public void Same_pack_gives_the_same_records()
    {
        static byte[] Bytes(SmallPack pack)
        {
            var records = pack.Expand().Records;
            IEnumerable<IMessage> all =
            [
                .. records.Staff, .. records.Groups, .. records.Squads, .. records.Exchanges,
                .. records.Venues, .. records.Studios, .. records.Councils,
            ];
            return [.. all.SelectMany(row => row.ToByteArray())];
        }

        using var again = new SmallPack();
        again.Write("city.yaml", SmallPack.City + Families);

        Bytes(again).ShouldBe(Bytes(pack));
    }

    private static int Of(Run run, string kind, string what) =>
        int.Parse(JsonNode.Parse(run.Out)!["loaded"]![kind]![what]!.GetValue<string>());
}
