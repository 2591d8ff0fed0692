using Governance.Cli.Client;
using Governance.Common.V1;
using Grpc.Core;

namespace Governance.Cli.Pack;

/// <summary>Sends one import: the header, then the rows. A stream that is cut wrote nothing,
/// so it is sent again under the same request_id.</summary>
internal static class ImportStream
{
    public static async Task<TResponse> SendAsync<TRequest, TResponse>(
        Func<CancellationToken, AsyncClientStreamingCall<TRequest, TResponse>> open,
        TRequest header,
        IEnumerable<TRequest> rows,
        ImportHeader head,
        string method,
        Action<int> sent,
        TimeProvider clock,
        CancellationToken cancelled)
    {
        for (var tryNumber = 1; ; tryNumber++)
        {
            try
            {
                using var call = open(cancelled);
                await WriteAsync(call.RequestStream, header, rows, sent, cancelled);
                return await call.ResponseAsync;
            }
            catch (RpcException failure)
            {
                cancelled.ThrowIfCancellationRequested();
                var refusal = Refusal.From(failure, method, head);
                if (refusal.Code != StatusCode.Unavailable || tryNumber == CallPolicy.Tries)
                    throw new RefusedException(refusal, failure);
                await Task.Delay(CallPolicy.Pause(refusal, tryNumber), clock, cancelled);
            }
        }
    }

    private static async Task WriteAsync<TRequest>(
        IClientStreamWriter<TRequest> stream, TRequest header, IEnumerable<TRequest> rows, Action<int> sent, CancellationToken cancelled)
    {
        try
        {
            await stream.WriteAsync(header, cancelled);
            foreach (var (index, row) in rows.Index())
            {
                await stream.WriteAsync(row, cancelled);
                sent(index + 1);
            }

            await stream.CompleteAsync();
        }
        catch (Exception ended) when (ended is InvalidOperationException or RpcException && !cancelled.IsCancellationRequested)
        {
            // The service ended the call before the last row; why, only its answer tells.
        }
    }
}
