using Governance.Organisations.Directory;
using Governance.Organisations.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Grpc;
using Governance.ServiceDefaults.Identity;
using Governance.ServiceDefaults.Paging;
using Grpc.Core;

namespace Governance.Organisations.Whistles;

public sealed class WhistleService(WhistleStore store, DirectoryStore directory, Commands commands, TimeProvider clock)
    : V1.Whistles.WhistlesBase
{
    public override async Task<ListRespondersResponse> ListResponders(ListRespondersRequest request, ServerCallContext context)
    {
        // Whatever contains the place has a prefix of its code.
        var place = context.Call().TerritoryOrOwn(request.Territory).PrefixRange.Low;
        string[] territories = [.. Enumerable.Range(1, place.Length).Select(length => place[..length])];
        var response = new ListRespondersResponse();
        response.Organisations.Add(await directory.RespondersAsync(territories, request.Category, context.CancellationToken));
        return response;
    }

    public override async Task<ListSummonsesResponse> ListSummonses(ListSummonsesRequest request, ServerCallContext context)
    {
        var call = context.Call();
        var own = call.OwnOrganisationOnly;
        var range = own is null ? call.TerritoryOrOwn(request.Territory).PrefixRange : TerritoryCode.All.PrefixRange;
        var page = Page.Of(request, request.PageSize, request.PageToken, keys: 2);
        var summonses = await store.ListAsync(range, own, request, page, context.CancellationToken);
        var response = new ListSummonsesResponse { NextPageToken = page.Next(summonses, WhistleStore.KeyOf) };
        var now = clock.GetUtcNow();
        response.Summonses.Add(summonses.Select(s => WhistleStore.ToMessage(s, now)));
        return response;
    }

    public override Task<ReportInResponse> ReportIn(ReportInRequest request, ServerCallContext context)
    {
        var call = context.Call();
        return commands.RunAsync(context, request, request.RequestId, async command =>
        {
            var current = await WhistleStore.FindAsync(Guid.Parse(request.SummonsId), command)
                ?? throw call.NotFound(WhistleErrors.NotFound, request.SummonsId);
            call.Authorize(current.Territory, current.OrganisationId == call.Caller.Organisation ? [Roles.Responder] : []);
            var (next, happened) = current.ReportIn(request.Note, command.Now).OrRefuse();
            WhistleStore.SaveReport(command, next);
            command.Publish(happened);
            command.Concerns(next.Territory, next.Id);
            return new ReportInResponse { Summons = WhistleStore.ToMessage(next, command.Now) };
        });
    }
}
