namespace Governance.Contracts.Events;

// What handlers report about a case. The aggregate is the case, so that a case sees its handlers' events in order. DispatchId is that of
// the CaseDispatched which it answers: what answers another dispatch than the newest changes nothing. Texts are told without numbers as
// people have them and addresses of e-mail; a name that somebody wrote into one stays.

/// <summary>A department that was called by a whistle has reported in.</summary>
public sealed record ResponderReported(
    Guid CaseId, Guid WhistleId, Guid OrganisationId, DateTimeOffset ReportedAt, bool Late) : IEvent
{
    public Guid AggregateId => CaseId;
}

/// <summary>A property company has got a work order for a case.</summary>
public sealed record WorkOrderOpened(
    Guid CaseId, Guid WorkOrderId, string CompanyName, DateTimeOffset OpenedAt, Guid? DispatchId = null) : IEvent
{
    public Guid AggregateId => CaseId;
}

/// <summary>A property company has done what a case asked for.</summary>
public sealed record WorkOrderCompleted(
    Guid CaseId, Guid WorkOrderId, string Result, DateTimeOffset CompletedAt, Guid? DispatchId = null) : IEvent
{
    public Guid AggregateId => CaseId;
}

/// <summary>Nobody at the estate can do what a case asks for; <paramref name="WorkOrderId"/> is null when no order could be opened.</summary>
public sealed record WorkOrderDeclined(
    Guid CaseId, Guid? WorkOrderId, string Reason, DateTimeOffset DeclinedAt, Guid? DispatchId = null) : IEvent
{
    public Guid AggregateId => CaseId;
}

/// <summary>An activity for volunteers was opened for a case.</summary>
public sealed record ActivityOpened(Guid CaseId, Guid ActivityId, DateTimeOffset OpenedAt, Guid? DispatchId = null) : IEvent
{
    public Guid AggregateId => CaseId;
}

/// <summary>Volunteers have done what a case asked for.</summary>
public sealed record ActivityCompleted(
    Guid CaseId, Guid ActivityId, int Volunteers, int ServiceMinutes, string Summary, DateTimeOffset CompletedAt,
    Guid? DispatchId = null) : IEvent
{
    public Guid AggregateId => CaseId;
}
