using Governance.Grids.Policies;
using Governance.Grids.V1;
using Governance.ServiceDefaults.Errors;

namespace Governance.Grids.Cases;

/// <summary>What those report who were given a case, of other services too.</summary>
public static partial class CaseRules
{
    /// <summary>The handler's own service has opened a work order or an activity.</summary>
    public static Outcome<CaseStep> HandlerOpened(Case current, Guid? dispatch, Guid reference, string name, DateTimeOffset now) =>
        current.State is CaseState.Dispatched && IsOfHandler(current, dispatch)
            ? Step(
                current,
                current with { State = CaseState.Handling, Handler = current.Handler! with { Reference = reference, Name = name } },
                "HandlingStarted", name, now)
            : Noted(current, "HandlerReported", $"opened {reference}", now);

    /// <summary>The handler's own service reports the work as done.</summary>
    public static Outcome<CaseStep> HandlerCompleted(
        Case current, Guid? dispatch, string result, CityPolicies policies, DateTimeOffset now) =>
        current.State is CaseState.Handling or CaseState.Dispatched && IsOfHandler(current, dispatch)
            ? Handled(current, result, policies, now)
            : Noted(current, "HandlerReported", result, now);

    /// <summary>The handler's own service gives the case back.</summary>
    public static Outcome<CaseStep> HandlerDeclined(Case current, Guid? dispatch, string reason, DateTimeOffset now) =>
        current.State is CaseState.Handling or CaseState.Dispatched && IsOfHandler(current, dispatch)
            ? Step(current, current with { State = CaseState.Assessed, Handler = null }, "Returned", reason, now)
            : Noted(current, "HandlerReported", reason, now);

    /// <summary>A department has come; a second arrival changes nothing.</summary>
    public static Outcome<CaseStep> ResponderReported(Case current, Guid whistleId, Guid organisationId, DateTimeOffset reportedAt, DateTimeOffset now)
    {
        if (current.Whistle is not { } whistle || whistle.Id != whistleId)
            return Noted(current, "ResponderReported", $"whistle {whistleId}", now);
        var responders = whistle.Responders
            .Select(r => r.OrganisationId == organisationId && r.ReportedAt is null ? r with { ReportedAt = reportedAt } : r)
            .ToList();
        var name = responders.FirstOrDefault(r => r.OrganisationId == organisationId)?.Name ?? organisationId.ToString();
        var note = reportedAt > whistle.ClosedAt ? $"{name} (after the whistle was closed)" : reportedAt > whistle.ReportBy ? $"{name} (late)" : name;
        return Step(current, current with { Whistle = whistle with { Responders = responders } }, "ResponderReported", note, now);
    }

    // What comes too late to change anything is still kept.
    private static Outcome<CaseStep> Noted(Case current, string action, string note, DateTimeOffset now) =>
        Step(current, current, action, note, now);

    // While the broker lags, whoever had the case before may report as if it were theirs yet.
    private static bool IsOfHandler(Case current, Guid? dispatch) =>
        current.Handler is { OrganisationId: null, DispatchId: { } own } && own == dispatch;
}
