using Governance.ServiceDefaults.Geography;
using NetTopologySuite.Geometries;
using NetTopologySuite.Operation.Valid;
using Shouldly;
using Xunit;

namespace Governance.ServiceDefaults.Tests.Geography;

public sealed class RingsTests
{
    private static readonly GeometryFactory Factory = new();

    [Theory]
    [InlineData(1, 3)]
    [InlineData(2, 4)]
    [InlineData(3, 10)]
    [InlineData(4, 1_000_000)]
    public void The_quick_answer_is_that_of_the_full_test(int seed, int side)
    {
        // On few places rings touch, overlap, run back and repeat points all the time; on many they cross or are simple.
        var random = new Random(seed);
        var (simple, broken) = (0, 0);
        for (var i = 0; i < 30_000; i++)
        {
            var points = random.Next(3, 8);
            var ring = Closed([.. Enumerable.Range(0, points).Select(_ => new Coordinate(random.Next(side), random.Next(side)))]);
            if (Verify(ring))
                simple++;
            else
                broken++;
        }
        (simple > 500, broken > 500).ShouldBe((true, true), $"{simple} simple, {broken} broken");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void It_is_exact_where_points_almost_touch_a_line(int seed)
    {
        // A notch whose tip comes to the opposite edge, give or take the last bits of a number.
        var random = new Random(seed);
        for (var i = 0; i < 20_000; i++)
        {
            var (x, y) = (random.NextDouble() * 180, random.NextDouble() * 90);
            var (far, high) = (x + random.NextDouble(), y + random.NextDouble());
            var share = random.NextDouble();
            var tip = Nudged(random, new Coordinate(x + (share * (far - x)), y + (share * (high - y))));
            Verify(Closed([new(x, y), new(far, high), new(far, high + 1), tip, new(x, y + 1)]));
        }
    }

    [Fact]
    public void A_ring_around_a_circle_is_simple_and_a_long_one_is_left_to_the_full_test()
    {
        Coordinate[] Circle(int points) => Closed([.. Enumerable.Range(0, points).Select(i => new Coordinate(Math.Cos(i * 2 * Math.PI / points), Math.Sin(i * 2 * Math.PI / points)))]);
        Rings.IsSurelySimple(Circle(60)).ShouldBeTrue();
        Rings.IsSurelySimple(Circle(100)).ShouldBeFalse();
        Rings.IsSurelySimple(Closed([new(0, 0), new(double.NaN, 1), new(1, 1)])).ShouldBeFalse();
        Rings.IsSurelySimple(Closed([new(0, 0), new(double.PositiveInfinity, 1), new(1, 1)])).ShouldBeFalse();
    }

    private static bool Verify(Coordinate[] ring)
    {
        var quick = Rings.IsSurelySimple(ring);
        var repeats = ring.Zip(ring.Skip(1)).Any(pair => pair.First.Equals2D(pair.Second));
        if (ring.Length > 3)
        {
            var full = new IsValidOp(Factory.CreatePolygon(ring)).IsValid;
            quick.ShouldBe(full && !repeats, string.Join(' ', ring.Select(p => $"({p.X:R} {p.Y:R})")));
        }
        return quick;
    }

    private static Coordinate[] Closed(Coordinate[] points) => points[0].Equals2D(points[^1]) ? points : [.. points, points[0].Copy()];

    private static Coordinate Nudged(Random random, Coordinate point)
    {
        for (var n = random.Next(-2, 3); n != 0; n -= Math.Sign(n))
            point.X = n > 0 ? Math.BitIncrement(point.X) : Math.BitDecrement(point.X);
        return point;
    }
}
