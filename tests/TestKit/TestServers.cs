using Npgsql;
using Xunit;

namespace Governance.TestKit;

/// <summary>
/// The three servers, started once for a test assembly. Declare it as an assembly fixture. Where they come from is in
/// another file: TestServers.PartialFeed.cs or TestServers.FullFeed.cs, as the package feed has it.
/// </summary>
public sealed partial class TestServers : IAsyncLifetime
{
    private readonly SemaphoreSlim templates = new(1, 1);
    private readonly HashSet<string> made = [];
    private int databases;

    /// <summary>A database of its own, copied from a template that <paramref name="migrate"/> has made once.</summary>
    public async Task<string> NewDatabaseAsync(string service, Func<string, Task> migrate)
    {
        var template = $"{service}_template";
        await templates.WaitAsync();
        try
        {
            if (made.Add(template))
            {
                await ExecuteAsync($"create database {template}");
                await migrate(Postgres.ConnectionString(template));
                NpgsqlConnection.ClearAllPools();
            }
            var name = $"{service}_{Interlocked.Increment(ref databases)}";
            await ExecuteAsync($"create database {name} template {template}");
            return Postgres.ConnectionString(name);
        }
        finally
        {
            templates.Release();
        }
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var source = NpgsqlDataSource.Create(Postgres.ConnectionString());
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
