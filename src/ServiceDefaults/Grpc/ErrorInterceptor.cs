using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Errors;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Governance.ServiceDefaults.Grpc;

/// <summary>
/// The outermost interceptor: whatever a handler throws leaves as an error of the catalogue, in the caller's language,
/// with nothing of the inside in it. What nobody expected is logged under a number that the caller can quote.
/// </summary>
public sealed partial class ErrorInterceptor(ILogger<ErrorInterceptor> logger) : Interceptor
{
    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        UnreadableRequests.WasRead(context);
        try
        {
            return await continuation(request, context);
        }
        catch (Exception exception) when (exception is not RpcException)
        {
            throw AnswerTo(exception, context);
        }
    }

    public override async Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        UnreadableRequests.WasRead(context);
        try
        {
            await continuation(request, responseStream, context);
        }
        catch (Exception exception) when (exception is not RpcException)
        {
            throw AnswerTo(exception, context);
        }
    }

    public override async Task<TResponse> ClientStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream, ServerCallContext context, ClientStreamingServerMethod<TRequest, TResponse> continuation)
    {
        UnreadableRequests.WasRead(context);
        try
        {
            return await continuation(UnreadableRequests.Guard(requestStream, context), context);
        }
        catch (Exception exception) when (exception is not RpcException)
        {
            throw AnswerTo(exception, context);
        }
    }

    public override async Task DuplexStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        DuplexStreamingServerMethod<TRequest, TResponse> continuation)
    {
        UnreadableRequests.WasRead(context);
        try
        {
            await continuation(UnreadableRequests.Guard(requestStream, context), responseStream, context);
        }
        catch (Exception exception) when (exception is not RpcException)
        {
            throw AnswerTo(exception, context);
        }
    }

    private RpcException AnswerTo(Exception exception, ServerCallContext context) =>
        RefusalFor(exception, context).ToRpcException(ErrorAnswers.LanguageOf(context));

    private Refusal RefusalFor(Exception exception, ServerCallContext context)
    {
        switch (exception)
        {
            case RefusedException refused:
                return refused.Refusal;
            // The call is over for the caller, whatever broke because of it.
            case not null when context.CancellationToken.IsCancellationRequested:
                return CommonErrors.DeadlineExceeded.With();
            case NpgsqlException failed when ServiceDatabase.IsAway(failed):
                DatabaseAway(exception.Message);
                return CommonErrors.Unavailable.With();
            default:
                var incident = context.GetHttpContext().TraceIdentifier;
                Failed(exception!, context.Method, incident);
                return CommonErrors.Internal.With(("incident", incident));
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The database is away: {Problem}")]
    private partial void DatabaseAway(string problem);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} failed; incident {Incident}")]
    private partial void Failed(Exception exception, string method, string incident);
}
