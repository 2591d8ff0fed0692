using Governance.Contracts.Events;
using Governance.Grids.Cases;
using Governance.Grids.Policies;
using Governance.Grids.V1;
using Governance.ServiceDefaults.Errors;
using Case = Governance.Grids.Cases.Case;

namespace Governance.Grids.Dispatch;

/// <summary>A whistle with the departments it called, as its record keeps it.</summary>
public sealed record BlownWhistle(
    Guid Id,
    Guid CaseId,
    string Territory,
    string BlownBy,
    string BlownBySubject,
    string Reason,
    DateTimeOffset BlownAt,
    DateTimeOffset ReportBy,
    DateTimeOffset? ClosedAt,
    int ProvisionalYear,
    IReadOnlyList<Called> Departments);

/// <summary>A department that was called, and what each side thinks of the other.</summary>
public sealed record Called(
    Guid OrganisationId,
    string Name,
    DateTimeOffset? ReportedAt,
    int? Score,
    string ScoreComment,
    bool? Justified,
    string JustifiedComment,
    DateTimeOffset? JustifiedAt);

/// <summary>A whistle is over when its case is whistled for no more; after that both sides appraise each other once (双考核), pure.</summary>
public static class WhistleRules
{
    internal static bool IsClosed(Case current, Case next) => current.State is CaseState.Whistled && next.State is not CaseState.Whistled;

    /// <summary>The whistle of a case as its state demands.</summary>
    internal static CaseWhistle? Settled(Case current, Case next, DateTimeOffset now) =>
        next.Whistle is { } whistle && IsClosed(current, next) ? whistle with { ClosedAt = now } : next.Whistle;

    internal static WhistleClosed Closed(Case current, string action, DateTimeOffset now) =>
        new(current.Id, current.Whistle!.Id, current.Territory, action, now);

    /// <summary>At the instant itself a department is still in time; what happens after the whistle is closed changes nothing.</summary>
    public static bool IsLate(DateTimeOffset reportBy, DateTimeOffset? reportedAt, DateTimeOffset? closedAt, DateTimeOffset now) =>
        (reportedAt < closedAt ? reportedAt : closedAt ?? reportedAt ?? now) > reportBy;

    public static Arrival ArrivalOf(BlownWhistle whistle, Called called, DateTimeOffset now) => called.ReportedAt switch
    {
        { } at when at > whistle.ClosedAt => Arrival.Absent,
        { } at when at <= whistle.ReportBy => Arrival.InTime,
        not null => Arrival.Late,
        null when whistle.ClosedAt is not null || now > whistle.ReportBy => Arrival.Absent,
        null => Arrival.Expected,
    };

    /// <summary>The department as it is appraised by whoever whistled.</summary>
    public static Outcome<Called> Score(
        BlownWhistle whistle, Guid organisation, int score, string comment, CityPolicies policies, DateTimeOffset now) =>
        Appraisable(whistle, organisation, policies, now).Then<Called>(called => called.Score is null
            ? called with { Score = score, ScoreComment = comment }
            : DispatchErrors.AppraisalMade.With());

    /// <summary>The department with what it thinks of the whistle.</summary>
    public static Outcome<Called> Judge(
        BlownWhistle whistle, Guid organisation, bool justified, string comment, CityPolicies policies, DateTimeOffset now) =>
        Appraisable(whistle, organisation, policies, now).Then<Called>(called => called.Justified is null
            ? called with { Justified = justified, JustifiedComment = comment, JustifiedAt = now }
            : DispatchErrors.AppraisalMade.With());

    private static Outcome<Called> Appraisable(BlownWhistle whistle, Guid organisation, CityPolicies policies, DateTimeOffset now)
    {
        if (whistle.Departments.FirstOrDefault(d => d.OrganisationId == organisation) is not { } called)
            return DispatchErrors.WhistleNotCalled.With(("organisation", organisation));
        if (whistle.ClosedAt is not { } closed)
            return DispatchErrors.WhistleOpen.With();
        // By the policy of that day: what comes into force later does not reach back.
        return policies.InForce(CityPolicies.CasesKind, closed).Then<Called>(policy =>
        {
            if (policy.Cases.Dispatch?.AppraiseWithin is not { } limit)
                return called;
            return policies.DueAt(closed, limit).Then<Called>(until =>
                now > until.At ? DispatchErrors.AppraisalTooLate.With(("until", until.At)) : called);
        });
    }
}
