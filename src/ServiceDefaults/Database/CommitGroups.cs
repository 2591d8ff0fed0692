using Npgsql;

namespace Governance.ServiceDefaults.Database;

/// <summary>
/// Writes commands. Those that arrive while others are on their way wait for each other and go as one batch: one
/// transaction, one round trip and one flush of the log for all. A lone one goes at once. A command that fails, or waits
/// for a lock, does not hold up its neighbours: each is then written by itself. See docs/decisions/0004.
/// </summary>
public sealed class CommitGroups(ServiceDatabase database)
{
    public const int MaxCommands = 64;

    /// <summary>While one waits for the disk, the other's statements run.</summary>
    private const int MaxGroups = 2;

    /// <summary>Longer than a group takes; an import that merges its rows holds their locks for seconds.</summary>
    private const string ShortLocks = "set local lock_timeout = '200ms'";

    private readonly Lock gate = new();
    private readonly Queue<Entry> waiting = [];
    private int groups;

    /// <summary>Returns once the statements of a command are committed, together or not at all.</summary>
    public Task CommitAsync(IReadOnlyList<NpgsqlBatchCommand> statements)
    {
        var entry = new Entry(statements);
        lock (gate)
        {
            waiting.Enqueue(entry);
            if (groups == MaxGroups)
                return entry.Done.Task;
            groups++;
        }
        // The group goes on for others: it must not carry the first caller's context.
        using (ExecutionContext.SuppressFlow())
            _ = Task.Run(DrainAsync);
        return entry.Done.Task;
    }

    private async Task DrainAsync()
    {
        while (Take() is { Count: > 0 } group)
            await WriteTogetherAsync(group);
    }

    private List<Entry> Take()
    {
        lock (gate)
        {
            var group = new List<Entry>(Math.Min(waiting.Count, MaxCommands));
            while (group.Count < MaxCommands && waiting.TryDequeue(out var entry))
                group.Add(entry);
            if (group.Count is 0)
                groups--;
            return group;
        }
    }

    private async Task WriteTogetherAsync(List<Entry> group)
    {
        try
        {
            await SendAsync([new NpgsqlBatchCommand(ShortLocks), .. group.SelectMany(e => e.Statements)]);
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
            await SendAsync(entry.Statements.Select(Afresh));
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
        await batch.ExecuteNonQueryAsync(CancellationToken.None);
    }

    // A statement that was sent remembers that its connection had prepared it; the next connection has not.
    private static NpgsqlBatchCommand Afresh(NpgsqlBatchCommand sent)
    {
        var parameters = sent.Parameters.ToArray();
        sent.Parameters.Clear();
        var statement = new NpgsqlBatchCommand(sent.CommandText);
        statement.Parameters.AddRange(parameters);
        return statement;
    }

    private sealed record Entry(IReadOnlyList<NpgsqlBatchCommand> Statements)
    {
        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
