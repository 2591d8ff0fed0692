using System.Buffers.Binary;
using Governance.Primitives;
using Governance.ServiceDefaults.Errors;
using Grpc.Core;
using NetTopologySuite.Algorithm;
using NetTopologySuite.Geometries;
using NetTopologySuite.Geometries.Implementation;
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
    private const int HeaderBytes = 13;
    private const int PointBytes = 2 * sizeof(double);

    private static readonly GeometryFactory Factory = new(new PrecisionModel(), 4326);

    /// <summary>The bytes of a polygon that is valid; null, and what is wrong with it, of another.</summary>
    public static byte[]? Parse(Common.V1.Polygon message, string field, List<Violation> violations)
    {
        if (message.Points.Count < MinPoints)
        {
            violations.Add(Violation.Of(field, GeographyErrors.PolygonInvalid, ("problem", new Words("fewer than 3 points", "少于 3 个点"))));
            return null;
        }
        var ring = RingOf(message.Points);
        if (ring.Length <= MinPoints)
        {
            violations.Add(Violation.Of(
                field, GeographyErrors.PolygonInvalid, ("problem", new Words("fewer than 3 different points", "不同的点少于 3 个"))));
            return null;
        }
        if (!Rings.IsSurelySimple(ring) && new IsValidOp(Factory.CreatePolygon(ring)).ValidationError is { } error)
        {
            violations.Add(Violation.Of(field, GeographyErrors.PolygonInvalid, ("problem", ProblemOf(error))));
            return null;
        }
        return ToBytes(ring);
    }

    private static Words ProblemOf(TopologyValidationError error) => new(
        error.Message,
        error.ErrorType switch
        {
            TopologyValidationErrors.SelfIntersection or TopologyValidationErrors.RingSelfIntersection
                => $"边界自相交，位于 {error.Coordinate.X}, {error.Coordinate.Y} 附近",
            TopologyValidationErrors.InvalidCoordinate => "含有无效坐标",
            TopologyValidationErrors.TooFewPoints => "不同的点少于 3 个",
            _ => "边界围成的不是一个区域",
        });

    public static Polygon FromBytes(byte[] bytes) => (Polygon)new NetTopologySuite.IO.WKBReader().Read(bytes);

    public static Common.V1.Polygon ToMessage(Polygon polygon, Common.V1.CoordinateSystem system = Common.V1.CoordinateSystem.Wgs84)
    {
        var message = new Common.V1.Polygon();
        // The ring's last point repeats its first; messages do not.
        foreach (var point in polygon.ExteriorRing.Coordinates.AsSpan()[..^1])
            message.Points.Add(Coordinates.FromWgs84(point, system));
        return message;
    }

    public static Common.V1.Point ToMessage(Coordinate point) => Coordinates.FromWgs84(point, Common.V1.CoordinateSystem.Wgs84);

    // Closed, as geometry wants it: a message may leave out the repeated first point.
    private static Coordinate[] RingOf(IReadOnlyList<Common.V1.Point> points)
    {
        var (first, last) = (Coordinates.ToWgs84(points[0]), Coordinates.ToWgs84(points[^1]));
        var ring = new Coordinate[first.Equals2D(last) ? points.Count : points.Count + 1];
        for (var i = 0; i < points.Count; i++)
            ring[i] = Coordinates.ToWgs84(points[i]);
        ring[^1] = first;
        return ring;
    }

    // WKB of a polygon of one ring: 01 (little-endian) 03000000 (polygon) 01000000 (rings) 05000000 (points), then x, y, x, y …
    private static byte[] ToBytes(Coordinate[] ring)
    {
        var bytes = new byte[HeaderBytes + (ring.Length * PointBytes)];
        bytes[0] = 1;
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(1), 3);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(5), 1);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(9), ring.Length);
        var rest = bytes.AsSpan(HeaderBytes);
        foreach (var point in ring)
        {
            BinaryPrimitives.WriteDoubleLittleEndian(rest, point.X);
            BinaryPrimitives.WriteDoubleLittleEndian(rest[sizeof(double)..], point.Y);
            rest = rest[PointBytes..];
        }
        return bytes;
    }
}

/// <summary>
/// Finds the areas that hold a point: a tree over their rectangles, then the ring of each candidate, corner by corner. An
/// index of each ring would save some microseconds and take kilobytes; a ring kept as numbers takes 16 bytes a corner.
/// </summary>
public sealed class AreaIndex<T>
{
    private readonly STRtree<Entry> tree = new();

    public AreaIndex(IEnumerable<(T Item, Polygon Area)> areas)
    {
        foreach (var (item, area) in areas)
            tree.Insert(area.EnvelopeInternal, new Entry(item, Packed(area.ExteriorRing.Coordinates)));
        tree.Build();
    }

    /// <summary>All that hold the point; a border belongs to both sides.</summary>
    public IEnumerable<T> At(Coordinate point)
    {
        foreach (var entry in tree.Query(new Envelope(point)))
            if (RayCrossingCounter.LocatePointInRing(point, entry.Ring) is not Location.Exterior)
                yield return entry.Item;
    }

    /// <summary>All whose rectangle meets that one.</summary>
    public IEnumerable<T> Near(Envelope box) => tree.Query(box).Select(entry => entry.Item);

    private static PackedDoubleCoordinateSequence Packed(Coordinate[] ring)
    {
        var numbers = new double[2 * ring.Length];
        for (var i = 0; i < ring.Length; i++)
            (numbers[2 * i], numbers[(2 * i) + 1]) = (ring[i].X, ring[i].Y);
        return new PackedDoubleCoordinateSequence(numbers, dimension: 2, measures: 0);
    }

    private sealed record Entry(T Item, CoordinateSequence Ring);
}
