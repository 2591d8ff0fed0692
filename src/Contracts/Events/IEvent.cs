using System.Text.Json.Serialization;

namespace Governance.Contracts.Events;

/// <summary>Something that has happened and that other services may act on. Events are versioned by adding fields with defaults.</summary>
public interface IEvent
{
    /// <summary>Id of the record that it happened to. Events of one record are published and consumed in order.</summary>
    Guid AggregateId { get; }

    /// <summary>Routing key, by which a queue can be bound to some events of a kind only; a word, or empty.</summary>
    [JsonIgnore]
    string RoutingKey => "";
}
