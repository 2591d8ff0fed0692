using System.Collections.Frozen;
using System.Reflection;
using Governance.Common.V1;
using Governance.Contracts.Events;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Events;

namespace Governance.ServiceDefaults.Webhooks;

/// <summary>
/// The destinations, in memory: each command asks which of them are to be told of its events. A service that has none, or does not serve
/// them, pays one look at an empty list.
/// </summary>
public sealed class WebhookRoutes(DestinationStore store)
{
    private static readonly FrozenDictionary<Type, Func<IEvent, string?>> Territories =
        EventJson.Types.Values.ToFrozenDictionary(type => type, TerritoryOf);

    private readonly SemaphoreSlim gate = new(1, 1);
    private readonly OutboxSignal signal = new();
    private volatile IReadOnlyList<Destination> known = [];
    private long revision = -1;

    public IEnumerable<Destination> Active => known.Where(d => d.State is DestinationState.Active);

    public Destination? ActiveOne(Guid id) => Active.FirstOrDefault(d => d.Id == id);

    /// <summary>Reads the destinations when they have changed.</summary>
    public async Task RefreshAsync(CancellationToken cancellation)
    {
        await gate.WaitAsync(cancellation);
        try
        {
            var newest = await store.RevisionAsync(cancellation);
            if (newest == revision)
                return;
            known = await store.AllAsync(cancellation);
            revision = newest;
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>Adds one delivery for each destination that wants the event; <paramref name="territory"/> is the command's.</summary>
    internal void Deliver(Command command, Guid eventId, IEvent happened, byte[] payload, string? territory)
    {
        if (known is not { Count: > 0 } destinations)
            return;
        var name = happened.GetType().Name;
        var where = Territories[happened.GetType()](happened) ?? territory ?? "";
        foreach (var destination in destinations)
            if (destination.Wants(name, where))
                DeliveryStore.Add(command, destination.Id, eventId, name, where, payload);
    }

    /// <summary>Deliveries were written; who sends need not wait for its next look.</summary>
    internal void Written()
    {
        if (known.Count > 0)
            signal.Written();
    }

    internal Task WaitAsync(TimeSpan atMost, CancellationToken cancellation) => signal.WaitAsync(atMost, cancellation);

    // Most events say where they happened; what handlers report of a case does not.
    private static Func<IEvent, string?> TerritoryOf(Type type) =>
        type.GetProperty("Territory", BindingFlags.Instance | BindingFlags.Public) is { } property
        && property.PropertyType == typeof(string)
            ? happened => (string?)property.GetValue(happened)
            : _ => null;
}
