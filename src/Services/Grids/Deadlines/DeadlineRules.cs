using Governance.Contracts.Events;
using Governance.Grids.Cases;
using Governance.Grids.Dispatch;
using Governance.Grids.Policies;
using Governance.Primitives;
using Governance.ServiceDefaults.Errors;
using Grpc.Core;
using Case = Governance.Grids.Cases.Case;
using DeadlineChange = Governance.Grids.Cases.DeadlineChange;
using TimeLimit = Governance.Grids.V1.TimeLimit;

namespace Governance.Grids.Deadlines;

public static class DeadlineErrors
{
    public static readonly ErrorDefinition Passed = new("DEADLINE_PASSED", StatusCode.FailedPrecondition,
        "The case was due at {due}; what is overdue is not made due later.", "事项已于 {due} 逾期，不能再申请延期或暂停。");

    public static readonly ErrorDefinition ChangePending = new("DEADLINE_CHANGE_PENDING", StatusCode.FailedPrecondition,
        "A change was asked for at {at} and is not decided yet.", "{at} 提出的时限调整申请尚未审批。");

    public static readonly ErrorDefinition ChangeMissing = new("DEADLINE_CHANGE_MISSING", StatusCode.FailedPrecondition,
        "There is no change of the deadline to decide about.", "没有待审批的时限调整申请。");

    public static readonly ErrorDefinition ChangeNotAllowed = new("DEADLINE_CHANGE_NOT_ALLOWED", StatusCode.FailedPrecondition,
        "The city's policy allows {max} extensions of a case; it has had {had}.", "本市政策允许延期 {max} 次，该事项已延期 {had} 次。");

    public static readonly ErrorDefinition ChangeTooLong = new("DEADLINE_CHANGE_TOO_LONG", StatusCode.InvalidArgument,
        "The change must end after now, and until {latest} at the latest.", "调整后的时限须晚于当前时间，且不得晚于 {latest}。");

    public static readonly ErrorDefinition Paused = new("DEADLINE_PAUSED", StatusCode.FailedPrecondition,
        "The case is paused until {until}.", "事项计时已暂停至 {until}。");

    public static readonly ErrorDefinition NotPaused = new("DEADLINE_NOT_PAUSED", StatusCode.FailedPrecondition,
        "The case is not paused.", "事项计时未处于暂停状态。");

    public static readonly ErrorDefinition DecisionOwn = new("DEADLINE_DECISION_OWN", StatusCode.PermissionDenied,
        "Nobody decides about a change that they asked for.", "不得审批本人提出的时限调整申请。");

    public static readonly ErrorDefinition DecisionTooLow = new("DEADLINE_DECISION_TOO_LOW", StatusCode.PermissionDenied,
        "The case is held by {holder}: a level above it decides.", "事项由 {holder} 办理，须由其上级审批。");
}

/// <summary>
/// Changes of the instant by which a case must be handled, pure. Asking moves nothing; only a decision does, and the history
/// keeps the old instant beside the new one.
/// </summary>
public static class DeadlineRules
{
    public static Outcome<CaseStep> Request(Case current, DeadlineChange change, CityPolicies policies, DateTimeOffset now)
    {
        if (CaseRules.Requires(current, "RequestDeadlineChange", CaseRules.ToBeHandled) is { } wrong)
            return wrong;
        if (current.Deadline?.Pending is { } pending)
            return DeadlineErrors.ChangePending.With(("at", pending.RequestedAt));
        if (current.HandleBy <= now)
            return DeadlineErrors.Passed.With(("due", current.HandleBy.Value));
        if (PausedUntil(current, now) is { } until)
            return DeadlineErrors.Paused.With(("until", until));
        return Changed(current, change, policies, now).Then(_ => CaseRules.Step(
            current, current with { Deadline = (current.Deadline ?? CaseDeadline.None) with { Pending = change } },
            "DeadlineChangeRequested", change.Reason, now));
    }

    public static Outcome<CaseStep> Decide(
        Case current, bool grant, string reason, string decider, TerritoryCode reach, CityPolicies policies, DateTimeOffset now)
    {
        if (CaseRules.Requires(current, "DecideDeadlineChange", CaseRules.ToBeHandled) is { } wrong)
            return wrong;
        if (current.Deadline is not { Pending: { } change } deadline)
            return DeadlineErrors.ChangeMissing.With();
        if (change.RequestedBy == decider)
            return DeadlineErrors.DecisionOwn.With();
        if (!CaseRules.IsAbove(reach, current))
            return DeadlineErrors.DecisionTooLow.With(("holder", current.Holder));
        var decided = current with { Deadline = deadline with { Pending = null } };
        return grant
            ? Changed(decided, change, policies, now).Then(next => Moved(
                current, next, change.PauseUntil is null ? "DeadlineExtended" : "DeadlinePaused", reason, now))
            : CaseRules.Step(current, decided, "DeadlineChangeDeclined", reason, now);
    }

    public static Outcome<CaseStep> Resume(Case current, string reason, CityPolicies policies, DateTimeOffset now)
    {
        if (CaseRules.Requires(current, "ResumeDeadline", CaseRules.ToBeHandled) is { } wrong)
            return wrong;
        if (PausedUntil(current, now) is not { } until)
            return DeadlineErrors.NotPaused.With();
        // Of a pause of before that was kept, all is taken back as if it had been there from the beginning.
        var pause = current.Deadline!.Pause ?? Standing(current, until);
        return GoesOn(current, pause, now, policies).Then(moved =>
        {
            var next = moved with { Deadline = current.Deadline with { PausedUntil = null, Pause = null } };
            return Moved(current, next, "DeadlineResumed", reason, now);
        });
    }

    /// <summary>The case after a change that is within what the policy in force allows.</summary>
    private static Outcome<Case> Changed(Case current, DeadlineChange change, CityPolicies policies, DateTimeOffset now) =>
        policies.InForce(CityPolicies.CasesKind, now).Then(policy =>
        {
            var had = current.Deadline?.Extensions ?? 0;
            var allowed = policy.Cases.DeadlineChanges;
            if (allowed is null || (change.ExtendBy is not null && had >= allowed.Extensions))
                return DeadlineErrors.ChangeNotAllowed.With(("max", allowed?.Extensions ?? 0), ("had", had));
            return change.ExtendBy is { } limit
                ? Extended(current, limit, allowed.ExtendAtMost, policies, now)
                : Paused(current, change.PauseUntil!.Value, allowed.PauseAtMost, policies, now);
        });

    private static Outcome<Case> Extended(
        Case current, TimeLimit limit, TimeLimit atMost, CityPolicies policies, DateTimeOffset now) =>
        policies.DueAt(current.HandleBy!.Value, atMost).Then(latest => policies.DueAt(current.HandleBy.Value, limit).Then(due =>
        {
            if (due.At > latest.At)
                return DeadlineErrors.ChangeTooLong.With(("latest", latest.At));
            if (current.HandleBy <= now)
                return DeadlineErrors.Passed.With(("due", current.HandleBy.Value));
            var deadline = current.Deadline ?? CaseDeadline.None;
            // A part that is overdue stays so.
            return Due(current, due, (part, _) => part <= now ? new Due(part) : policies.DueAt(part, limit), policies)
                .Then<Case>(next => next with { Deadline = deadline with { Extensions = deadline.Extensions + 1 } });
        }));

    private static Outcome<Case> Paused(Case current, DateTimeOffset until, TimeLimit atMost, CityPolicies policies, DateTimeOffset now) =>
        policies.DueAt(now, atMost).Then(latest =>
        {
            if (until <= now || until > latest.At)
                return DeadlineErrors.ChangeTooLong.With(("latest", latest.At));
            // Nothing is left that could stand still.
            if (current.HandleBy <= now)
                return DeadlineErrors.Passed.With(("due", current.HandleBy.Value));
            var pause = Standing(current, now);
            return GoesOn(current, pause, until, policies).Then<Case>(next => next with
            {
                Deadline = (current.Deadline ?? CaseDeadline.None) with { PausedUntil = until, Pause = pause },
            });
        });

    private static CasePause Standing(Case current, DateTimeOffset from) =>
        new(from, current.HandleBy!.Value, current.Assignments.ToDictionary(a => a.Id, a => a.DueAt));

    /// <summary>
    /// The case once what stands still in a pause goes on at an instant. It is counted from where it stood, so a pause that ends early
    /// takes back no more than it gave; a part that was given out since keeps its own time, and is never due after the case.
    /// </summary>
    private static Outcome<Case> GoesOn(Case current, CasePause pause, DateTimeOffset at, CityPolicies policies)
    {
        // The policy by which the limit was set says in what it is counted.
        var policy = policies.OfVersion(current.PolicyVersion);
        return CaseRules.LimitOf(current, policy, policies).Then(limit => Later(pause.HandleBy, limit).Then(handleBy => Due(
            current, handleBy,
            (due, id) => pause.Parts.TryGetValue(id, out var stood) ? Later(stood, limit) : new Due(due < handleBy.At ? due : handleBy.At),
            policies)));

        // What was overdue by then stays so.
        Outcome<Due> Later(DateTimeOffset due, TimeLimit limit) =>
            due <= pause.From ? new Due(due) : policies.GoesOn(due, limit.Unit, pause.From, at);
    }

    // Whoever has longer to handle has longer before the case goes up, and so has whoever helps.
    private static Outcome<Case> Due(Case current, Due handleBy, Func<DateTimeOffset, Guid, Outcome<Due>> part, CityPolicies policies) =>
        CaseRules.EscalateAt(policies, policies.OfVersion(current.PolicyVersion), handleBy.At).Then(up =>
            AssignmentRules.Moved(current.Assignments, part).Then<Case>(assignments =>
                current.RestingOn(CaseRules.Last(handleBy, up)) with
                {
                    HandleBy = handleBy.At,
                    EscalateAt = up?.At,
                    Assignments = assignments,
                }));

    private static DateTimeOffset? PausedUntil(Case current, DateTimeOffset now) => current.Deadline?.PausedUntil is { } until && until > now ? until : null;

    private static Outcome<CaseStep> Moved(Case before, Case after, string action, string reason, DateTimeOffset now) => CaseRules.Step(
        before, after, action, $"{CaseRules.Text(before.HandleBy!.Value)} -> {CaseRules.Text(after.HandleBy!.Value)}: {reason}", now,
        new CaseDeadlineMoved(
            after.Id, after.Territory, action, after.HandleBy.Value, after.Handler?.EstateId, after.Handler?.DispatchId, now, after.ProvisionalYear));
}
