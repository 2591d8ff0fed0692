using Grpc.AspNetCore.Server;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.AspNetCore.Http;

namespace Grpc.AspNetCore.ClientFactory;

/// <summary>Ends a call made from a server call when that one's deadline passes or its caller goes away.</summary>
internal sealed class ContextPropagationInterceptor(
    IHttpContextAccessor httpContextAccessor, GrpcContextPropagationOptions options) : Interceptor
{
    public override TResponse BlockingUnaryCall<TRequest, TResponse>(
        TRequest request,
        ClientInterceptorContext<TRequest, TResponse> context,
        BlockingUnaryCallContinuation<TRequest, TResponse> continuation)
    {
        using var link = Propagate(ref context);
        return continuation(request, context);
    }

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        TRequest request,
        ClientInterceptorContext<TRequest, TResponse> context,
        AsyncUnaryCallContinuation<TRequest, TResponse> continuation)
    {
        var link = Propagate(ref context);
        var call = continuation(request, context);
        if (link is null)
            return call;
        link.DisposeAfter(call.ResponseAsync);
        return new AsyncUnaryCall<TResponse>(
            call.ResponseAsync,
            static state => State<AsyncUnaryCall<TResponse>>(state).Call.ResponseHeadersAsync,
            static state => State<AsyncUnaryCall<TResponse>>(state).Call.GetStatus(),
            static state => State<AsyncUnaryCall<TResponse>>(state).Call.GetTrailers(),
            static state => State<AsyncUnaryCall<TResponse>>(state).Dispose(),
            new LinkedCall<AsyncUnaryCall<TResponse>>(call, link));
    }

    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
        ClientInterceptorContext<TRequest, TResponse> context,
        AsyncClientStreamingCallContinuation<TRequest, TResponse> continuation)
    {
        var link = Propagate(ref context);
        var call = continuation(context);
        if (link is null)
            return call;
        link.DisposeAfter(call.ResponseAsync);
        return new AsyncClientStreamingCall<TRequest, TResponse>(
            call.RequestStream,
            call.ResponseAsync,
            static state => State<AsyncClientStreamingCall<TRequest, TResponse>>(state).Call.ResponseHeadersAsync,
            static state => State<AsyncClientStreamingCall<TRequest, TResponse>>(state).Call.GetStatus(),
            static state => State<AsyncClientStreamingCall<TRequest, TResponse>>(state).Call.GetTrailers(),
            static state => State<AsyncClientStreamingCall<TRequest, TResponse>>(state).Dispose(),
            new LinkedCall<AsyncClientStreamingCall<TRequest, TResponse>>(call, link));
    }

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        TRequest request,
        ClientInterceptorContext<TRequest, TResponse> context,
        AsyncServerStreamingCallContinuation<TRequest, TResponse> continuation)
    {
        var link = Propagate(ref context);
        var call = continuation(request, context);
        if (link is null)
            return call;
        return new AsyncServerStreamingCall<TResponse>(
            new LinkedStreamReader<TResponse>(call.ResponseStream, link),
            static state => State<AsyncServerStreamingCall<TResponse>>(state).Call.ResponseHeadersAsync,
            static state => State<AsyncServerStreamingCall<TResponse>>(state).Call.GetStatus(),
            static state => State<AsyncServerStreamingCall<TResponse>>(state).Call.GetTrailers(),
            static state => State<AsyncServerStreamingCall<TResponse>>(state).Dispose(),
            new LinkedCall<AsyncServerStreamingCall<TResponse>>(call, link));
    }

    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
        ClientInterceptorContext<TRequest, TResponse> context,
        AsyncDuplexStreamingCallContinuation<TRequest, TResponse> continuation)
    {
        var link = Propagate(ref context);
        var call = continuation(context);
        if (link is null)
            return call;
        return new AsyncDuplexStreamingCall<TRequest, TResponse>(
            call.RequestStream,
            new LinkedStreamReader<TResponse>(call.ResponseStream, link),
            static state => State<AsyncDuplexStreamingCall<TRequest, TResponse>>(state).Call.ResponseHeadersAsync,
            static state => State<AsyncDuplexStreamingCall<TRequest, TResponse>>(state).Call.GetStatus(),
            static state => State<AsyncDuplexStreamingCall<TRequest, TResponse>>(state).Call.GetTrailers(),
            static state => State<AsyncDuplexStreamingCall<TRequest, TResponse>>(state).Dispose(),
            new LinkedCall<AsyncDuplexStreamingCall<TRequest, TResponse>>(call, link));
    }

    private static LinkedCall<TCall> State<TCall>(object state)
        where TCall : IDisposable => (LinkedCall<TCall>)state;

    /// <summary>The earlier deadline wins, and either token cancels. What it gives back must be disposed when the call ends.</summary>
    private CancellationLink? Propagate<TRequest, TResponse>(ref ClientInterceptorContext<TRequest, TResponse> context)
        where TRequest : class
        where TResponse : class
    {
        if (ServerCallContext() is not { } serverCall)
            return null;

        var callOptions = context.Options;
        // A call without a deadline has the last instant there is.
        if (serverCall.Deadline < (callOptions.Deadline ?? DateTime.MaxValue))
            callOptions = callOptions.WithDeadline(serverCall.Deadline);

        CancellationLink? link = null;
        if (serverCall.CancellationToken.CanBeCanceled && callOptions.CancellationToken != serverCall.CancellationToken)
        {
            // Without a token of the caller's there is nothing to link, and so nothing to dispose.
            if (callOptions.CancellationToken.CanBeCanceled)
            {
                link = new CancellationLink(callOptions.CancellationToken, serverCall.CancellationToken);
                callOptions = callOptions.WithCancellationToken(link.Token);
            }
            else
            {
                callOptions = callOptions.WithCancellationToken(serverCall.CancellationToken);
            }
        }

        context = new ClientInterceptorContext<TRequest, TResponse>(context.Method, context.Host, callOptions);
        return link;
    }

    private ServerCallContext? ServerCallContext()
    {
        var serverCall = httpContextAccessor.HttpContext?.Features.Get<IServerCallContextFeature>()?.ServerCallContext;
        if (serverCall is null && !options.SuppressContextNotFoundErrors)
        {
            throw new InvalidOperationException(
                "There is no gRPC server call whose deadline and cancellation could be passed on. Call from within one, or set " +
                $"{nameof(GrpcContextPropagationOptions)}.{nameof(GrpcContextPropagationOptions.SuppressContextNotFoundErrors)}.");
        }

        return serverCall;
    }
}
