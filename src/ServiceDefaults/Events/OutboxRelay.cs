using System.Data;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text.Json;
using Governance.Contracts.Events;
using Governance.ServiceDefaults.Cache;
using Governance.ServiceDefaults.Database;
using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.ServiceDefaults.Events;

/// <summary>
/// Publishes outbox rows to the broker, hundreds a round, and deletes those that it has confirmed. Of several replicas
/// one relays at a time (an advisory lock), which keeps the order of each record's events: within a round the records
/// go side by side, the events of one record one after another.
/// </summary>
public sealed partial class OutboxRelay(
    ServiceDatabase database,
    IBus bus,
    RedisCache cache,
    OutboxSignal signal,
    EventTopology topology,
    TimeProvider clock,
    IHostApplicationLifetime lifetime,
    ILogger<OutboxRelay> logger) : BackgroundService
{
    private const int RowsPerRound = 1_000;
    private const int RecordsAtOnce = 250;

    /// <summary>The index keeps the entries of deleted rows until a vacuum, and each round reads past all of them.</summary>
    private const int DeletedUntilVacuum = 10_000;

    private const long LeaderLock = 0x476F764F7574626F;

    private static readonly TimeSpan PollEvery = TimeSpan.FromSeconds(1);

    /// <summary>So long a round waits for more: under load a few hundred rows go at the price of ten.</summary>
    private static readonly TimeSpan GatherFor = TimeSpan.FromMilliseconds(10);

    private static readonly TimeSpan RoundTimeout = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan LongestBackOff = TimeSpan.FromSeconds(10);

    private static readonly Meter Meter = new("Governance.Outbox");
    private static readonly ActivitySource Source = new("Governance.Outbox");

    private int failures;
    private long depth;
    private double oldestSeconds;

    /// <summary>How many rounds in a row have failed; the health check reads it.</summary>
    public int Failures => failures;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Meter.CreateObservableGauge("governance.outbox.depth", () => Volatile.Read(ref depth), "events", "Events waiting to be published");
        Meter.CreateObservableGauge("governance.outbox.oldest_age", () => Volatile.Read(ref oldestSeconds), "s", "Age of the oldest waiting event");

        // Own consumers first: an event published before its queue is bound would be lost.
        await WaitForStartAsync(stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await using var connection = await database.Source.OpenConnectionAsync(stoppingToken);
                if (!await TryLeadAsync(connection, stoppingToken))
                {
                    await Task.Delay(PollEvery, clock, stoppingToken);
                    continue;
                }
                try
                {
                    await topology.LayAsync(stoppingToken);
                    await LeadAsync(connection, stoppingToken);
                }
                finally
                {
                    await ResignAsync(connection);
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                failures++;
                RoundFailed(failures, exception.GetType().Name, exception.Message);
                await BackOffAsync(stoppingToken);
            }
        }
    }

    private async Task LeadAsync(NpgsqlConnection connection, CancellationToken stopping)
    {
        var deleted = 0;
        while (!stopping.IsCancellationRequested)
        {
            var taken = await RoundAsync(connection, stopping);
            failures = 0;
            deleted += taken;
            if (deleted >= DeletedUntilVacuum)
            {
                await using var vacuum = new NpgsqlCommand("vacuum outbox", connection);
                await vacuum.ExecuteNonQueryAsync(stopping);
                deleted = 0;
            }
            if (taken < RowsPerRound && await signal.WaitAsync(PollEvery, stopping))
                await Task.Delay(GatherFor, stopping);
        }
    }

    /// <summary>One round; how many rows it took. Rows that were published stay deleted even if others failed.</summary>
    private async Task<int> RoundAsync(NpgsqlConnection connection, CancellationToken stopping)
    {
        var rows = await ReadAsync(connection, stopping);
        if (rows.Count is 0)
            return 0;

        var staleKeys = rows.SelectMany(r => r.CacheKeys).Distinct(StringComparer.Ordinal).ToList();
        if (staleKeys.Count > 0)
            await cache.MakeStaleAsync(staleKeys);

        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        timeout.CancelAfter(RoundTimeout);
        var published = new List<long>(rows.Count);
        Exception? failure = null;
        await Parallel.ForEachAsync(
            rows.GroupBy(r => r.AggregateId),
            new ParallelOptions { MaxDegreeOfParallelism = RecordsAtOnce, CancellationToken = CancellationToken.None },
            async (record, _) =>
            {
                foreach (var row in record)
                {
                    try
                    {
                        if (row.Event is not null)
                            await PublishAsync(row, timeout.Token);
                    }
                    catch (Exception exception)
                    {
                        // The later events of this record wait for this one.
                        failure = exception;
                        return;
                    }
                    lock (published)
                        published.Add(row.Id);
                }
            });

        // Nobody waits for the log: rows that come back after a crash are published again, and consumers know them.
        await using var delete = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new NpgsqlBatchCommand("select set_config('synchronous_commit', 'off', true)"),
                new NpgsqlBatchCommand("delete from outbox where id = any($1)") { Parameters = { P(published.ToArray()) } },
            },
        };
        await delete.ExecuteNonQueryAsync(CancellationToken.None);
        return failure is null ? rows.Count : throw new InvalidOperationException($"publishing failed: {failure.Message}", failure);
    }

    private async Task<List<Row>> ReadAsync(NpgsqlConnection connection, CancellationToken stopping)
    {
        await using var command = new NpgsqlCommand($"""
            select id, message_id, aggregate_id, event, payload, cache_keys, trace_parent, created_at
            from outbox order by id limit {RowsPerRound}
            """, connection);
        await using var reader = await command.ExecuteReaderAsync(stopping);
        var rows = new List<Row>();
        while (await reader.ReadAsync(stopping))
        {
            rows.Add(new Row(
                reader.GetInt64(0),
                reader.GetGuid(1),
                reader.GetGuid(2),
                reader.TextOrNull(3),
                reader.IsDBNull(4) ? [] : reader.GetFieldValue<byte[]>(4),
                reader.TextOrNull(5)?.Split('\n') ?? [],
                reader.TextOrNull(6),
                reader.Instant(7)));
        }
        Volatile.Write(ref depth, rows.Count);
        Volatile.Write(ref oldestSeconds, rows.Count is 0 ? 0 : (clock.GetUtcNow() - rows[0].CreatedAt).TotalSeconds);
        return rows;
    }

    private async Task PublishAsync(Row row, CancellationToken cancellation)
    {
        var type = EventJson.Types.GetValueOrDefault(row.Event!)
            ?? throw new InvalidOperationException($"outbox row {row.Id} holds the unknown event {row.Event}");
        using var activity = row.TraceParent is null ? null : Source.StartActivity("outbox publish", ActivityKind.Producer, row.TraceParent);
        var happened = (IEvent)JsonSerializer.Deserialize(row.Payload, type, EventJson.Options)!;
        await bus.Publish(
            happened, type,
            context =>
            {
                context.MessageId = row.MessageId;
                context.SetRoutingKey(happened.RoutingKey);
            },
            cancellation);
    }

    private static async Task<bool> TryLeadAsync(NpgsqlConnection connection, CancellationToken stopping)
    {
        await using var command = new NpgsqlCommand($"select pg_try_advisory_lock({LeaderLock})", connection);
        return (bool)(await command.ExecuteScalarAsync(stopping))!;
    }

    // The connection goes back to the pool, and would keep the lock. With a connection that is broken the lock is gone as well.
    private static async Task ResignAsync(NpgsqlConnection connection)
    {
        if (connection.State is not ConnectionState.Open)
            return;
        await using var command = new NpgsqlCommand($"select pg_advisory_unlock({LeaderLock})", connection);
        await command.ExecuteNonQueryAsync(CancellationToken.None);
    }

    private async Task WaitForStartAsync(CancellationToken stopping)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var start = lifetime.ApplicationStarted.Register(() => started.TrySetResult());
        using var stop = stopping.Register(() => started.TrySetResult());
        await started.Task;
    }

    private async Task BackOffAsync(CancellationToken stopping)
    {
        var longest = Math.Min(LongestBackOff.TotalMilliseconds, 200 * Math.Pow(2, Math.Min(failures, 10)));
        try
        {
            await Task.Delay(TimeSpan.FromMilliseconds(longest * (0.5 + (Random.Shared.NextDouble() / 2))), clock, stopping);
        }
        catch (OperationCanceledException)
        {
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The outbox could not be relayed ({Failures} times in a row): {Problem}: {Message}")]
    private partial void RoundFailed(int failures, string problem, string message);

    private sealed record Row(
        long Id,
        Guid MessageId,
        Guid AggregateId,
        string? Event,
        byte[] Payload,
        string[] CacheKeys,
        string? TraceParent,
        DateTimeOffset CreatedAt);
}
