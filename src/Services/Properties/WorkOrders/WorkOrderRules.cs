using Governance.Contracts.Events;
using Governance.Primitives;
using Governance.Properties.Estates;
using Governance.Properties.V1;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Privacy;

namespace Governance.Properties.WorkOrders;

/// <summary>What a rule decides: the next work order, and what others are told.</summary>
public sealed record WorkOrderStep(WorkOrder Next, params IReadOnlyList<IEvent> Events);

/// <summary>The rules of work orders, pure: (work order, command, now) to a step or a refusal.</summary>
public static class WorkOrderRules
{
    /// <summary>States in which the company still has it.</summary>
    private static readonly WorkOrderState[] InHand = [WorkOrderState.Open, WorkOrderState.Started];

    /// <summary>
    /// The company of the estate gets what was dispatched to it. An estate of another city counts as unknown: a case is not
    /// shown across that border.
    /// </summary>
    public static Outcome<WorkOrderStep> Open(Guid id, CaseDispatched dispatched, Guid estateId, ManagedEstate? estate, DateTimeOffset now)
    {
        if (estate is null || CityOf(estate.Territory) != CityOf(dispatched.Territory))
            return WorkOrderErrors.EstateUnknown.With(("id", estateId));
        if (estate.CompanyId is not { } company)
            return WorkOrderErrors.EstateWithoutCompany.With(("estate", estate.Name));
        return new WorkOrderStep(
            new WorkOrder
            {
                Id = id,
                CaseId = dispatched.CaseId,
                DispatchId = dispatched.DispatchId,
                EstateId = estate.Id,
                EstateName = estate.Name,
                Territory = dispatched.Territory,
                CompanyId = company,
                Title = dispatched.Title,
                State = WorkOrderState.Open,
                DueAt = dispatched.DueAt,
                ProvisionalYear = dispatched.ProvisionalYear,
                OpenedAt = now,
                Version = 1,
            },
            new WorkOrderOpened(dispatched.CaseId, id, estate.CompanyName, now, dispatched.DispatchId));
    }

    public static Outcome<WorkOrderStep> Start(WorkOrder current) =>
        Requires(current, "StartWorkOrder", WorkOrderState.Open) is { } wrong
            ? wrong
            : new WorkOrderStep(current with { State = WorkOrderState.Started, Version = current.Version + 1 });

    public static Outcome<WorkOrderStep> Complete(WorkOrder current, string result, DateTimeOffset now) =>
        Requires(current, "CompleteWorkOrder", InHand) is { } wrong
            ? wrong
            : new WorkOrderStep(
                Ended(current, WorkOrderState.Completed, result, now),
                new WorkOrderCompleted(current.CaseId, current.Id, Told(result), now, current.DispatchId));

    public static Outcome<WorkOrderStep> Decline(WorkOrder current, string reason, DateTimeOffset now) =>
        Requires(current, "DeclineWorkOrder", InHand) is { } wrong
            ? wrong
            : new WorkOrderStep(
                Ended(current, WorkOrderState.Declined, reason, now),
                new WorkOrderDeclined(current.CaseId, current.Id, Told(reason), now, current.DispatchId));

    /// <summary>An event is kept by many, and nobody finds a number in it again to take it out.</summary>
    private static string Told(string text) => Redaction.Clean(text, []).Text;

    /// <summary>The case went elsewhere, and nobody waits for what the company would report. What has ended stays as it is.</summary>
    public static WorkOrderStep? Withdraw(WorkOrder current, string cause, DateTimeOffset now) =>
        InHand.Contains(current.State) ? new WorkOrderStep(Ended(current, WorkOrderState.Withdrawn, cause, now)) : null;

    /// <summary>The case is due at another instant. What has ended was in time or late by the instant of before.</summary>
    public static WorkOrderStep? Move(WorkOrder current, CaseDeadlineMoved moved) =>
        InHand.Contains(current.State) && current.DispatchId == moved.DispatchId
            ? new WorkOrderStep(current with { DueAt = moved.DueAt, ProvisionalYear = moved.ProvisionalYear, Version = current.Version + 1 })
            : null;

    /// <summary>Not ended and past its due instant, or ended after it; at the instant itself it is still in time.</summary>
    public static bool IsOverdue(DateTimeOffset dueAt, DateTimeOffset? endedAt, DateTimeOffset now) => (endedAt ?? now) > dueAt;

    private static WorkOrder Ended(WorkOrder current, WorkOrderState state, string result, DateTimeOffset now) =>
        current with { State = state, Result = result, EndedAt = now, Version = current.Version + 1 };

    private static TerritoryCode? CityOf(string territory) => TerritoryCode.Parse(territory).AtLevel(TerritoryLevel.City);

    private static Refusal? Requires(WorkOrder current, string verb, params WorkOrderState[] allowed) =>
        allowed.Contains(current.State)
            ? null
            : WorkOrderErrors.WrongState.With(
                ("verb", verb), ("state", current.State.Told()), ("allowed", Words.OneOf(allowed.Select(a => a.Told()))));
}
