using Governance.Grids.Policies;
using Governance.ServiceDefaults.Database;

namespace Governance.Grids.Cases;

/// <summary>Opens cases, whichever capability heard of the matter: by one rule, within the command that is at hand.</summary>
public sealed class CaseIntake(CaseNumbers numbers, PolicyStore policies, CaseFeed feed)
{
    /// <summary>The case is opened if and only if the command commits.</summary>
    public async Task<Case> OpenAsync(Command command, Guid id, string grid, CaseReport report)
    {
        var step = CaseRules.Report(
            id, await numbers.NextAsync(command.Cancellation), grid, report, await policies.OfAsync(grid, command.Cancellation),
            command.Now).OrRefuse();
        CaseStore.Add(command, step);
        return step.Next;
    }

    /// <summary>Those who watch need not wait for their next look; called once the command has committed.</summary>
    public void Opened() => feed.Changed();
}
