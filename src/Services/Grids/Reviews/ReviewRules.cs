using Governance.Contracts.Events;
using Governance.Grids.Cases;
using Governance.Grids.Policies;
using Governance.Grids.V1;
using Governance.ServiceDefaults.Errors;
using Case = Governance.Grids.Cases.Case;
using CaseReview = Governance.Grids.Cases.CaseReview;

namespace Governance.Grids.Reviews;

/// <summary>The chain of reviews of an answer, pure. It has two links, each a level higher, and then an end.</summary>
public static class ReviewRules
{
    public const int Rounds = 2;

    public static Outcome<CaseStep> Request(Case current, string reason, CityPolicies policies, DateTimeOffset now)
    {
        if (CaseRules.Requires(current, "RequestReview", CaseState.Answered, CaseState.Confirmed, CaseState.Closed) is { } wrong)
            return wrong;
        if (current.Review is not { } review)
            return ReviewErrors.NotSet.With();
        if (Finality(current) is { } final)
            return final;
        if (now > review.RequestBy)
            return ReviewErrors.RequestTooLate.With(("until", review.RequestBy.Value));
        if (CaseRules.Above(current) is not { } above)
            return ReviewErrors.AtTop.With();
        return PolicyOf(policies, now).Then(policy => policies.DueAt(now, policy.DecideWithin)).Then(due => CaseRules.Step(
            current,
            current.RestingOn(due.ProvisionalYear) with
            {
                State = CaseState.UnderReview,
                Holder = above,
                ConfirmBy = null,
                ReopenBy = null,
                EscalateAt = null,
                Review = new CaseReview { Round = review.Round + 1, From = current.Holder, RequestedAt = now, DueAt = due.At },
            },
            "ReviewRequested", reason, now,
            new CaseReviewRequested(current.Id, current.Territory, review.Round + 1, above, due.At, now)));
    }

    public static Outcome<CaseStep> Decide(Case current, ReviewDecision decision, string opinion, string by, CityPolicies policies, DateTimeOffset now)
    {
        if (CaseRules.Requires(current, "DecideReview", CaseState.UnderReview) is { } wrong)
            return wrong;
        var decided = current.Review! with { Decision = decision, DecidedBy = by, DecidedAt = now };
        var next = decision is ReviewDecision.Remanded
            ? CaseRules.Timed(
                current with { State = CaseState.Assessed, Holder = decided.From, Handler = null, Whistle = null, Review = decided }, policies, now)
            : CaseRules.Answered(current, opinion, policies, now).Then<Case>(answered =>
                // From here on the way is the next review, while there is one, not the handler once more.
                answered with
                {
                    ReopenBy = null,
                    Review = decided with { RequestBy = decided.Round < Rounds ? answered.Review?.RequestBy : null },
                });
        return next.Then(with => CaseRules.Step(
            current, with, $"Review{decision}", opinion, now,
            new CaseReviewDecided(current.Id, current.Territory, decided.Round, decision.ToString(), now)));
    }

    /// <summary>Why nothing is done about a case any more; null while something may be.</summary>
    internal static Refusal? Finality(Case current) =>
        current.Review is { Round: Rounds, Decision: ReviewDecision.Upheld or ReviewDecision.Changed, DecidedAt: { } at }
            ? ReviewErrors.Final.With(("at", at))
            : null;

    private static Outcome<ReviewPolicy> PolicyOf(CityPolicies policies, DateTimeOffset now) =>
        policies.InForce(CityPolicies.CasesKind, now).Then<ReviewPolicy>(policy =>
            policy.Cases.Reviews is { } reviews ? reviews : ReviewErrors.NotSet.With());
}
