using Google.Protobuf;
using Governance.Common.V1;
using Governance.Grids.Bulletins;
using Governance.Grids.Cases;
using Governance.Grids.Councils;
using Governance.Grids.Policies;
using Governance.Grids.Staffing;
using Governance.Grids.V1;
using Governance.Grids.Visits;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Geography;
using Governance.ServiceDefaults.Grpc;
using Governance.ServiceDefaults.Imports;
using Governance.ServiceDefaults.Paging;
using Grpc.Core;

namespace Governance.Grids.Boundaries;

public sealed class BoundaryService(
    BoundaryStore store, GridLocator locator, PolicyStore policies, Commands commands, Importer importer, TimeProvider clock)
    : V1.Boundaries.BoundariesBase
{
    public override async Task<GetGridResponse> GetGrid(GetGridRequest request, ServerCallContext context)
    {
        context.Call().Authorize(request.Code);
        return new GetGridResponse { Grid = await ReadAsync(request.Code, request.System, context) };
    }

    public override async Task<ListGridsResponse> ListGrids(ListGridsRequest request, ServerCallContext context)
    {
        var territory = context.Call().TerritoryOrOwn(request.Territory);
        var page = Page.Of(request, request.PageSize, request.PageToken, keys: 1);
        var grids = await store.ListAsync(territory.PrefixRange, request.IncludeEnded, page, context.CancellationToken);
        var response = new ListGridsResponse { NextPageToken = page.Next(grids, g => [g.Code]) };
        response.Grids.Add(grids.Select(BoundaryStore.ToMessage));
        return response;
    }

    public override async Task<LocateGridResponse> LocateGrid(LocateGridRequest request, ServerCallContext context)
    {
        var point = Coordinates.ToWgs84(request.Point);
        var code = await locator.LocateAsync(point, request.Kind, context.CancellationToken);
        context.Call().Authorize(code);
        return new LocateGridResponse { Grid = await ReadAsync(code, request.System, context) };
    }

    public override Task<SplitGridResponse> SplitGrid(SplitGridRequest request, ServerCallContext context) =>
        RedrawAsync(
            context, request, request.RequestId,
            [new GridVersion { Code = request.Code, Etag = request.Etag }],
            request.Parts.Select(p => p.Code),
            (old, now) => GridRules.Split(old[0], request.Parts, now),
            (ended, made) => new SplitGridResponse { Ended = ended[0], Grids = { made } });

    public override Task<MergeGridsResponse> MergeGrids(MergeGridsRequest request, ServerCallContext context) =>
        RedrawAsync(
            context, request, request.RequestId,
            request.Grids,
            [request.NewCode],
            (old, now) => GridRules.Merge(old, request.NewCode, request.Name, request.Boundary, now),
            (ended, made) => new MergeGridsResponse { Ended = { ended }, Grid = made[0] });

    public override Task<RecodeGridResponse> RecodeGrid(RecodeGridRequest request, ServerCallContext context) =>
        RedrawAsync(
            context, request, request.RequestId,
            [new GridVersion { Code = request.Code, Etag = request.Etag }],
            [request.NewCode],
            (old, now) => GridRules.Recode(old[0], request.NewCode, now),
            (ended, made) => new RecodeGridResponse { Ended = ended[0], Grid = made[0] });

    public override async Task<GetGridHistoryResponse> GetGridHistory(GetGridHistoryRequest request, ServerCallContext context)
    {
        context.Call().Authorize(request.Code);
        await ReadAsync(request.Code, CoordinateSystem.Unspecified, context);
        var response = new GetGridHistoryResponse();
        response.Changes.Add(await store.HistoryAsync(request.Code, context.CancellationToken));
        response.CurrentCodes.Add(await store.CurrentCodesAsync(request.Code, context.CancellationToken));
        response.Revisions.Add(await store.RevisionsAsync(request.Code, context.CancellationToken));
        return response;
    }

    public override async Task CheckBoundaries(
        CheckBoundariesRequest request, IServerStreamWriter<CheckBoundariesResponse> responseStream, ServerCallContext context)
    {
        var cancellation = context.CancellationToken;
        var range = context.Call().TerritoryOrOwn(request.Territory).PrefixRange;
        var grids = await store.OutlinesAsync(range, cancellation);
        var sizes = new Dictionary<string, Policy>();
        foreach (var city in grids.Select(g => g.City).Distinct())
            if ((await policies.OfAsync(city, cancellation)).InForceOrNone(CityPolicies.GridsKind, clock.GetUtcNow()) is { } policy)
                sizes.Add(city, policy);

        var tolerance = request.ToleranceM2 is 0 ? BoundaryCheck.DefaultToleranceM2 : request.ToleranceM2;
        foreach (var message in new BoundaryCheck(grids, sizes, tolerance, cancellation).Report())
            await responseStream.WriteAsync(message, cancellation);
    }

    public override async Task ExportGrids(
        ExportGridsRequest request, IServerStreamWriter<ExportGridsResponse> responseStream, ServerCallContext context)
    {
        var cancellation = context.CancellationToken;
        var grids = store.StreamAsync(context.Call().TerritoryOrOwn(request.Territory).PrefixRange, cancellation);
        await foreach (var piece in GridGeoJson.WriteAsync(grids, cancellation))
            await responseStream.WriteAsync(new ExportGridsResponse { Geojson = piece }, cancellation);
    }

    public override async Task<ImportGridsResponse> ImportGrids(
        IAsyncStreamReader<ImportGridsRequest> requestStream, ServerCallContext context)
    {
        var summary = await importer.RunAsync(requestStream, context, m => (m.Header, m.Rows), new BoundaryImport());
        await store.RefreshMapAsync(context.CancellationToken);
        return new ImportGridsResponse { Summary = summary };
    }

    private async ValueTask<V1.Grid> ReadAsync(string code, CoordinateSystem system, ServerCallContext context) =>
        await store.ReadAsync(code, system, context.CancellationToken) ?? throw context.Call().NotFound(BoundaryErrors.GridNotFound, code);

    /// <summary>
    /// Every way to redraw: check reach over all codes, read what is to end, let the rule make the redraw, hold it against
    /// what lies around it, and write it if nothing has changed since.
    /// </summary>
    private async Task<TResponse> RedrawAsync<TResponse>(
        ServerCallContext context,
        IMessage request,
        string requestId,
        IReadOnlyList<GridVersion> old,
        IEnumerable<string> newCodes,
        Func<IReadOnlyList<Grid>, DateTimeOffset, Outcome<Redraw>> rule,
        Func<IReadOnlyList<V1.Grid>, IReadOnlyList<V1.Grid>, TResponse> answer)
        where TResponse : class, IMessage<TResponse>, new()
    {
        var call = context.Call();
        foreach (var code in old.Select(g => g.Code).Concat(newCodes))
            call.Authorize(code);
        var response = await commands.RunAsync(context, request, requestId, async command =>
        {
            await store.RefreshMapAsync(command.Cancellation);
            var map = await store.MapAsync(command.Cancellation);
            var found = await BoundaryStore.FindAsync([.. old.Select(g => g.Code)], command);
            var current = new List<Grid>();
            foreach (var seen in old)
            {
                var grid = found.Find(g => g.Code == seen.Code) ?? throw call.NotFound(BoundaryErrors.GridNotFound, seen.Code);
                Commands.RequireEtag(seen.Etag, grid.Version);
                current.Add(grid);
            }

            var redraw = rule(current, command.Now).OrRefuse();
            var (taken, around) = await BoundaryStore.SurroundingsAsync(redraw, map, command);
            GridRules.Admit(redraw, taken, around).OrRefuse();
            await CaseMoves.FollowAsync(redraw, command);
            StaffMoves.Follow(redraw, command);
            await PlanMoves.FollowAsync(redraw, command);
            await CouncilMoves.FollowAsync(redraw, command);
            await BulletinMoves.FollowAsync(redraw, command);
            BoundaryStore.Save(command, redraw, map.Revision);
            return answer([.. redraw.Ended.Select(BoundaryStore.ToMessage)], [.. redraw.Made.Select(BoundaryStore.ToMessage)]);
        });
        await store.RefreshMapAsync(context.CancellationToken);
        return response;
    }
}
