using Grpc.Core;
using Grpc.Core.Interceptors;

namespace Governance.ServiceDefaults.Grpc;

/// <summary>
/// Compresses an answer only when the request was compressed: gRPC clients offer gzip by default, and compressing every
/// small answer would cost more than handling it.
/// </summary>
public sealed class CompressionInterceptor : Interceptor
{
    public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        Choose(context);
        return continuation(request, context);
    }

    public override Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        Choose(context);
        return continuation(request, responseStream, context);
    }

    private static void Choose(ServerCallContext context)
    {
        var encoding = context.GetHttpContext().Request.Headers["grpc-encoding"].ToString();
        if (encoding is "" or "identity")
            context.WriteOptions = new WriteOptions(WriteFlags.NoCompress);
    }
}
