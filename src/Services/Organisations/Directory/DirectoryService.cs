using Governance.Organisations.V1;
using Governance.ServiceDefaults.Cache;
using Governance.ServiceDefaults.Events;
using Governance.ServiceDefaults.Grpc;
using Governance.ServiceDefaults.Imports;
using Governance.ServiceDefaults.Paging;
using Grpc.Core;

namespace Governance.Organisations.Directory;

public sealed class DirectoryService(DirectoryStore store, RedisCache cache, Importer importer, OutboxSignal outbox)
    : V1.Directory.DirectoryBase
{
    private const int NodesPerFlush = 100;

    private static readonly WriteOptions Buffered = new(WriteFlags.BufferHint);

    public override async Task<GetOrganisationResponse> GetOrganisation(GetOrganisationRequest request, ServerCallContext context)
    {
        var call = context.Call();
        var id = Guid.Parse(request.Id);
        var organisation = await cache.GetAsync(
            DirectoryStore.CacheKey(id), cancellation => store.FindAsync(id, cancellation), context.CancellationToken)
            ?? throw call.NotFound(DirectoryErrors.NotFound, request.Id);
        call.Authorize(organisation.Territory);
        return new GetOrganisationResponse { Organisation = organisation };
    }

    public override async Task<ListOrganisationsResponse> ListOrganisations(ListOrganisationsRequest request, ServerCallContext context)
    {
        var range = context.Call().TerritoryOrOwn(request.Territory).PrefixRange;
        var page = Page.Of(request, request.PageSize, request.PageToken, keys: 1);
        var organisations = await store.ListAsync(range, request, page, context.CancellationToken);
        var response = new ListOrganisationsResponse { NextPageToken = page.Next(organisations, o => [o.Code]) };
        response.Organisations.Add(organisations);
        return response;
    }

    public override async Task<SearchOrganisationsResponse> SearchOrganisations(
        SearchOrganisationsRequest request, ServerCallContext context)
    {
        var range = context.Call().TerritoryOrOwn(request.Territory).PrefixRange;
        var response = new SearchOrganisationsResponse();
        response.Organisations.Add(await store.SearchAsync(range, request.Query, context.CancellationToken));
        return response;
    }

    public override async Task GetOrganisationTree(
        GetOrganisationTreeRequest request, IServerStreamWriter<GetOrganisationTreeResponse> responseStream, ServerCallContext context)
    {
        var call = context.Call();
        var range = call.TerritoryOrOwn(request.Territory).PrefixRange;
        var depth = request.Depth is 0 ? DirectoryStore.MaxDepth : request.Depth;
        var told = 0;
        await foreach (var node in store.TreeAsync(range, request.RootCode, depth, context.CancellationToken))
        {
            // A flush for every node would cost more than the nodes; none at all would hold a large tree in memory.
            responseStream.WriteOptions = ++told % NodesPerFlush is 0 ? null : Buffered;
            await responseStream.WriteAsync(node, context.CancellationToken);
        }
        if (told is 0 && request.RootCode.Length > 0)
            throw call.NotFound(DirectoryErrors.NotFound, request.RootCode);
    }

    public override async Task<ImportOrganisationsResponse> ImportOrganisations(
        IAsyncStreamReader<ImportOrganisationsRequest> requestStream, ServerCallContext context)
    {
        var summary = await importer.RunAsync(requestStream, context, m => (m.Header, m.Rows), new DirectoryImport());
        outbox.Written();
        return new ImportOrganisationsResponse { Summary = summary };
    }
}
