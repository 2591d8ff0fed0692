using Npgsql;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.ServiceDefaults.Database;

/// <summary>What a write of such content adds to its own transaction.</summary>
public static class Revisions
{
    /// <summary><paramref name="name"/> is a constant of the program.</summary>
    public static string Touch(string name) =>
        $"insert into revisions (name, revision) values ('{name}', 1) on conflict (name) do update set revision = revisions.revision + 1";
}

/// <summary>
/// Content small enough to be kept in memory whole (boundaries, policies), read anew when its revision in the database
/// has gone up. This replica sees its own writes at once, the others within <see cref="CheckEvery"/>.
/// </summary>
public sealed class Snapshot<T>(ServiceDatabase database, TimeProvider clock, string name, Func<CancellationToken, Task<T>> load)
    where T : class
{
    public static readonly TimeSpan CheckEvery = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim gate = new(1, 1);
    private volatile State? state;

    public async ValueTask<T> GetAsync(CancellationToken cancellation)
    {
        var current = state;
        if (current is not null && IsFresh(current))
            return current.Content;

        // One checks; the others go on with what they have, except at the start.
        if (!await gate.WaitAsync(current is null ? Timeout.InfiniteTimeSpan : TimeSpan.Zero, cancellation))
            return current!.Content;
        try
        {
            return await CheckAsync(cancellation);
        }
        catch (NpgsqlException) when (current is not null)
        {
            // The database is away: what was read before is still the newest that is known.
            return current.Content;
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>Reads anew what this replica has just written.</summary>
    public async Task RefreshAsync(CancellationToken cancellation)
    {
        await gate.WaitAsync(cancellation);
        try
        {
            // What nobody has asked for yet, the first who asks reads.
            if (state is null)
                return;
            state = state with { CheckedAt = null };
            await CheckAsync(cancellation);
        }
        finally
        {
            gate.Release();
        }
    }

    private async Task<T> CheckAsync(CancellationToken cancellation)
    {
        if (state is { } recent && IsFresh(recent))
            return recent.Content;
        var now = clock.GetTimestamp();
        var revision = await database.FirstAsync("select revision from revisions where name = $1", r => r.GetInt64(0), [P(name)], cancellation);
        if (state is { } current && current.Revision == revision)
        {
            state = current with { CheckedAt = now };
            return current.Content;
        }
        var content = await load(cancellation);
        state = new State(content, revision, now);
        return content;
    }

    /// <summary>By elapsed time: a clock that is set back must not keep old content.</summary>
    private bool IsFresh(State known) => known.CheckedAt is { } at && clock.GetElapsedTime(at) < CheckEvery;

    private sealed record State(T Content, long Revision, long? CheckedAt);
}
