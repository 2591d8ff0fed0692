using Governance.Primitives;
using Governance.ServiceDefaults.Errors;
using Grpc.Core;

namespace Governance.Grids.Attachments;

public static class AttachmentErrors
{
    public static readonly ErrorDefinition NotFound = new("ATTACHMENT_NOT_FOUND", StatusCode.NotFound,
        "There is no attachment {id}.", "没有编号为 {id} 的附件。");

    public static readonly ErrorDefinition Reference = new("ATTACHMENT_REFERENCE", StatusCode.InvalidArgument,
        "reference must be an absolute https or s3 address without user, password or query.", "附件引用须为不含用户、密码和查询串的 https 或 s3 绝对地址。");

    public static readonly ErrorDefinition Twice = new("ATTACHMENT_TWICE", StatusCode.AlreadyExists,
        "The case has this file already: {id}.", "该事项已有相同文件：{id}。");

    public static readonly ErrorDefinition Full = new("ATTACHMENTS_FULL", StatusCode.ResourceExhausted,
        "The case has {max} attachments, the most it can have.", "事项附件已达上限 {max} 个。");
}

/// <summary>One file of a case.</summary>
public sealed record Attachment(
    Guid Id,
    Guid CaseId,
    string Territory,
    string Reference,
    string MediaType,
    long Size,
    byte[] Sha256,
    string Note,
    string AddedBy,
    DateTimeOffset AddedAt,
    DateTimeOffset? RemovedAt,
    string RemovalReason);

/// <summary>The rules of attachments, pure.</summary>
public static class AttachmentRules
{
    public const int MaxPerCase = 50;

    private const int Sha256Bytes = 32;

    /// <summary>Why a file can't be added to those that a case has, or null.</summary>
    public static Refusal? MayAdd(IReadOnlyList<Attachment> present, string reference, byte[] sha256)
    {
        if (!IsReference(reference))
            return AttachmentErrors.Reference.With();
        if (present.FirstOrDefault(a => a.RemovedAt is null && a.Sha256.AsSpan().SequenceEqual(sha256)) is { } same)
            return AttachmentErrors.Twice.With(("id", same.Id));
        return present.Count >= MaxPerCase ? AttachmentErrors.Full.With(("max", MaxPerCase)) : null;
    }

    public static Outcome<byte[]> Checksum(string text)
    {
        var bytes = new byte[Sha256Bytes];
        return text.Length is Sha256Bytes * 2 && Convert.FromHexString(text, bytes, out _, out _) is System.Buffers.OperationStatus.Done
            ? bytes
            : CommonErrors.Invalid(Violation.Of("sha256", FieldErrors.Malformed, ("format", new Words("64 hexadecimal digits", "十六进制数（64 位）"))));
    }

    // A signed address is a key to the file, and would be kept for years.
    private static bool IsReference(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "https" or "s3"
        && uri.Host.Length > 0 && uri.UserInfo.Length is 0 && uri.Query.Length is 0 && uri.Fragment.Length is 0;
}
