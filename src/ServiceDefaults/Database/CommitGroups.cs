using Npgsql;

namespace Governance.ServiceDefaults.Database;

/// <summary>
/// Writes commands. Those that arrive while others are on their way wait for each other and go as one batch: one
/// transaction, one round trip and one flush of the log for all. A lone one goes at once. A command that fails, or waits
/// for a lock, does not hold up its neighbours: each is then written by itself. See docs/decisions/0004.
/// </summary>
public sealed class CommitGroups
{
    public const int MaxCommands = 64;

    /// <summary>Longer than a group takes; an import that merges its rows holds their locks for seconds.</summary>
    private const string ShortLocks = "select set_config('lock_timeout', '200ms', true)";

    private readonly ServiceDatabase database;
    private readonly Groups<Entry> groups;

    public CommitGroups(ServiceDatabase database)
    {
        this.database = database;
        groups = new Groups<Entry>(MaxCommands, WriteTogetherAsync);
    }

    /// <summary>Returns once a command is committed: all of it or nothing.</summary>
    public Task CommitAsync(Writes writes)
    {
        var entry = new Entry(writes);
        groups.Add(entry);
        return entry.Done.Task;
    }

    private async Task WriteTogetherAsync(List<Entry> group)
    {
        try
        {
            await SendAsync([new NpgsqlBatchCommand(ShortLocks), .. Writes.Together(group.ConvertAll(e => e.Writes))]);
            foreach (var entry in group)
                entry.Done.SetResult();
        }
        catch (PostgresException refused) when (
            refused.SqlState is PostgresErrorCodes.LockNotAvailable || (refused.InvariantSeverity is "ERROR" && group.Count > 1))
        {
            // The server has undone all of them; after a lost connection that would be a guess, so that is not repeated here.
            // The next group does not wait for them: a lock may be held for long.
            foreach (var entry in group)
                _ = WriteAloneAsync(entry);
        }
        catch (Exception exception)
        {
            foreach (var entry in group)
                entry.Done.SetException(exception);
        }
    }

    private async Task WriteAloneAsync(Entry entry)
    {
        try
        {
            await SendAsync(Writes.Together([entry.Writes]));
            entry.Done.SetResult();
        }
        catch (Exception exception)
        {
            entry.Done.SetException(exception);
        }
    }

    private async Task SendAsync(IEnumerable<NpgsqlBatchCommand> statements)
    {
        await using var batch = database.Source.CreateBatch();
        foreach (var statement in statements)
            batch.BatchCommands.Add(statement);
        // What was sent is not cancelled: the callers would not know whether it took effect.
        try
        {
            await batch.ExecuteNonQueryAsync(CancellationToken.None);
        }
        catch
        {
            // The parameters are wanted again.
            foreach (var statement in batch.BatchCommands)
                statement.Parameters.Clear();
            throw;
        }
    }

    private sealed record Entry(Writes Writes)
    {
        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
