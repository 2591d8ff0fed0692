using System.Net.Sockets;
using System.Text;

namespace Governance.LocalServers;

public sealed record RedisOptions
{
    /// <summary>Null takes a free port.</summary>
    public int? Port { get; init; }
    public int MemoryMegabytesMax { get; init; } = 256;
}

/// <summary>Redis as a cache: nothing is written to disk, the least recently used goes first when memory is full.</summary>
public sealed class RedisServer : LocalServer
{
    private readonly RedisOptions options;

    private RedisServer(DataFolder folder, RedisOptions options) : base("Redis", folder, options.Port)
    {
        this.options = options;
        Password = folder.Secret("password");
    }

    public string Password { get; }

    /// <summary>In the form that StackExchange.Redis reads.</summary>
    public string ConnectionString => $"{Host}:{Port},password={Password}";

    private protected override string MainCommandName => "redis";

    public static async Task<RedisServer> StartAsync(
        string dataFolder, RedisOptions? options = null, CancellationToken cancellation = default)
    {
        ServerBinaries.Require(ServerBinaries.Redis);
        var server = new RedisServer(DataFolder.Open(dataFolder, othersEnter: false), options ?? new RedisOptions());
        await server.StartAsync(cancellation);
        return server;
    }

    private protected override Task PrepareAsync(CancellationToken cancellation)
    {
        // In a file, because arguments are there for every user of the machine to read.
        Folder.Write("redis.conf", $"""
            bind {Host}
            port {Port}
            protected-mode yes
            requirepass {Password}
            daemonize no
            save ""
            appendonly no
            maxmemory {options.MemoryMegabytesMax}mb
            maxmemory-policy allkeys-lru
            dir "{Folder.Path}"

            """);
        return Task.CompletedTask;
    }

    private protected override IEnumerable<WatchedCommand> Commands() =>
    [
        new(ServerBinaries.Require(ServerBinaries.Redis), [Folder.At("redis.conf")], new Dictionary<string, string>(), Folder.Path,
            MainCommandName, Native.SigTerm, TimeSpan.FromSeconds(3)),
    ];

    private protected override async Task<bool> AnswersAsync(CancellationToken cancellation)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(Host, Port, cancellation);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"AUTH {Password}\r\nPING\r\n"), cancellation);
        var reader = new StreamReader(stream);
        return await reader.ReadLineAsync(cancellation) == "+OK" && await reader.ReadLineAsync(cancellation) == "+PONG";
    }
}
