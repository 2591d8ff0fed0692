using Governance.Grids.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Geography;
using NetTopologySuite.Geometries;
using NetTopologySuite.Index.Strtree;
using NetTopologySuite.Operation.Overlay;
using NetTopologySuite.Operation.OverlayNG;

namespace Governance.Grids.Boundaries;

/// <summary>What the check must know of a grid.</summary>
public sealed record GridOutline(string Code, GridKind Kind, int Households, Outline Outline)
{
    public string Community { get; } = TerritoryCode.Parse(Code).AtLevel(TerritoryLevel.Community)!.ToString();

    public string City { get; } = TerritoryCode.Parse(Code).AtLevel(TerritoryLevel.City)!.ToString();
}

/// <summary>
/// Finds what is wrong with grids, which come ordered by code. Pure, and lazy: whoever has heard enough stops asking.
/// <paramref name="sizes"/> is each city's policy in force, of those that have one.
/// </summary>
public sealed class BoundaryCheck(
    IReadOnlyList<GridOutline> grids, IReadOnlyDictionary<string, Policy> sizes, double toleranceM2, CancellationToken cancellation)
{
    public const int MaxFindings = 10_000;
    public const int MaxPerMessage = 500;
    public const double DefaultToleranceM2 = 20;

    /// <summary>About a decimetre.</summary>
    private const double PartsOfADegree = 1e6;

    /// <summary>Less is what moving corners by a part of a degree may cover.</summary>
    private const double LeastM2 = 1;

    private readonly STRtree<int> tree = TreeOf(grids);

    /// <summary>The findings in messages, with the summary in the last one.</summary>
    public IEnumerable<CheckBoundariesResponse> Report()
    {
        var summary = new CheckSummary { Grids = grids.Count };
        var message = new CheckBoundariesResponse();
        foreach (var finding in Findings())
        {
            if (summary.SizeWarnings + summary.Overlaps + summary.Gaps + summary.Apart == MaxFindings)
            {
                summary.Truncated = true;
                break;
            }
            summary.SizeWarnings += finding.Size is null ? 0 : 1;
            summary.Overlaps += finding.Overlap is null ? 0 : 1;
            summary.Gaps += finding.Gap is null ? 0 : 1;
            summary.Apart += finding.Apart is null ? 0 : 1;
            message.Findings.Add(finding);
            if (message.Findings.Count < MaxPerMessage)
                continue;
            yield return message;
            message = new CheckBoundariesResponse();
        }
        message.Summary = summary;
        yield return message;
    }

    private IEnumerable<GridFinding> Findings() =>
        Sizes().Select(size => new GridFinding { Size = size })
            .Concat(Overlaps().Select(overlap => new GridFinding { Overlap = overlap }))
            .Concat(Communities());

    private IEnumerable<GridSizeWarning> Sizes()
    {
        foreach (var grid in grids)
            if (sizes.TryGetValue(grid.City, out var policy)
                && policy.Grids.Sizes.FirstOrDefault(s => s.Kind == grid.Kind) is { } size
                && (grid.Households < size.MinHouseholds || grid.Households > size.MaxHouseholds))
                yield return new GridSizeWarning
                {
                    Code = grid.Code,
                    Kind = grid.Kind,
                    Households = grid.Households,
                    MinHouseholds = size.MinHouseholds,
                    MaxHouseholds = size.MaxHouseholds,
                    PolicyVersion = policy.Version,
                };
    }

    /// <summary>Pairs of one kind that share more ground than a sliver, each once.</summary>
    private IEnumerable<GridOverlap> Overlaps()
    {
        for (var i = 0; i < grids.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            var grid = grids[i];
            // The tree answers in its own order.
            foreach (var j in tree.Query(grid.Outline.Box).Where(j => j > i).Order())
            {
                if (grids[j].Kind != grid.Kind)
                    continue;
                var shared = Outline.SharedM2(grid.Outline, grids[j].Outline);
                if (shared > toleranceM2)
                    yield return new GridOverlap { Kind = grid.Kind, Code = grid.Code, OtherCode = grids[j].Code, AreaM2 = shared };
            }
        }
    }

    /// <summary>Holes in the union of a community's grids that no other grid fills, and parts of it that touch no other part.</summary>
    private IEnumerable<GridFinding> Communities()
    {
        for (int from = 0, to; from < grids.Count; from = to)
        {
            cancellation.ThrowIfCancellationRequested();
            var community = grids[from].Community;
            for (to = from + 1; to < grids.Count && grids[to].Community == community; to++)
            {
            }
            // A ring by itself has no hole.
            if (to - from is 1)
                continue;
            var its = grids.Skip(from).Take(to - from).ToList();
            var holes = Coverage.HolesOf(its.Select(g => g.Outline), PartsOfADegree);
            // Borders that are the same points make one part.
            var parts = holes is null ? PartsOf(UnionOf(its)) : [];
            foreach (var hole in holes ?? [.. parts.SelectMany(HolesOf)])
                if (Ground.SquareMetresOf(hole) > toleranceM2 && Uncovered(hole, community) is { } gap)
                    yield return new GridFinding { Gap = gap };
            foreach (var part in Smaller(parts))
                yield return new GridFinding { Apart = Apart(part, community, its) };
        }
    }

    /// <summary>All parts but the largest, larger ones first, and none that is a sliver.</summary>
    private IEnumerable<Polygon> Smaller(List<Polygon> parts) =>
        parts.OrderByDescending(Ground.SquareMetresOf).Skip(1).Where(part => Ground.SquareMetresOf(part) > toleranceM2);

    private static GridApart Apart(Polygon part, string community, List<GridOutline> its) => new()
    {
        Community = community,
        Codes = { its.Where(g => part.Covers(g.Outline.ToPolygon().InteriorPoint)).Select(g => g.Code) },
        AreaM2 = Ground.SquareMetresOf(part),
        Place = Areas.ToMessage(part.InteriorPoint.Coordinate),
    };

    // An enclave of another community fills a hole, and so does a grid of the same one that touches no other.
    private GridGap? Uncovered(Polygon hole, string community)
    {
        var outline = new Outline(hole);
        var inside = tree.Query(hole.EnvelopeInternal)
            .Select(i => grids[i])
            .Where(g => Outline.SharedM2(outline, g.Outline) > LeastM2)
            .ToList();
        var rest = inside.Count is 0 ? hole : OverlayNGRobust.Overlay(hole, UnionOf(inside), SpatialFunction.Difference);
        var area = Ground.SquareMetresOf(rest);
        return area > toleranceM2
            ? new GridGap { Community = community, AreaM2 = area, Place = Areas.ToMessage(rest.InteriorPoint.Coordinate) }
            : null;
    }

    private static STRtree<int> TreeOf(IReadOnlyList<GridOutline> grids)
    {
        var tree = new STRtree<int>();
        for (var i = 0; i < grids.Count; i++)
            tree.Insert(grids[i].Outline.Box, i);
        tree.Build();
        return tree;
    }

    private static Geometry UnionOf(IEnumerable<GridOutline> some) =>
        Ground.UnionOf(some.Select(g => g.Outline.ToPolygon()), PartsOfADegree);

    private static List<Polygon> PartsOf(Geometry union) =>
        [.. Enumerable.Range(0, union.NumGeometries).Select(union.GetGeometryN).OfType<Polygon>()];

    private static IEnumerable<Polygon> HolesOf(Polygon part) => part.Holes.Select(ring => part.Factory.CreatePolygon(ring));
}
