using System.Runtime.CompilerServices;
using Governance.Common.V1;
using Governance.Grids.V1;
using Grpc.Core;

namespace Governance.Cli.Client;

/// <summary>
/// Follows watches over cut connections and expired tokens: after a cut they go on behind the last cursor, and every call gets a token of
/// its own.
/// </summary>
internal static class Watch
{
    public static IAsyncEnumerable<WatchCasesResponse> CasesAsync(
        PublicApi api, WatchCasesRequest request, TimeProvider clock, CancellationToken cancelled) => FollowAsync(
        "governance.grids.v1.Cases/WatchCases",
        () => api.Cases.WatchCases(request, cancellationToken: cancelled),
        change => request.Cursor = After(change.Cursor, request.Cursor),
        clock, cancelled);

    public static IAsyncEnumerable<WatchChangesResponse> ChangesAsync(
        PublicApi api, string service, WatchChangesRequest request, TimeProvider clock, CancellationToken cancelled) => FollowAsync(
        "governance.common.v1.Changes/WatchChanges",
        () => api.Changes(service).WatchChanges(request, cancellationToken: cancelled),
        change => request.Cursor = After(change.Cursor, request.Cursor),
        clock, cancelled);

    private static string After(string cursor, string former) => cursor.Length > 0 ? cursor : former;

    private static async IAsyncEnumerable<T> FollowAsync<T>(
        string method, Func<AsyncServerStreamingCall<T>> open, Action<T> remember, TimeProvider clock,
        [EnumeratorCancellation] CancellationToken cancelled)
    {
        for (var cuts = 0; ;)
        {
            using var call = open();
            Refusal? cut;
            var heard = false;
            while ((cut = await NextAsync(call, method, cancelled)) is null)
            {
                (cuts, heard) = (0, true);
                var change = call.ResponseStream.Current;
                remember(change);
                yield return change;
            }

            // A watch ends with its token; one that was not even begun would not be by the same token again.
            if (heard && cut.Code is StatusCode.Unauthenticated)
                continue;
            if (cut.Code != StatusCode.Unavailable || ++cuts == CallPolicy.Tries)
                throw new RefusedException(cut, new RpcException(new Status(cut.Code, cut.Message)));
            await Task.Delay(CallPolicy.Pause(cut, cuts), clock, cancelled);
        }
    }

    /// <summary>Null when there is a change to read, else why there is none.</summary>
    private static async Task<Refusal?> NextAsync<T>(AsyncServerStreamingCall<T> call, string method, CancellationToken cancelled)
    {
        try
        {
            if (await call.ResponseStream.MoveNext(cancelled))
                return null;
            // A watch has no end of its own: the service is going away.
            return Refusal.From(new RpcException(new Status(StatusCode.Unavailable, "The watch was ended by the service.")), method, null);
        }
        catch (RpcException failure)
        {
            cancelled.ThrowIfCancellationRequested();
            return Refusal.From(failure, method, null);
        }
    }
}
