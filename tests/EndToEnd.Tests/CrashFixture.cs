using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Governance.LocalServers;
using Governance.TestKit;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;
using Npgsql;
using Xunit;

namespace Governance.EndToEnd.Tests;

/// <summary>
/// The four services as processes on servers of their own. The AppHost stops all when a server dies; here everything can be killed and
/// started again, the broker too.
/// </summary>
public sealed class CrashFixture : IAsyncLifetime
{
    public static readonly IReadOnlyList<string> Services = ["organisations", "grids", "volunteers", "properties"];

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(5) };

    private PostgresServer postgres = null!;
    private RedisServer redis = null!;
    private readonly Dictionary<string, (int Grpc, int Http)> ports = Services.ToDictionary(name => name, _ => (Ports.Free(), Ports.Free()));
    private readonly ConcurrentDictionary<string, WatchedProcess> running = new();
    private WatchedProcess? replica;
    private readonly Dictionary<string, SemaphoreSlim> restarts = Services.ToDictionary(name => name, _ => new SemaphoreSlim(1));
    private readonly Dictionary<string, NpgsqlDataSource> databases = [];
    private readonly Dictionary<string, GrpcChannel> channels = [];
    private readonly Scratch scratch = new();

    public RabbitServer Broker { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        await ServerBinaries.EnsureAsync(ServerBinaries.Servers);
        postgres = await PostgresServer.StartAsync(scratch.At("postgres"), new PostgresOptions { Durable = false });
        redis = await RedisServer.StartAsync(scratch.At("redis"));
        Broker = await RabbitServer.StartAsync(scratch.At("rabbitmq"));
        foreach (var service in Services)
        {
            await postgres.EnsureDatabaseAsync(service);
            databases[service] = NpgsqlDataSource.Create(postgres.ConnectionString(service));
            channels[service] = GrpcChannel.ForAddress(Address(service));
            running[service] = WatchedProcess.Start(CommandOf(service, service, ports[service]));
        }
        await Task.WhenAll(Services.Select(BecomesReadyAsync));

        await File.WriteAllTextAsync(scratch.At("signing.key"), TestTokens.SigningKey);
        await File.WriteAllTextAsync(scratch.At("stack.json"), new JsonObject
        {
            ["services"] = new JsonObject(Services.Select(name => KeyValuePair.Create(name, (JsonNode?)new JsonObject { ["grpc"] = Address(name) }))),
            ["signingKeyFile"] = scratch.At("signing.key"),
            ["city"] = "huaibei",
        }.ToJsonString());
        var seed = await Programs.GovAsync(scratch.At("stack.json"), "seed", "load", "huaibei", "--json");
        if (seed.ExitCode != 0)
            throw new InvalidOperationException($"the city could not be loaded: {seed}");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var channel in channels.Values)
            channel.Dispose();
        foreach (var process in running.Values.Append(replica).OfType<WatchedProcess>())
        {
            await process.StopAsync();
            process.Dispose();
        }
        foreach (var database in databases.Values)
            await database.DisposeAsync();
        await Task.WhenAll(postgres.DisposeAsync().AsTask(), redis.DisposeAsync().AsTask(), Broker.DisposeAsync().AsTask());
        scratch.Dispose();
    }

    public CallInvoker As(string service, string role) => channels[service].Intercept(headers =>
    {
        headers.Add("authorization", $"Bearer {TestTokens.Make(role, RunningStack.City)}");
        return headers;
    });

    /// <summary>Kill -9, then a new process; returns when it is ready.</summary>
    public async Task KillAndStartAgainAsync(string service)
    {
        await restarts[service].WaitAsync();
        try
        {
            await running[service].KillAsync();
            running[service].Dispose();
            running[service] = WatchedProcess.Start(CommandOf(service, service, ports[service]));
            await BecomesReadyAsync(service);
        }
        finally
        {
            restarts[service].Release();
        }
    }

    /// <summary>Another process of a service on the same database and broker, once it is ready.</summary>
    public async Task StartReplicaAsync(string service)
    {
        var free = (Grpc: Ports.Free(), Http: Ports.Free());
        replica = WatchedProcess.Start(CommandOf(service, $"{service}-replica", free));
        await BecomesReadyAsync(service, replica, free.Http);
    }

    /// <summary>Kill -9.</summary>
    public async Task KillReplicaAsync()
    {
        await replica!.KillAsync();
        replica.Dispose();
        replica = null;
    }

    /// <summary>Holds what a statement locks until it is disposed of.</summary>
    public async Task<IAsyncDisposable> HoldAsync(string service, string sql)
    {
        var connection = await databases[service].OpenConnectionAsync();
        await connection.BeginTransactionAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
        return connection;
    }

    public async Task<int> ExecuteAsync(string service, string sql)
    {
        await using var command = databases[service].CreateCommand(sql);
        return await command.ExecuteNonQueryAsync();
    }

    public async Task<long> CountAsync(string service, string sql)
    {
        await using var command = databases[service].CreateCommand(sql);
        return Convert.ToInt64(await command.ExecuteScalarAsync(), System.Globalization.CultureInfo.InvariantCulture);
    }

    public async Task<List<(string Key, string Value)>> PairsAsync(string service, string sql)
    {
        await using var command = databases[service].CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<(string, string)>();
        while (await reader.ReadAsync())
            rows.Add((reader.GetString(0), reader.GetString(1)));
        return rows;
    }

    private string Address(string service) => $"http://127.0.0.1:{ports[service].Grpc}";

    private Task BecomesReadyAsync(string service) => BecomesReadyAsync(service, running[service], ports[service].Http);

    private static async Task BecomesReadyAsync(string service, WatchedProcess process, int http)
    {
        await Eventually.BecomesAsync(async () =>
        {
            if (process.Exited.IsCompleted)
                throw new InvalidOperationException($"{service} ended: {process.LastWords()}");
            try
            {
                using var answer = await Http.GetAsync(new Uri($"http://127.0.0.1:{http}/ready"));
                return answer.IsSuccessStatusCode;
            }
            catch (Exception notYet) when (notYet is HttpRequestException or OperationCanceledException)
            {
                return false;
            }
        }, ready => ready, Patience);
    }

    private WatchedCommand CommandOf(string service, string name, (int Grpc, int Http) at)
    {
        var project = char.ToUpperInvariant(service[0]) + service[1..];
        var environment = new Dictionary<string, string>
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Development",
            [$"ConnectionStrings__{service}"] = postgres.ConnectionString(service),
            ["ConnectionStrings__redis"] = redis.ConnectionString,
            ["ConnectionStrings__rabbitmq"] = Broker.ConnectionString,
            ["GRPC_PORT"] = $"{at.Grpc}",
            ["HTTP_PORT"] = $"{at.Http}",
            ["Identity__SigningKey"] = TestTokens.SigningKey,
            ["Privacy__KeyFile"] = TestTokens.PrivacyKeyFile,
            ["services__organisations__grpc__0"] = Address("organisations"),
        };
        var assembly = Programs.Built($"Services/{project}", $"Governance.{project}");
        return new WatchedCommand(
            Programs.Dotnet, [assembly], environment, scratch.Folder, name, Native.SigTerm, TimeSpan.FromSeconds(5));
    }
}
