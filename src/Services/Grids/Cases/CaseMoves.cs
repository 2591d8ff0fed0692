using Governance.Grids.Boundaries;
using Governance.ServiceDefaults.Database;

namespace Governance.Grids.Cases;

/// <summary>
/// Where open cases go when their grid is redrawn: to the code that whoever works there has from now on, and to the level above it.
/// What has ended stays where it was.
/// </summary>
public static class CaseMoves
{
    public static async Task FollowAsync(Redraw redraw, Command command)
    {
        var moved = new List<(Case Case, string Home)>();
        var found = await CaseStore.OpenOfAsync(redraw.EndedCodes, command);
        foreach (var open in found)
            // One whose history is full only ends where it is.
            if (redraw.HomeOf(open.Place) is { } home && CaseRules.Moved(open, home, command.Now) is { Refusal: null } step)
            {
                CaseStore.Save(command, open, step.OrRefuse());
                moved.Add((open, home));
            }
        foreach (var cases in moved.GroupBy(m => m.Home, m => m.Case.Id))
            CaseStore.Move(command, [.. cases], cases.Key);
        CaseStore.RequireOpen(command, redraw.EndedCodes, found.Count - moved.Count);
    }
}
