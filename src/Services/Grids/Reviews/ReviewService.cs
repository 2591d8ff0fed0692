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
        var caller = context.Call().Caller;
        return acts.ActAsync(context, request, request.RequestId, request.CaseId, request.Etag,
            (current, rules, now) => ReviewRules.Decide(current, request.Decision, request.Opinion, caller.Subject, rules, now),
            message => new DecideReviewResponse { Case = message },
            hindrance: async (command, current) => acts.IsReporter(caller, current)
                ? CaseErrors.DecisionOwn.With()
                : CaseRules.OwnAnswer(await SatisfactionStore.LastAnswerAsync(current.Id, command), caller.Subject));
    }
}
