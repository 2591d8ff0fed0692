using Google.Protobuf;
using Grpc.Core;
using Grpc.Core.Interceptors;

namespace Governance.Cli.Client;

/// <summary>
/// What every call gets: a token and the language, a deadline, and for a unary call a few more tries while the service is
/// unavailable. A try repeats the very same message, so the request_id in it makes a command that was already done answer as before.
/// </summary>
internal sealed class CallPolicy(
    Uri address, Func<string, string> tokenForMethod, string language, TimeSpan deadline, TimeProvider clock) : Interceptor
{
    public const int Tries = 4;

    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        TRequest request,
        ClientInterceptorContext<TRequest, TResponse> context,
        AsyncUnaryCallContinuation<TRequest, TResponse> continuation)
    {
        var answer = SendAsync(request, context, continuation);
        return new AsyncUnaryCall<TResponse>(
            answer, Task.FromResult(new Metadata()), () => Status.DefaultSuccess, () => [], () => { });
    }

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        TRequest request,
        ClientInterceptorContext<TRequest, TResponse> context,
        AsyncServerStreamingCallContinuation<TRequest, TResponse> continuation) =>
        continuation(request, With(context, limit: null));

    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
        ClientInterceptorContext<TRequest, TResponse> context,
        AsyncClientStreamingCallContinuation<TRequest, TResponse> continuation) =>
        continuation(With(context, limit: null));

    /// <summary>How long to wait after a try that found the service unavailable: what it asks for, else twice as long each time.</summary>
    public static TimeSpan Pause(Refusal refusal, int tryNumber)
    {
        var wait = refusal.RetryAfter ?? TimeSpan.FromMilliseconds(200 << (tryNumber - 1));
        return wait < LongestWait ? wait : LongestWait;
    }

    private async Task<TResponse> SendAsync<TRequest, TResponse>(
        TRequest request,
        ClientInterceptorContext<TRequest, TResponse> context,
        AsyncUnaryCallContinuation<TRequest, TResponse> continuation)
        where TRequest : class
        where TResponse : class
    {
        var cancelled = context.Options.CancellationToken;
        for (var tryNumber = 1; ; tryNumber++)
        {
            try
            {
                using var call = continuation(request, With(context, deadline));
                return await call.ResponseAsync;
            }
            catch (RpcException failure)
            {
                cancelled.ThrowIfCancellationRequested();
                var refusal = Refusal.From(failure, context.Method.FullName, request as IMessage);
                if (refusal.Code != StatusCode.Unavailable || tryNumber == Tries)
                    throw new RefusedException(Located(refusal), failure);
                await Task.Delay(Pause(refusal, tryNumber), clock, cancelled);
            }
        }
    }

    /// <summary>What the connection says alone does not tell which of four services is away.</summary>
    private Refusal Located(Refusal refusal) => refusal is { Unreachable: true, Reason: "" }
        ? refusal with { Message = $"{address.GetLeftPart(UriPartial.Authority)} does not answer: {refusal.Message}" }
        : refusal;

    private ClientInterceptorContext<TRequest, TResponse> With<TRequest, TResponse>(
        ClientInterceptorContext<TRequest, TResponse> context, TimeSpan? limit)
        where TRequest : class
        where TResponse : class
    {
        var headers = new Metadata
        {
            { "authorization", $"Bearer {tokenForMethod(context.Method.FullName)}" },
            { "accept-language", language },
        };
        var options = context.Options.WithHeaders(headers);
        if (limit is not null && options.Deadline is null)
            options = options.WithDeadline(clock.GetUtcNow().Add(limit.Value).UtcDateTime);
        return new ClientInterceptorContext<TRequest, TResponse>(context.Method, context.Host, options);
    }
}
