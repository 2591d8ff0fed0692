using Governance.Grids.Cases;
using Governance.Grids.Policies;
using Governance.Grids.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Errors;
using Case = Governance.Grids.Cases.Case;

namespace Governance.Grids.SatisfactionSurveys;

/// <summary>The last answer that a case was given: which entry of its history, when and by whom.</summary>
public sealed record GivenAnswer(int Step, DateTimeOffset At, string By);

/// <summary>What was said of an answer, before it is judged: exactly one of the first two is set.</summary>
/// <param name="AskedBy">Who recorded it on behalf; empty when the reporter did.</param>
public sealed record Saying(
    Satisfaction? Satisfaction, int? Score, string Comment, ResponseChannel Channel, string Responder, string AskedBy, string Agent);

/// <summary>What a reporter said of an answer.</summary>
public sealed record Response(
    Guid Id,
    Guid CaseId,
    int AnswerStep,
    string Territory,
    string Holder,
    ResponseChannel Channel,
    Satisfaction Satisfaction,
    int Score,
    string Comment,
    string Responder,
    string AskedBy,
    string Agent,
    DateTimeOffset AnsweredAt,
    DateTimeOffset At,
    long PolicyVersion);

/// <summary>A review of an answer with which somebody is dissatisfied.</summary>
public sealed record Review
{
    public required Guid Id { get; init; }

    public required Guid CaseId { get; init; }

    public required int AnswerStep { get; init; }

    public required Guid ResponseId { get; init; }

    public required string Territory { get; init; }

    /// <summary>Territory of the level that gave the answer.</summary>
    public required string Holder { get; init; }

    public required SatisfactionReviewState State { get; init; }

    public required DateTimeOffset OpenedAt { get; init; }

    /// <summary>Set once, and never moved.</summary>
    public required DateTimeOffset DueAt { get; init; }

    public string DecidedBy { get; init; } = "";

    public DateTimeOffset? DecidedAt { get; init; }

    public string Reason { get; init; } = "";

    public required long PolicyVersion { get; init; }

    /// <summary>See <see cref="Case.ProvisionalYear"/>; here of <see cref="DueAt"/>.</summary>
    public int ProvisionalYear { get; init; }

    public required long Version { get; init; }
}

/// <summary>The rules of responses and of the reviews that they open, pure.</summary>
public static class SatisfactionRules
{
    /// <summary>Until when a response to an answer is taken: the time runs from the answer, whatever was done since.</summary>
    public static Outcome<Due> RespondBy(GivenAnswer answer, CityPolicies policies, DateTimeOffset now) =>
        policies.InForce(CityPolicies.SatisfactionKind, now).Then(policy => policies.DueAt(answer.At, policy.Satisfaction.RespondWithin));

    public static Outcome<(Response Response, Review? Review)> Respond(
        Case of,
        GivenAnswer? answer,
        bool given,
        Saying saying,
        string by,
        (Guid Response, Guid Review) ids,
        CityPolicies policies,
        DateTimeOffset now)
    {
        if (saying.Satisfaction is null or Satisfaction.Unspecified && saying.Score is null)
            return SatisfactionErrors.VerdictMissing.With();
        if (of.State is not (CaseState.Confirmed or CaseState.Closed))
            return SatisfactionErrors.CaseOpen.With(("state", of.State.Told()));
        if (answer is null)
            return SatisfactionErrors.NotAnswered.With();
        if (given)
            return SatisfactionErrors.Given.With();
        // Nobody says of oneself how good one was.
        if (answer.By == by)
            return SatisfactionErrors.OwnAnswer.With();
        return policies.InForce(CityPolicies.SatisfactionKind, now).Then(policy =>
            policies.DueAt(answer.At, policy.Satisfaction.RespondWithin).Then(until =>
                now > until.At
                    ? SatisfactionErrors.TooLate.With(("until", until.At))
                    : Reviewed(Taken(of, answer, saying, ids.Response, policy, now), ids.Review, policies, policy)));
    }

    /// <summary>
    /// Decides a review, and takes the case up again where that is decided; null where somebody else has done so meanwhile. The
    /// reporter was in time: what the review takes longer is not held against the reporter.
    /// </summary>
    public static Outcome<(Review Review, CaseStep? Step)> Decide(
        Review current,
        Case of,
        GivenAnswer? last,
        TerritoryCode reach,
        bool reopen,
        string reason,
        string by,
        CityPolicies policies,
        DateTimeOffset now)
    {
        if (current.State is not SatisfactionReviewState.Open)
            return SatisfactionErrors.ReviewDecided.With(("state", current.State.Told()));
        if (!CaseRules.IsAbove(reach, of with { Holder = current.Holder }))
            return SatisfactionErrors.LevelTooLow.With(("holder", current.Holder));
        if (last?.By == by)
            return SatisfactionErrors.OwnAnswer.With();
        var decided = current with
        {
            State = reopen ? SatisfactionReviewState.Reopened : SatisfactionReviewState.Upheld,
            DecidedBy = by,
            DecidedAt = now,
            Reason = reason,
            Version = current.Version + 1,
        };
        var standsYet = of.State is CaseState.Confirmed or CaseState.Closed && last?.Step == current.AnswerStep;
        if (!reopen || !standsYet)
            return (decided, (CaseStep?)null);
        var inTime = of.ReopenBy is { } until && current.OpenedAt <= until && now > until ? of with { ReopenBy = now } : of;
        return CaseRules.Reopen(inTime, reason, policies, now).Then<(Review, CaseStep?)>(step => (decided, step));
    }

    private static Response Taken(Case of, GivenAnswer answer, Saying saying, Guid id, Policy policy, DateTimeOffset now) => new(
        id, of.Id, answer.Step, of.Territory, of.Holder, saying.Channel,
        saying.Score is { } score
            ? score >= policy.Satisfaction.SatisfiedFrom ? Satisfaction.Satisfied : Satisfaction.Dissatisfied
            : saying.Satisfaction!.Value,
        saying.Score ?? 0, saying.Comment, saying.Responder, saying.AskedBy, saying.Agent, answer.At, now, policy.Version);

    private static Outcome<(Response Response, Review? Review)> Reviewed(
        Response taken, Guid reviewId, CityPolicies policies, Policy policy) =>
        taken.Satisfaction is Satisfaction.Satisfied
            ? (taken, (Review?)null)
            : policies.DueAt(taken.At, policy.Satisfaction.ReviewWithin).Then<(Response, Review?)>(due => (taken, new Review
            {
                Id = reviewId,
                CaseId = taken.CaseId,
                AnswerStep = taken.AnswerStep,
                ResponseId = taken.Id,
                Territory = taken.Territory,
                Holder = taken.Holder,
                State = SatisfactionReviewState.Open,
                OpenedAt = taken.At,
                DueAt = due.At,
                PolicyVersion = policy.Version,
                ProvisionalYear = due.ProvisionalYear,
                Version = 1,
            }));
}
