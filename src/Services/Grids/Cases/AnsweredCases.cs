using Governance.Grids.Policies;
using Governance.ServiceDefaults.Database;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.Grids.Cases;

/// <summary>Closes cases with an answer once the time to confirm it is over, whether or not somebody has.</summary>
public sealed partial class AnsweredCases(
    Commands commands, PolicyStore policies, CaseFeed feed, TimeProvider clock, ILogger<AnsweredCases> logger)
    : ClaimedCases(commands, feed, clock)
{
    protected override Claim<Case> Due(DateTimeOffset now, int limit) => CaseStore.ToClose(now, limit);

    protected override async Task ActAsync(Command command, Case current)
    {
        var outcome = CaseRules.Close(current, await policies.OfAsync(current.Territory, command.Cancellation), command.Now);
        if (outcome.Refusal is null)
            CaseStore.Save(command, current, outcome.OrRefuse());
        else
            // Its history is full: nothing can be done to it any more, and it must not stand before the others.
            command.Write("update cases set close_at = null where id = $1", P(current.Id));
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Answered cases were not closed this time")]
    protected override partial void Failed(Exception exception);
}
