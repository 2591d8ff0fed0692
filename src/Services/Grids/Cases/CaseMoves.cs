using Governance.Grids.Boundaries;
using Governance.ServiceDefaults.Database;
using NetTopologySuite.Geometries;
using Grid = Governance.Grids.Boundaries.Grid;

namespace Governance.Grids.Cases;

/// <summary>
/// Where open cases go when their grid is redrawn: to the code that whoever works there has from now on, and to the level above it.
/// What has ended stays where it was.
/// </summary>
public static class CaseMoves
{
    /// <summary>The grid that a case is of from now on; null when nobody can tell.</summary>
    public static string? HomeOf(Case open, IReadOnlyList<Grid> made)
    {
        if (made is [var only])
            return only.Code;
        return open.Place is { } at && GeometryFactory.Default.CreatePoint(new Coordinate(at.Longitude, at.Latitude)) is var point
            ? made.FirstOrDefault(g => g.Area.Covers(point))?.Code
            : null;
    }

    public static async Task FollowAsync(Redraw redraw, Command command)
    {
        var moved = new List<(Case Case, string Home)>();
        foreach (var open in await CaseStore.OpenOfAsync([.. redraw.Ended.Select(g => g.Code)], command))
            // One whose history is full only ends where it is.
            if (HomeOf(open, redraw.Made) is { } home && CaseRules.Moved(open, home, command.Now) is { Refusal: null } step)
            {
                CaseStore.Save(command, open, step.OrRefuse());
                moved.Add((open, home));
            }
        foreach (var cases in moved.GroupBy(m => m.Home, m => m.Case.Id))
            CaseStore.Move(command, [.. cases], cases.Key);
    }
}
