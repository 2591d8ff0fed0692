using Governance.Common.V1;
using NetTopologySuite.Geometries;
using Point = Governance.Common.V1.Point;

namespace Governance.ServiceDefaults.Geography;

/// <summary>
/// WGS-84, GCJ-02 and BD-09. GCJ-02 shifts points inside China by some hundred metres with a published formula; BD-09
/// shifts GCJ-02 once more. The way back has no formula: it is iterated until the remainder is below a millimetre.
/// </summary>
public static class Coordinates
{
    private const double SemiMajorAxis = 6378245.0;
    private const double Eccentricity = 0.00669342162296594323;
    private const double BaiduAngle = Math.PI * 3000.0 / 180.0;
    private const double Precision = 1e-9;
    private const double EarthRadiusM = 6_371_000;

    /// <summary>Metres between two points of WGS-84 as the crow flies; within a city a plane is as good as the globe.</summary>
    public static double DistanceM((double Longitude, double Latitude) from, (double Longitude, double Latitude) to)
    {
        var (north, east) = (Radians(to.Latitude - from.Latitude), Radians(to.Longitude - from.Longitude));
        var shrink = Math.Cos(Radians((from.Latitude + to.Latitude) / 2));
        return EarthRadiusM * Math.Sqrt((north * north) + (east * east * shrink * shrink));
    }

    /// <summary>A box that holds everything within a distance of a point, and a little more.</summary>
    public static Envelope BoxAround(Coordinate point, double meters)
    {
        var north = meters / EarthRadiusM * 180 / Math.PI;
        var east = north / Math.Cos(Radians(point.Y));
        return new Envelope(point.X - east, point.X + east, point.Y - north, point.Y + north);
    }

    private static double Radians(double degrees) => degrees * Math.PI / 180;

    public static Coordinate ToWgs84(Point point) => point.System switch
    {
        CoordinateSystem.Gcj02 => Invert(point.Longitude, point.Latitude, Wgs84ToGcj02),
        CoordinateSystem.Bd09 => Invert(point.Longitude, point.Latitude, Wgs84ToBd09),
        _ => new Coordinate(point.Longitude, point.Latitude),
    };

    /// <summary>The point in another system; in WGS-84 when none is named.</summary>
    public static Point FromWgs84(Coordinate point, CoordinateSystem system)
    {
        var shifted = system switch
        {
            CoordinateSystem.Gcj02 => Wgs84ToGcj02(point.X, point.Y),
            CoordinateSystem.Bd09 => Wgs84ToBd09(point.X, point.Y),
            _ => point,
        };
        var named = system is CoordinateSystem.Unspecified ? CoordinateSystem.Wgs84 : system;
        return new Point { Longitude = shifted.X, Latitude = shifted.Y, System = named };
    }

    public static Coordinate Wgs84ToGcj02(double longitude, double latitude)
    {
        if (!IsShifted(longitude, latitude))
            return new Coordinate(longitude, latitude);
        var x = longitude - 105.0;
        var y = latitude - 35.0;
        var radians = latitude / 180.0 * Math.PI;
        var magic = 1 - (Eccentricity * Math.Sin(radians) * Math.Sin(radians));
        var root = Math.Sqrt(magic);
        var north = ShiftNorth(x, y) * 180.0 / (SemiMajorAxis * (1 - Eccentricity) / (magic * root) * Math.PI);
        var east = ShiftEast(x, y) * 180.0 / (SemiMajorAxis / root * Math.Cos(radians) * Math.PI);
        return new Coordinate(longitude + east, latitude + north);
    }

    public static Coordinate Wgs84ToBd09(double longitude, double latitude)
    {
        var gcj = Wgs84ToGcj02(longitude, latitude);
        var radius = Math.Sqrt((gcj.X * gcj.X) + (gcj.Y * gcj.Y)) + (0.00002 * Math.Sin(gcj.Y * BaiduAngle));
        var angle = Math.Atan2(gcj.Y, gcj.X) + (0.000003 * Math.Cos(gcj.X * BaiduAngle));
        return new Coordinate((radius * Math.Cos(angle)) + 0.0065, (radius * Math.Sin(angle)) + 0.006);
    }

    private static Coordinate Invert(double longitude, double latitude, Func<double, double, Coordinate> forward)
    {
        var guess = new Coordinate(longitude, latitude);
        for (var i = 0; i < 30; i++)
        {
            var shifted = forward(guess.X, guess.Y);
            var (dx, dy) = (longitude - shifted.X, latitude - shifted.Y);
            guess.X += dx;
            guess.Y += dy;
            if (Math.Abs(dx) < Precision && Math.Abs(dy) < Precision)
                break;
        }
        return guess;
    }

    // The rectangle that the shift is applied in; outside it GCJ-02 equals WGS-84.
    private static bool IsShifted(double longitude, double latitude) =>
        longitude is > 72.004 and < 137.8347 && latitude is > 0.8293 and < 55.8271;

    private static double ShiftNorth(double x, double y) =>
        -100.0 + (2.0 * x) + (3.0 * y) + (0.2 * y * y) + (0.1 * x * y) + (0.2 * Math.Sqrt(Math.Abs(x)))
        + (((20.0 * Math.Sin(6.0 * x * Math.PI)) + (20.0 * Math.Sin(2.0 * x * Math.PI))) * 2.0 / 3.0)
        + (((20.0 * Math.Sin(y * Math.PI)) + (40.0 * Math.Sin(y / 3.0 * Math.PI))) * 2.0 / 3.0)
        + (((160.0 * Math.Sin(y / 12.0 * Math.PI)) + (320.0 * Math.Sin(y * Math.PI / 30.0))) * 2.0 / 3.0);

    private static double ShiftEast(double x, double y) =>
        300.0 + x + (2.0 * y) + (0.1 * x * x) + (0.1 * x * y) + (0.1 * Math.Sqrt(Math.Abs(x)))
        + (((20.0 * Math.Sin(6.0 * x * Math.PI)) + (20.0 * Math.Sin(2.0 * x * Math.PI))) * 2.0 / 3.0)
        + (((20.0 * Math.Sin(x * Math.PI)) + (40.0 * Math.Sin(x / 3.0 * Math.PI))) * 2.0 / 3.0)
        + (((150.0 * Math.Sin(x / 12.0 * Math.PI)) + (300.0 * Math.Sin(x / 30.0 * Math.PI))) * 2.0 / 3.0);
}
