using Governance.ServiceDefaults.Errors;
using Grpc.Core;
using NetTopologySuite.Algorithm.Locate;
using NetTopologySuite.Geometries;
using NetTopologySuite.Index.Strtree;
using NetTopologySuite.Operation.Valid;

namespace Governance.ServiceDefaults.Geography;

public static class GeographyErrors
{
    public static readonly ErrorDefinition PolygonInvalid = new("POLYGON_INVALID", StatusCode.InvalidArgument,
        "is not a valid polygon: {problem}", "不是有效的多边形：{problem}");
}

/// <summary>Polygons as messages, as geometry, and as the bytes that tables keep (WKB, WGS-84).</summary>
public static class Areas
{
    private const int MinPoints = 3;

    private static readonly GeometryFactory Factory = new(new PrecisionModel(), 4326);

    public static Polygon? Parse(Common.V1.Polygon message, string field, List<Violation> violations)
    {
        if (message.Points.Count < MinPoints)
        {
            violations.Add(Violation.Of(field, GeographyErrors.PolygonInvalid, ("problem", "fewer than 3 points")));
            return null;
        }
        var points = message.Points.Select(Coordinates.ToWgs84).ToList();
        if (!points[0].Equals2D(points[^1]))
            points.Add(points[0].Copy());
        if (points.Count <= MinPoints)
        {
            violations.Add(Violation.Of(field, GeographyErrors.PolygonInvalid, ("problem", "fewer than 3 different points")));
            return null;
        }
        var polygon = Factory.CreatePolygon([.. points]);
        if (new IsValidOp(polygon).ValidationError is { } error)
        {
            violations.Add(Violation.Of(field, GeographyErrors.PolygonInvalid, ("problem", error.Message)));
            return null;
        }
        return polygon;
    }

    public static byte[] ToBytes(Polygon polygon) => polygon.AsBinary();

    public static Polygon FromBytes(byte[] bytes) => (Polygon)new NetTopologySuite.IO.WKBReader().Read(bytes);

    public static Common.V1.Polygon ToMessage(Polygon polygon)
    {
        var message = new Common.V1.Polygon();
        // The ring's last point repeats its first; messages do not.
        foreach (var point in polygon.ExteriorRing.Coordinates.AsSpan()[..^1])
            message.Points.Add(ToMessage(point));
        return message;
    }

    public static Common.V1.Point ToMessage(Coordinate point) =>
        new() { Longitude = point.X, Latitude = point.Y, System = Common.V1.CoordinateSystem.Wgs84 };
}

/// <summary>Finds the areas that hold a point: a tree over their rectangles, then an indexed test of each candidate.</summary>
public sealed class AreaIndex<T>
{
    private readonly STRtree<Entry> tree = new();

    public AreaIndex(IEnumerable<(T Item, Polygon Area)> areas)
    {
        foreach (var (item, area) in areas)
            tree.Insert(area.EnvelopeInternal, new Entry(item, new IndexedPointInAreaLocator(area)));
        tree.Build();
    }

    /// <summary>All that hold the point; a border belongs to both sides.</summary>
    public IEnumerable<T> At(Coordinate point)
    {
        foreach (var entry in tree.Query(new Envelope(point)))
            if (entry.Locate(point) is not Location.Exterior)
                yield return entry.Item;
    }

    // The locator builds its index at the first question, which is not safe from several threads.
    private sealed class Entry(T item, IndexedPointInAreaLocator locator)
    {
        private readonly Lock gate = new();
        private volatile bool built;

        public T Item { get; } = item;

        public Location Locate(Coordinate point)
        {
            if (built)
                return locator.Locate(point);
            lock (gate)
            {
                var location = locator.Locate(point);
                built = true;
                return location;
            }
        }
    }
}
