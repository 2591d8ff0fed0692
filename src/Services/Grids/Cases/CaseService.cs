using Governance.Contracts.Events;
using Governance.Grids.Boundaries;
using Governance.Grids.Dispatch;
using Governance.Grids.Policies;
using Governance.Grids.SatisfactionSurveys;
using Governance.Grids.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Cache;
using Governance.ServiceDefaults.Changes;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Grpc;
using Governance.ServiceDefaults.Imports;
using Governance.ServiceDefaults.Paging;
using Governance.ServiceDefaults.Privacy;
using Grpc.Core;
using CaseMessage = Governance.Grids.V1.Case;

namespace Governance.Grids.Cases;

public sealed class CaseService(
    CaseActs acts,
    CaseStore store,
    CaseFeed feed,
    CaseIntake intake,
    DirectoryGateway directory,
    PersonStore persons,
    PolicyStore policies,
    Importer importer,
    Commands commands,
    RedisCache cache,
    TimeProvider clock) : V1.Cases.CasesBase
{
    public override async Task<ReportCaseResponse> ReportCase(ReportCaseRequest request, ServerCallContext context)
    {
        var call = context.Call();
        var response = await commands.RunAsync(context, request, request.RequestId, async command =>
        {
            var located = await intake.LocateAsync(request, command.Cancellation);
            if (located.Refusal is { } why)
                throw BoundaryStore.Refused(why, request.GridCode, call);
            var (grid, place) = located.OrRefuse();
            call.Authorize(grid);
            return new ReportCaseResponse { Case = CaseMessages.ToMessage(await intake.OpenAsync(command, request, grid, place), command.Now) };
        });
        intake.Opened();
        return response;
    }

    public override async Task<GetCaseResponse> GetCase(GetCaseRequest request, ServerCallContext context) =>
        new() { Case = ResidentView.Of(context.Call(), CaseMessages.AsOf(await ReadAsync(request.Id, context), clock.GetUtcNow())) };

    public override async Task<ListCasesResponse> ListCases(ListCasesRequest request, ServerCallContext context)
    {
        var range = context.Call().TerritoryOrOwn(request.Territory).PrefixRange;
        var page = Page.Of(request, request.PageSize, request.PageToken, keys: 1);
        var now = clock.GetUtcNow();
        var cases = await store.ListAsync(range, request.State, request.OverdueOnly ? now : null, page, context.CancellationToken);
        var response = new ListCasesResponse { NextPageToken = page.Next(cases, c => [c.Id.ToString()]) };
        response.Cases.Add(cases.Select(c => CaseMessages.ToMessage(c, now)));
        return response;
    }

    public override async Task<ListOwnCasesResponse> ListOwnCases(ListOwnCasesRequest request, ServerCallContext context)
    {
        var call = context.Call();
        var subject = call.Caller.Subject;
        var page = Page.Of(request, request.PageSize, request.PageToken, keys: 1);
        var now = clock.GetUtcNow();
        var cases = await store.OwnAsync(subject, persons.SubjectIndex(subject), page.IdAfter(0), page.Fetch, context.CancellationToken);
        var response = new ListOwnCasesResponse { NextPageToken = page.Next(cases, c => [c.Id.ToString()]) };
        response.Cases.Add(cases.Select(c => ResidentView.Of(call, CaseMessages.ToMessage(c, now))));
        return response;
    }

    public override async Task<GetCaseHistoryResponse> GetCaseHistory(GetCaseHistoryRequest request, ServerCallContext context)
    {
        var of = await ReadAsync(request.CaseId, context);
        var response = new GetCaseHistoryResponse();
        var entries = await store.HistoryAsync(Guid.Parse(request.CaseId), context.CancellationToken);
        response.Entries.Add(ResidentView.Of(context.Call(), entries, of));
        return response;
    }

    public override async Task WatchCases(WatchCasesRequest request, IServerStreamWriter<WatchCasesResponse> responseStream, ServerCallContext context)
    {
        var range = context.Call().TerritoryOrOwn(request.Territory).PrefixRange;
        Guid? caseId = request.CaseId.Length is 0 ? null : Guid.Parse(request.CaseId);
        var cancellation = context.CancellationToken;
        var cursor = request.Cursor.Length is 0 ? await feed.NowAsync(cancellation) : CaseCursor.Parse(request.Cursor).OrRefuse();
        if (request.Cursor.Length > 0 && await feed.RefusalAsync(cursor, cancellation) is { } refusal)
            throw new RefusedException(refusal);
        await Watch.RunAsync(
            cursor,
            (from, stop) => feed.AfterAsync(from, range, caseId, stop),
            at => new WatchCasesResponse { Cursor = at.ToString() },
            stop => feed.WaitAsync(Watch.LookEvery, clock, stop),
            responseStream, clock, context.Call(), cancellation);
    }

    public override Task<AssessCaseResponse> AssessCase(AssessCaseRequest request, ServerCallContext context) =>
        acts.ActAsync(context, request, request.RequestId, request.CaseId, request.Etag,
            (current, rules, now) => CaseRules.Assess(current, request.Category, request.Note, rules, now),
            message => new AssessCaseResponse { Case = message },
            asGrid: true);

    public override Task<RejectCaseResponse> RejectCase(RejectCaseRequest request, ServerCallContext context) =>
        acts.ActAsync(context, request, request.RequestId, request.CaseId, request.Etag,
            (current, rules, now) => CaseRules.Reject(current, request.Reason, rules, now),
            message => new RejectCaseResponse { Case = message },
            asGrid: true);

    public override async Task<DispatchCaseResponse> DispatchCase(DispatchCaseRequest request, ServerCallContext context)
    {
        var handler = CaseMessages.ToHandler(request.Handler) with { DispatchId = Guid.CreateVersion7(clock.GetUtcNow()) };
        if (request.Handler.ByCase is Handler.ByOneofCase.None)
            throw new RefusedException(CaseErrors.HandlerUnknown.With(("handler", new Words("none", "未指定"))));
        var by = context.Call().Caller.Subject;
        var organisations = await directory.FindAllAsync(
            handler.OrganisationId is null ? [] : [request.Handler.OrganisationId], context.CancellationToken);
        var parts = organisations.ConvertAll(o => new Part(Guid.CreateVersion7(clock.GetUtcNow()), Guid.Parse(o.Id), o.Name, null));
        return await acts.ActAsync(context, request, request.RequestId, request.CaseId, request.Etag,
            (current, rules, now) => DirectoryGateway.Sharing(current, organisations).Then(own =>
                CaseRules.AssessedFirst(own, request.Category, rules, now, assessed => parts is []
                    ? CaseRules.Dispatch(assessed, handler, request.Note, now)
                    : AssignmentRules.Dispatch(assessed, parts, request.Note, by, rules, now))),
            message => new DispatchCaseResponse { Case = message },
            asGrid: true);
    }

    public override Task<StartHandlingResponse> StartHandling(StartHandlingRequest request, ServerCallContext context) =>
        acts.ActAsync(context, request, request.RequestId, request.CaseId, request.Etag,
            (current, _, now) => CaseRules.StartHandling(current, now),
            message => new StartHandlingResponse { Case = message },
            asGrid: true);

    public override Task<CompleteHandlingResponse> CompleteHandling(CompleteHandlingRequest request, ServerCallContext context) =>
        acts.ActAsync(context, request, request.RequestId, request.CaseId, request.Etag,
            (current, rules, now) => CaseRules.CompleteHandling(current, request.Result, rules, now),
            message => new CompleteHandlingResponse { Case = message },
            asGrid: true);

    public override Task<ReturnCaseResponse> ReturnCase(ReturnCaseRequest request, ServerCallContext context) =>
        acts.ActAsync(context, request, request.RequestId, request.CaseId, request.Etag,
            (current, _, now) => CaseRules.Return(current, request.Reason, now),
            message => new ReturnCaseResponse { Case = message },
            asGrid: true);

    public override Task<EscalateCaseResponse> EscalateCase(EscalateCaseRequest request, ServerCallContext context) =>
        acts.ActAsync(context, request, request.RequestId, request.CaseId, request.Etag,
            (current, rules, now) => CaseRules.Escalate(current, request.Reason, rules, now),
            message => new EscalateCaseResponse { Case = message },
            asGrid: true);

    public override async Task<BlowWhistleResponse> BlowWhistle(BlowWhistleRequest request, ServerCallContext context)
    {
        var organisations = await directory.FindAllAsync(request.OrganisationIds, context.CancellationToken);
        var called = organisations.ConvertAll(o => new WhistledOrganisation(Guid.Parse(o.Id), o.Name));
        var whistleId = Guid.CreateVersion7(clock.GetUtcNow());
        return await acts.ActAsync(context, request, request.RequestId, request.CaseId, request.Etag,
            (current, rules, now) => DirectoryGateway.Sharing(current, organisations).Then(own =>
                CaseRules.BlowWhistle(own, whistleId, called, request.Reason, request.ReportWithin?.ToTimeSpan(), rules, now)),
            message => new BlowWhistleResponse { Case = message });
    }

    public override Task<AnswerCaseResponse> AnswerCase(AnswerCaseRequest request, ServerCallContext context) =>
        acts.ActAsync(context, request, request.RequestId, request.CaseId, request.Etag,
            (current, rules, now) => CaseRules.Answer(current, request.Answer, rules, now),
            message => new AnswerCaseResponse { Case = message },
            asGrid: true);

    public override Task<ConfirmCaseResponse> ConfirmCase(ConfirmCaseRequest request, ServerCallContext context) =>
        acts.ActAsync(context, request, request.RequestId, request.CaseId, request.Etag,
            (current, rules, now) => CaseRules.Confirm(current, request.Satisfaction, request.Comment, rules, now),
            message => new ConfirmCaseResponse { Case = message },
            hindrance: async (command, current) => CaseRules.OwnAnswer(
                await SatisfactionStore.LastAnswerAsync(current.Id, command), context.Call().Caller.Subject),
            asReporter: true);

    public override Task<CloseCaseResponse> CloseCase(CloseCaseRequest request, ServerCallContext context) =>
        acts.ActAsync(context, request, request.RequestId, request.CaseId, request.Etag,
            (current, rules, now) => CaseRules.Close(current, rules, now),
            message => new CloseCaseResponse { Case = message },
            asGrid: true);

    public override Task<ReopenCaseResponse> ReopenCase(ReopenCaseRequest request, ServerCallContext context) =>
        acts.ActAsync(context, request, request.RequestId, request.CaseId, request.Etag,
            (current, rules, now) => CaseRules.Reopen(current, request.Reason, rules, now),
            message => new ReopenCaseResponse { Case = message },
            asReporter: true);

    public override Task<TagCaseResponse> TagCase(TagCaseRequest request, ServerCallContext context) =>
        acts.ActAsync(context, request, request.RequestId, request.CaseId, request.Etag,
            (current, _, now) => CaseRules.Tag(current, request.Dimensions, now),
            message => new TagCaseResponse { Case = message },
            isSo: current => CaseRules.IsTagged(current, request.Dimensions));

    public override async Task<ImportCasesResponse> ImportCases(
        IAsyncStreamReader<ImportCasesRequest> requestStream, ServerCallContext context)
    {
        var target = new CaseImport(policies, Actor.Of(context.Call()), clock.GetUtcNow());
        var summary = await importer.RunAsync(requestStream, context, m => (m.Header, m.Rows), target);
        feed.Changed();
        return new ImportCasesResponse { Summary = summary };
    }

    private async Task<CaseMessage> ReadAsync(string id, ServerCallContext context)
    {
        var call = context.Call();
        var key = Guid.Parse(id);
        var message = await cache.GetAsync(
            CaseStore.CacheKey(key),
            async cancellation => await store.FindAsync(key, cancellation) is { } found ? CaseMessages.ToMessage(found, clock.GetUtcNow()) : null,
            context.CancellationToken) ?? throw call.NotFound(CaseErrors.NotFound, id);
        call.Authorize(message.Territory, acts.OwnAs(call.Caller, key, message.Reporter, CaseActs.OrganisationsIn(message)));
        return message;
    }
}
