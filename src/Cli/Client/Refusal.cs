using Google.Protobuf;
using Google.Protobuf.Collections;
using Google.Rpc;
using Grpc.Core;

namespace Governance.Cli.Client;

/// <summary>One field that a service did not accept.</summary>
internal sealed record FieldProblem(string Field, string Description, string Reason);

/// <summary>Why a call failed, as the service told it in `grpc-status-details-bin`, or as the connection did.</summary>
internal sealed record Refusal(
    StatusCode Code,
    string Message,
    string Reason,
    IReadOnlyDictionary<string, string> Metadata,
    IReadOnlyList<FieldProblem> Fields,
    TimeSpan? RetryAfter,
    string Method,
    string RequestId)
{
    private const string DetailsTrailer = "grpc-status-details-bin";

    /// <summary>The request may be right, but nobody answered it: worth another try later.</summary>
    public bool Unreachable => Code is StatusCode.Unavailable or StatusCode.DeadlineExceeded;

    public static Refusal From(RpcException failure, string method, IMessage? request)
    {
        var status = Decode(failure.Trailers);
        var error = Find<ErrorInfo>(status);
        var fields = Find<BadRequest>(status)?.FieldViolations ?? [];
        return new Refusal(
            failure.StatusCode,
            MessageOf(failure, status),
            error?.Reason ?? "",
            error?.Metadata ?? new MapField<string, string>(),
            [.. fields.Select(field => new FieldProblem(field.Field, field.Description, field.Reason))],
            Find<RetryInfo>(status)?.RetryDelay?.ToTimeSpan(),
            method.TrimStart('/'),
            RequestIdOf(request));
    }

    private static string MessageOf(RpcException failure, Google.Rpc.Status? status) => status switch
    {
        { Message.Length: > 0 } => status.Message,
        // The connection's own words name the address, as in `Connection refused (127.0.0.1:5102)`.
        _ => failure.Status.DebugException?.GetBaseException().Message ?? failure.Status.Detail,
    };

    private static Google.Rpc.Status? Decode(Metadata trailers)
    {
        var bytes = trailers.FirstOrDefault(entry => entry.Key == DetailsTrailer)?.ValueBytes;
        if (bytes is null)
            return null;
        try
        {
            return Google.Rpc.Status.Parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException)
        {
            // A proxy on the way may have cut it; the plain status is still worth showing.
            return null;
        }
    }

    private static T? Find<T>(Google.Rpc.Status? status)
        where T : class, IMessage<T>, new()
    {
        var packed = status?.Details.FirstOrDefault(detail => detail.Is(new T().Descriptor));
        return packed?.Unpack<T>();
    }

    private static string RequestIdOf(IMessage? request)
    {
        var field = request?.Descriptor.FindFieldByName("request_id");
        return field is null ? "" : (string)field.Accessor.GetValue(request!);
    }
}

/// <summary>A call failed for good.</summary>
internal sealed class RefusedException(Refusal refusal, Exception inner) : Exception(refusal.Message, inner)
{
    public Refusal Refusal { get; } = refusal;
}
