using System.Diagnostics;
using System.Text.Json;
using Governance.Contracts.Events;
using Governance.ServiceDefaults.Events;
using Governance.ServiceDefaults.Grpc;
using Npgsql;
using static Governance.ServiceDefaults.Database.Sql;

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
    private readonly List<NpgsqlBatchCommand> statements = [];
    private readonly List<string> staleKeys = [];
    private readonly List<IEvent> events = [];
    private string? territory;
    private Guid? recordId;

    public Actor Actor { get; } = actor;

    /// <summary>The instant of the command; rules take it as a value. Whole microseconds, as the database keeps them.</summary>
    public DateTimeOffset Now { get; } = new(now.UtcTicks - (now.UtcTicks % TimeSpan.TicksPerMicrosecond), TimeSpan.Zero);

    public CancellationToken Cancellation { get; } = cancellation;

    internal IReadOnlyList<string> StaleKeys => staleKeys;

    internal bool HasEvents => events.Count > 0;

    public Guid NewId() => ids.New(Now);

    public Task<T?> FirstAsync<T>(string sql, Func<NpgsqlDataReader, T> read, params NpgsqlParameter[] parameters) =>
        database.FirstAsync(sql, read, parameters, Cancellation);

    public Task<List<T>> QueryAsync<T>(string sql, Func<NpgsqlDataReader, T> read, params NpgsqlParameter[] parameters) =>
        database.QueryAsync(sql, read, parameters, Cancellation);

    /// <summary>Adds a statement to the command's batch.</summary>
    public void Write(string sql, params NpgsqlParameter[] parameters) => statements.Add(Statement(sql, parameters));

    internal void Write(NpgsqlBatchCommand statement) => statements.Add(statement);

    /// <summary>
    /// Adds an update that must find the version that the rules saw. <paramref name="update"/> ends in a where clause with
    /// it; when it finds nothing, the whole batch fails and the command is decided anew.
    /// </summary>
    public void WriteGuarded(string update, params NpgsqlParameter[] parameters) =>
        Write($"with written as ({update} returning 1) select require_written(count(*)) from written", parameters);

    /// <summary>The event is published if and only if the command commits.</summary>
    public void Publish(IEvent happened) => events.Add(happened);

    /// <summary>A cached record that this command makes stale.</summary>
    public void MakeStale(string cacheKey) => staleKeys.Add(cacheKey);

    /// <summary>What the audit row says of where and what.</summary>
    public void Concerns(string territory, Guid recordId) => (this.territory, this.recordId) = (territory, recordId);

    /// <summary>Whether anything was decided so far; an event may mean nothing to a service.</summary>
    internal bool HasEffect => statements.Count > 0 || events.Count > 0 || staleKeys.Count > 0;

    /// <summary>Adds a statement before all others: on it a repeat waits for the original, and finds what it has left.</summary>
    internal void WriteFirst(string sql, params NpgsqlParameter[] parameters) => statements.Insert(0, Statement(sql, parameters));

    /// <summary>Everything to write, with the events and the audit row.</summary>
    internal IReadOnlyList<NpgsqlBatchCommand> Seal(string action, Guid requestId)
    {
        foreach (var happened in events)
            WriteOutbox(happened.AggregateId, happened.GetType().Name, JsonSerializer.SerializeToUtf8Bytes(happened, happened.GetType(), EventJson.Options));
        if (events.Count is 0 && staleKeys.Count > 0)
            WriteOutbox(recordId ?? Guid.Empty, null, null);

        Write(Records.Audit(Now, Actor, action, requestId, territory, recordId));
        return statements;
    }

    internal static NpgsqlBatchCommand Statement(string sql, params NpgsqlParameter[] parameters)
    {
        var statement = new NpgsqlBatchCommand(sql);
        statement.Parameters.AddRange(parameters);
        return statement;
    }

    private void WriteOutbox(Guid aggregateId, string? eventName, byte[]? payload) =>
        Write("""
            insert into outbox (message_id, aggregate_id, event, payload, cache_keys, trace_parent, created_at)
            values ($1, $2, $3, $4, $5, $6, $7)
            """,
            P(NewId()), P(aggregateId), N(eventName), N(payload), N(staleKeys.Count is 0 ? null : staleKeys.ToArray()), N(Activity.Current?.Id), P(Now));
}
