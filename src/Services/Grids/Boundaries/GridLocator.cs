using Governance.Grids.Policies;
using Governance.Grids.V1;
using Governance.ServiceDefaults.Errors;
using NetTopologySuite.Geometries;

namespace Governance.Grids.Boundaries;

/// <summary>Which grid a point belongs to, by its city's policy where grids of several kinds share ground.</summary>
public sealed class GridLocator(BoundaryStore store, PolicyStore policies, TimeProvider clock)
{
    /// <summary>The grid of a point; of one kind when <paramref name="only"/> names it.</summary>
    public async ValueTask<string> LocateAsync(Coordinate point, GridKind only, CancellationToken cancellation)
    {
        var held = (await store.MapAsync(cancellation)).Holding(point);
        if (only is not GridKind.Unspecified)
            held = [.. held.Where(grid => grid.Kind == only)];
        if (held.Count is 0)
            throw new RefusedException(BoundaryErrors.PointOutsideGrids.With(("longitude", point.X), ("latitude", point.Y)));
        if (held.Count is 1)
            return held[0].Code;
        var policy = (await policies.OfAsync(held[0].Code, cancellation)).InForceOrNone(CityPolicies.GridsKind, clock.GetUtcNow());
        return First(held, [.. policy?.Grids.LocateOrder ?? []]);
    }

    /// <summary>
    /// The kind that the policy names first, those that it does not name after them in their order; of one kind the lower code.
    /// </summary>
    public static string First(IReadOnlyList<(string Code, GridKind Kind)> held, List<GridKind> order) =>
        held.OrderBy(grid => order.IndexOf(grid.Kind) is var place and >= 0 ? place : order.Count)
            .ThenBy(grid => grid.Kind)
            .ThenBy(grid => grid.Code, StringComparer.Ordinal)
            .First().Code;
}
