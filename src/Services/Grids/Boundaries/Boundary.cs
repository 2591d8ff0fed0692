using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Geography;
using Grpc.Core;
using NetTopologySuite.Geometries;

namespace Governance.Grids.Boundaries;

public static class BoundaryErrors
{
    public static readonly ErrorDefinition GridNotFound = new("GRID_NOT_FOUND", StatusCode.NotFound,
        "There is no grid {id}.", "没有编号为 {id} 的网格。");

    public static readonly ErrorDefinition PointOutsideGrids = new("POINT_OUTSIDE_GRIDS", StatusCode.NotFound,
        "No grid holds the point {longitude}, {latitude} (WGS-84).", "坐标 {longitude}, {latitude}（WGS-84）不在任何网格内。");

    public static readonly ErrorDefinition NotAGridCode = new("GRID_CODE_INVALID", StatusCode.InvalidArgument,
        "must be a grid's code of 14 to 16 digits", "必须是 14 至 16 位的网格编码");
}

/// <summary>Where the grids of a city lie, in memory: places are looked up with every report.</summary>
public sealed class BoundaryMap
{
    private readonly AreaIndex<string> areas;
    private readonly HashSet<string> codes;

    public BoundaryMap(IReadOnlyList<(string Code, Polygon Area)> grids)
    {
        areas = new AreaIndex<string>(grids);
        codes = [.. grids.Select(g => g.Code)];
    }

    public bool Has(string code) => codes.Contains(code);

    /// <summary>Code of the grid that holds the point; on a common border the lower code.</summary>
    public string At(Coordinate point) =>
        areas.At(point).Min(StringComparer.Ordinal)
            ?? throw new RefusedException(BoundaryErrors.PointOutsideGrids.With(("longitude", point.X), ("latitude", point.Y)));
}
