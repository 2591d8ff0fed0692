using Google.Protobuf;
using Governance.Cli.Client;
using Governance.Common.V1;
using Grpc.Core;

namespace Governance.Cli.Pack;

/// <summary>Sends one import: the header, then the rows, many to a message. A stream that is cut wrote nothing,
/// so it is sent again under the same request_id.</summary>
internal static class ImportStream
{
    /// <summary>The service takes no message above 4 MB.</summary>
    private const int MaxMessageBytes = 1_000_000;

    private const int MaxMessageRows = 500;

    public static async Task<TResponse> SendAsync<TRequest, TRow, TResponse>(
        Func<CancellationToken, AsyncClientStreamingCall<TRequest, TResponse>> open,
        TRequest header,
        Func<IEnumerable<TRow>, TRequest> message,
        IEnumerable<TRow> rows,
        ImportHeader head,
        string method,
        Action<int> sent,
        TimeProvider clock,
        CancellationToken cancelled)
        where TRow : IMessage
    {
        for (var tryNumber = 1; ; tryNumber++)
        {
            try
            {
                using var call = open(cancelled);
                await WriteAsync(call.RequestStream, header, message, rows, sent, cancelled);
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

    private static async Task WriteAsync<TRequest, TRow>(
        IClientStreamWriter<TRequest> stream,
        TRequest header,
        Func<IEnumerable<TRow>, TRequest> message,
        IEnumerable<TRow> rows,
        Action<int> sent,
        CancellationToken cancelled)
        where TRow : IMessage
    {
        try
        {
            await stream.WriteAsync(header, cancelled);
            var count = 0;
            foreach (var some in Together(rows))
            {
                await stream.WriteAsync(message(some), cancelled);
                sent(count += some.Count);
            }

            await stream.CompleteAsync();
        }
        catch (Exception ended) when (ended is InvalidOperationException or RpcException && !cancelled.IsCancellationRequested)
        {
            // The service ended the call before the last row; why, only its answer tells.
        }
    }

    private static IEnumerable<List<TRow>> Together<TRow>(IEnumerable<TRow> rows)
        where TRow : IMessage
    {
        var (some, bytes) = (new List<TRow>(MaxMessageRows), 0);
        foreach (var row in rows)
        {
            var size = row.CalculateSize();
            if (some.Count == MaxMessageRows || (some.Count > 0 && bytes + size > MaxMessageBytes))
            {
                yield return some;
                (some, bytes) = (new List<TRow>(MaxMessageRows), 0);
            }

            some.Add(row);
            bytes += size;
        }

        if (some.Count > 0)
            yield return some;
    }
}
