using System.Collections.Frozen;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Governance.Contracts.Events;

namespace Governance.ServiceDefaults.Events;

/// <summary>How events are written in the outbox and on the wire.</summary>
public static class EventJson
{
    public static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web)
    {
        // Chinese text as itself: half the size, and readable in the table.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    public static FrozenDictionary<string, Type> Types { get; } =
        EventRoutes.Consumers.Keys.ToFrozenDictionary(t => t.Name, StringComparer.Ordinal);
}
