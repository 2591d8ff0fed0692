using Governance.Common.V1;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Geography;
using Shouldly;
using Xunit;
using Coordinate = NetTopologySuite.Geometries.Coordinate;

namespace Governance.ServiceDefaults.Tests.Geography;

public sealed class AreasTests
{
    public static TheoryData<string, double[]> Broken => new()
    {
        { "a bow tie", [0, 0, 1, 1, 1, 0, 0, 1] },
        { "a ring that touches itself in a point", [0, 0, 2, 0, 1, 1, 2, 2, 0, 2, 1, 1] },
        { "a ring that runs back on itself", [0, 0, 2, 0, 2, 2, 2, 0] },
        { "points on one line", [0, 0, 1, 1, 2, 2] },
        { "two points", [0, 0, 1, 1] },
        { "two points and the first again", [0, 0, 1, 1, 0, 0] },
        { "two different points of three", [0, 0, 1, 1, 1, 1] },
        { "one point three times", [0, 0, 0, 0, 0, 0] },
        { "nothing", [] },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public void A_ring_without_a_clear_inside_is_refused(string what, double[] ring)
    {
        var violations = new List<Violation>();
        Areas.Parse(Message(ring), "boundary", violations).ShouldBeNull(what);
        var violation = violations.ShouldHaveSingleItem();
        (violation.Field, violation.Definition).ShouldBe(("boundary", GeographyErrors.PolygonInvalid));
        violation.Metadata["problem"].Chinese.ShouldNotBeEmpty();
    }

    [Fact]
    public void Either_direction_of_a_ring_is_taken()
    {
        Parsed(0, 0, 1, 0, 0, 1).Area.ShouldBe(0.5);
        Parsed(0, 0, 0, 1, 1, 0).Area.ShouldBe(0.5);
    }

    [Fact]
    public void A_ring_may_be_given_closed_and_is_told_open()
    {
        var open = Areas.ToMessage(Parsed(0, 0, 1, 0, 1, 1, 0, 1));
        var closed = Areas.ToMessage(Parsed(0, 0, 1, 0, 1, 1, 0, 1, 0, 0));
        closed.ShouldBe(open);
        open.Points.Count.ShouldBe(4);
        open.Points.ShouldAllBe(p => p.System == CoordinateSystem.Wgs84);
    }

    [Fact]
    public void Bytes_keep_every_point_exactly_and_are_those_of_any_other_writer()
    {
        var bytes = Areas.Parse(Message(116.8123456789, 33.9, 116.83, 33.9000000001, 116.81, 33.95), "boundary", [])!;
        var polygon = Areas.FromBytes(bytes);
        polygon.Coordinates.ShouldBe(
            [new(116.8123456789, 33.9), new(116.83, 33.9000000001), new(116.81, 33.95), new Coordinate(116.8123456789, 33.9)]);
        polygon.AsBinary().ShouldBe(bytes);
    }

    [Fact]
    public void A_ring_in_another_system_is_kept_in_wgs_84()
    {
        var message = Message(116.80, 33.90, 116.81, 33.90, 116.81, 33.91);
        var shifted = new Polygon();
        foreach (var point in message.Points)
        {
            var gcj = Coordinates.Wgs84ToGcj02(point.Longitude, point.Latitude);
            shifted.Points.Add(new Point { Longitude = gcj.X, Latitude = gcj.Y, System = CoordinateSystem.Gcj02 });
        }
        var kept = Areas.FromBytes(Areas.Parse(shifted, "boundary", [])!);
        kept.EqualsExact(Parsed(116.80, 33.90, 116.81, 33.90, 116.81, 33.91), 1e-8).ShouldBeTrue();
    }

    // Four squares of side 1 around 1,1, and a triangle that leaves half of its rectangle free.
    private static AreaIndex<string> Squares() => new(
    [
        ("sw", Parsed(0, 0, 1, 0, 1, 1, 0, 1)),
        ("se", Parsed(1, 0, 2, 0, 2, 1, 1, 1)),
        ("nw", Parsed(0, 1, 1, 1, 1, 2, 0, 2)),
        ("ne", Parsed(1, 1, 2, 1, 2, 2, 1, 2)),
        ("triangle", Parsed(5, 5, 6, 5, 5, 6)),
    ]);

    [Theory]
    [InlineData(0.5, 0.5, "sw")]
    [InlineData(1, 0.5, "se sw")]
    [InlineData(0.5, 1, "nw sw")]
    [InlineData(1, 1, "ne nw se sw")]
    [InlineData(0, 0, "sw")]
    [InlineData(2, 2, "ne")]
    [InlineData(2.0000001, 2, "")]
    [InlineData(-0.0000001, 0.5, "")]
    [InlineData(5.5, 5.5, "triangle")]
    [InlineData(5.6, 5.6, "")]
    public void A_border_belongs_to_every_area_that_has_it(double longitude, double latitude, string expected) =>
        string.Join(' ', Squares().At(new Coordinate(longitude, latitude)).Order(StringComparer.Ordinal)).ShouldBe(expected);

    [Fact]
    public void An_index_of_nothing_finds_nothing() => new AreaIndex<string>([]).At(new Coordinate(1, 1)).ShouldBeEmpty();

    [Fact]
    public void Every_point_is_found_in_the_one_square_that_holds_it()
    {
        const int Side = 30;
        var index = new AreaIndex<int>(Enumerable.Range(0, Side * Side).Select(n =>
        {
            var (x, y) = (n % Side, n / Side);
            return (n, Parsed(x, y, x + 1, y, x + 1, y + 1, x, y + 1));
        }));
        var random = new Random(7);
        for (var i = 0; i < 5_000; i++)
        {
            var (x, y) = (random.NextDouble() * Side, random.NextDouble() * Side);
            index.At(new Coordinate(x, y)).ShouldBe([((int)y * Side) + (int)x], $"{x}, {y}");
        }
    }

    [Fact]
    public void Many_may_ask_a_new_index_at_once()
    {
        for (var round = 0; round < 20; round++)
        {
            var index = Squares();
            var wrong = 0;
            Parallel.For(0, 64, _ =>
            {
                if (index.At(new Coordinate(1, 1)).Count() != 4)
                    Interlocked.Increment(ref wrong);
            });
            wrong.ShouldBe(0);
        }
    }

    private static Polygon Message(params double[] ring)
    {
        var message = new Polygon();
        for (var i = 0; i < ring.Length; i += 2)
            message.Points.Add(new Point { Longitude = ring[i], Latitude = ring[i + 1] });
        return message;
    }

    private static NetTopologySuite.Geometries.Polygon Parsed(params double[] ring) =>
        Areas.FromBytes(Areas.Parse(Message(ring), "boundary", []) ?? throw new InvalidOperationException("the test's own ring is broken"));
}
