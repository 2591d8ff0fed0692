using System.ComponentModel;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using StackExchange.Redis;

namespace Governance.StandIns.Redis.Tests;

/// <summary>A redis-server process of our own on a free loopback port; killed and started again at will.</summary>
public sealed class RedisServer : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("redis-test-");
    private readonly string[] _arguments;
    private Process? _process;

    public RedisServer() : this([])
    {
    }

    // Not public: a fixture may have one public constructor only.
    private RedisServer(string[] arguments)
    {
        _arguments = arguments;
        Port = FreePort();
    }

    public int Port { get; }

    public string Folder => _folder.FullName;

    public static RedisServer With(params string[] arguments) => new(arguments);

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Options whose reconnects are quick, so that tests of them are.</summary>
    public ConfigurationOptions Options() => new()
    {
        EndPoints = { { IPAddress.Loopback, Port } },
        AbortOnConnectFail = false,
        AllowAdmin = true,
        ConnectTimeout = 2000,
        SyncTimeout = 20_000,
        AsyncTimeout = 20_000,
        HeartbeatInterval = TimeSpan.FromMilliseconds(200),
        ReconnectRetryPolicy = new LinearRetry(100),
    };

    public async Task<ConnectionMultiplexer> ConnectAsync(Action<ConfigurationOptions>? configure = null)
    {
        var options = Options();
        configure?.Invoke(options);
        return await ConnectionMultiplexer.ConnectAsync(options);
    }

    public async ValueTask InitializeAsync() => await StartAsync();

    public async Task StartAsync()
    {
        _process = Run("redis-server", "redis-server",
        [
            "--port", $"{Port}", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
            "--dir", Folder, "--logfile", Path.Combine(Folder, "redis.log"), .. _arguments,
        ]);
        await Eventually.BecomesTrueAsync(
            async () => !_process.HasExited && await AnswersAsync(), () => $"redis-server does not answer: {Log()}");
    }

    /// <summary>Freezes the server: it keeps its connections and answers nothing.</summary>
    public void Freeze() => Signal(19);

    public void Thaw() => Signal(18);

    /// <summary>kill -9: nothing is said to the clients.</summary>
    public async Task KillAsync()
    {
        if (_process is null) return;

        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _folder.Delete(recursive: true);
    }

    public static Process Run(string program, string package, IEnumerable<string> arguments)
    {
        try
        {
            return Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        }
        catch (Win32Exception exception)
        {
            throw new InvalidOperationException(
                $"{program} is not on the path. Install it: apt-get install -y {package}", exception);
        }
    }

    private static async Task<bool> AnswersAsync(int port)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, port);
            await client.GetStream().WriteAsync("PING\r\n"u8.ToArray());
            return await client.GetStream().ReadAsync(new byte[16]) > 0;
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            return false;
        }
    }

    private Task<bool> AnswersAsync() => AnswersAsync(Port);

    private string Log()
    {
        var path = Path.Combine(Folder, "redis.log");
        return File.Exists(path) ? File.ReadAllText(path) : "no log";
    }

    private void Signal(int signal) => Kill(_process!.Id, signal).ShouldBe(0);

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int Kill(int process, int signal);
}
