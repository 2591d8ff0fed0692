using NetTopologySuite.Algorithm;
using NetTopologySuite.Geometries;

namespace Governance.ServiceDefaults.Geography;

/// <summary>
/// A quick answer for the rings that almost all areas have. NetTopologySuite builds an index and a graph to judge a ring,
/// which for a handful of points costs more than comparing every edge with every other.
/// </summary>
public static class Rings
{
    /// <summary>Of a longer ring the index is cheaper than all pairs of edges.</summary>
    private const int MaxPoints = 64;

    /// <summary>
    /// True when the closed ring surely bounds one area: its edges share nothing but the corner between neighbours. It is
    /// exact, as the test on which side of a line a point lies is. False says nothing yet: the ring may be long, or name a
    /// point twice in a row.
    /// </summary>
    public static bool IsSurelySimple(ReadOnlySpan<Coordinate> ring)
    {
        var edges = ring.Length - 1;
        if (ring.Length > MaxPoints || edges < 3)
            return false;
        foreach (var point in ring)
            if (!double.IsFinite(point.X) || !double.IsFinite(point.Y))
                return false;
        for (var i = 0; i < edges; i++)
        {
            var (from, to) = (ring[i], ring[i + 1]);
            if (from.Equals2D(to) || RunsBack(from, to, ring[i + 1 < edges ? i + 2 : 1]))
                return false;
            // The next edge is a neighbour, and the last one is the neighbour of the first.
            for (var j = i + 2; j < (i is 0 ? edges - 1 : edges); j++)
                if (Meet(from, to, ring[j], ring[j + 1]))
                    return false;
        }
        return true;
    }

    private static bool RunsBack(Coordinate from, Coordinate corner, Coordinate to) =>
        Math.Sign(from.X - corner.X) == Math.Sign(to.X - corner.X)
        && Math.Sign(from.Y - corner.Y) == Math.Sign(to.Y - corner.Y)
        && Orientation.Index(from, corner, to) is OrientationIndex.Collinear;

    // Two edges whose rectangles meet are apart only if both ends of one lie on one side of the other.
    private static bool Meet(Coordinate a, Coordinate b, Coordinate c, Coordinate d) =>
        RangesMeet(a.X, b.X, c.X, d.X) && RangesMeet(a.Y, b.Y, c.Y, d.Y) && !OnOneSide(a, b, c, d) && !OnOneSide(c, d, a, b);

    private static bool RangesMeet(double a, double b, double c, double d) =>
        Math.Max(a, b) >= Math.Min(c, d) && Math.Max(c, d) >= Math.Min(a, b);

    private static bool OnOneSide(Coordinate a, Coordinate b, Coordinate c, Coordinate d) =>
        Orientation.Index(a, b, c) is not OrientationIndex.Collinear and var side && Orientation.Index(a, b, d) == side;
}
