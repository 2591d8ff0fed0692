using Governance.Grids.V1;
using Governance.ServiceDefaults.Geography;
using NetTopologySuite.Geometries;

namespace Governance.Grids.Boundaries;

/// <summary>A grid as its rules see it. Immutable; a rule makes the next one.</summary>
public sealed record Grid
{
    /// <summary>Never changes, and is never given to another grid.</summary>
    public required string Code { get; init; }

    public required string Name { get; init; }

    public required GridKind Kind { get; init; }

    public required Polygon Area { get; init; }

    public required int Households { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    public required long Version { get; init; }

    public required DateTimeOffset ValidFrom { get; init; }

    /// <summary>Null while it is in force.</summary>
    public DateTimeOffset? ValidTo { get; init; }

    /// <summary>Codes that took its place when it ended.</summary>
    public IReadOnlyList<string> Successors { get; init; } = [];
}

/// <summary>Where the grids in force lie, in memory: places are looked up with every report.</summary>
public sealed class BoundaryMap
{
    private readonly AreaIndex<string> areas;
    private readonly Dictionary<string, GridKind> kinds = [];

    /// <param name="grids">Those in force; each is asked for once, and its polygon not kept.</param>
    /// <param name="revision">The revision that they have at least.</param>
    public BoundaryMap(IEnumerable<(string Code, GridKind Kind, Polygon Area)> grids, long revision = 0)
    {
        areas = new AreaIndex<string>(Noted());
        Revision = revision;

        IEnumerable<(string, Polygon)> Noted()
        {
            foreach (var grid in grids)
            {
                kinds[grid.Code] = grid.Kind;
                yield return (grid.Code, grid.Area);
            }
        }
    }

    public long Revision { get; }

    public bool Has(string code) => kinds.ContainsKey(code);

    /// <summary>The grids that hold a point: several of one kind on a common border, of several kinds where those share ground.</summary>
    public IReadOnlyList<(string Code, GridKind Kind)> Holding(Coordinate point) =>
        [.. areas.At(point).Select(code => (code, kinds[code]))];

    /// <summary>Codes of all grids that could share ground with an area.</summary>
    public IEnumerable<string> Near(Polygon area) => Near(area.EnvelopeInternal);

    public IEnumerable<string> Near(Envelope box) => areas.Near(box);
}
