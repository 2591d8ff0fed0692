using System.Runtime.CompilerServices;
using Governance.Grids.V1;
using Grpc.Core;

namespace Governance.Cli.Client;

/// <summary>Follows changes to cases over cut connections: after a cut it goes on behind the last cursor.</summary>
internal static class CaseWatch
{
    private const string Method = "governance.grids.v1.Cases/WatchCases";

    public static async IAsyncEnumerable<WatchCasesResponse> FollowAsync(
        PublicApi api, WatchCasesRequest request, TimeProvider clock, [EnumeratorCancellation] CancellationToken cancelled)
    {
        for (var cuts = 0; ;)
        {
            using var call = api.Cases.WatchCases(request, cancellationToken: cancelled);
            Refusal? cut;
            while ((cut = await NextAsync(call, cancelled)) is null)
            {
                cuts = 0;
                var change = call.ResponseStream.Current;
                if (change.Cursor.Length > 0)
                    request.Cursor = change.Cursor;
                yield return change;
            }

            if (cut.Code != StatusCode.Unavailable || ++cuts == CallPolicy.Tries)
                throw new RefusedException(cut, new RpcException(new Status(cut.Code, cut.Message)));
            await Task.Delay(CallPolicy.Pause(cut, cuts), clock, cancelled);
        }
    }

    /// <summary>Null when there is a change to read, else why there is none.</summary>
    private static async Task<Refusal?> NextAsync(AsyncServerStreamingCall<WatchCasesResponse> call, CancellationToken cancelled)
    {
        try
        {
            if (await call.ResponseStream.MoveNext(cancelled))
                return null;
            // A watch has no end of its own: the service is going away.
            return Refusal.From(new RpcException(new Status(StatusCode.Unavailable, "The watch was ended by the service.")), Method, null);
        }
        catch (RpcException failure)
        {
            cancelled.ThrowIfCancellationRequested();
            return Refusal.From(failure, Method, null);
        }
    }
}
