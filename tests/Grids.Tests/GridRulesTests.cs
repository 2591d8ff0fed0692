using Governance.Grids.Boundaries;
using Governance.Grids.V1;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Geography;
using Governance.TestKit;
using NetTopologySuite.Geometries;
using NetTopologySuite.Operation.Overlay;
using NetTopologySuite.Operation.OverlayNG;
using Shouldly;
using Xunit;
using Grid = Governance.Grids.Boundaries.Grid;
using Polygon = NetTopologySuite.Geometries.Polygon;

namespace Governance.Grids.Tests;

/// <summary>The rules of redrawing: over random histories, and each refusal by itself.</summary>
public sealed class GridRulesTests
{
    private const int Histories = 50;
    private const int StepsPerHistory = 16;
    private const double Side = 0.01;

    private static readonly GeometryFactory Factory = new(new PrecisionModel(), 4326);
    private static readonly DateTimeOffset Now = ServiceFixture.Morning;

    [Fact]
    public void Whatever_is_redrawn_the_ground_stays_divided_and_every_code_leads_to_those_in_force()
    {
        var done = new Dictionary<GridChangeKind, int>();
        for (var seed = 0; seed < Histories; seed++)
        {
            var random = new Random(seed);
            var world = new World();
            for (var i = 0; i < StepsPerHistory; i++)
            {
                var outcome = Step(world, random, Now.AddDays(i));
                if (outcome?.Refusal is { } refusal)
                    refusal.Definition.ShouldBe(BoundaryErrors.Apart, $"seed {seed}: {refusal}");
                else if (outcome is { } redraw)
                {
                    world.Apply(redraw.OrRefuse());
                    world.Check(seed);
                    done[redraw.OrRefuse().Change] = done.GetValueOrDefault(redraw.OrRefuse().Change) + 1;
                }
            }
        }
        // A third of all steps each, of which merges often meet grids that are apart.
        done[GridChangeKind.Split].ShouldBeGreaterThan(Histories);
        done[GridChangeKind.Merged].ShouldBeGreaterThan(Histories);
        done[GridChangeKind.Recoded].ShouldBeGreaterThan(Histories);
    }

    [Fact]
    public void A_merge_is_the_union_with_the_households_of_all()
    {
        var redraw = GridRules.Merge([Old("01", 0), Old("02", 1)], Code("09"), "并", null, Now).OrRefuse();

        var made = redraw.Made.ShouldHaveSingleItem();
        made.Households.ShouldBe(800);
        made.Area.EqualsTopologically(Strip(0, 2)).ShouldBeTrue();
        (made.Version, made.ValidFrom, made.ValidTo).ShouldBe((1, Now, null));
        redraw.Ended.ShouldAllBe(g => g.ValidTo == Now && g.Version == 2 && g.Successors.Single() == Code("09"));
    }

    [Fact]
    public void Grids_whose_borders_do_not_meet_merge_into_a_boundary_that_is_given()
    {
        // A slit of ten centimetres, a hundred square metres: less than may be beyond only if it were a fifth of that.
        var slit = Old("02", 0) with { Area = Rectangle(116.8 + Side + 0.000000108, Side) };

        Refused(GridRules.Merge([Old("01", 0), slit], Code("09"), "并", null, Now)).ShouldBe(BoundaryErrors.Apart);

        var whole = Areas.ToMessage(Rectangle(116.8, (2 * Side) + 0.000000108));
        GridRules.Merge([Old("01", 0), slit], Code("09"), "并", whole, Now).OrRefuse().Made.ShouldHaveSingleItem();
        var larger = Areas.ToMessage(Strip(0, 3));
        Refused(GridRules.Merge([Old("01", 0), slit], Code("09"), "并", larger, Now)).ShouldBe(BoundaryErrors.AreaDiffers);
    }

    [Fact]
    public void A_merge_that_encloses_a_hole_is_refused()
    {
        Grid[] ring = [.. from x in Enumerable.Range(0, 3) from y in Enumerable.Range(0, 3) where (x, y) != (1, 1)
            select Old($"{x}{y}", 0) with { Area = Square(x, y) }];
        Refused(GridRules.Merge(ring, Code("99"), "并", null, Now)).ShouldBe(BoundaryErrors.Apart);
    }

    [Fact]
    public void Parts_must_have_the_whole_area_and_nothing_else()
    {
        var old = Old("01", 0);
        // A strip is left out, and one lies beyond.
        Refused(GridRules.Split(old, [Part("02", 0, 0.5), Part("03", 0.6, 1)], Now)).ShouldBe(BoundaryErrors.AreaDiffers);
        Refused(GridRules.Split(old, [Part("02", 0, 0.5), Part("03", 0.5, 1.1)], Now)).ShouldBe(BoundaryErrors.AreaDiffers);
        Refused(GridRules.Split(old, [Part("02", 0, 0.6), Part("03", 0.5, 1)], Now)).ShouldBe(BoundaryErrors.Overlaps);
        Refused(GridRules.Split(old, [Part("02", 0, 1)], Now)).ShouldBe(BoundaryErrors.TooFew);
        Refused(GridRules.Split(old, [Part("02", 0, 0.5), Part("02", 0.5, 1)], Now)).ShouldBe(BoundaryErrors.CodeTaken);
        // A centimetre of border, eleven square metres, is a matter of drawing.
        GridRules.Split(old, [Part("02", 0, 0.5), Part("03", 0.5 + 1e-5, 1)], Now).Refusal.ShouldBeNull();
        // Of another kind it may lie in the other part.
        var building = Part("03", 0.2, 0.4);
        building.Kind = GridKind.Building;
        GridRules.Split(old, [Part("02", 0, 1), building], Now).Refusal.ShouldBeNull();
    }

    [Fact]
    public void A_part_that_crosses_itself_or_has_no_grid_code_is_told_with_its_field()
    {
        var crossed = Part("02", 0, 0.5);
        (crossed.Boundary.Points[2], crossed.Boundary.Points[3]) = (crossed.Boundary.Points[3], crossed.Boundary.Points[2]);
        var named = Part("03", 0.5, 1);
        named.Code = GridsFixture.Community;

        var refusal = GridRules.Split(Old("01", 0), [crossed, named], Now).Refusal!;

        refusal.Violations.Select(v => $"{v.Field} {v.Definition.Reason}").ShouldBe(
            ["parts[0].boundary POLYGON_INVALID", "parts[1].code GRID_CODE_INVALID"]);
    }

    [Fact]
    public void What_is_cut_or_put_together_stays_in_its_community_and_what_is_recoded_in_its_city()
    {
        var foreign = Part("03", 0.5, 1);
        foreign.Code = GridsFixture.OtherCommunity + "03";
        Refused(GridRules.Split(Old("01", 0), [Part("02", 0, 0.5), foreign], Now)).ShouldBe(BoundaryErrors.CommunityDiffers);
        var next = Old("01", 1) with { Code = GridsFixture.OtherCommunity + "01" };
        Refused(GridRules.Merge([Old("01", 0), next], Code("09"), "并", null, Now)).ShouldBe(BoundaryErrors.CommunityDiffers);
        GridRules.Recode(Old("01", 0), GridsFixture.OtherCommunity + "77", Now).OrRefuse().Made.Single().Area.ShouldBe(Old("01", 0).Area);
        Refused(GridRules.Recode(Old("01", 0), "34040200100101", Now)).ShouldBe(BoundaryErrors.CommunityDiffers);
        GridRules.Recode(Old("01", 0), GridsFixture.Community, Now).Refusal!.Violations.Single().Field.ShouldBe("new_code");
    }

    [Fact]
    public void Only_grids_of_one_kind_each_once_are_merged()
    {
        var park = Old("02", 1) with { Kind = GridKind.Park };
        Refused(GridRules.Merge([Old("01", 0), park], Code("09"), "并", null, Now)).ShouldBe(BoundaryErrors.KindsDiffer);
        Refused(GridRules.Merge([Old("01", 0), Old("01", 0)], Code("09"), "并", null, Now)).ShouldBe(BoundaryErrors.TooFew);
    }

    [Fact]
    public void A_grid_that_has_ended_is_not_redrawn_and_its_successors_are_told()
    {
        var ended = Old("01", 0) with { ValidTo = Now, Successors = [Code("02"), Code("03")] };
        var refusal = GridRules.Recode(ended, Code("04"), Now).Refusal!;
        refusal.Definition.ShouldBe(BoundaryErrors.Ended);
        refusal.Metadata["successors"].Value.ShouldBe($"{Code("02")}, {Code("03")}");
    }

    [Fact]
    public void A_redraw_is_held_against_what_lies_around_it()
    {
        var redraw = GridRules.Split(Old("01", 0), [Part("02", 0, 0.5), Part("03", 0.5, 1)], Now).OrRefuse();
        var intruder = Old("08", 0) with { Area = Rectangle(116.8 + (0.9 * Side), Side) };

        Refused(GridRules.Admit(redraw, [Code("03")], [])).ShouldBe(BoundaryErrors.CodeTaken);
        Refused(GridRules.Admit(redraw, [], [Old("09", 1), intruder])).ShouldBe(BoundaryErrors.Overlaps);
        GridRules.Admit(redraw, [], [Old("09", 1), intruder with { Kind = GridKind.Office }]).Refusal.ShouldBeNull();
        var recoded = GridRules.Recode(Old("01", 0), Code("02"), Now).OrRefuse();
        GridRules.Admit(recoded, [], [intruder]).Refusal.ShouldBeNull("its area is not new");
    }

    private static Outcome<Redraw>? Step(World world, Random random, DateTimeOffset now)
    {
        var inForce = world.InForce.ToArray();
        var one = inForce[random.Next(inForce.Length)];
        switch (random.Next(3))
        {
            case 0 when Cut(one.Area, random) is { } parts:
                return world.Admit(GridRules.Split(
                    one, [Row(world.NextCode(), parts.One), Row(world.NextCode(), parts.Other)], now));
            case 1:
                var other = inForce[random.Next(inForce.Length)];
                if (other == one)
                    return null;
                return world.Admit(GridRules.Merge([one, other], world.NextCode(), "并", null, now));
            default:
                return world.Admit(GridRules.Recode(one, world.NextCode(), now));
        }
    }

    // By a line through it in any direction; null when more than two pieces come off.
    private static (Polygon One, Polygon Other)? Cut(Polygon area, Random random)
    {
        var (middle, angle) = (area.InteriorPoint.Coordinate, random.NextDouble() * 2 * Math.PI);
        var (x, y) = (Math.Cos(angle), Math.Sin(angle));
        var half = Factory.CreatePolygon(
        [
            new(middle.X - x, middle.Y - y), new(middle.X + x, middle.Y + y), new(middle.X + x - y, middle.Y + y + x),
            new(middle.X - x - y, middle.Y - y + x), new(middle.X - x, middle.Y - y),
        ]);
        return OverlayNGRobust.Overlay(area, half, SpatialFunction.Intersection) is Polygon { NumInteriorRings: 0 } one
            && OverlayNGRobust.Overlay(area, half, SpatialFunction.Difference) is Polygon { NumInteriorRings: 0 } other
            ? (one, other)
            : null;
    }

    private static ErrorDefinition Refused(Outcome<Redraw> outcome) => outcome.Refusal.ShouldNotBeNull().Definition;

    private static string Code(string sequence) => GridsFixture.Community + sequence;

    private static Grid Old(string sequence, int x) => new()
    {
        Code = Code(sequence),
        Name = sequence,
        Kind = GridKind.Residential,
        Area = Square(x, 0),
        Households = 400,
        UpdatedAt = Now.AddYears(-1),
        Version = 1,
        ValidFrom = Now.AddYears(-1),
    };

    /// <summary>A part of the first square, from one share of its width to another.</summary>
    private static GridRow Part(string sequence, double from, double to) =>
        Row(Code(sequence), Rectangle(116.8 + (from * Side), (to - from) * Side));

    private static GridRow Row(string code, Polygon area) =>
        new() { Code = code, Name = code, Kind = GridKind.Residential, Households = 200, Boundary = Areas.ToMessage(area) };

    private static Polygon Square(int x, int y) => Box(116.8 + (x * Side), 33.9 + (y * Side), Side, Side);

    private static Polygon Strip(int from, int to) => Box(116.8 + (from * Side), 33.9, (to - from) * Side, Side);

    private static Polygon Rectangle(double west, double width) => Box(west, 33.9, width, Side);

    private static Polygon Box(double west, double south, double width, double height) => Factory.CreatePolygon(
    [
        new(west, south), new(west + width, south), new(west + width, south + height), new(west, south + height), new(west, south),
    ]);

    /// <summary>Every grid that ever was, beginning with nine squares.</summary>
    private sealed class World
    {
        private readonly Dictionary<string, Grid> all = [];
        private readonly double area;
        private int codes;

        public World()
        {
            for (var i = 0; i < 9; i++)
            {
                var grid = Old("00", 0) with { Code = NextCode(), Area = Square(i % 3, i / 3) };
                all.Add(grid.Code, grid);
            }
            area = Ground.SquareMetresOf(Ground.UnionOf(InForce.Select(g => g.Area), 1e8));
        }

        public IEnumerable<Grid> InForce => all.Values.Where(g => g.ValidTo is null);

        public string NextCode() => Code($"{++codes:000}");

        public Outcome<Redraw> Admit(Outcome<Redraw> made) =>
            made.Then(redraw => GridRules.Admit(redraw, all.Keys, [.. InForce.Where(g => redraw.Ended.All(e => e.Code != g.Code))]));

        public void Apply(Redraw redraw)
        {
            foreach (var ended in redraw.Ended)
            {
                ended.Version.ShouldBe(all[ended.Code].Version + 1);
                all[ended.Code] = ended;
            }
            foreach (var made in redraw.Made)
                all.Add(made.Code, made);
        }

        public void Check(int seed)
        {
            var inForce = InForce.ToArray();
            var divided = Ground.SquareMetresOf(Ground.UnionOf(inForce.Select(g => g.Area), 1e8));
            divided.ShouldBe(area, StepsPerHistory * GridRules.MaxSliverM2, $"seed {seed}");
            for (var i = 0; i < inForce.Length; i++)
                for (var j = i + 1; j < inForce.Length; j++)
                    Outline.SharedM2(new Outline(inForce[i].Area), new Outline(inForce[j].Area))
                        .ShouldBeLessThan(GridRules.MaxSliverM2, $"seed {seed}");
            foreach (var ended in all.Values.Where(g => g.ValidTo is not null))
            {
                ended.Successors.ShouldNotBeEmpty();
                ended.Successors.ShouldAllBe(code => all[code].ValidFrom == ended.ValidTo);
                var today = Ground.UnionOf(TodayOf(ended).DistinctBy(g => g.Code).Select(g => g.Area), 1e8);
                Ground.SquareMetresOf(OverlayNGRobust.Overlay(ended.Area, today, SpatialFunction.Difference))
                    .ShouldBeLessThan(StepsPerHistory * GridRules.MaxSliverM2, $"seed {seed}");
            }
        }

        private IEnumerable<Grid> TodayOf(Grid grid) =>
            grid.ValidTo is null ? [grid] : grid.Successors.SelectMany(code => TodayOf(all[code]));
    }
}
