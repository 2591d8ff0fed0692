using System.Collections.Concurrent;
using Google.Protobuf;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Governance.ServiceDefaults.Cache;

/// <summary>
/// Records as protobuf bytes in Redis. Never truth: when Redis is away, or slow, the database answers. A change puts an
/// empty value in the record's place for a moment, so that a reader that was on its way with the old content can't
/// put it back.
/// </summary>
public sealed partial class RedisCache(Lazy<Task<IConnectionMultiplexer>> redis, TimeProvider clock, ILogger<RedisCache> logger)
{
    /// <summary>Longer than a read of the database may take between its answer and its filling of the cache.</summary>
    private static readonly TimeSpan StaleFor = TimeSpan.FromSeconds(3);

    /// <summary>Bounds how long a record can be wrong when a change could not reach Redis.</summary>
    private static readonly TimeSpan LiveFor = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan AvoidFor = TimeSpan.FromSeconds(2);

    private const int KeysAtOnce = 1000;

    private readonly ConcurrentDictionary<string, Lazy<Task<object?>>> loading = new(StringComparer.Ordinal);
    private long? avoidedSince;

    /// <summary>The cached record, or what <paramref name="load"/> finds; many readers of one missing record load it once.</summary>
    public async Task<T?> GetAsync<T>(string key, Func<CancellationToken, Task<T?>> load, CancellationToken cancellation)
        where T : class, IMessage<T>, new()
    {
        var database = await DatabaseAsync();
        var fill = false;
        if (database is not null)
        {
            try
            {
                var value = await database.StringGetAsync(key);
                if (value is { IsNull: false } && (ReadOnlyMemory<byte>)value is { Length: > 0 } bytes)
                {
                    var record = new T();
                    record.MergeFrom(bytes.Span);
                    return record;
                }
                fill = value.IsNull;
            }
            catch (Exception exception) when (IsAway(exception) || exception is InvalidProtocolBufferException)
            {
                Avoid(exception);
            }
        }

        return await LoadOnceAsync(key, load, fill ? database : null, cancellation);
    }

    /// <summary>Best effort at once after a commit; the relay does it again from the outbox, for the case that this process dies.</summary>
    public void MakeStale(IReadOnlyList<string> keys)
    {
        foreach (var key in keys)
            loading.TryRemove(key, out _);
        _ = MakeStaleAsync(keys);
    }

    public async Task MakeStaleAsync(IReadOnlyList<string> keys)
    {
        if (await DatabaseAsync() is not { } database)
            return;
        try
        {
            // An import makes very many keys stale; all at once, the last ones would wait longer than a command may.
            foreach (var some in keys.Chunk(KeysAtOnce))
                await Task.WhenAll(some.Select(key => database.StringSetAsync(key, Array.Empty<byte>(), StaleFor)));
        }
        catch (Exception exception) when (IsAway(exception))
        {
            Avoid(exception);
        }
    }

    public async Task<bool> IsReachableAsync() => await DatabaseAsync() is { } database && database.Multiplexer.IsConnected;

    private async Task<T?> LoadOnceAsync<T>(string key, Func<CancellationToken, Task<T?>> load, IDatabase? fill, CancellationToken cancellation)
        where T : class, IMessage<T>
    {
        var shared = loading.GetOrAdd(key, _ => new Lazy<Task<object?>>(() => LoadAsync(key, load, fill)));
        return (T?)await shared.Value.WaitAsync(cancellation);
    }

    private async Task<object?> LoadAsync<T>(string key, Func<CancellationToken, Task<T?>> load, IDatabase? fill)
        where T : class, IMessage<T>
    {
        try
        {
            // Not the first caller's cancellation: others wait for the same answer.
            var record = await load(CancellationToken.None);
            if (record is not null && fill is not null)
                await FillAsync(fill, key, record);
            return record;
        }
        finally
        {
            loading.TryRemove(key, out _);
        }
    }

    private async Task FillAsync(IDatabase database, string key, IMessage record)
    {
        try
        {
            await database.StringSetAsync(key, record.ToByteArray(), LiveFor * (0.8 + (Random.Shared.NextDouble() * 0.4)), When.NotExists);
        }
        catch (Exception exception) when (IsAway(exception))
        {
            Avoid(exception);
        }
    }

    private async ValueTask<IDatabase?> DatabaseAsync()
    {
        if (IsAvoided)
            return null;
        try
        {
            var connection = await redis.Value;
            return connection.IsConnected ? connection.GetDatabase() : null;
        }
        catch (Exception exception) when (IsAway(exception))
        {
            Avoid(exception);
            return null;
        }
    }

    // By elapsed time: a clock that is set back must not keep it away.
    private bool IsAvoided => avoidedSince is { } since && clock.GetElapsedTime(since) < AvoidFor;

    // A connection that breaks under a command may surface as the socket's own exception.
    private static bool IsAway(Exception exception) => exception is RedisException or TimeoutException or IOException;

    private void Avoid(Exception exception)
    {
        if (IsAvoided)
            return;
        avoidedSince = clock.GetTimestamp();
        RedisAway(exception.GetType().Name);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Redis is away ({Problem}); the database answers instead")]
    private partial void RedisAway(string problem);
}
