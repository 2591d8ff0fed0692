using System.Collections.Concurrent;
using Npgsql;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.ServiceDefaults.Database;

/// <summary>Finds records by id. Those asked for while others are on their way are found together, by one statement.</summary>
internal sealed class ReadGroups(NpgsqlDataSource source)
{
    private const int MaxRecords = 100;

    private readonly ConcurrentDictionary<string, object> groups = new(StringComparer.Ordinal);

    /// <summary><paramref name="sql"/> selects the id as its first column, <c>where id = any($1)</c>.</summary>
    public Task<T?> FindAsync<T>(string sql, Guid id, Func<NpgsqlDataReader, T> read)
        where T : class
    {
        var group = (Groups<Entry<T>>)groups.GetOrAdd(
            sql, _ => new Groups<Entry<T>>(MaxRecords, entries => ReadAsync(sql, entries, read)));
        var entry = new Entry<T>(id);
        group.Add(entry);
        return entry.Found.Task;
    }

    private async Task ReadAsync<T>(string sql, List<Entry<T>> entries, Func<NpgsqlDataReader, T> read)
        where T : class
    {
        try
        {
            var asked = entries.ToLookup(e => e.Id);
            await using var command = source.CreateCommand(sql);
            command.Parameters.Add(P(asked.Select(e => e.Key).ToArray()));
            await using (var reader = await command.ExecuteReaderAsync())
            {
                while (await reader.ReadAsync())
                    Answer(asked[reader.GetGuid(0)], reader, read);
            }
            foreach (var entry in entries)
                entry.Found.TrySetResult(null);
        }
        catch (Exception exception)
        {
            foreach (var entry in entries)
                entry.Found.TrySetException(exception);
        }
    }

    // A record that can't be read fails only those who asked for it.
    private static void Answer<T>(IEnumerable<Entry<T>> entries, NpgsqlDataReader reader, Func<NpgsqlDataReader, T> read)
        where T : class
    {
        foreach (var entry in entries)
        {
            try
            {
                entry.Found.TrySetResult(read(reader));
            }
            catch (Exception exception) when (exception is not NpgsqlException)
            {
                entry.Found.TrySetException(exception);
            }
        }
    }

    private sealed record Entry<T>(Guid Id)
        where T : class
    {
        public TaskCompletionSource<T?> Found { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
