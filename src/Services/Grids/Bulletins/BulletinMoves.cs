using Governance.Grids.Boundaries;
using Governance.ServiceDefaults.Database;

namespace Governance.Grids.Bulletins;

/// <summary>
/// Where drafts go when their grid is redrawn: into the bulletin that those read who live where the case lies. What was published stays in
/// the issue in which it was.
/// </summary>
public static class BulletinMoves
{
    public static async Task FollowAsync(Redraw redraw, Command command)
    {
        foreach (var (id, version, place) in await BulletinStore.DraftsOfAsync(redraw.EndedCodes, command))
            if (redraw.HomeOf(place) is { } home)
                BulletinStore.Move(command, id, version, home);
    }
}
