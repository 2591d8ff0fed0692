using Governance.Grids.V1;
using Governance.ServiceDefaults.Exports;
using Governance.ServiceDefaults.Grpc;
using Grpc.Core;

namespace Governance.Grids.Exports;

public sealed class ExportService(CaseExport cases, TimeProvider clock) : V1.Exports.ExportsBase
{
    public override async Task ExportCases(
        ExportCasesRequest request, IServerStreamWriter<ExportCasesResponse> responseStream, ServerCallContext context)
    {
        var call = context.Call();
        var range = call.TerritoryOrOwn(request.Territory).PrefixRange;
        var cancellation = context.CancellationToken;
        var csv = new CsvWriter();
        ExportedCase.WriteHeader(csv, call.Language);
        await foreach (var row in cases.ReadAsync(range, request.State, request.OverdueOnly, clock.GetUtcNow(), cancellation))
        {
            row.WriteTo(csv);
            if (csv.IsFull)
                await responseStream.WriteAsync(new ExportCasesResponse { Chunk = csv.Take() }, cancellation);
        }
        await responseStream.WriteAsync(new ExportCasesResponse { Chunk = csv.Take() }, cancellation);
    }
}
