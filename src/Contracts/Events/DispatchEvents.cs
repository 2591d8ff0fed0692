namespace Governance.Contracts.Events;

/// <summary>
/// Whoever was handling a case handles it no more; what was opened for it is to be ended. <paramref name="Cause"/> is what was done to
/// the case, as its history names it. Told before the next <see cref="CaseDispatched"/> of the case.
/// </summary>
public sealed record DispatchWithdrawn(
    Guid CaseId, string Territory, string Cause, IReadOnlyList<Guid> OrganisationIds, Guid? EstateId, DateTimeOffset WithdrawnAt) : IEvent
{
    public Guid AggregateId => CaseId;
}

/// <summary>
/// A decision moved the instant by which a case must be handled. <paramref name="Cause"/> is what was done to the case, as its history names
/// it; the estate and the dispatch are those of whoever handles it, and the provisional year is as in <see cref="CaseDispatched"/>.
/// </summary>
public sealed record CaseDeadlineMoved(
    Guid CaseId,
    string Territory,
    string Cause,
    DateTimeOffset DueAt,
    Guid? EstateId,
    Guid? DispatchId,
    DateTimeOffset MovedAt,
    int ProvisionalYear = 0) : IEvent
{
    public Guid AggregateId => CaseId;
}

/// <summary>A person of an organisation was given its part of a case; who, is read from the assignment.</summary>
public sealed record AssignmentGiven(
    Guid CaseId, Guid AssignmentId, string Territory, Guid OrganisationId, DateTimeOffset DueAt, DateTimeOffset GivenAt) : IEvent
{
    public Guid AggregateId => CaseId;
}

/// <summary>
/// A level above the one that holds a case (<paramref name="Ordered"/>) wants a report on it by <paramref name="ReplyBy"/>; what it says is
/// read from the order.
/// </summary>
public sealed record SupervisionOrdered(
    Guid CaseId, Guid OrderId, string Territory, string Ordered, DateTimeOffset ReplyBy, DateTimeOffset OrderedAt) : IEvent
{
    public Guid AggregateId => CaseId;
}

/// <summary>A supervision order was replied to.</summary>
public sealed record SupervisionReplied(Guid CaseId, Guid OrderId, string Territory, bool Late, DateTimeOffset RepliedAt) : IEvent
{
    public Guid AggregateId => CaseId;
}

/// <summary>An organisation objects to being given a case.</summary>
public sealed record AssignmentObjected(
    Guid CaseId, Guid AssignmentId, string Territory, Guid OrganisationId, DateTimeOffset ObjectedAt) : IEvent
{
    public Guid AggregateId => CaseId;
}

/// <summary>An objection was ruled on.</summary>
public sealed record ObjectionRuled(
    Guid CaseId, Guid AssignmentId, string Territory, Guid OrganisationId, bool Upheld, DateTimeOffset RuledAt) : IEvent
{
    public Guid AggregateId => CaseId;
}

/// <summary>
/// One side of a whistle has appraised the other: <paramref name="Score"/> (1 to 5) of the department by whoever whistled, or
/// <paramref name="Justified"/> of the whistle by the department.
/// </summary>
public sealed record WhistleAppraised(
    Guid CaseId, Guid WhistleId, string Territory, Guid OrganisationId, int? Score, bool? Justified, DateTimeOffset AppraisedAt) : IEvent
{
    public Guid AggregateId => CaseId;
}

/// <summary>A consultation on a case has ended in a decision; <paramref name="LeadId"/> leads since, null when nobody new does.</summary>
public sealed record ConsultationDecided(
    Guid CaseId, Guid ConsultationId, string Territory, Guid? LeadId, DateTimeOffset DecidedAt) : IEvent
{
    public Guid AggregateId => CaseId;
}
