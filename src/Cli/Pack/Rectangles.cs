using Governance.Common.V1;

namespace Governance.Cli.Pack;

/// <summary>Cuts rectangles. Sides are rounded to 0.000001 degrees (about 0.1 m), so that neighbours share exactly one side.</summary>
internal static class Rectangles
{
    /// <summary>How much of a plot, on each side, an estate leaves free.</summary>
    private const double Margin = 0.15;

    /// <summary>Columns of an area from west to east.</summary>
    public static IReadOnlyList<Area> Columns(Area area, int count) => Cut(count, part =>
        new Area(Between(area.West, area.East, part, count), area.South, Between(area.West, area.East, part + 1, count), area.North));

    /// <summary>Rows of an area from south to north.</summary>
    public static IReadOnlyList<Area> Rows(Area area, int count) => Cut(count, part =>
        new Area(area.West, Between(area.South, area.North, part, count), area.East, Between(area.South, area.North, part + 1, count)));

    public static Area Inside(Area plot)
    {
        var (width, height) = ((plot.East - plot.West) * Margin, (plot.North - plot.South) * Margin);
        return new Area(Round(plot.West + width), Round(plot.South + height), Round(plot.East - width), Round(plot.North - height));
    }

    /// <summary>The corners against the clock, from the south-west.</summary>
    public static Polygon Ring(Area area) => new()
    {
        Points =
        {
            Corner(area.West, area.South),
            Corner(area.East, area.South),
            Corner(area.East, area.North),
            Corner(area.West, area.North),
        },
    };

    private static IReadOnlyList<Area> Cut(int count, Func<int, Area> part) => [.. Enumerable.Range(0, count).Select(part)];

    private static double Between(double low, double high, int part, int count) => Round(low + ((high - low) * part / count));

    private static double Round(double degrees) => Math.Round(degrees, 6);

    private static Point Corner(double longitude, double latitude) =>
        new() { Longitude = longitude, Latitude = latitude, System = CoordinateSystem.Wgs84 };
}
