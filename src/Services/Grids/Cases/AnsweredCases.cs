using Governance.Grids.Policies;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Errors;

namespace Governance.Grids.Cases;

/// <summary>Closes cases with an answer once the time to confirm it is over, whether or not somebody has.</summary>
public sealed partial class AnsweredCases(
    Commands commands, PolicyStore policies, CaseFeed feed, TimeProvider clock, ILogger<AnsweredCases> logger)
    : ClaimedCases("close_at", commands, policies, feed, clock)
{
    protected override Claim<Case> Due(DateTimeOffset now, int limit) => CaseStore.ToClose(now, limit);

    protected override Outcome<CaseStep> Step(Case current, CityPolicies policies, DateTimeOffset now) => CaseRules.Close(current, policies, now);

    [LoggerMessage(Level = LogLevel.Error, Message = "Answered cases were not closed this time")]
    protected override partial void Failed(Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "Case {CaseId} could not be closed, and is tried again a day later")]
    protected override partial void Postponed(Guid caseId, Exception exception);
}
