using System.Text.Json.Serialization;

namespace Governance.Contracts.Events;

/// <summary>A case was opened.</summary>
public sealed record CaseReported(Guid CaseId, string Territory, string Title, DateTimeOffset ReportedAt) : IEvent
{
    public Guid AggregateId => CaseId;
}

/// <summary>
/// A case was given to a handler. Exactly one of <see cref="OrganisationId"/>, <see cref="EstateId"/> and <see cref="Need"/> is set;
/// organisations that help the first are <see cref="CoHandlers"/>. <see cref="DispatchId"/> is this dispatch's own, and whoever handles the
/// case names it in what it reports: the case may have been dispatched anew since. What was noted for them is read from the case: it may
/// name people, and events leave the house. <see cref="ProvisionalYear"/> is the year of the case whose holidays were provisional when
/// what is due was set by them; 0 when none was.
/// </summary>
public sealed record CaseDispatched(
    Guid CaseId,
    string Territory,
    string Title,
    DateTimeOffset DueAt,
    Guid? OrganisationId,
    Guid? EstateId,
    VolunteerNeed? Need,
    DateTimeOffset DispatchedAt,
    IReadOnlyList<Guid>? CoHandlers = null,
    Guid? DispatchId = null,
    int ProvisionalYear = 0) : IEvent
{
    /// <summary>Routing key of a case that is given to an estate's property company.</summary>
    public const string ToEstate = "estate";

    /// <summary>Routing key of a case that is given to volunteers.</summary>
    public const string ToVolunteers = "volunteers";

    /// <summary>Routing key of a case that an organisation handles itself.</summary>
    public const string ToOrganisation = "organisation";

    public Guid AggregateId => CaseId;

    [JsonIgnore]
    public string RoutingKey => EstateId is not null ? ToEstate : Need is not null ? ToVolunteers : ToOrganisation;
}

/// <summary>Hands that a case needs.</summary>
public sealed record VolunteerNeed(string Skill, int Hands, DateTimeOffset StartsAt, int Minutes);

/// <summary>
/// A case went up to the level whose territory is <paramref name="Holder"/>. The provisional year is as in <see cref="CaseDispatched"/>.
/// </summary>
public sealed record CaseEscalated(
    Guid CaseId, string Territory, string Holder, DateTimeOffset DueAt, DateTimeOffset EscalatedAt, int ProvisionalYear = 0) : IEvent
{
    public Guid AggregateId => CaseId;
}

/// <summary>
/// Departments were called to a case and must report in by <paramref name="ReportBy"/>, which may rest on the provisional holidays of a year.
/// </summary>
public sealed record WhistleBlown(
    Guid CaseId,
    Guid WhistleId,
    string Territory,
    string Title,
    IReadOnlyList<WhistledOrganisation> Organisations,
    DateTimeOffset ReportBy,
    DateTimeOffset BlownAt,
    int ProvisionalYear = 0) : IEvent
{
    public Guid AggregateId => CaseId;
}

/// <summary>A department called by a whistle.</summary>
public sealed record WhistledOrganisation(Guid OrganisationId, string Name);

/// <summary>
/// A whistle is over, since its case was handled or went elsewhere: nobody is waited for any more. <paramref name="Cause"/> is what was
/// done to the case, as its history names it.
/// </summary>
public sealed record WhistleClosed(Guid CaseId, Guid WhistleId, string Territory, string Cause, DateTimeOffset ClosedAt) : IEvent
{
    public Guid AggregateId => CaseId;
}

/// <summary>
/// The reporter of a case was told what was done, and is waited for until <paramref name="ConfirmBy"/>; the answer is read from the case.
/// </summary>
public sealed record CaseAnswered(Guid CaseId, string Territory, DateTimeOffset ConfirmBy, DateTimeOffset AnsweredAt) : IEvent
{
    public Guid AggregateId => CaseId;
}

/// <summary>A case that had an answer, closed or not, is handled anew and due at <paramref name="DueAt"/>.</summary>
public sealed record CaseReopened(Guid CaseId, string Territory, int Reopenings, DateTimeOffset DueAt, DateTimeOffset ReopenedAt) : IEvent
{
    public Guid AggregateId => CaseId;
}

/// <summary>A case was put on file and is looked at again at <paramref name="ReviewAt"/>.</summary>
public sealed record CaseBanked(Guid CaseId, string Territory, DateTimeOffset ReviewAt, DateTimeOffset BankedAt) : IEvent
{
    public Guid AggregateId => CaseId;
}

/// <summary>A case was closed: confirmed by the reporter, or after the time to confirm had passed.</summary>
public sealed record CaseClosed(Guid CaseId, string Territory, bool Satisfied, DateTimeOffset ClosedAt) : IEvent
{
    public Guid AggregateId => CaseId;
}

/// <summary>A case was another authority's, and has ended here.</summary>
public sealed record CaseTransferred(Guid CaseId, string Territory, string Authority, DateTimeOffset TransferredAt) : IEvent
{
    public Guid AggregateId => CaseId;
}

/// <summary>A case is about the same matter as another, with which it will be answered.</summary>
public sealed record CaseMerged(Guid CaseId, Guid PrimaryId, string Territory, DateTimeOffset MergedAt) : IEvent
{
    public Guid AggregateId => CaseId;
}

/// <summary>The level <paramref name="Reviewer"/> must review the answer to a case, closed or not, by <paramref name="DueAt"/>.</summary>
public sealed record CaseReviewRequested(
    Guid CaseId, string Territory, int Round, string Reviewer, DateTimeOffset DueAt, DateTimeOffset RequestedAt) : IEvent
{
    public Guid AggregateId => CaseId;
}

/// <summary>A level above has decided about the answer to a case: Upheld, Changed or Remanded.</summary>
public sealed record CaseReviewDecided(Guid CaseId, string Territory, int Round, string Decision, DateTimeOffset DecidedAt) : IEvent
{
    public Guid AggregateId => CaseId;
}

/// <summary>A case was not taken up.</summary>
public sealed record CaseRejected(Guid CaseId, string Territory, DateTimeOffset RejectedAt) : IEvent
{
    public Guid AggregateId => CaseId;
}
