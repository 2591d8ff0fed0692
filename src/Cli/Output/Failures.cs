using System.Text.Json.Nodes;
using Governance.Cli.Client;
using Grpc.Core;

namespace Governance.Cli.Output;

/// <summary>Says why a service did not do what it was asked: the reason, every field at fault, and the request's id.</summary>
internal static class Failures
{
    public static JsonObject ToJson(Refusal refusal)
    {
        var json = new JsonObject
        {
            ["code"] = refusal.Code.ToString(),
            ["message"] = refusal.Message,
            ["method"] = refusal.Method,
        };
        if (refusal.Reason.Length > 0)
            json["reason"] = refusal.Reason;
        if (refusal.RequestId.Length > 0)
            json["requestId"] = refusal.RequestId;
        if (refusal.Metadata.Count > 0)
            json["metadata"] = new JsonObject(refusal.Metadata.Select(entry => KeyValuePair.Create(entry.Key, (JsonNode?)entry.Value)));
        if (refusal.Fields.Count > 0)
        {
            json["fieldViolations"] = new JsonArray([.. refusal.Fields.Select(field => new JsonObject
            {
                ["field"] = field.Field,
                ["description"] = field.Description,
                ["reason"] = field.Reason,
            })]);
        }

        return json;
    }

    public static void Write(TextWriter error, Refusal refusal)
    {
        var heading = refusal switch
        {
            { Unreachable: true, Reason: "" } => "Not reached",
            { Unreachable: true } => "Unavailable",
            _ => "Refused",
        };
        error.WriteLine($"{heading}: {refusal.Message}{Bracketed(refusal.Reason)}");
        foreach (var field in refusal.Fields)
            error.WriteLine($"  {field.Field}: {field.Description}{Bracketed(field.Reason)}");
        foreach (var (name, value) in refusal.Metadata)
            error.WriteLine($"  {name} = {value}");
        if (refusal.Method.Length > 0)
            error.WriteLine($"  in {refusal.Method}{(refusal.RequestId.Length > 0 ? $", request {refusal.RequestId}" : "")}");
        if (Hint(refusal) is { } hint)
            error.WriteLine($"  {hint}");
    }

    private static string? Hint(Refusal refusal) => refusal switch
    {
        { Code: StatusCode.Unavailable, Reason: "" } => "Is the stack running? Start it with: dotnet run --project src/AppHost",
        { Code: StatusCode.Unauthenticated } => "The token is missing, expired or signed with another key; see: gov token --help",
        { Code: StatusCode.PermissionDenied } => "The token's role or territory does not allow it; see --role and --territory.",
        _ => null,
    };

    private static string Bracketed(string reason) => reason.Length > 0 ? $" ({reason})" : "";
}
