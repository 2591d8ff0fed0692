using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Geography;
using Grpc.Core;
using NetTopologySuite.Geometries;

namespace Governance.Properties.Estates;

public static class EstateErrors
{
    public static readonly ErrorDefinition NotFound = new("ESTATE_NOT_FOUND", StatusCode.NotFound,
        "There is no estate {id}.", "没有编号为 {id} 的小区。");

    public static readonly ErrorDefinition PointOutside = new("POINT_OUTSIDE_ESTATES", StatusCode.NotFound,
        "No estate holds the point {longitude}, {latitude} (WGS-84).", "坐标 {longitude}, {latitude}（WGS-84）不在任何小区内。");

    public static readonly ErrorDefinition TerritoryTooWide = new("ESTATE_TERRITORY_INVALID", StatusCode.InvalidArgument,
        "must be the code of a community or a grid", "必须是社区或网格的编码");

    public static readonly ErrorDefinition CompanyMissing = new("ESTATE_COMPANY_MISSING", StatusCode.InvalidArgument,
        "must name the property company that manages the estate", "由物业服务企业管理的小区必须填写企业");

    public static readonly ErrorDefinition CompanyUnexpected = new("ESTATE_COMPANY_UNEXPECTED", StatusCode.InvalidArgument,
        "must be empty, because no property company manages the estate", "非物业服务企业管理的小区不得填写企业");
}

/// <summary>An estate as the rules of work orders see it: where it lies and which company looks after it, if any.</summary>
public sealed record ManagedEstate(Guid Id, string Name, string Territory, Guid? CompanyId, string CompanyName);

/// <summary>Where the estates lie, in memory.</summary>
public sealed class EstateMap(IReadOnlyList<(string Code, Guid Id, Polygon Area)> estates)
{
    private readonly AreaIndex<(string Code, Guid Id)> areas = new(estates.Select(e => ((e.Code, e.Id), e.Area)));

    /// <summary>The estate that holds the point; on a common border the lower code. Null outside every estate.</summary>
    public Guid? At(Coordinate point)
    {
        (string Code, Guid Id)? first = null;
        foreach (var estate in areas.At(point))
            if (first is null || Compare(estate, first.Value) < 0)
                first = estate;
        return first?.Id;
    }

    // Two cities may use the same code.
    private static int Compare((string Code, Guid Id) one, (string Code, Guid Id) other) =>
        string.CompareOrdinal(one.Code, other.Code) is not 0 and var byCode ? byCode : one.Id.CompareTo(other.Id);
}
