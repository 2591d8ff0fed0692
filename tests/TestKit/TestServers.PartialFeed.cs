using Governance.LocalServers;
using Npgsql;
using Xunit;

namespace Governance.TestKit;

/// <summary>With a partial feed: ordinary processes of this machine.</summary>
public sealed partial class TestServers
{
    private readonly string folder = Path.Combine(Path.GetTempPath(), $"governance-tests-{Guid.NewGuid():N}");

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
