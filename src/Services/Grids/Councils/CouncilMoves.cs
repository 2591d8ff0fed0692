using Governance.Grids.Boundaries;
using Governance.ServiceDefaults.Database;

namespace Governance.Grids.Councils;

/// <summary>
/// Where a council goes when its grid is redrawn: residents find it, what it deals with and their ballots under the code that they have
/// from now on. What is over stays where it was.
/// </summary>
public static class CouncilMoves
{
    public static async Task FollowAsync(Redraw redraw, Command command)
    {
        // Of several grids, or several councils, nobody can tell but an officer.
        if (redraw.Made is [var only]
            && await CouncilStore.ActiveOfAsync(redraw.EndedCodes, command) is [var council])
            CouncilStore.Save(command, council, CouncilRules.Moved(council, only.Code, command.Now));
    }
}
