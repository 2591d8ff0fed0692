using Governance.Grids.Boundaries;
using Governance.ServiceDefaults.Database;
using NetTopologySuite.Geometries;

namespace Governance.Grids.Visits;

/// <summary>
/// Where plans and open hazards go when their grid is redrawn: whoever visits in the new grid finds them, in the same transaction. A visit that was
/// made stays where it was made.
/// </summary>
public static class PlanMoves
{
    public static async Task FollowAsync(Redraw redraw, Command command)
    {
        foreach (var plan in await VisitStore.ActiveOfAsync(redraw.EndedCodes, command))
            if (redraw.HomeOf(plan.Place is { } place ? AroundOf(place) : null) is { } home)
                VisitStore.Save(command, plan, VisitRules.Moved(plan, home, command.Now));
        // Nobody knows any more where the households of plans that are over are.
        if (redraw.Made is [var only])
            HazardStore.Move(command, redraw.EndedCodes, only.Code);
    }

    /// <summary>
    /// All that the rounding of a place makes of it: of a household is known only about where it is, and one that might lie on either side
    /// of a new border is not given to either.
    /// </summary>
    private static Geometry AroundOf(Place place) => GeometryFactory.Default.ToGeometry(new Envelope(
        place.Longitude - Place.Roundness, place.Longitude + Place.Roundness,
        place.Latitude - Place.Roundness, place.Latitude + Place.Roundness));
}
