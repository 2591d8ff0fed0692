using System.Text.RegularExpressions;
using Google.Protobuf;
using Google.Rpc;
using Grpc.Core;
using Shouldly;

namespace Governance.TestKit;

/// <summary>The error of a call, taken apart.</summary>
public sealed record Refused(StatusCode Code, string Reason, IReadOnlyDictionary<string, string> Metadata, IReadOnlyList<string> Fields, string Message)
{
    /// <summary>Metadata that are told in words, so that a message never quotes what programs read.</summary>
    private static readonly string[] Worded =
        ["allowed", "channel", "electorate", "finding", "kind", "level", "need", "phase", "problem", "state", "verb", "what"];

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
        var violations = Unpack<BadRequest>(status)?.FieldViolations ?? [];
        foreach (var text in (string[])[status.Message, .. violations.Select(v => v.Description)])
            ShouldBeOfOneLanguage(text, info.Metadata);
        return new Refused(
            exception.StatusCode,
            info.Reason,
            info.Metadata,
            [.. violations.Select(v => $"{v.Field}: {v.Reason}")],
            status.Message);
    }

    /// <summary>Codes and names are what they are in any language; English is seen by two of its words side by side.</summary>
    private static void ShouldBeOfOneLanguage(string text, IReadOnlyDictionary<string, string> metadata)
    {
        if (!Regex.IsMatch(text, "[\u4e00-\u9fff]"))
            return;
        Regex.Match(text, "[A-Za-z]+ [A-Za-z]+").Value.ShouldBeEmpty(text);
        foreach (var (name, value) in metadata.Where(m => Worded.Contains(m.Key) && m.Value.Any(char.IsAsciiLetter)))
            text.ShouldNotContain(value, customMessage: name);
    }

    private static T? Unpack<T>(Google.Rpc.Status status)
        where T : class, IMessage<T>, new() =>
        status.Details.Where(d => d.TypeUrl.EndsWith('/' + new T().Descriptor.FullName)).Select(d => d.Unpack<T>()).SingleOrDefault();
}
