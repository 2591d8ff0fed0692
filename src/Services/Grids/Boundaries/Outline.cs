using NetTopologySuite.Algorithm;
using NetTopologySuite.Geometries;
using NetTopologySuite.Operation.OverlayNG;

namespace Governance.Grids.Boundaries;

/// <summary>
/// The ring of an area, as numbers. Overlaps of a city's grids are found by the hundred thousand: each pair costs a few
/// microseconds here, and a general overlay of geometries some dozens of them.
/// </summary>
public sealed class Outline
{
    private static readonly GeometryFactory Factory = new(new PrecisionModel(), 4326);

    // x0, y0, x1, y1 … in degrees, closed.
    private readonly double[] ring;

    // Of a ring that runs clockwise the sum of its edges' trapezoids is positive.
    private readonly double turn;

    public Outline(Polygon area)
    {
        var points = area.ExteriorRing.Coordinates;
        ring = new double[2 * points.Length];
        for (var i = 0; i < points.Length; i++)
            (ring[2 * i], ring[(2 * i) + 1]) = (points[i].X, points[i].Y);
        Box = area.EnvelopeInternal;
        turn = Orientation.IsCCW(points) ? -1 : 1;
    }

    public Envelope Box { get; }

    public IEnumerable<((double X, double Y) From, (double X, double Y) To)> EdgesCounterClockwise()
    {
        for (var i = 0; i + 3 < ring.Length; i += 2)
        {
            var (from, to) = ((ring[i], ring[i + 1]), (ring[i + 2], ring[i + 3]));
            yield return turn < 0 ? (from, to) : (to, from);
        }
    }

    public Polygon ToPolygon()
    {
        var points = new Coordinate[ring.Length / 2];
        for (var i = 0; i < points.Length; i++)
            points[i] = new Coordinate(ring[2 * i], ring[(2 * i) + 1]);
        return Factory.CreatePolygon(points);
    }

    /// <summary>
    /// Square metres that two areas share. Every edge stands for the trapezoid below it, taken away where the ring runs
    /// back; two areas share what the trapezoids of all pairs of edges share. Nothing is built or snapped, so nothing can
    /// fail, and the error is that of adding doubles: below a square millimetre for areas of kilometres.
    /// </summary>
    public static double SharedM2(Outline one, Outline other)
    {
        var (left, right) = (Math.Max(one.Box.MinX, other.Box.MinX), Math.Min(one.Box.MaxX, other.Box.MaxX));
        var (low, high) = (Math.Max(one.Box.MinY, other.Box.MinY), Math.Min(one.Box.MaxY, other.Box.MaxY));
        if (left >= right || low >= high)
            return 0;
        var floor = Math.Min(one.Box.MinY, other.Box.MinY);
        var sum = 0.0;
        for (var i = 0; i + 3 < one.ring.Length; i += 2)
        {
            var edge = new Edge(one.ring, i, floor);
            if (edge.Right <= left || edge.Left >= right || edge.IsUpright)
                continue;
            for (var j = 0; j + 3 < other.ring.Length; j += 2)
            {
                var against = new Edge(other.ring, j, floor);
                if (!against.IsUpright)
                    sum += edge.Direction * against.Direction * edge.Under(against);
            }
        }
        return Math.Max(0, one.turn * other.turn * sum) * Ground.SquareMetresPerSquareDegree((low + high) / 2);
    }

    // From (Left, AtLeft) to (Right, AtRight), heights above the floor; Direction tells which way the ring runs along it.
    private readonly struct Edge
    {
        public Edge(double[] ring, int at, double floor)
        {
            var (x, y, nextX, nextY) = (ring[at], ring[at + 1] - floor, ring[at + 2], ring[at + 3] - floor);
            Direction = x < nextX ? 1 : -1;
            (Left, AtLeft, Right, AtRight) = x < nextX ? (x, y, nextX, nextY) : (nextX, nextY, x, y);
        }

        public double Left { get; }

        public double Right { get; }

        public double Direction { get; }

        public bool IsUpright => Left == Right;

        private double AtLeft { get; }

        private double AtRight { get; }

        /// <summary>The area under both edges, where both are.</summary>
        public double Under(in Edge other)
        {
            var (from, to) = (Math.Max(Left, other.Left), Math.Min(Right, other.Right));
            if (from >= to)
                return 0;
            var (from1, to1) = (HeightAt(from), HeightAt(to));
            var (from2, to2) = (other.HeightAt(from), other.HeightAt(to));
            var (before, after) = (from1 - from2, to1 - to2);
            var (lowFrom, lowTo) = (Math.Min(from1, from2), Math.Min(to1, to2));
            if (before * after >= 0)
                return (to - from) * (lowFrom + lowTo) / 2;
            // They cross: first one is below, then the other.
            var share = before / (before - after);
            var crossing = from1 + (share * (to1 - from1));
            return (to - from) * ((share * (lowFrom + crossing)) + ((1 - share) * (crossing + lowTo))) / 2;
        }

        private double HeightAt(double x) =>
            x == Left ? AtLeft : x == Right ? AtRight : AtLeft + ((x - Left) / (Right - Left) * (AtRight - AtLeft));
    }
}

/// <summary>Areas on the ground: on the ellipsoid of WGS-84, square degrees by the square metres that one has at their latitude.</summary>
public static class Ground
{
    private const double SemiMajorAxis = 6378137.0;
    private const double EccentricitySquared = 0.00669437999014;

    public static double SquareMetresPerSquareDegree(double latitude)
    {
        var radians = latitude * Math.PI / 180;
        var flattening = 1 - (EccentricitySquared * Math.Sin(radians) * Math.Sin(radians));
        var meridian = SemiMajorAxis * (1 - EccentricitySquared) / (flattening * Math.Sqrt(flattening));
        var parallel = SemiMajorAxis / Math.Sqrt(flattening) * Math.Cos(radians);
        return meridian * parallel * (Math.PI / 180) * (Math.PI / 180);
    }

    /// <summary>
    /// The union of areas whose corners are moved to whole <paramref name="parts"/> of a degree: borders that were drawn apart by
    /// less than one part become the same border, where else a slit between them would open every hole to the outside.
    /// </summary>
    public static Geometry UnionOf(IEnumerable<Polygon> areas, double parts) => UnaryUnionNG.Union(areas, new PrecisionModel(parts));

    /// <summary>Square metres of any area: of one with parts the sum, without its holes.</summary>
    public static double SquareMetresOf(Geometry area)
    {
        var sum = 0.0;
        for (var i = 0; i < area.NumGeometries; i++)
            if (area.GetGeometryN(i) is Polygon { IsEmpty: false } part)
                sum += part.Area * SquareMetresPerSquareDegree(part.EnvelopeInternal.Centre.Y);
        return sum;
    }
}
