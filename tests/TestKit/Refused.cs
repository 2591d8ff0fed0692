using Google.Protobuf;
using Google.Rpc;
using Grpc.Core;
using Shouldly;

namespace Governance.TestKit;

/// <summary>The error of a call, taken apart.</summary>
public sealed record Refused(StatusCode Code, string Reason, IReadOnlyDictionary<string, string> Metadata, IReadOnlyList<string> Fields, string Message)
{
    /// <summary>The call must fail with this reason.</summary>
    public static async Task<Refused> AsAsync(string reason, Func<Task> call)
    {
        var exception = await Should.ThrowAsync<RpcException>(call);
        var refused = Of(exception);
        refused.Reason.ShouldBe(reason, exception.ToString());
        return refused;
    }

    public static Task<Refused> AsAsync<T>(string reason, AsyncUnaryCall<T> call) => AsAsync(reason, async () => await call);

    /// <summary>The reason for which a call fails; empty when it does not.</summary>
    public static async Task<string> ReasonAsync<T>(AsyncUnaryCall<T> call)
    {
        try
        {
            await call;
            return "";
        }
        catch (RpcException refused)
        {
            return Of(refused).Reason;
        }
    }

    public static Refused Of(RpcException exception)
    {
        var bytes = exception.Trailers.GetValueBytes("grpc-status-details-bin");
        bytes.ShouldNotBeNull($"no details: {exception}");
        var status = Google.Rpc.Status.Parser.ParseFrom(bytes);
        status.Code.ShouldBe((int)exception.StatusCode);
        var info = Unpack<ErrorInfo>(status) ?? throw new InvalidOperationException("no ErrorInfo");
        info.Domain.ShouldBe("governance.micro");
        return new Refused(
            exception.StatusCode,
            info.Reason,
            info.Metadata,
            [.. Unpack<BadRequest>(status)?.FieldViolations.Select(v => $"{v.Field}: {v.Reason}") ?? []],
            status.Message);
    }

    private static T? Unpack<T>(Google.Rpc.Status status)
        where T : class, IMessage<T>, new() =>
        status.Details.Where(d => d.TypeUrl.EndsWith('/' + new T().Descriptor.FullName)).Select(d => d.Unpack<T>()).SingleOrDefault();
}
