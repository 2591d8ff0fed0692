using Governance.LocalServers;
using Npgsql;
using Xunit;

namespace Governance.TestKit;

/// <summary>The three servers, started once for a test assembly. Declare it as an assembly fixture.</summary>
public sealed class TestServers : IAsyncLifetime
{
    private readonly string folder = Path.Combine(Path.GetTempPath(), $"governance-tests-{Guid.NewGuid():N}");
    private readonly SemaphoreSlim templates = new(1, 1);
    private readonly HashSet<string> made = [];
    private int databases;

    public PostgresServer Postgres { get; private set; } = null!;

    public RedisServer Redis { get; private set; } = null!;

    public RabbitServer Rabbit { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        await ServerBinaries.EnsureAsync(ServerBinaries.Servers, line => TestContext.Current.SendDiagnosticMessage(line));
        // A crash of the machine is not among the tests: without fsync a database a class costs nothing.
        var postgres = PostgresServer.StartAsync(Path.Combine(folder, "postgres"), new PostgresOptions { Durable = false });
        var redis = RedisServer.StartAsync(Path.Combine(folder, "redis"));
        var rabbit = RabbitServer.StartAsync(Path.Combine(folder, "rabbitmq"));
        (Postgres, Redis, Rabbit) = (await postgres, await redis, await rabbit);
    }

    /// <summary>A database of its own, copied from a template that <paramref name="migrate"/> has made once.</summary>
    public async Task<string> NewDatabaseAsync(string service, Func<string, Task> migrate)
    {
        var template = $"{service}_template";
        await templates.WaitAsync();
        try
        {
            if (made.Add(template))
            {
                await Postgres.EnsureDatabaseAsync(template);
                await migrate(Postgres.ConnectionString(template));
                NpgsqlConnection.ClearAllPools();
            }
            var name = $"{service}_{Interlocked.Increment(ref databases)}";
            await Postgres.QueryAsync($"create database {name} template {template}");
            return Postgres.ConnectionString(name);
        }
        finally
        {
            templates.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        await Task.WhenAll(Postgres.DisposeAsync().AsTask(), Redis.DisposeAsync().AsTask(), Rabbit.DisposeAsync().AsTask());
        LocalData.Delete(Path.Combine(folder, "postgres"));
        LocalData.Delete(Path.Combine(folder, "redis"));
        LocalData.Delete(Path.Combine(folder, "rabbitmq"));
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }
}
