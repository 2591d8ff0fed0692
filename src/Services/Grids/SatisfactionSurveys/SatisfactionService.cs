using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Governance.Grids.Bulletins;
using Governance.Grids.Cases;
using Governance.Grids.Policies;
using Governance.Grids.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Grpc;
using Governance.ServiceDefaults.Paging;
using Governance.ServiceDefaults.Privacy;
using Grpc.Core;

namespace Governance.Grids.SatisfactionSurveys;

/// <summary>What reporters say, and the reviews that it opens.</summary>
public sealed partial class SatisfactionService(
    SatisfactionStore store,
    SupervisionStore supervision,
    ImprovementStore improvements,
    CaseStore cases,
    CaseActs acts,
    CasePeople casePeople,
    BulletinDrafts bulletins,
    CaseFeed feed,
    PolicyStore policies,
    Commands commands,
    TimeProvider clock) : V1.SatisfactionSurveys.SatisfactionSurveysBase
{
    public override Task<RespondToCaseResponse> RespondToCase(RespondToCaseRequest request, ServerCallContext context) =>
        RespondAsync(context, request, request.RequestId, request.CaseId,
            subject => new Saying(
                request.VerdictCase is RespondToCaseRequest.VerdictOneofCase.Satisfaction ? request.Satisfaction : null,
                request.VerdictCase is RespondToCaseRequest.VerdictOneofCase.Score ? request.Score : null,
                request.Comment, ResponseChannel.App, subject, "", ""),
            (response, review) => new RespondToCaseResponse { Response = response, Review = review },
            asReporter: true);

    public override Task<RecordCallbackResponse> RecordCallback(RecordCallbackRequest request, ServerCallContext context)
    {
        if (request.Channel is ResponseChannel.App)
            throw new RefusedException(CommonErrors.Invalid(
                Violation.Of("channel", FieldErrors.EnumUnknown, ("value", Words.Of(request.Channel, ("app", "应用端"))))));
        return RespondAsync(context, request, request.RequestId, request.CaseId,
            subject => new Saying(
                request.VerdictCase is RecordCallbackRequest.VerdictOneofCase.Satisfaction ? request.Satisfaction : null,
                request.VerdictCase is RecordCallbackRequest.VerdictOneofCase.Score ? request.Score : null,
                request.Comment, request.Channel, "", subject, request.Agent),
            (response, review) => new RecordCallbackResponse { Response = response, Review = review },
            asReporter: false);
    }

    public override async Task<GetCaseSatisfactionResponse> GetCaseSatisfaction(
        GetCaseSatisfactionRequest request, ServerCallContext context)
    {
        var (call, id) = (context.Call(), Guid.Parse(request.CaseId));
        var of = await cases.FindAsync(id, context.CancellationToken) ?? throw call.NotFound(CaseErrors.NotFound, request.CaseId);
        acts.Authorize(call, of);
        if (await store.LastAnswerAsync(id, context.CancellationToken) is not { } answer)
            return new GetCaseSatisfactionResponse();
        var now = clock.GetUtcNow();
        var until = SatisfactionRules.RespondBy(answer, await policies.OfAsync(of.Territory, context.CancellationToken), now).OrRefuse();
        var given = await store.OfAnswerAsync(id, answer, context.CancellationToken);
        return new GetCaseSatisfactionResponse
        {
            RespondBy = until.At.ToTimestamp(),
            ProvisionalYear = until.ProvisionalYear,
            MayRespond = of.State is CaseState.Confirmed or CaseState.Closed && given is null && now <= until.At,
            Response = given is null ? null : ResidentView.Of(call, SatisfactionMessages.ToMessage(given), of),
        };
    }

    public override async Task<ListSatisfactionResponsesResponse> ListSatisfactionResponses(
        ListSatisfactionResponsesRequest request, ServerCallContext context)
    {
        var range = context.Call().TerritoryOrOwn(request.Territory).PrefixRange;
        var page = Page.Of(request, request.PageSize, request.PageToken, keys: 1);
        var found = await store.ListAsync(range, request.Satisfaction, page, context.CancellationToken);
        var response = new ListSatisfactionResponsesResponse { NextPageToken = page.Next(found, r => [r.Id.ToString()]) };
        response.Responses.Add(found.Select(SatisfactionMessages.ToMessage));
        return response;
    }

    public override async Task<ListSatisfactionReviewsResponse> ListSatisfactionReviews(
        ListSatisfactionReviewsRequest request, ServerCallContext context)
    {
        var range = context.Call().TerritoryOrOwn(request.Territory).PrefixRange;
        var page = Page.Of(request, request.PageSize, request.PageToken, keys: 2);
        var now = clock.GetUtcNow();
        var found = await store.ListReviewsAsync(
            range, request.State, request.OverdueOnly ? now : null, page, context.CancellationToken);
        var response = new ListSatisfactionReviewsResponse { NextPageToken = page.Next(found, r => [Page.Key(r.DueAt), r.Id.ToString()]) };
        response.Reviews.Add(found.Select(r => SatisfactionMessages.ToMessage(r, now)));
        return response;
    }

    public override async Task<DecideSatisfactionReviewResponse> DecideSatisfactionReview(
        DecideSatisfactionReviewRequest request, ServerCallContext context)
    {
        var call = context.Call();
        var response = await commands.RunAsync(context, request, request.RequestId, async command =>
        {
            var current = await SatisfactionStore.FindReviewAsync(Guid.Parse(request.ReviewId), command)
                ?? throw call.NotFound(SatisfactionErrors.ReviewNotFound, request.ReviewId);
            call.Authorize(current.Territory);
            Commands.RequireEtag(request.Etag, current.Version);
            var of = (await CaseStore.FindAsync(current.CaseId, command))!;
            if (acts.IsReporter(call.Caller, of))
                throw new RefusedException(CaseErrors.DecisionOwn.With());
            var last = await SatisfactionStore.LastAnswerAsync(of.Id, command);
            var (decided, step) = SatisfactionRules.Decide(
                current, of, last, call.Caller.Territory, request.Reopen, request.Reason, command.Actor.Subject,
                await policies.OfAsync(of.Territory, command.Cancellation), command.Now).OrRefuse();
            if (step is not null)
            {
                CaseStore.Save(command, of, step);
                await bulletins.OfAsync(command, of, step.Next, []);
            }
            SatisfactionStore.Save(command, current, decided);
            return new DecideSatisfactionReviewResponse { Review = SatisfactionMessages.ToMessage(decided, command.Now) };
        });
        feed.Changed();
        return response;
    }

    private Task<TResponse> RespondAsync<TResponse>(
        ServerCallContext context,
        IMessage request,
        string requestId,
        string caseId,
        Func<string, Saying> saying,
        Func<SatisfactionResponse, SatisfactionReview?, TResponse> answer,
        bool asReporter)
        where TResponse : class, IMessage<TResponse>, new()
    {
        var call = context.Call();
        return commands.RunAsync(context, request, requestId, async command =>
        {
            var of = await CaseStore.FindAsync(Guid.Parse(caseId), command) ?? throw call.NotFound(CaseErrors.NotFound, caseId);
            acts.Authorize(call, of, asReporter ? command : null);
            var last = await SatisfactionStore.LastAnswerAsync(of.Id, command);
            var given = last is not null && await SatisfactionStore.IsGivenAsync(of.Id, last, command);
            var rules = await policies.OfAsync(of.Territory, command.Cancellation);
            var (taken, opened) = SatisfactionRules.Respond(
                of, last, given, saying(command.Actor.Subject), call.Caller.Subject, (command.NewId(), command.NewId()), rules, command.Now)
                .OrRefuse();
            SatisfactionStore.Add(command, taken, opened);
            if (of.HasEnded && taken.Comment.Length > 0)
            {
                var keepDays = rules.InForce(CityPolicies.CasesKind, command.Now).OrRefuse().Cases.KeepPeopleDays;
                KeptTexts.KeepAtMostUntil(command, CaseStore.TextOf(of), command.Now.AddDays(keepDays));
            }
            return answer(SatisfactionMessages.ToMessage(taken), SatisfactionMessages.ToMessage(opened, command.Now));
        });
    }
}
