using Governance.Grids.Cases;
using Governance.Grids.Policies;
using Governance.ServiceDefaults.Database;
using static Governance.ServiceDefaults.Database.Sql;
using Case = Governance.Grids.Cases.Case;

namespace Governance.Grids.Escalations;

/// <summary>Lets overdue cases go up.</summary>
public sealed partial class OverdueCases(
    Commands commands, PolicyStore policies, CaseFeed feed, TimeProvider clock, ILogger<OverdueCases> logger)
    : ClaimedCases(commands, feed, clock)
{
    protected override Claim<Case> Due(DateTimeOffset now, int limit) => CaseStore.Overdue(now, limit);

    protected override async Task ActAsync(Command command, Case current)
    {
        var outcome = CaseRules.EscalateOverdue(current, await policies.OfAsync(current.Territory, command.Cancellation), command.Now);
        if (outcome.Refusal is null)
            CaseStore.Save(command, current, outcome.OrRefuse());
        else
            // Its history is full: nothing can be done to it any more, and it must not stand before the others.
            command.Write("update cases set escalate_at = null where id = $1", P(current.Id));
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Overdue cases were not escalated this time")]
    protected override partial void Failed(Exception exception);
}
