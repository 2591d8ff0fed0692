using Governance.Common.V1;
using Governance.ServiceDefaults.Geography;
using Shouldly;
using Xunit;
using Coordinate = NetTopologySuite.Geometries.Coordinate;

namespace Governance.ServiceDefaults.Tests.Geography;

public sealed class CoordinatesTests
{
    /// <summary>Degrees; about a tenth of a millimetre on the ground.</summary>
    private const double Close = 1e-9;

    /// <summary>Degrees; what a metre is at least.</summary>
    private const double Metre = 9e-6;

    // Published with the open implementations of the shift, which share one example in Beijing: 116.404, 39.915.
    [Fact]
    public void The_published_example_is_shifted_to_gcj_02_as_published()
    {
        var shifted = Coordinates.Wgs84ToGcj02(116.404, 39.915);
        shifted.X.ShouldBe(116.41024449916938, Close);
        shifted.Y.ShouldBe(39.91640428150164, Close);
    }

    // Published from GCJ-02 to BD-09; both must lead back to the same place.
    [Fact]
    public void The_published_pair_of_gcj_02_and_bd_09_is_one_place()
    {
        var gcj = Coordinates.ToWgs84(At(116.404, 39.915, CoordinateSystem.Gcj02));
        var baidu = Coordinates.ToWgs84(At(116.41036949371029, 39.92133699351021, CoordinateSystem.Bd09));
        baidu.X.ShouldBe(gcj.X, 2 * Close);
        baidu.Y.ShouldBe(gcj.Y, 2 * Close);
        var forward = Coordinates.Wgs84ToBd09(gcj.X, gcj.Y);
        forward.X.ShouldBe(116.41036949371029, 2 * Close);
        forward.Y.ShouldBe(39.92133699351021, 2 * Close);
    }

    // Published pairs of places in Shanghai, Shenzhen and Beijing, made with a slightly other radius of the earth.
    [Theory]
    [InlineData(121.5272106, 31.1774276, 121.531541859215, 31.17530398364597)]
    [InlineData(113.912316, 22.543847, 113.9171764808363, 22.540796131694766)]
    [InlineData(116.377817, 39.911954, 116.38404722455657, 39.91334545536069)]
    public void Published_places_agree_within_a_metre(double longitude, double latitude, double gcjLongitude, double gcjLatitude)
    {
        var shifted = Coordinates.Wgs84ToGcj02(longitude, latitude);
        shifted.X.ShouldBe(gcjLongitude, Metre);
        shifted.Y.ShouldBe(gcjLatitude, Metre);
        var back = Coordinates.ToWgs84(At(gcjLongitude, gcjLatitude, CoordinateSystem.Gcj02));
        back.X.ShouldBe(longitude, Metre);
        back.Y.ShouldBe(latitude, Metre);
    }

    [Fact]
    public void Every_place_in_china_comes_back_from_both_shifts()
    {
        var random = new Random(20260309);
        for (var i = 0; i < 5_000; i++)
        {
            var place = new Coordinate(73.5 + (random.NextDouble() * 61.5), 3.5 + (random.NextDouble() * 50));
            foreach (var (shifted, system) in new[]
            {
                (Coordinates.Wgs84ToGcj02(place.X, place.Y), CoordinateSystem.Gcj02),
                (Coordinates.Wgs84ToBd09(place.X, place.Y), CoordinateSystem.Bd09),
            })
            {
                shifted.Distance(place).ShouldBeInRange(10 * Metre, 2_000 * Metre, $"{system} of {place}");
                Coordinates.ToWgs84(At(shifted.X, shifted.Y, system)).Distance(place).ShouldBeLessThan(5 * Close, $"{system} of {place}");
            }
        }
    }

    [Fact]
    public void Outside_china_gcj_02_is_wgs_84()
    {
        foreach (var (longitude, latitude) in new[] { (2.3522, 48.8566), (139.6917, 35.6895), (-122.4194, 37.7749), (103.8, -1.3) })
        {
            Coordinates.Wgs84ToGcj02(longitude, latitude).ShouldBe(new Coordinate(longitude, latitude));
            Coordinates.ToWgs84(At(longitude, latitude, CoordinateSystem.Gcj02)).ShouldBe(new Coordinate(longitude, latitude));
        }
    }

    [Theory]
    [InlineData(CoordinateSystem.Unspecified)]
    [InlineData(CoordinateSystem.Wgs84)]
    public void Wgs_84_is_taken_as_it_is_and_so_is_what_says_nothing(CoordinateSystem system) =>
        Coordinates.ToWgs84(At(116.404, 39.915, system)).ShouldBe(new Coordinate(116.404, 39.915));

    private static Point At(double longitude, double latitude, CoordinateSystem system) =>
        new() { Longitude = longitude, Latitude = latitude, System = system };
}
