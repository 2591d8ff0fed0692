using Google.Protobuf;
using Governance.Grids.V1;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Grpc;
using Governance.ServiceDefaults.Paging;
using Grpc.Core;

namespace Governance.Grids.SatisfactionSurveys;

/// <summary>What becomes of findings and opinions.</summary>
public sealed partial class SatisfactionService
{
    public override Task<OpenImprovementResponse> OpenImprovement(OpenImprovementRequest request, ServerCallContext context) =>
        commands.RunAsync(context, request, request.RequestId, async command =>
        {
            var (caseId, territory, draw, response) = await CauseAsync(request, command, context.Call());
            var opened = ImprovementRules.Open(
                new Betterment
                {
                    Id = command.NewId(),
                    CaseId = caseId,
                    Territory = territory,
                    DrawId = draw,
                    ResponseId = response,
                    Text = request.Text,
                    Responsible = request.Responsible,
                    DueAt = request.DueAt.ToDateTimeOffset(),
                    OpenedBy = command.Actor.Subject,
                    OpenedAt = command.Now,
                },
                await ImprovementStore.ExistsAsync(caseId, draw, response, command),
                command.Now).OrRefuse();
            ImprovementStore.Add(command, opened);
            return new OpenImprovementResponse { Improvement = SatisfactionMessages.ToMessage(opened, command.Now) };
        });

    public override Task<CompleteImprovementResponse> CompleteImprovement(CompleteImprovementRequest request, ServerCallContext context) =>
        ActOnImprovementAsync(context, request, request.RequestId, request.ImprovementId, request.Etag,
            (current, command) => ImprovementRules.Complete(current, request.Result, command.Actor.Subject, command.Now),
            message => new CompleteImprovementResponse { Improvement = message });

    public override Task<CheckImprovementResponse> CheckImprovement(CheckImprovementRequest request, ServerCallContext context) =>
        ActOnImprovementAsync(context, request, request.RequestId, request.ImprovementId, request.Etag,
            (current, command) => ImprovementRules.Check(
                current, request.Accepted, request.Note, request.DueAt?.ToDateTimeOffset(), command.Actor.Subject, command.Now),
            message => new CheckImprovementResponse { Improvement = message });

    public override async Task<ListImprovementsResponse> ListImprovements(ListImprovementsRequest request, ServerCallContext context)
    {
        var range = context.Call().TerritoryOrOwn(request.Territory).PrefixRange;
        var page = Page.Of(request, request.PageSize, request.PageToken, keys: 2);
        var now = clock.GetUtcNow();
        var found = await improvements.ListAsync(range, request.State, request.OverdueOnly ? now : null, page, context.CancellationToken);
        var response = new ListImprovementsResponse { NextPageToken = page.Next(found, i => [Page.Key(i.DueAt), i.Id.ToString()]) };
        response.Improvements.Add(found.Select(i => SatisfactionMessages.ToMessage(i, now)));
        return response;
    }

    /// <summary>The case, its grid, and which of both the cause is.</summary>
    private static async Task<(Guid CaseId, string Territory, Guid? DrawId, Guid? ResponseId)> CauseAsync(
        OpenImprovementRequest request, Command command, Call call)
    {
        switch (request.CauseCase)
        {
            case OpenImprovementRequest.CauseOneofCase.Finding:
                var draw = await SupervisionStore.FindDrawAsync(Guid.Parse(request.Finding.DrawId), command)
                    ?? throw call.NotFound(SupervisionErrors.DrawNotFound, request.Finding.DrawId);
                call.Authorize(draw.Territory);
                var drawn = await SupervisionStore.DrawnAsync(draw.Id, Guid.Parse(request.Finding.CaseId), command)
                    ?? throw new RefusedException(SupervisionErrors.CaseNotDrawn.With());
                return ImprovementRules.ProblemOf(drawn) is { } nothing
                    ? throw new RefusedException(nothing)
                    : (drawn.CaseId, drawn.Territory, draw.Id, null);
            case OpenImprovementRequest.CauseOneofCase.ResponseId:
                var said = await SatisfactionStore.FindResponseAsync(Guid.Parse(request.ResponseId), command)
                    ?? throw call.NotFound(SatisfactionErrors.ResponseNotFound, request.ResponseId);
                call.Authorize(said.Territory);
                return ImprovementRules.ProblemOf(said) is { } content
                    ? throw new RefusedException(content)
                    : (said.CaseId, said.Territory, null, said.Id);
            default:
                throw new RefusedException(ImprovementErrors.CauseMissing.With());
        }
    }

    private Task<TResponse> ActOnImprovementAsync<TResponse>(
        ServerCallContext context,
        IMessage request,
        string requestId,
        string improvementId,
        string etag,
        Func<Betterment, Command, Outcome<Betterment>> rule,
        Func<Improvement, TResponse> answer)
        where TResponse : class, IMessage<TResponse>, new()
    {
        var call = context.Call();
        return commands.RunAsync(context, request, requestId, async command =>
        {
            var current = await ImprovementStore.FindAsync(Guid.Parse(improvementId), command)
                ?? throw call.NotFound(ImprovementErrors.NotFound, improvementId);
            call.Authorize(current.Territory);
            Commands.RequireEtag(etag, current.Version);
            var next = rule(current, command).OrRefuse();
            ImprovementStore.Save(command, current, next);
            return answer(SatisfactionMessages.ToMessage(next, command.Now));
        });
    }
}
