using System.Diagnostics;
using System.Text.Json;
using Governance.Contracts.Events;
using Governance.ServiceDefaults.Events;
using Governance.ServiceDefaults.Grpc;
using Governance.ServiceDefaults.Identity;
using Governance.ServiceDefaults.Webhooks;
using Npgsql;

namespace Governance.ServiceDefaults.Database;

/// <summary>Who acts: the caller of an RPC, or another service by an event.</summary>
public sealed record Actor(string Subject, string Role, string? Peer)
{
    public static Actor Of(Call call) => new(call.Caller.Subject, call.ActingRole, call.Peer);
}

/// <summary>
/// What one command is going to write: collected first, then sent as one batch in one transaction and one round trip.
/// Reads that the rules need come before, on the same command.
/// </summary>
public sealed class Command(ServiceDatabase database, IIds ids, Actor actor, DateTimeOffset now, CancellationToken cancellation)
{
    private readonly Writes writes = new();
    private readonly List<string> staleKeys = [];
    private readonly List<IEvent> events = [];
    private readonly OrderedDictionary<Guid, string> concerned = [];
    private readonly HashSet<string> territories = [];

    public Actor Actor { get; private set; } = actor;

    /// <summary>The instant of the command; rules take it as a value. Whole microseconds, as the database keeps them.</summary>
    public DateTimeOffset Now { get; } = new(now.UtcTicks - (now.UtcTicks % TimeSpan.TicksPerMicrosecond), TimeSpan.Zero);

    public CancellationToken Cancellation { get; } = cancellation;

    internal IReadOnlyList<string> StaleKeys => staleKeys;

    internal bool HasEvents => events.Count > 0;

    /// <summary>
    /// From here on everything that the command writes knows the caller by another word only, and as a resident: of a place where one
    /// person has a role, the role names them.
    /// </summary>
    public void ActUnder(string pseudonym) => Actor = new Actor(pseudonym, Roles.Resident, null);

    public Guid NewId() => ids.New(Now);

    public Task<T?> FirstAsync<T>(string sql, Func<NpgsqlDataReader, T> read, params NpgsqlParameter[] parameters) =>
        database.FirstAsync(sql, read, parameters, Cancellation);

    /// <summary>See <see cref="ServiceDatabase.FindAsync"/>.</summary>
    public Task<T?> FindAsync<T>(string sql, Guid id, Func<NpgsqlDataReader, T> read)
        where T : class =>
        database.FindAsync(sql, id, read, Cancellation);

    public Task<List<T>> QueryAsync<T>(string sql, Func<NpgsqlDataReader, T> read, params NpgsqlParameter[] parameters) =>
        database.QueryAsync(sql, read, parameters, Cancellation);

    /// <summary>Adds a statement to the command's batch.</summary>
    public void Write(string sql, params NpgsqlParameter[] parameters) => writes.Add(sql, parameters);

    /// <summary>Adds a row, which is written after all statements.</summary>
    public void Write(RowWrite rows, params object?[] values) => writes.Add(rows.Of(values));

    internal void Write(RowWrite.Row row) => writes.Add(row);

    /// <summary>
    /// Adds a statement that fails when something came in between. It runs after all that is written, also by the other commands
    /// that are committed together with this one: a check that ran before would not see their rows.
    /// </summary>
    public void Check(string sql, params NpgsqlParameter[] parameters) => writes.AddCheck(sql, parameters);

    /// <summary>The event is published if and only if the command commits.</summary>
    public void Publish(IEvent happened) => events.Add(happened);

    /// <summary>A cached record that this command makes stale.</summary>
    public void MakeStale(string cacheKey) => staleKeys.Add(cacheKey);

    /// <summary>A record that this command changes, and where it lies: each has a row of the audit, which the change feed tells.</summary>
    public void Concerns(string territory, Guid recordId) => concerned[recordId] = territory;

    /// <summary>More of a territory's records than can be named, which have moved or were written at once: they are read anew.</summary>
    public void ConcernsManyOf(string territory) => territories.Add(territory);

    /// <summary>Whether anything was decided so far; an event may mean nothing to a service.</summary>
    internal bool HasEffect => writes.Any || events.Count > 0 || staleKeys.Count > 0;

    /// <summary>Adds a row before everything else.</summary>
    internal void WriteFirst(RowWrite rows, params object?[] values) => writes.First = rows.Of(values);

    /// <summary>Everything to write, with the events, their deliveries and the audit row.</summary>
    internal Writes Seal(string action, Guid requestId, WebhookRoutes routes)
    {
        foreach (var happened in events)
        {
            var (id, payload) = (NewId(), JsonSerializer.SerializeToUtf8Bytes(happened, happened.GetType(), EventJson.Options));
            WriteOutbox(id, happened.AggregateId, happened.GetType().Name, payload);
            routes.Deliver(this, id, happened, payload, concerned.LastOrDefault().Value);
        }
        if (events.Count is 0 && staleKeys.Count > 0)
            WriteOutbox(NewId(), concerned.LastOrDefault().Key, null, null);

        foreach (var (recordId, territory) in concerned)
            writes.Add(Records.Audit(Now, Actor, action, requestId, territory, recordId));
        foreach (var territory in territories)
            writes.Add(Records.Audit(Now, Actor, action, requestId, territory, null));
        if (concerned.Count + territories.Count is 0)
            writes.Add(Records.Audit(Now, Actor, action, requestId, null, null));
        return writes;
    }

    private void WriteOutbox(Guid messageId, Guid aggregateId, string? eventName, byte[]? payload) =>
        Write(
            Records.Outbox, messageId, aggregateId, eventName, payload, staleKeys.Count is 0 ? null : string.Join('\n', staleKeys),
            Activity.Current?.Id, Now);
}
