using Governance.Contracts.Events;
using Governance.Grids.Cases;
using Governance.Grids.Policies;
using Governance.Grids.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Errors;
using Grpc.Core;
using Case = Governance.Grids.Cases.Case;
using TimeLimit = Governance.Grids.V1.TimeLimit;

namespace Governance.Grids.Escalations;

public static class EscalationErrors
{
    public static readonly ErrorDefinition BankLevelTooLow = new("BANK_LEVEL_TOO_LOW", StatusCode.FailedPrecondition,
        "A case is put on file by a subdistrict or above; it is held by a {level}. Escalate it first.",
        "只有街道及以上层级可以挂账；事项目前由{level}办理，请先上报。");

    public static readonly ErrorDefinition BankNotAllowed = new("BANK_NOT_ALLOWED", StatusCode.FailedPrecondition,
        "The city's policy does not put cases on file.", "本市政策未设置事项挂账。");

    public static readonly ErrorDefinition ReviewTooLate = new("REVIEW_TOO_LATE", StatusCode.InvalidArgument,
        "review_at must lie after now, and before {latest}.", "复核时间须晚于当前时间，且不得晚于 {latest}。");

    public static readonly ErrorDefinition CaseOver = new("SUPERVISION_CASE_OVER", StatusCode.FailedPrecondition,
        "The case is {state}; there is nothing left to supervise.", "事项当前状态为“{state}”，无需督办。");

    public static readonly ErrorDefinition TooLow = new("SUPERVISION_TOO_LOW", StatusCode.PermissionDenied,
        "The case is held by {holder}: a level above it supervises.", "事项由 {holder} 办理，须由其上级督办。");

    public static readonly ErrorDefinition OrderNotFound = new("SUPERVISION_ORDER_NOT_FOUND", StatusCode.NotFound,
        "There is no supervision order {id}.", "没有编号为 {id} 的督办单。");

    public static readonly ErrorDefinition Replied = new("SUPERVISION_REPLIED", StatusCode.FailedPrecondition,
        "The order was replied to at {at}.", "督办单已于 {at} 回复。");
}

/// <summary>An order to report on a case. Immutable; a rule makes the next one.</summary>
public sealed record SupervisionOrder(
    Guid Id,
    Guid CaseId,
    string Territory,
    string Ordered,
    string IssuedBy,
    DateTimeOffset IssuedAt,
    string Instruction,
    DateTimeOffset ReplyBy,
    string Reply,
    string RepliedBy,
    DateTimeOffset? RepliedAt,
    int ProvisionalYear)
{
    public bool IsLate(DateTimeOffset now) => (RepliedAt ?? now) > ReplyBy;
}

/// <summary>What the levels above do about a case, pure.</summary>
public static class EscalationRules
{
    private static readonly CaseState[] Over = [CaseState.Answered, CaseState.Confirmed, .. Case.Ended];

    public static Outcome<CaseStep> Bank(Case current, DateTimeOffset reviewAt, string reason, CityPolicies policies, DateTimeOffset now)
    {
        if (CaseRules.Requires(current, "BankCase", CaseRules.ToBeHandled) is { } wrong)
            return wrong;
        var level = TerritoryCode.Parse(current.Holder).Level;
        if (level is TerritoryLevel.Community or TerritoryLevel.Grid)
            return EscalationErrors.BankLevelTooLow.With(("level", level.Told()));
        return OnFile(current, "Banked", reviewAt, reason, policies, now);
    }

    public static Outcome<CaseStep> Review(Case current, DateTimeOffset? reviewAt, string reason, CityPolicies policies, DateTimeOffset now)
    {
        if (CaseRules.Requires(current, "ReviewBankedCase", CaseState.Banked) is { } wrong)
            return wrong;
        return reviewAt is { } at
            ? OnFile(current, "BankedAgain", at, reason, policies, now)
            : CaseRules.Timed(current with { State = CaseState.Assessed }, policies, now).Then(next => CaseRules.Step(current, next, "TakenUpAgain", reason, now));
    }

    /// <summary>The order, and what the history of the case says of it. The case itself goes on as before.</summary>
    public static Outcome<(SupervisionOrder Order, CaseStep Step)> Supervise(
        Guid id, Case current, string instruction, TimeLimit replyWithin, string issuer, TerritoryCode reach, CityPolicies policies, DateTimeOffset now)
    {
        if (Over.Contains(current.State))
            return EscalationErrors.CaseOver.With(("state", current.State.Told()));
        if (!CaseRules.IsAbove(reach, current))
            return EscalationErrors.TooLow.With(("holder", current.Holder));
        return policies.DueAt(now, replyWithin).Then(due => CaseRules
            .Step(current, current, "SupervisionOrdered", instruction, now,
                new SupervisionOrdered(current.Id, id, current.Territory, current.Holder, due.At, now))
            .Then<(SupervisionOrder, CaseStep)>(step => (
                new SupervisionOrder(id, current.Id, current.Territory, current.Holder, issuer, now, instruction, due.At, "", "", null, due.ProvisionalYear),
                step)));
    }

    public static Outcome<SupervisionOrder> Reply(SupervisionOrder current, string reply, string replier, DateTimeOffset now) =>
        current.RepliedAt is { } at
            ? EscalationErrors.Replied.With(("at", at))
            : current with { Reply = reply, RepliedBy = replier, RepliedAt = now };

    // Whoever had it in hand has it no more; it is due when it is looked at again.
    private static Outcome<CaseStep> OnFile(Case current, string action, DateTimeOffset reviewAt, string reason, CityPolicies policies, DateTimeOffset now) =>
        policies.InForce(CityPolicies.CasesKind, now).Then(policy =>
        {
            if (policy.Cases.BankAtMost is not { } atMost)
                return EscalationErrors.BankNotAllowed.With();
            return policies.DueAt(now, atMost).Then(latest => reviewAt <= now || reviewAt > latest.At
                ? EscalationErrors.ReviewTooLate.With(("latest", latest.At))
                : CaseRules.EscalateAt(policies, policy, reviewAt).Then(up => CaseRules.Step(
                    current,
                    current.RestingOn(up?.ProvisionalYear ?? 0) with
                    {
                        State = CaseState.Banked,
                        Handler = null,
                        Whistle = null,
                        Deadline = null,
                        HandleBy = reviewAt,
                        EscalateAt = up?.At,
                        PolicyVersion = policy.Version,
                    },
                    action, reason, now,
                    new CaseBanked(current.Id, current.Territory, reviewAt, now))));
        });
}
