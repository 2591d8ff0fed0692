using Governance.Grids.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Grpc;
using Governance.ServiceDefaults.Identity;
using Governance.ServiceDefaults.Paging;
using Grpc.Core;

namespace Governance.Grids.Dispatch;

public sealed partial class DispatchService
{
    private const int MaxScoreDays = 366;

    public override async Task<ListWhistlesResponse> ListWhistles(ListWhistlesRequest request, ServerCallContext context)
    {
        var call = context.Call();
        var own = call.OwnOrganisationOnly;
        var range = own is null ? call.TerritoryOrOwn(request.Territory).PrefixRange : TerritoryCode.All.PrefixRange;
        Guid? caseId = request.CaseId.Length is 0 ? null : Guid.Parse(request.CaseId);
        var page = Page.Of(request, request.PageSize, request.PageToken, keys: 1);
        var found = await whistles.ListAsync(range, own, caseId, request.OpenOnly, page, context.CancellationToken);
        var response = new ListWhistlesResponse { NextPageToken = page.Next(found, w => [w.Id.ToString()]) };
        var now = clock.GetUtcNow();
        response.Whistles.Add(found.Select(w => WhistleRecords.ToMessage(w, now)));
        return response;
    }

    public override Task<AppraiseDepartmentResponse> AppraiseDepartment(AppraiseDepartmentRequest request, ServerCallContext context)
    {
        var call = context.Call();
        return commands.RunAsync(context, request, request.RequestId, async command =>
        {
            var whistle = await WhistleRecords.FindAsync(Guid.Parse(request.WhistleId), command)
                ?? throw call.NotFound(DispatchErrors.WhistleNotFound, request.WhistleId);
            call.Authorize(whistle.BlownBy);
            var rules = await policies.OfAsync(whistle.Territory, command.Cancellation);
            var scored = WhistleRules.Score(
                whistle, Guid.Parse(request.OrganisationId), request.Score, request.Comment, rules, command.Now).OrRefuse();
            WhistleRecords.SaveScore(command, whistle, scored);
            return new AppraiseDepartmentResponse { Whistle = WhistleRecords.ToMessage(With(whistle, scored), command.Now) };
        });
    }

    public override Task<AppraiseWhistleResponse> AppraiseWhistle(AppraiseWhistleRequest request, ServerCallContext context)
    {
        var call = context.Call();
        var organisation = Guid.Parse(request.OrganisationId);
        return commands.RunAsync(context, request, request.RequestId, async command =>
        {
            var whistle = await WhistleRecords.FindAsync(Guid.Parse(request.WhistleId), command)
                ?? throw call.NotFound(DispatchErrors.WhistleNotFound, request.WhistleId);
            var own = call.Caller.Organisation == organisation && whistle.Departments.Any(d => d.OrganisationId == organisation);
            call.Authorize(whistle.Territory, own ? [Roles.Responder] : []);
            var rules = await policies.OfAsync(whistle.Territory, command.Cancellation);
            var judged = WhistleRules.Judge(whistle, organisation, request.Justified, request.Comment, rules, command.Now).OrRefuse();
            WhistleRecords.SaveJudgement(command, whistle, judged);
            // What whoever whistled thinks of others is not this department's to see.
            return new AppraiseWhistleResponse { Whistle = WhistleRecords.ToMessage(whistle with { Departments = [judged] }, command.Now) };
        });
    }

    public override async Task<ListWhistleScoresResponse> ListWhistleScores(ListWhistleScoresRequest request, ServerCallContext context)
    {
        var range = context.Call().TerritoryOrOwn(request.Territory).PrefixRange;
        var (from, until) = (request.From.ToDateTimeOffset(), request.Until.ToDateTimeOffset());
        if (until <= from || until - from > TimeSpan.FromDays(MaxScoreDays))
            throw new RefusedException(DispatchErrors.PeriodInvalid.With(("max", MaxScoreDays)));
        var response = new ListWhistleScoresResponse();
        response.Departments.Add(await whistles.DepartmentScoresAsync(range, from, until, clock.GetUtcNow(), context.CancellationToken));
        response.Whistlers.Add(await whistles.WhistlerScoresAsync(range, from, until, context.CancellationToken));
        return response;
    }

    private static BlownWhistle With(BlownWhistle whistle, Called changed) =>
        whistle with { Departments = [.. whistle.Departments.Select(d => d.OrganisationId == changed.OrganisationId ? changed : d)] };
}
