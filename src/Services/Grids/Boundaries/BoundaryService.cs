using Governance.Grids.V1;
using Governance.ServiceDefaults.Geography;
using Governance.ServiceDefaults.Grpc;
using Governance.ServiceDefaults.Imports;
using Governance.ServiceDefaults.Paging;
using Grpc.Core;

namespace Governance.Grids.Boundaries;

public sealed class BoundaryService(BoundaryStore store, Importer importer) : V1.Boundaries.BoundariesBase
{
    public override async Task<GetGridResponse> GetGrid(GetGridRequest request, ServerCallContext context)
    {
        context.Call().Authorize(request.Code);
        var grid = await store.FindAsync(request.Code, context.CancellationToken);
        return new GetGridResponse { Grid = grid ?? throw context.Call().NotFound(BoundaryErrors.GridNotFound, request.Code) };
    }

    public override async Task<ListGridsResponse> ListGrids(ListGridsRequest request, ServerCallContext context)
    {
        var territory = context.Call().TerritoryOrOwn(request.Territory);
        var page = Page.Of(request, request.PageSize, request.PageToken, keys: 1);
        var grids = await store.ListAsync(territory.PrefixRange, page, context.CancellationToken);
        var response = new ListGridsResponse { NextPageToken = page.Next(grids, g => [g.Code]) };
        response.Grids.Add(grids);
        return response;
    }

    public override async Task<LocateGridResponse> LocateGrid(LocateGridRequest request, ServerCallContext context)
    {
        var point = Coordinates.ToWgs84(request.Point);
        var map = await store.MapAsync(context.CancellationToken);
        var code = map.At(point);
        context.Call().Authorize(code);
        return new LocateGridResponse { Grid = await store.FindAsync(code, context.CancellationToken) };
    }

    public override async Task<ImportGridsResponse> ImportGrids(IAsyncStreamReader<ImportGridsRequest> requestStream, ServerCallContext context)
    {
        var summary = await importer.RunAsync(requestStream, context, m => (m.Header, m.Rows), new BoundaryImport());
        await store.RefreshMapAsync(context.CancellationToken);
        return new ImportGridsResponse { Summary = summary };
    }
}
