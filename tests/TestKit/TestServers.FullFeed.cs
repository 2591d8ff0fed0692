using Npgsql;
using Testcontainers.PostgreSql;
using Testcontainers.RabbitMq;
using Testcontainers.Redis;

namespace Governance.TestKit;

/// <summary>With the full feed: containers.</summary>
public sealed partial class TestServers
{
    private PostgreSqlContainer? postgres;
    private RedisContainer? redis;
    private RabbitMqContainer? rabbit;

    public PostgresAddress Postgres { get; private set; } = null!;

    public ServerAddress Redis { get; private set; } = null!;

    public ServerAddress Rabbit { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        // Built here and not with the fixture: without a container runtime building fails already, and says so best from here.
        postgres = new PostgreSqlBuilder("postgres:18").WithCommand("-c", "max_connections=200").Build();
        redis = new RedisBuilder("redis:8").Build();
        rabbit = new RabbitMqBuilder("rabbitmq:4").Build();
        await Task.WhenAll(postgres.StartAsync(), redis.StartAsync(), rabbit.StartAsync());
        Postgres = new PostgresAddress(postgres.GetConnectionString());
        Redis = new ServerAddress(redis.GetConnectionString());
        Rabbit = new ServerAddress(rabbit.GetConnectionString());
    }

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        if (postgres is not null)
            await postgres.DisposeAsync();
        if (redis is not null)
            await redis.DisposeAsync();
        if (rabbit is not null)
            await rabbit.DisposeAsync();
    }
}

public sealed record ServerAddress(string ConnectionString);

public sealed class PostgresAddress(string address)
{
    public string ConnectionString(string database = "postgres") =>
        new NpgsqlConnectionStringBuilder(address) { Database = database }.ConnectionString;
}
