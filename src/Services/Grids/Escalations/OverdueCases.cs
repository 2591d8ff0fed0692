using Governance.Grids.Cases;
using Governance.Grids.Policies;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Errors;
using Case = Governance.Grids.Cases.Case;

namespace Governance.Grids.Escalations;

/// <summary>Lets overdue cases go up.</summary>
public sealed partial class OverdueCases(
    Commands commands, PolicyStore policies, CaseFeed feed, TimeProvider clock, ILogger<OverdueCases> logger)
    : ClaimedCases("escalate_at", commands, policies, feed, clock)
{
    protected override Claim<Case> Due(DateTimeOffset now, int limit) => CaseStore.Overdue(now, limit);

    protected override Outcome<CaseStep> Step(Case current, CityPolicies policies, DateTimeOffset now) => CaseRules.EscalateOverdue(current, policies, now);

    [LoggerMessage(Level = LogLevel.Error, Message = "Overdue cases were not escalated this time")]
    protected override partial void Failed(Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "Case {CaseId} could not be escalated, and is tried again a day later")]
    protected override partial void Postponed(Guid caseId, Exception exception);
}
