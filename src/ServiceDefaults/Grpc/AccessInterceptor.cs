using Google.Protobuf;
using Governance.Primitives;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Identity;
using Grpc.Core;
using Grpc.Core.Interceptors;

namespace Governance.ServiceDefaults.Grpc;

/// <summary>
/// Lets a call through if the method's declaration grants it: known caller, role, territory; then the request's limits.
/// Whatever is not declared is refused. Health and reflection, which tell nothing about the city, are open.
/// </summary>
public sealed class AccessInterceptor(TokenReader tokens) : Interceptor
{
    private static readonly string[] OpenServices = ["/grpc.health.v1.", "/grpc.reflection."];

    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        var call = await AdmitAsync(request as IMessage, context);
        var response = await continuation(request, context);
        EnsureChecked(call);
        return response;
    }

    public override async Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        var call = await AdmitAsync(request as IMessage, context);
        if (call is not null)
            responseStream = new CheckedWriter<TResponse>(responseStream, call);
        await continuation(request, responseStream, context);
    }

    public override async Task<TResponse> ClientStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream, ServerCallContext context, ClientStreamingServerMethod<TRequest, TResponse> continuation)
    {
        var call = await AdmitAsync(null, context);
        var response = await continuation(requestStream, context);
        EnsureChecked(call);
        return response;
    }

    public override async Task DuplexStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        DuplexStreamingServerMethod<TRequest, TResponse> continuation)
    {
        var call = await AdmitAsync(null, context);
        if (call is not null)
            responseStream = new CheckedWriter<TResponse>(responseStream, call);
        await continuation(requestStream, responseStream, context);
    }

    private async ValueTask<Call?> AdmitAsync(IMessage? request, ServerCallContext context)
    {
        if (MethodCatalogue.AccessOf(context.Method) is not { } access)
            return Array.Exists(OpenServices, open => context.Method.StartsWith(open, StringComparison.Ordinal))
                ? null
                : throw new RefusedException(CommonErrors.AccessNotDeclared.With(("method", context.Method)));
        var caller = (await tokens.ReadAsync(context.GetHttpContext().Request.Headers.Authorization)).OrRefuse();
        if (!caller.HasAny(access.Roles) && !caller.HasAny(access.Own))
            throw new RefusedException(CommonErrors.RoleNotAllowed.With(("method", context.Method)));

        var call = new Call(context, access, caller, tokens);
        context.Set(call);
        if (request is null)
            return call;

        // Permission before existence, and before the rest of the request: a foreign territory learns nothing more.
        if (call.HasReach
            && access.Territory?.GetValue(request) is string { Length: > 0 } text
            && TerritoryCode.TryParse(text, out var territory, out _))
            call.Authorize(territory);

        return RequestValidator.Check(request) is { } refusal ? throw new RefusedException(refusal) : call;
    }

    private static void EnsureChecked(Call? call)
    {
        if (call is { TerritoryChecked: false })
            throw new RefusedException(CommonErrors.AnswerWithheld.With());
    }

    /// <summary>Withholds every answer of a stream until the handler has checked the territory.</summary>
    private sealed class CheckedWriter<T>(IServerStreamWriter<T> inner, Call call) : IServerStreamWriter<T>
    {
        public WriteOptions? WriteOptions
        {
            get => inner.WriteOptions;
            set => inner.WriteOptions = value;
        }

        public Task WriteAsync(T message)
        {
            EnsureChecked(call);
            return inner.WriteAsync(message);
        }

        public Task WriteAsync(T message, CancellationToken cancellationToken)
        {
            EnsureChecked(call);
            return inner.WriteAsync(message, cancellationToken);
        }
    }
}
