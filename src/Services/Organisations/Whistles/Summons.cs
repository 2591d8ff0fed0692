using Governance.Contracts.Events;
using Governance.ServiceDefaults.Errors;
using Grpc.Core;

namespace Governance.Organisations.Whistles;

public static class WhistleErrors
{
    public static readonly ErrorDefinition NotFound = new("SUMMONS_NOT_FOUND", StatusCode.NotFound,
        "There is no summons {id}.", "没有编号为 {id} 的吹哨通知。");

    public static readonly ErrorDefinition AlreadyAnswered = new("SUMMONS_ALREADY_ANSWERED", StatusCode.FailedPrecondition,
        "The department has reported in already, at {at}.", "该部门已于 {at} 报到。");

    public static readonly ErrorDefinition Closed = new("SUMMONS_CLOSED", StatusCode.FailedPrecondition,
        "The whistle was closed at {at}; the department is not waited for any more.", "该吹哨已于 {at} 结束，无需再报到。");
}

/// <summary>
/// One department called by one whistle: it must come by <see cref="ReportBy"/>, and may still come later, until the whistle is closed.
/// </summary>
public sealed record Summons
{
    public required Guid Id { get; init; }

    public required Guid WhistleId { get; init; }

    public required Guid CaseId { get; init; }

    public required Guid OrganisationId { get; init; }

    /// <summary>Its name when it was called.</summary>
    public required string OrganisationName { get; init; }

    /// <summary>Territory of the case.</summary>
    public required string Territory { get; init; }

    public required string Subject { get; init; }

    public required DateTimeOffset ReportBy { get; init; }

    /// <summary>Whose holidays were provisional when <see cref="ReportBy"/> was set by them; 0 when none was.</summary>
    public int ProvisionalYear { get; init; }

    public DateTimeOffset? ReportedAt { get; init; }

    public string Note { get; init; } = "";

    /// <summary>When nobody was waited for any more, as grids has it. A department may come after it, as long as it is not known here.</summary>
    public DateTimeOffset? ClosedAt { get; init; }

    /// <summary>At the instant itself the department is still in time; what happens after the whistle is closed changes nothing.</summary>
    public bool IsLate(DateTimeOffset now) => (ReportedAt < ClosedAt ? ReportedAt : ClosedAt ?? ReportedAt ?? now) > ReportBy;

    /// <summary>One summons for each department that a whistle calls.</summary>
    public static IEnumerable<Summons> Of(WhistleBlown blown, Func<Guid> newId) =>
        blown.Organisations.DistinctBy(o => o.OrganisationId).Select(called => new Summons
        {
            Id = newId(),
            WhistleId = blown.WhistleId,
            CaseId = blown.CaseId,
            OrganisationId = called.OrganisationId,
            OrganisationName = called.Name,
            Territory = blown.Territory,
            Subject = blown.Title,
            ReportBy = blown.ReportBy,
            ProvisionalYear = blown.ProvisionalYear,
        });

    /// <summary>The department has come, in time or not.</summary>
    public Outcome<(Summons Next, ResponderReported Happened)> ReportIn(string note, DateTimeOffset now)
    {
        if (ReportedAt is { } at)
            return WhistleErrors.AlreadyAnswered.With(("at", at));
        if (ClosedAt is { } closed)
            return WhistleErrors.Closed.With(("at", closed));
        var next = this with { ReportedAt = now, Note = note };
        return (next, new ResponderReported(CaseId, WhistleId, OrganisationId, now, next.IsLate(now)));
    }
}
