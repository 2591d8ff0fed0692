using Governance.ServiceDefaults.Geography;

namespace Governance.Grids.Visits;

/// <summary>
/// In which order to walk: always to the nearest that is left. It is at most somewhat longer than the shortest way, and
/// whoever walks it sees why. Pure.
/// </summary>
public static class Route
{
    /// <summary>More than anybody visits in a day; the work grows with its square.</summary>
    public const int MaxStops = 60;

    /// <summary>
    /// Plans in the order to walk them, and the length of the way; those without a place come last, in the order given.
    /// </summary>
    /// <param name="due">Soonest due first.</param>
    /// <param name="start">Null to start at the first that has a place.</param>
    public static (IReadOnlyList<Plan> Plans, double LengthM) Of(IReadOnlyList<Plan> due, Place? start)
    {
        var left = due.Where(p => p.Place is not null).Take(MaxStops).ToList();
        var placeless = due.Take(MaxStops).Where(p => p.Place is null);
        var way = new List<Plan>(left.Count);
        var (at, length) = (start, 0.0);
        while (left.Count > 0)
        {
            // The first of equals is the one that is due first.
            var next = at is { } here ? left.MinBy(p => DistanceM(here, p.Place!.Value))! : left[0];
            length += at is { } from ? DistanceM(from, next.Place!.Value) : 0;
            at = next.Place;
            way.Add(next);
            left.Remove(next);
        }
        return ([.. way, .. placeless.Take(MaxStops - way.Count)], length);
    }

    public static double DistanceM(Place from, Place to) =>
        Coordinates.DistanceM((from.Longitude, from.Latitude), (to.Longitude, to.Latitude));
}
