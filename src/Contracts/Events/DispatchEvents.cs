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
