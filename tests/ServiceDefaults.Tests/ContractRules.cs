using System.Text.RegularExpressions;
using Google.Protobuf.Reflection;
using Governance.Common.V1;
using Governance.ServiceDefaults.Identity;

namespace Governance.ServiceDefaults.Tests;

/// <summary>The rules that every contract keeps, as functions that list what breaks them.</summary>
internal static partial class ContractRules
{
    private static readonly string[] ReadingVerbs = ["Get", "List", "Search", "Locate", "Watch", "Check", "Export"];

    private static readonly Format[] BoundedFormats = [Format.Uuid, Format.Territory, Format.City, Format.CreditCode, Format.Date, Format.CitizenId];

    public static IEnumerable<string> AccessProblems(MethodDescriptor method)
    {
        if (method.GetOptions()?.GetExtension(AccessExtensions.Access) is not { } access)
        {
            yield return $"{method.FullName} declares no access";
            yield break;
        }
        if (access.Roles.Count + access.Own.Count is 0)
            yield return $"{method.FullName} grants nobody";
        foreach (var role in access.Roles.Concat(access.Own).Except(Roles.All))
            yield return $"{method.FullName} grants the unknown role {role}";
        if (access.TerritorySourceCase is Access.TerritorySourceOneofCase.None)
            yield return $"{method.FullName} does not say where its territory stands";
        if (access.TerritorySourceCase is Access.TerritorySourceOneofCase.Field && method.InputType.FindFieldByName(access.Field) is null)
            yield return $"{method.FullName} takes its territory from {access.Field}, which the request lacks";
    }

    /// <summary>What changes something carries a request_id; an import stream carries it in its header.</summary>
    public static IEnumerable<string> RequestIdProblems(MethodDescriptor method)
    {
        if (ReadingVerbs.Any(v => method.Name.StartsWith(v, StringComparison.Ordinal)))
            yield break;
        var carrier = method.IsClientStreaming ? method.InputType.FindFieldByName("header")?.MessageType : method.InputType;
        var limits = carrier?.FindFieldByName("request_id")?.GetOptions()?.GetExtension(AccessExtensions.Limits);
        if (limits is not { Required: true, Format: Format.Uuid })
            yield return $"{method.FullName} changes something and has no required request_id";
    }

    public static IEnumerable<string> LimitProblems(MessageDescriptor message, HashSet<MessageDescriptor>? seen = null)
    {
        seen ??= [];
        if (!seen.Add(message) || message.File.Package.StartsWith("google.protobuf", StringComparison.Ordinal))
            yield break;
        foreach (var field in message.Fields.InFieldNumberOrder())
        {
            var limits = field.GetOptions()?.GetExtension(AccessExtensions.Limits) ?? new Limits();
            if (field.IsRepeated && limits.MaxItems is 0)
                yield return $"{field.FullName} may hold any number of items";
            if (field.FieldType is FieldType.String or FieldType.Bytes && limits.MaxLength is 0 && !BoundedFormats.Contains(limits.Format))
                yield return $"{field.FullName} may be of any length";
            if (field.FieldType is FieldType.Int32 or FieldType.Int64 or FieldType.Double && !limits.HasMin && !limits.HasMax)
                yield return $"{field.FullName} has no bounds";
            if (field.FieldType is FieldType.Message)
                foreach (var problem in LimitProblems(field.MessageType, seen))
                    yield return problem;
        }
    }

    /// <summary>Every declaration of a proto has a comment above it.</summary>
    public static IEnumerable<string> CommentProblems(string file, string text)
    {
        var lines = text.Split('\n');
        for (var i = 0; i < lines.Length; i++)
            if (Declaration().IsMatch(lines[i]) && !(i > 0 && lines[i - 1].TrimStart().StartsWith("//", StringComparison.Ordinal)))
                yield return $"{file}:{i + 1} has no comment: {lines[i].Trim()}";
    }

    /// <summary>Reasons that the comments of RPCs name, by RPC.</summary>
    public static IEnumerable<(string Rpc, string Reason)> NamedReasons(string text)
    {
        foreach (Match rpc in CommentedRpc().Matches(text))
            foreach (Match reason in Reason().Matches(rpc.Groups[1].Value[Math.Max(0, rpc.Groups[1].Value.IndexOf("rrors", StringComparison.Ordinal))..]))
                yield return (rpc.Groups[2].Value, reason.Value);
    }

    // rpc GetCase(…), message Case {, CASE_STATE_CLOSED = 9;, string id = 1 [(…) = {…}];, oneof by {
    [GeneratedRegex(@"^\s*(rpc \w+|message \w+|enum \w+|service \w+|oneof \w+|(optional |repeated )?[\w.<>, ]+ \w+ = \d+( \[|;)|[A-Z][A-Z0-9_]+ = \d+;)")]
    private static partial Regex Declaration();

    [GeneratedRegex(@"((?:^  //.*\n)+)  rpc (\w+)", RegexOptions.Multiline)]
    private static partial Regex CommentedRpc();

    [GeneratedRegex(@"\b[A-Z]{2,}(_[A-Z]+)+\b")]
    private static partial Regex Reason();
}
