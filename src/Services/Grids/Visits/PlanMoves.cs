using Governance.Grids.Boundaries;
using Governance.ServiceDefaults.Database;
using NetTopologySuite.Geometries;
using Grid = Governance.Grids.Boundaries.Grid;

namespace Governance.Grids.Visits;

/// <summary>
/// Where plans and open hazards go when their grid is redrawn: whoever visits in the new grid finds them, in the same transaction. A visit that was
/// made stays where it was made.
/// </summary>
public static class PlanMoves
{
    /// <summary>
    /// The grid that a household is in from now on; null when nobody can tell but an officer. Of a household is known only about where
    /// it is: one that might lie on either side of a new border is not given to either.
    /// </summary>
    public static string? HomeOf(Plan plan, IReadOnlyList<Grid> made)
    {
        if (made is [var only])
            return only.Code;
        return plan.Place is { } place && AroundOf(place) is var around ? made.FirstOrDefault(g => g.Area.Covers(around))?.Code : null;
    }

    public static async Task FollowAsync(Redraw redraw, Command command)
    {
        string[] ended = [.. redraw.Ended.Select(g => g.Code)];
        foreach (var plan in await VisitStore.ActiveOfAsync(ended, command))
            if (HomeOf(plan, redraw.Made) is { } home)
                VisitStore.Save(command, plan, VisitRules.Moved(plan, home, command.Now));
        // Nobody knows any more where the households of plans that are over are.
        if (redraw.Made is [var only])
            HazardStore.Move(command, ended, only.Code);
    }

    /// <summary>All that the rounding of a place makes of it.</summary>
    private static Geometry AroundOf(Place place) => GeometryFactory.Default.ToGeometry(new Envelope(
        place.Longitude - Place.Roundness, place.Longitude + Place.Roundness,
        place.Latitude - Place.Roundness, place.Latitude + Place.Roundness));
}
