using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;

namespace Governance.ServiceDefaults.Errors;

/// <summary>Turns refusals into gRPC errors with <c>google.rpc.Status</c> details, in the caller's language.</summary>
public static class ErrorAnswers
{
    public const string Domain = "governance.micro";
    public const string DetailsTrailer = "grpc-status-details-bin";

    /// <summary>A proxy refuses headers over 8 KiB; beyond this many violations only the count is told.</summary>
    public const int MaxViolations = 40;

    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    public static RpcException ToRpcException(this Refusal refusal, Language language)
    {
        var text = refusal.Definition.Text(language, refusal.Metadata);
        var status = new Google.Rpc.Status { Code = (int)refusal.Definition.Status, Message = text };
        var info = new ErrorInfo { Reason = refusal.Definition.Reason, Domain = Domain };
        info.Metadata.Add(refusal.Metadata.ToDictionary(m => m.Key, m => m.Value.Value));
        status.Details.Add(Any.Pack(info));

        if (refusal.Violations.Count > 0)
        {
            var bad = new BadRequest();
            bad.FieldViolations.AddRange(refusal.Violations.Take(MaxViolations).Select(v => ToProto(v, language)));
            status.Details.Add(Any.Pack(bad));
        }

        if (refusal.Definition.Status is StatusCode.Unavailable)
            status.Details.Add(Any.Pack(new RetryInfo { RetryDelay = Duration.FromTimeSpan(RetryDelay) }));

        var trailers = new Metadata { { DetailsTrailer, status.ToByteArray() } };
        return new RpcException(new global::Grpc.Core.Status(refusal.Definition.Status, text), trailers);
    }

    public static BadRequest.Types.FieldViolation ToProto(Violation violation, Language language) => new()
    {
        Field = violation.Field,
        Description = violation.Definition.Text(language, violation.Metadata),
        Reason = violation.Definition.Reason,
    };

    /// <summary>Chinese unless the caller asks for English first.</summary>
    public static Language LanguageOf(string? acceptLanguage) =>
        acceptLanguage?.TrimStart().StartsWith("en", StringComparison.OrdinalIgnoreCase) is true ? Language.English : Language.Chinese;

    public static Language LanguageOf(ServerCallContext context) => LanguageOf(context.GetHttpContext().Request.Headers.AcceptLanguage);
}
