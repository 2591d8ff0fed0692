using System.Globalization;
using Google.Protobuf;
using Governance.ServiceDefaults.Errors;
using Grpc.Core;
using Microsoft.AspNetCore.Http;

namespace Governance.ServiceDefaults.Grpc;

/// <summary>
/// Requests that fail before any interceptor sees them: bytes that are no message of the method, messages that are too
/// large, methods that do not exist. The library answers with a bare status; callers get the catalogue's error instead.
/// </summary>
public static class UnreadableRequests
{
    private static readonly object Read = new();

    public static async Task HandleAsync(HttpContext context, RequestDelegate next)
    {
        await next(context);

        if (context.Response.HasStarted
            || context.Items.ContainsKey(Read)
            || context.Request.ContentType?.StartsWith("application/grpc", StringComparison.Ordinal) is not true
            || !context.Response.Headers.TryGetValue("grpc-status", out var status))
            return;

        if (!Enum.TryParse<StatusCode>(status, out var code) || RefusalOf(code, context.Request.Headers.GrpcEncoding.ToString()) is not { } refusal)
            return;

        var error = refusal.ToRpcException(ErrorAnswers.LanguageOf(context.Request.Headers.AcceptLanguage.ToString()));
        context.Response.Headers["grpc-status"] = ((int)error.StatusCode).ToString(CultureInfo.InvariantCulture);
        context.Response.Headers["grpc-message"] = Uri.EscapeDataString(error.Status.Detail);
        context.Response.Headers[ErrorAnswers.DetailsTrailer] = Convert.ToBase64String(error.Trailers.GetValueBytes(ErrorAnswers.DetailsTrailer)!);
    }

    /// <summary>From here on who fails is the handler, and answers for itself.</summary>
    public static void WasRead(ServerCallContext context) => context.GetHttpContext().Items[Read] = Read;

    /// <summary>The same for the messages of a stream, which are read while the handler runs.</summary>
    public static IAsyncStreamReader<T> Guard<T>(IAsyncStreamReader<T> stream, ServerCallContext context) =>
        new GuardedReader<T>(stream, context.GetHttpContext().Request.Headers.GrpcEncoding.ToString());

    private static Refusal? RefusalOf(StatusCode code, string encoding) => code switch
    {
        StatusCode.Unknown or StatusCode.Internal => CommonErrors.RequestUnreadable.With(),
        StatusCode.ResourceExhausted => CommonErrors.MessageTooLarge.With(("max_bytes", ServiceHost.MaxMessageBytes)),
        StatusCode.Unimplemented => encoding is "" or "identity" or "gzip" or "deflate"
            ? CommonErrors.MethodUnknown.With()
            : CommonErrors.CompressionUnknown.With(),
        _ => null,
    };

    private sealed class GuardedReader<T>(IAsyncStreamReader<T> inner, string encoding) : IAsyncStreamReader<T>
    {
        public T Current => inner.Current;

        public async Task<bool> MoveNext(CancellationToken cancellationToken)
        {
            try
            {
                return await inner.MoveNext(cancellationToken);
            }
            catch (InvalidProtocolBufferException)
            {
                throw new RefusedException(CommonErrors.RequestUnreadable.With());
            }
            catch (RpcException exception) when (RefusalOf(exception.StatusCode, encoding) is { } refusal)
            {
                throw new RefusedException(refusal);
            }
        }
    }
}
