using System.Net.Sockets;
using System.Security.Cryptography;

namespace Governance.LocalServers;

public sealed record RabbitOptions
{
    /// <summary>The AMQP port. Null takes a free one.</summary>
    public int? Port { get; init; }

    /// <summary>The port of the management page, which stays off without one.</summary>
    public int? ManagementPort { get; init; }
}

/// <summary>
/// A RabbitMQ node of its own, with an Erlang port mapper of its own: several nodes live side by side, and no mapper is left behind,
/// as the one that Erlang starts by itself would be.
/// </summary>
public sealed class RabbitServer : LocalServer
{
    public const string UserName = "governance";

    private readonly RabbitOptions options;
    private readonly int distributionPort = Ports.Free();
    private readonly int mapperPort = Ports.Free();

    private RabbitServer(DataFolder folder, RabbitOptions options) : base("RabbitMQ", folder, options.Port)
    {
        this.options = options;
        Password = folder.Secret("password");
    }

    public string Password { get; }
    public string ConnectionString => $"amqp://{UserName}:{Password}@{Host}:{Port}";
    public Uri? ManagementAddress => options.ManagementPort is { } port ? new Uri($"http://{Host}:{port}") : null;

    private protected override string MainCommandName => "rabbitmq";

    public static async Task<RabbitServer> StartAsync(
        string dataFolder, RabbitOptions? options = null, CancellationToken cancellation = default)
    {
        ServerBinaries.Require(ServerBinaries.RabbitMq);
        var server = new RabbitServer(DataFolder.Open(dataFolder, othersEnter: false), options ?? new RabbitOptions());
        await server.StartAsync(cancellation);
        return server;
    }

    /// <summary>Runs rabbitmqctl against this node and returns what it prints. Takes about a second.</summary>
    public async Task<string> ControlAsync(CancellationToken cancellation, params string[] arguments)
    {
        var tool = Path.Combine(Path.GetDirectoryName(ServerBinaries.Require(ServerBinaries.RabbitMq))!, "rabbitmqctl");
        var result = await Command.RunAsync(tool, ["--quiet", "-n", NodeName, .. arguments], cancellation, NodeEnvironment());
        return result.ExitCode == 0
            ? result.Output
            : throw new LocalServerException($"rabbitmqctl {arguments[0]} failed: {result.LastLine}");
    }

    private protected override Task PrepareAsync(CancellationToken cancellation)
    {
        if (options.ManagementPort is { } management) Ports.Require(management, "RabbitMQ's management page");
        // The user is made when the node first starts on an empty folder. Limits suit a machine that runs much else.
        Folder.Write("rabbitmq.conf", $"""
            listeners.tcp.default = {Host}:{Port}
            default_user = {UserName}
            default_pass = {Password}
            log.console = true
            log.file = false
            vm_memory_high_watermark.absolute = 1GB
            disk_free_limit.absolute = 100MB
            raft.wal_max_size_bytes = 67108864
            {(options.ManagementPort is { } port ? $"management.tcp.ip = {Host}\nmanagement.tcp.port = {port}" : "")}

            """);
        Folder.Write("enabled_plugins", options.ManagementPort is null ? "[].\n" : "[rabbitmq_management].\n");
        if (!File.Exists(Folder.At(".erlang.cookie")))
            Folder.Write(".erlang.cookie", RandomNumberGenerator.GetHexString(32, lowercase: true));
        return Task.CompletedTask;
    }

    private protected override IEnumerable<WatchedCommand> Commands()
    {
        var environment = NodeEnvironment();
        yield return new WatchedCommand("epmd", ["-address", Host, "-port", $"{mapperPort}"], environment, Folder.Path, "epmd",
            Native.SigTerm, TimeSpan.FromSeconds(1));
        yield return new WatchedCommand(ServerBinaries.Require(ServerBinaries.RabbitMq), [], environment, Folder.Path, MainCommandName,
            Native.SigTerm, TimeSpan.FromSeconds(6));
    }

    private protected override async Task<bool> AnswersAsync(CancellationToken cancellation)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(Host, Port, cancellation);
        var stream = client.GetStream();
        await stream.WriteAsync("AMQP\0\0\u0009\u0001"u8.ToArray(), cancellation);
        // A broker that takes clients answers with a method frame: type 1, channel 0, …, class 10 (connection), method 10 (start).
        var frame = new byte[11];
        await stream.ReadExactlyAsync(frame, cancellation);
        return frame[0] == 1 && frame[8] == 10 && frame[10] == 10;
    }

    // "localhost", because a machine's own name may not resolve; with a mapper of its own the node needs no name of its own.
    private const string NodeName = "governance@localhost";

    private Dictionary<string, string> NodeEnvironment() => new()
    {
        ["HOME"] = Folder.Path,
        ["RABBITMQ_NODENAME"] = NodeName,
        ["RABBITMQ_NODE_IP_ADDRESS"] = Host,
        ["RABBITMQ_NODE_PORT"] = $"{Port}",
        ["RABBITMQ_DIST_PORT"] = $"{distributionPort}",
        ["RABBITMQ_MNESIA_BASE"] = Folder.At("data"),
        ["RABBITMQ_LOG_BASE"] = Folder.At("logs"),
        ["RABBITMQ_CONFIG_FILE"] = Folder.At("rabbitmq.conf"),
        ["RABBITMQ_ADVANCED_CONFIG_FILE"] = Folder.At("advanced.config"),
        ["RABBITMQ_ENABLED_PLUGINS_FILE"] = Folder.At("enabled_plugins"),
        // The machine's own settings under /etc must not reach this node.
        ["RABBITMQ_CONF_ENV_FILE"] = "/dev/null",
        ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "-kernel inet_dist_use_interface {127,0,0,1}",
        ["ERL_EPMD_ADDRESS"] = Host,
        ["ERL_EPMD_PORT"] = $"{mapperPort}",
        // The server script then becomes the Erlang machine instead of waiting beside it, so one signal reaches the right process.
        ["RUNNING_UNDER_SYSTEMD"] = "true",
    };
}
