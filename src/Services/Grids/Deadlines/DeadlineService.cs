using Governance.Grids.Cases;
using Governance.Grids.V1;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Grpc;
using Governance.ServiceDefaults.Paging;
using Grpc.Core;
using DeadlineChange = Governance.Grids.Cases.DeadlineChange;

namespace Governance.Grids.Deadlines;

public sealed class DeadlineService(CaseActs acts, CaseStore store, TimeProvider clock) : V1.Deadlines.DeadlinesBase
{
    private static readonly TimeSpan ADay = TimeSpan.FromDays(1);
    private static readonly TimeSpan MaxWithin = TimeSpan.FromDays(30);

    public override Task<RequestDeadlineChangeResponse> RequestDeadlineChange(RequestDeadlineChangeRequest request, ServerCallContext context)
    {
        if (request.ChangeCase is RequestDeadlineChangeRequest.ChangeOneofCase.None)
            throw new RefusedException(CommonErrors.Invalid(Violation.Of("change", FieldErrors.Required)));
        return acts.ActAsync(context, request, request.RequestId, request.CaseId, request.Etag,
            (current, rules, now) => DeadlineRules.Request(
                current,
                new DeadlineChange(request.ExtendBy, request.PauseUntil?.ToDateTimeOffset(), request.Reason, context.Call().Caller.Subject, now),
                rules, now),
            message => new RequestDeadlineChangeResponse { Case = message });
    }

    public override Task<DecideDeadlineChangeResponse> DecideDeadlineChange(DecideDeadlineChangeRequest request, ServerCallContext context)
    {
        var decider = context.Call().Caller;
        return acts.ActAsync(context, request, request.RequestId, request.CaseId, request.Etag,
            (current, rules, now) => DeadlineRules.Decide(current, request.Grant, request.Reason, decider.Subject, decider.Territory, rules, now),
            message => new DecideDeadlineChangeResponse { Case = message });
    }

    public override Task<ResumeDeadlineResponse> ResumeDeadline(ResumeDeadlineRequest request, ServerCallContext context) =>
        acts.ActAsync(context, request, request.RequestId, request.CaseId, request.Etag,
            (current, rules, now) => DeadlineRules.Resume(current, request.Reason, rules, now),
            message => new ResumeDeadlineResponse { Case = message });

    public override async Task<ListDueCasesResponse> ListDueCases(ListDueCasesRequest request, ServerCallContext context)
    {
        var within = request.Within?.ToTimeSpan() ?? ADay;
        if (within <= TimeSpan.Zero || within > MaxWithin)
            throw new RefusedException(CommonErrors.Invalid(
                Violation.Of("within", FieldErrors.TooLarge, ("value", within.ToString()), ("max", MaxWithin.ToString()))));
        var range = context.Call().TerritoryOrOwn(request.Territory).PrefixRange;
        // A page goes on from where the first one stood, however late it is asked for: the token holds the due instant.
        var page = Page.Of(request, request.PageSize, request.PageToken, keys: 2);
        var now = clock.GetUtcNow();
        var (from, to) = request.Bucket is DueBucket.Overdue ? (DateTimeOffset.MinValue, now) : (now, now + within);
        var cases = await store.DueAsync(range, from, to, page, context.CancellationToken);
        var response = new ListDueCasesResponse { NextPageToken = page.Next(cases, c => [Page.Key(c.DueAt!.Value), c.Id.ToString()]) };
        response.Cases.Add(cases.Select(c => CaseMessages.ToMessage(c, now)));
        return response;
    }
}
