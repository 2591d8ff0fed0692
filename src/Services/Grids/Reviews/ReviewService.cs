using Governance.Grids.Cases;
using Governance.Grids.SatisfactionSurveys;
using Governance.Grids.V1;
using Governance.ServiceDefaults.Grpc;
using Grpc.Core;

namespace Governance.Grids.Reviews;

public sealed class ReviewService(CaseActs acts) : V1.Reviews.ReviewsBase
{
    public override Task<RequestReviewResponse> RequestReview(RequestReviewRequest request, ServerCallContext context) =>
        acts.ActAsync(context, request, request.RequestId, request.CaseId, request.Etag,
            (current, rules, now) => ReviewRules.Request(current, request.Reason, rules, now),
            message => new RequestReviewResponse { Case = message },
            asReporter: true);

    public override Task<DecideReviewResponse> DecideReview(DecideReviewRequest request, ServerCallContext context)
    {
        var by = context.Call().Caller.Subject;
        return acts.ActAsync(context, request, request.RequestId, request.CaseId, request.Etag,
            (current, rules, now) => ReviewRules.Decide(current, request.Decision, request.Opinion, by, rules, now),
            message => new DecideReviewResponse { Case = message },
            hindrance: async (command, current) => CaseRules.OwnAnswer(await SatisfactionStore.LastAnswerAsync(current.Id, command), by));
    }
}
