using Governance.Properties.V1;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Geography;
using Governance.ServiceDefaults.Grpc;
using Governance.ServiceDefaults.Imports;
using Governance.ServiceDefaults.Paging;
using Grpc.Core;

namespace Governance.Properties.Estates;

public sealed class EstateService(EstateStore store, Importer importer) : V1.Estates.EstatesBase
{
    public override async Task<GetEstateResponse> GetEstate(GetEstateRequest request, ServerCallContext context)
    {
        var estate = await store.FindAsync(Guid.Parse(request.Id), context.CancellationToken)
            ?? throw context.Call().NotFound(EstateErrors.NotFound, request.Id);
        context.Call().Authorize(estate.Territory);
        return new GetEstateResponse { Estate = estate };
    }

    public override async Task<ListEstatesResponse> ListEstates(ListEstatesRequest request, ServerCallContext context)
    {
        var range = context.Call().TerritoryOrOwn(request.Territory).PrefixRange;
        var page = Page.Of(request, request.PageSize, request.PageToken, keys: 2);
        var estates = await store.ListAsync(range, page, context.CancellationToken);
        var response = new ListEstatesResponse { NextPageToken = page.Next(estates, e => [e.Code, e.Id]) };
        response.Estates.Add(estates);
        return response;
    }

    public override async Task<LocateEstateResponse> LocateEstate(LocateEstateRequest request, ServerCallContext context)
    {
        var point = Coordinates.ToWgs84(request.Point);
        var map = await store.MapAsync(context.CancellationToken);
        var estate = map.At(point) is { } id ? await store.FindAsync(id, context.CancellationToken) : null;
        if (estate is null)
            throw new RefusedException(EstateErrors.PointOutside.With(("longitude", point.X), ("latitude", point.Y)));
        context.Call().Authorize(estate.Territory);
        return new LocateEstateResponse { Estate = estate };
    }

    public override async Task<ImportEstatesResponse> ImportEstates(
        IAsyncStreamReader<ImportEstatesRequest> requestStream, ServerCallContext context)
    {
        var summary = await importer.RunAsync(requestStream, context, m => (m.Header, m.Rows), new EstateImport());
        await store.RefreshMapAsync(context.CancellationToken);
        return new ImportEstatesResponse { Summary = summary };
    }
}
