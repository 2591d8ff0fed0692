using Governance.Grids.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Geography;
using NetTopologySuite.Geometries;
using NetTopologySuite.Operation.Overlay;
using NetTopologySuite.Operation.OverlayNG;

namespace Governance.Grids.Boundaries;

/// <summary>A change of the division: what ends, as it has ended, and what takes its place.</summary>
public sealed record Redraw(GridChangeKind Change, IReadOnlyList<Grid> Ended, IReadOnlyList<Grid> Made)
{
    public string[] EndedCodes => [.. Ended.Select(g => g.Code)];

    /// <summary>The grid that something is in from now on, which lies somewhere within a place; null when nobody can tell.</summary>
    public string? HomeOf(Geometry? place)
    {
        if (Made is [var only])
            return only.Code;
        return place is null ? null : Made.FirstOrDefault(g => g.Area.Covers(place))?.Code;
    }

    public string? HomeOf((double Longitude, double Latitude)? point) =>
        HomeOf(point is { } at ? GeometryFactory.Default.CreatePoint(new Coordinate(at.Longitude, at.Latitude)) : null);
}

/// <summary>
/// The rules of redrawing, pure. A redraw is made from what ends and what is to be, and then held against the grids around
/// it. It takes effect at the instant of its command: the old codes end when the new ones begin.
/// </summary>
public static class GridRules
{
    /// <summary>Two drawings of one border differ by so much over a kilometre or two.</summary>
    public const double MaxSliverM2 = 20;

    public const int MaxCorners = 2000;

    /// <summary>About a millimetre: the corners of a new grid must not move into its neighbours.</summary>
    private const double PartsOfADegree = 1e8;

    public static Outcome<Redraw> Split(Grid old, IReadOnlyList<GridRow> rows, DateTimeOffset now)
    {
        if (rows.Count < 2)
            return BoundaryErrors.TooFew.With(("verb", "SplitGrid"));
        return AreasOf(rows, "parts").Then(areas => Make(
            GridChangeKind.Split,
            [old],
            [.. rows.Zip(areas, (row, area) => New(row.Code, row.Name, row.Kind, area, row.Households, now))],
            now));
    }

    /// <summary><paramref name="boundary"/> is null when the union of the old areas is meant.</summary>
    public static Outcome<Redraw> Merge(IReadOnlyList<Grid> old, string code, string name, Common.V1.Polygon? boundary, DateTimeOffset now)
    {
        if (old.Count < 2 || old.DistinctBy(g => g.Code).Count() < old.Count)
            return BoundaryErrors.TooFew.With(("verb", "MergeGrids"));
        if (old.FirstOrDefault(g => g.Kind != old[0].Kind) is { } other)
            return BoundaryErrors.KindsDiffer.With(("code", other.Code), ("other", old[0].Code));
        var violations = new List<Violation>();
        if (NotAGridCode(code))
            violations.Add(Violation.Of("new_code", BoundaryErrors.NotAGridCode));
        var given = boundary is null ? null : Areas.Parse(boundary, "boundary", violations);
        if (violations.Count > 0)
            return CommonErrors.Invalid(violations);
        return (given is null ? OneAreaOf(old) : Areas.FromBytes(given)).Then(area => Make(
            GridChangeKind.Merged, old, [New(code, name, old[0].Kind, area, old.Sum(g => g.Households), now)], now));
    }

    public static Outcome<Redraw> Recode(Grid old, string code, DateTimeOffset now)
    {
        if (NotAGridCode(code))
            return CommonErrors.Invalid(Violation.Of("new_code", BoundaryErrors.NotAGridCode));
        return Make(GridChangeKind.Recoded, [old], [New(code, old.Name, old.Kind, old.Area, old.Households, now)], now);
    }

    /// <summary>
    /// Holds a redraw against what is there: <paramref name="taken"/> are those of its codes that were given before,
    /// <paramref name="around"/> other grids in force. A grid that only gets another code lies as well or badly as before.
    /// </summary>
    public static Outcome<Redraw> Admit(Redraw redraw, IReadOnlyCollection<string> taken, IReadOnlyList<Grid> around)
    {
        if (redraw.Made.FirstOrDefault(g => taken.Contains(g.Code)) is { } second)
            return BoundaryErrors.CodeTaken.With(("code", second.Code));
        if (redraw.Change is GridChangeKind.Recoded)
            return redraw;
        foreach (var made in redraw.Made)
            if (OverlapOf(made, around) is { } overlap)
                return overlap;
        return redraw;
    }

    /// <summary>What is wrong with the new codes and areas in themselves, and else the areas.</summary>
    private static Outcome<List<Polygon>> AreasOf(IReadOnlyList<GridRow> rows, string field)
    {
        var violations = new List<Violation>();
        var areas = new List<Polygon>();
        for (var i = 0; i < rows.Count; i++)
        {
            if (NotAGridCode(rows[i].Code))
                violations.Add(Violation.Of($"{field}[{i}].code", BoundaryErrors.NotAGridCode));
            if (Areas.Parse(rows[i].Boundary, $"{field}[{i}].boundary", violations) is { } area)
                areas.Add(Areas.FromBytes(area));
        }
        return violations.Count is 0 ? areas : CommonErrors.Invalid(violations);
    }

    private static Outcome<Redraw> Make(GridChangeKind change, IReadOnlyList<Grid> old, IReadOnlyList<Grid> made, DateTimeOffset now)
    {
        if (old.FirstOrDefault(g => g.ValidTo is not null) is { } ended)
            return BoundaryErrors.EndedGrid(ended);
        if (made.GroupBy(g => g.Code).FirstOrDefault(g => g.Count() > 1) is { } twice)
            return BoundaryErrors.CodeTaken.With(("code", twice.Key));
        // A code may move to another community of its city; an area that is cut or put together stays in one.
        var level = change is GridChangeKind.Recoded ? TerritoryLevel.City : TerritoryLevel.Community;
        var home = TerritoryCode.Parse(old[0].Code).AtLevel(level)!;
        if (old.Concat(made).FirstOrDefault(g => !home.Contains(TerritoryCode.Parse(g.Code))) is { } foreign)
            return BoundaryErrors.CommunityDiffers.With(("code", foreign.Code), ("home", home));

        if (change is not GridChangeKind.Recoded && AreaFault(old, made) is { } fault)
            return fault;
        for (var i = 0; i < made.Count; i++)
            if (OverlapOf(made[i], [.. made.Skip(i + 1)]) is { } overlap)
                return overlap;
        Grid[] begun = [.. made.OrderBy(g => g.Code, StringComparer.Ordinal)];
        string[] successors = [.. begun.Select(g => g.Code)];
        return new Redraw(
            change,
            [
                .. from grid in old.OrderBy(g => g.Code, StringComparer.Ordinal)
                   select grid with { ValidTo = now, UpdatedAt = now, Version = grid.Version + 1, Successors = successors },
            ],
            begun);
    }

    private static Refusal? AreaFault(IReadOnlyList<Grid> old, IReadOnlyList<Grid> made)
    {
        var (before, after) = (UnionOf(old), UnionOf(made));
        var uncovered = Ground.SquareMetresOf(OverlayNGRobust.Overlay(before, after, SpatialFunction.Difference));
        var beyond = Ground.SquareMetresOf(OverlayNGRobust.Overlay(after, before, SpatialFunction.Difference));
        return uncovered <= MaxSliverM2 && beyond <= MaxSliverM2
            ? null
            : BoundaryErrors.AreaDiffers.With(
                ("uncovered_m2", Math.Ceiling(uncovered)), ("beyond_m2", Math.Ceiling(beyond)), ("max_m2", MaxSliverM2));
    }

    private static Refusal? OverlapOf(Grid grid, IReadOnlyList<Grid> others)
    {
        var outline = new Outline(grid.Area);
        foreach (var other in others.Where(o => o.Kind == grid.Kind))
            if (Outline.SharedM2(outline, new Outline(other.Area)) is > MaxSliverM2 and var shared)
                return BoundaryErrors.Overlaps.With(("code", grid.Code), ("other", other.Code), ("area_m2", Math.Ceiling(shared)));
        return null;
    }

    // A hole no larger than a sliver is filled: two drawings of one border leave such.
    private static Outcome<Polygon> OneAreaOf(IReadOnlyList<Grid> old)
    {
        if (UnionOf(old) is not Polygon union || union.Holes.Any(h => Ground.SquareMetresOf(union.Factory.CreatePolygon(h)) > MaxSliverM2))
            return BoundaryErrors.Apart.With();
        var corners = union.Shell.NumPoints - 1;
        return corners <= MaxCorners
            ? union.Factory.CreatePolygon(union.Shell)
            : CommonErrors.Invalid(Violation.Of("boundary", FieldErrors.TooMany, ("count", corners), ("max", MaxCorners)));
    }

    private static Geometry UnionOf(IEnumerable<Grid> some) => Ground.UnionOf(some.Select(g => g.Area), PartsOfADegree);

    private static Grid New(string code, string name, GridKind kind, Polygon area, int households, DateTimeOffset now) => new()
    {
        Code = code,
        Name = name,
        Kind = kind,
        Area = area,
        Households = households,
        UpdatedAt = now,
        Version = 1,
        ValidFrom = now,
    };

    private static bool NotAGridCode(string code) => TerritoryCode.Parse(code).Level is not TerritoryLevel.Grid;
}
