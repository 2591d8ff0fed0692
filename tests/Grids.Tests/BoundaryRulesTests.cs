using System.Diagnostics;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Governance.Grids.Boundaries;
using Governance.Grids.V1;
using NetTopologySuite.Geometries;
using Shouldly;
using Xunit;
using Polygon = NetTopologySuite.Geometries.Polygon;

namespace Governance.Grids.Tests;

/// <summary>Areas, and what the check of a city's grids finds, without any server.</summary>
public sealed class BoundaryRulesTests
{
    private const string Community = GridsFixture.Community;
    private const double West = 116.8;
    private const double South = 33.9;
    private const double Side = 0.01;

    private static readonly GeometryFactory Factory = new(new PrecisionModel(), 4326);

    [Fact]
    public void A_hundredth_of_a_degree_has_the_square_metres_of_the_ellipsoid() =>
        // 1,109.207 m to the north and 924.875 m to the east.
        Ground.SquareMetresOf(Square(0, 0)).ShouldBe(1_025_877.6, 0.1);

    [Fact]
    public void What_two_areas_share_equals_the_area_of_their_overlay()
    {
        Prop.ForAll(Stars().ToArbitrary(), Stars().ToArbitrary(), (one, other) =>
        {
            var expected = Ground.SquareMetresOf(one.Intersection(other));
            Outline.SharedM2(new Outline(one), new Outline(other)).ShouldBe(expected, 0.05 + (expected * 3e-4));
            Outline.SharedM2(new Outline((Polygon)one.Reverse()), new Outline(other)).ShouldBe(expected, 0.05 + (expected * 3e-4));
            Outline.SharedM2(new Outline(one), new Outline(one)).ShouldBe(Ground.SquareMetresOf(one), 0.05);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));
    }

    [Fact]
    public void Neighbours_that_share_a_border_share_no_ground()
    {
        var outlines = new[] { Square(0, 0), Square(1, 0), Square(0, 1), Square(1, 1) }.Select(s => new Outline(s)).ToArray();
        foreach (var one in outlines)
            foreach (var other in outlines.Where(o => o != one))
                Outline.SharedM2(one, other).ShouldBe(0, 1e-6);
    }

    [Fact]
    public void Overlaps_are_found_within_a_kind_above_the_tolerance()
    {
        // 2 m and 1 cm east of where it should begin: about 2,200 and 11 square metres.
        var far = Rectangle(West + Side - 0.0000216, South, Side, Side);
        var near = Rectangle(West + Side - 0.000000108, South, Side, Side);

        var found = Check(Of("01", Square(0, 0)), Of("02", far)).Single().Overlap;

        (found.Code, found.OtherCode, found.Kind).ShouldBe((Community + "01", Community + "02", GridKind.Residential));
        found.AreaM2.ShouldBe(2216, 10);
        Check(Of("01", Square(0, 0)), Of("02", near)).ShouldBeEmpty();
        Check(Of("01", Square(0, 0)), Of("02", far, GridKind.Building)).ShouldBeEmpty();
        Report(5, Of("01", Square(0, 0)), Of("02", near)).SelectMany(m => m.Findings).ShouldHaveSingleItem();
    }

    [Fact]
    public void A_gap_is_a_hole_in_a_community_that_no_other_fills()
    {
        // Eight around an empty ninth.
        var ring = (from x in Enumerable.Range(0, 3) from y in Enumerable.Range(0, 3) where (x, y) != (1, 1) select Square(x, y))
            .Select((square, i) => Of($"{i + 1:00}", square)).ToArray();

        var gap = Check(ring).Single().Gap;

        gap.Community.ShouldBe(Community);
        gap.AreaM2.ShouldBe(Ground.SquareMetresOf(Square(1, 1)), 1);
        Square(1, 1).Contains(Factory.CreatePoint(new Coordinate(gap.Place.Longitude, gap.Place.Latitude))).ShouldBeTrue();
        Check([.. ring, Of("09", Square(1, 1), GridKind.Park)]).ShouldBeEmpty();
        var enclave = new GridOutline(GridsFixture.OtherCommunity + "01", GridKind.Residential, 400, new Outline(Square(1, 1)));
        Check([.. ring, enclave]).ShouldBeEmpty();
        // An island in the hole fills its part only, and touches none of the others.
        var island = Rectangle(West + (1.25 * Side), South + (1.25 * Side), Side / 2, Side / 2);
        var both = Check([.. ring, Of("09", island)]);
        both.Select(f => f.FindingCase).ShouldBe([GridFinding.FindingOneofCase.Gap, GridFinding.FindingOneofCase.Apart]);
        both[0].Gap.AreaM2.ShouldBe(gap.AreaM2 * 0.75, 10);
        both[1].Apart.Codes.ShouldBe([Community + "09"]);
        Check([.. ring.Where((_, i) => i is not 1)]).ShouldBeEmpty("it is open to the outside");
    }

    [Fact]
    public void Holes_between_areas_with_common_borders_are_those_of_their_union()
    {
        var (quick, withHoles) = (0, 0);
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            // A mesh of crooked cells, of which some are missing, some doubled, and some drawn a little off.
            var cells = (from x in Enumerable.Range(0, 6) from y in Enumerable.Range(0, 6) select Cell(x, y))
                .Where(_ => random.Next(8) > 0).ToList();
            if (seed % 3 is 1)
                cells[random.Next(cells.Count)] = Rectangle(West + (2 * Side), South + (3.3 * Side), Side, Side);
            if (seed % 3 is 2)
            {
                var boxes = cells.Select(c => c.EnvelopeInternal);
                cells = [.. boxes.Select(b => Rectangle(b.MinX, b.MinY, Side * (1 - (1e-5 * random.Next(3))), Side))];
            }

            var found = Coverage.HolesOf(cells.Select(c => new Outline(random.Next(2) is 0 ? c : (Polygon)c.Reverse())), 1e6);

            var union = Ground.UnionOf(cells, 1e6);
            var holes = Enumerable.Range(0, union.NumGeometries).SelectMany(i => ((Polygon)union.GetGeometryN(i)).Holes).ToList();
            if (found is null)
                continue;
            quick++;
            withHoles += found.Count > 0 ? 1 : 0;
            found.Count.ShouldBe(holes.Count, $"seed {seed}");
            // Where an edge passes a corner by less than a decimetre, a union moves it there.
            foreach (var (hole, other) in Ordered(found).Zip(Ordered(holes.Select(h => Factory.CreatePolygon(h)))))
                hole.ShouldBe(other, 200, $"seed {seed}");
        }
        quick.ShouldBeGreaterThan(20);
        withHoles.ShouldBeGreaterThan(10);

        static IEnumerable<double> Ordered(IEnumerable<Polygon> some) => some.Select(Ground.SquareMetresOf).Order();

        static Polygon Cell(int x, int y) => Factory.CreatePolygon([At(x, y), At(x + 1, y), At(x + 1, y + 1), At(x, y + 1), At(x, y)]);

        static Coordinate At(int x, int y) => new(West + ((x + Off(x, y)) * Side), South + ((y + Off(y, x)) * Side));

        static double Off(int one, int other) => 0.3 * Math.Sin((one * 12.9) + (other * 78.2));
    }

    [Theory]
    [InlineData(299, true)]
    [InlineData(300, false)]
    [InlineData(500, false)]
    [InlineData(501, true)]
    public void A_size_outside_the_policy_is_a_warning(int households, bool warned)
    {
        var grid = Of("01", Square(0, 0)) with { Households = households };
        var building = Of("02", Square(1, 0), GridKind.Building) with { Households = households };

        var sizes = Check(grid, building).Select(f => f.Size).ToList();

        sizes.Count.ShouldBe(warned ? 1 : 0);
        if (warned)
            sizes[0].ShouldBe(new GridSizeWarning
            {
                Code = grid.Code,
                Kind = GridKind.Residential,
                Households = households,
                MinHouseholds = 300,
                MaxHouseholds = 500,
                PolicyVersion = 7,
            });
    }

    [Fact]
    public void A_report_counts_what_it_tells_and_ends_at_its_limit()
    {
        // 200 grids on one another: 19,900 pairs.
        var heap = Enumerable.Range(0, 200).Select(i => Of($"{i:000}", Square(0, 0))).ToArray();

        var messages = Report(BoundaryCheck.DefaultToleranceM2, heap);

        messages.Sum(m => m.Findings.Count).ShouldBe(BoundaryCheck.MaxFindings);
        messages.ShouldAllBe(m => m.Findings.Count <= BoundaryCheck.MaxPerMessage);
        messages.SkipLast(1).ShouldAllBe(m => m.Summary == null);
        messages[^1].Summary.ShouldBe(new CheckSummary { Grids = 200, Overlaps = BoundaryCheck.MaxFindings, Truncated = true });
    }

    [Fact]
    public async Task GeoJSON_has_closed_rings_that_run_counter_clockwise_and_the_grid_s_facts()
    {
        var clockwise = (Polygon)Square(0, 0).Reverse();
        var grid = new Boundaries.Grid
        {
            Code = Community + "01",
            Name = "一号\"网格\"",
            Kind = GridKind.BusinessCircle,
            Area = clockwise,
            Households = 321,
            UpdatedAt = default,
            Version = 1,
            ValidFrom = default,
        };

        var pieces = new List<string>();
        await foreach (var piece in GridGeoJson.WriteAsync(Many(grid, 1000), TestContext.Current.CancellationToken))
            pieces.Add(piece);

        pieces.SkipLast(1).ShouldAllBe(p => p.Length < GridGeoJson.PieceBytes + 1000);
        pieces.Count.ShouldBeGreaterThan(5);
        using var document = JsonDocument.Parse(string.Concat(pieces));
        var features = document.RootElement.GetProperty("features");
        features.GetArrayLength().ShouldBe(1000);
        var feature = features[999];
        feature.GetProperty("type").GetString().ShouldBe("Feature");
        feature.GetProperty("properties").GetRawText().ShouldBe(
            $$"""{"code":"{{grid.Code}}","name":"一号\"网格\"","kind":"business_circle","households":321}""");
        feature.GetProperty("geometry").GetProperty("type").GetString().ShouldBe("Polygon");
        var ring = feature.GetProperty("geometry").GetProperty("coordinates")[0].EnumerateArray()
            .Select(c => new Coordinate(c[0].GetDouble(), c[1].GetDouble())).ToArray();
        ring[0].ShouldBe(ring[^1]);
        NetTopologySuite.Algorithm.Orientation.IsCCW(ring).ShouldBeTrue();
        Factory.CreatePolygon(ring).EqualsTopologically(clockwise).ShouldBeTrue();
    }

    [Fact]
    public void A_point_among_a_hundred_thousand_grids_is_found_in_under_a_millisecond()
    {
        const int across = 317;
        var map = new BoundaryMap([.. Enumerable.Range(0, across * across).Select(
            n => ($"{n:000000}", GridKind.Residential, Square(n % across, n / across)))]);
        var random = new Random(1);
        var times = new List<double>();
        for (var i = 0; i < 5000; i++)
        {
            var (x, y) = (random.Next(across), random.Next(across));
            var from = Stopwatch.GetTimestamp();
            var held = map.Holding(new Coordinate(West + ((x + 0.5) * Side), South + ((y + 0.5) * Side)));
            times.Add(Stopwatch.GetElapsedTime(from).TotalMilliseconds);
            held.ShouldBe([($"{(y * across) + x:000000}", GridKind.Residential)]);
        }
        // The median: other programs of the machine take some lookups' time.
        times.Order().ElementAt(times.Count / 2).ShouldBeLessThan(1);
    }

    [Fact]
    public void Of_kinds_that_share_ground_the_policy_s_first_one_has_the_point()
    {
        (string, GridKind)[] held =
            [("01", GridKind.Park), ("03", GridKind.Residential), ("02", GridKind.Residential), ("00", GridKind.Office)];
        GridLocator.First(held, []).ShouldBe("02");
        GridLocator.First(held, [GridKind.Office]).ShouldBe("00");
        GridLocator.First(held, [GridKind.BusinessCircle, GridKind.Park, GridKind.Residential]).ShouldBe("01");
    }

    [Fact]
    public void Parts_of_a_community_that_touch_no_other_are_told_but_the_largest()
    {
        // Two beside each other, one of another kind upon them, and two alone: the last is smaller, and no sliver.
        var alone = Rectangle(West + (5 * Side), South, Side / 2, Side);
        var findings = Check(
            Of("01", Square(0, 0)), Of("02", Square(1, 0)), Of("03", Square(3, 0)), Of("04", alone),
            Of("05", Rectangle(West, South, Side / 2, Side / 2), GridKind.Park));

        findings.Select(f => f.Apart.Codes).ShouldBe([[Community + "03"], [Community + "04"]]);
        findings.Select(f => f.Apart.Community).Distinct().ShouldBe([Community]);
        findings[1].Apart.AreaM2.ShouldBe(Ground.SquareMetresOf(alone), 1);
        var place = findings[1].Apart.Place;
        alone.Contains(Factory.CreatePoint(new Coordinate(place.Longitude, place.Latitude))).ShouldBeTrue();
        // Borders that meet, whether they are drawn through the same points or not, part nothing.
        var lower = Rectangle(West + (2 * Side), South, Side, Side / 3);
        Check(Of("01", Square(0, 0)), Of("02", Square(1, 0)), Of("03", lower)).ShouldBeEmpty();
    }

    private static async IAsyncEnumerable<Boundaries.Grid> Many(Boundaries.Grid grid, int count)
    {
        for (var i = 0; i < count; i++)
        {
            await Task.Yield();
            yield return grid;
        }
    }

    private static List<GridFinding> Check(params GridOutline[] grids) =>
        [.. Report(BoundaryCheck.DefaultToleranceM2, grids).SelectMany(m => m.Findings)];

    private static List<CheckBoundariesResponse> Report(double toleranceM2, params GridOutline[] grids)
    {
        var policy = new Policy
        {
            City = GridsFixture.City,
            Version = 7,
            Grids = new GridPolicy { Sizes = { new GridSize { Kind = GridKind.Residential, MinHouseholds = 300, MaxHouseholds = 500 } } },
        };
        var sizes = new Dictionary<string, Policy> { [GridsFixture.City] = policy };
        return [.. new BoundaryCheck(grids, sizes, toleranceM2, TestContext.Current.CancellationToken).Report()];
    }

    private static GridOutline Of(string sequence, Polygon area, GridKind kind = GridKind.Residential) =>
        new(Community + sequence, kind, 400, new Outline(area));

    private static Polygon Square(int x, int y) => Rectangle(West + (x * Side), South + (y * Side), Side, Side);

    private static Polygon Rectangle(double west, double south, double width, double height) => Factory.CreatePolygon(
    [
        new(west, south), new(west + width, south), new(west + width, south + height), new(west, south + height), new(west, south),
    ]);

    /// <summary>Rings of 3 to 40 corners around a centre, which never cross themselves, and are seldom convex.</summary>
    private static Gen<Polygon> Stars() =>
        from seed in Gen.Choose(0, int.MaxValue)
        select StarOf(new Random(seed));

    private static Polygon StarOf(Random random)
    {
        var corners = random.Next(3, 41);
        var (x, y) = (West + (random.NextDouble() * Side), South + (random.NextDouble() * Side));
        var ring = new Coordinate[corners + 1];
        for (var i = 0; i < corners; i++)
        {
            var angle = 2 * Math.PI * (i + (random.NextDouble() * 0.9)) / corners;
            var radius = Side * (0.1 + random.NextDouble());
            ring[i] = new Coordinate(x + (radius * Math.Cos(angle)), y + (radius * Math.Sin(angle)));
        }
        ring[corners] = ring[0];
        return Factory.CreatePolygon(ring);
    }
}
