using NetTopologySuite.Algorithm;
using NetTopologySuite.Geometries;

namespace Governance.Grids.Boundaries;

/// <summary>
/// Holes between areas whose common borders are drawn through the same points, as those of most communities are. Every edge
/// that runs both ways is inside; what is left runs around the union and around its holes. That takes microseconds where
/// a union takes milliseconds.
/// </summary>
/// <remarks>
/// At any point the number of areas is that of the rings left around it, counter-clockwise ones less clockwise ones. With
/// one counter-clockwise ring that does not cross itself it is one or none: nothing overlaps, and the clockwise rings are
/// the holes.
/// </remarks>
public static class Coverage
{
    /// <summary>Comparing all edges with each other is cheaper than a union below that.</summary>
    private const int MaxEdges = 1000;

    /// <summary>The holes; null where the borders are not the same points, or areas overlap, or lie apart: that takes a union.</summary>
    /// <param name="areas">Areas of one community.</param>
    /// <param name="parts">Corners are moved to whole parts of a degree.</param>
    public static List<Polygon>? HolesOf(IEnumerable<Outline> areas, double parts)
    {
        var edges = new HashSet<(Corner From, Corner To)>();
        foreach (var area in areas)
            foreach (var (from, to) in area.EdgesCounterClockwise())
            {
                var edge = (From: Corner.Of(from, parts), To: Corner.Of(to, parts));
                if (edge.From == edge.To || edges.Remove((edge.To, edge.From)))
                    continue;
                if (!edges.Add(edge))
                    return null;
            }
        if (edges.Count > MaxEdges || AnyMeet([.. edges]))
            return null;

        var next = new Dictionary<Corner, Corner>();
        foreach (var (from, to) in edges)
            if (!next.TryAdd(from, to))
                return null;
        var holes = new List<Polygon>();
        var outside = 0;
        while (next.Count > 0)
        {
            var ring = RingFrom(next.Keys.First(), next, parts);
            if (Orientation.IsCCW(ring))
                outside++;
            else
                holes.Add(new GeometryFactory().CreatePolygon(ring));
        }
        return outside is 1 ? holes : null;
    }

    private static Coordinate[] RingFrom(Corner first, Dictionary<Corner, Corner> next, double parts)
    {
        var ring = new List<Coordinate> { first.ToCoordinate(parts) };
        for (var corner = first; next.Remove(corner, out corner);)
            ring.Add(corner.ToCoordinate(parts));
        return [.. ring];
    }

    // Edges that are not neighbours and come as close as the corners were moved: a crossing, a border drawn through other
    // points, or a slit that a union would close.
    private static bool AnyMeet((Corner From, Corner To)[] edges)
    {
        for (var i = 0; i < edges.Length; i++)
        {
            var (from, to) = edges[i];
            for (var j = i + 1; j < edges.Length; j++)
            {
                var (otherFrom, otherTo) = edges[j];
                if (Apart(from.X, to.X, otherFrom.X, otherTo.X) || Apart(from.Y, to.Y, otherFrom.Y, otherTo.Y))
                    continue;
                if (from == otherTo || to == otherFrom)
                    continue;
                if (DistanceComputer.SegmentToSegment(
                    from.ToCoordinate(1), to.ToCoordinate(1), otherFrom.ToCoordinate(1), otherTo.ToCoordinate(1)) <= 1)
                    return true;
            }
        }
        return false;
    }

    private static bool Apart(long a, long b, long c, long d) => Math.Max(a, b) + 1 < Math.Min(c, d) || Math.Max(c, d) + 1 < Math.Min(a, b);

    private readonly record struct Corner(long X, long Y)
    {
        public static Corner Of((double X, double Y) point, double parts) =>
            new((long)Math.Round(point.X * parts), (long)Math.Round(point.Y * parts));

        public Coordinate ToCoordinate(double parts) => new(X / parts, Y / parts);
    }
}
