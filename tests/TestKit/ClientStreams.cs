using Grpc.Core;

namespace Governance.TestKit;

public static class ClientStreams
{
    /// <summary>
    /// Sends all messages, or as many as the service takes before it refuses the call, and gives its answer. A write after
    /// the refusal fails with a status of the library's own; why the service refused, only its answer tells.
    /// </summary>
    public static async Task<TResponse> SendAsync<TRequest, TResponse>(
        this AsyncClientStreamingCall<TRequest, TResponse> call, IEnumerable<TRequest> messages)
    {
        Exception? ended = null;
        try
        {
            foreach (var message in messages)
                await call.RequestStream.WriteAsync(message);
            await call.RequestStream.CompleteAsync();
        }
        catch (Exception exception) when (exception is RpcException or InvalidOperationException)
        {
            ended = exception;
        }
        var answer = await call;
        return ended is null ? answer : throw new InvalidOperationException("the service answered before it had read all", ended);
    }
}
