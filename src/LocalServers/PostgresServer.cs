using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace Governance.LocalServers;

public sealed record PostgresOptions
{
    /// <summary>Null takes a free port.</summary>
    public int? Port { get; init; }

    /// <summary>
    /// False trades safety on a crash of the machine for speed: for tests only. A kill of the server loses nothing either way.
    /// </summary>
    public bool Durable { get; init; } = true;
    public int ConnectionsMax { get; init; } = 200;
    public string SharedBuffers { get; init; } = "256MB";

    /// <summary>Further server settings, such as <c>log_min_duration_statement</c>.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();
}

/// <summary>A PostgreSQL cluster of its own. Run as the user postgres when this process is root's, because it refuses to be root.</summary>
public sealed partial class PostgresServer : LocalServer
{
    public const string UserName = "governance";

    private readonly PostgresOptions options;
    private readonly UserAccount? account;

    private PostgresServer(DataFolder folder, PostgresOptions options, UserAccount? account) : base("PostgreSQL", folder, options.Port)
    {
        this.options = options;
        this.account = account;
        Password = folder.Secret("password");
    }

    public string Password { get; }

    private protected override string MainCommandName => "postgres";
    private string Data => Folder.At("data");

    public static async Task<PostgresServer> StartAsync(
        string dataFolder, PostgresOptions? options = null, CancellationToken cancellation = default)
    {
        ServerBinaries.Require(ServerBinaries.PostgreSql);
        var account = Native.IsRoot
            ? UserAccount.Find("postgres") ?? throw new LocalServerException("PostgreSQL cannot run as root and there is no user postgres")
            : null;
        var folder = DataFolder.Open(dataFolder, othersEnter: account is not null);
        var server = new PostgresServer(folder, options ?? new PostgresOptions(), account);
        await server.StartAsync(cancellation);
        return server;
    }

    /// <summary>In the form that Npgsql reads.</summary>
    public string ConnectionString(string database = "postgres") =>
        $"Host={Host};Port={Port};Username={UserName};Password={Password};Database={database}";

    /// <summary>Creates the database unless it is there.</summary>
    public async Task EnsureDatabaseAsync(string name, CancellationToken cancellation = default)
    {
        if (!DatabaseName().IsMatch(name)) throw new ArgumentException($"'{name}' is not a plain database name", nameof(name));
        if (await QueryAsync($"select 1 from pg_database where datname = '{name}'", cancellation) == "1") return;
        await QueryAsync($"create database {name}", cancellation);
    }

    /// <summary>One statement through psql, for administration where no driver is at hand.</summary>
    public async Task<string> QueryAsync(string sql, CancellationToken cancellation = default, string database = "postgres")
    {
        var environment = new Dictionary<string, string> { ["PGPASSWORD"] = Password, ["PGCONNECT_TIMEOUT"] = "5" };
        var result = await Command.RunAsync(Tool("psql"),
            ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", Host, "-p", $"{Port}", "-U", UserName, "-d", database, "-c", sql],
            cancellation, environment);
        return result.ExitCode == 0
            ? result.Output.Trim()
            : throw new LocalServerException($"PostgreSQL refused a statement: {result.LastLine}");
    }

    private protected override async Task PrepareAsync(CancellationToken cancellation)
    {
        var version = Path.Combine(Data, "PG_VERSION");
        if (File.Exists(version))
        {
            var made = (await File.ReadAllTextAsync(version, cancellation)).Trim();
            var found = (await Command.RunAsync(Tool("postgres"), ["--version"], cancellation)).Output;
            if (!found.Contains($" {made}.", StringComparison.Ordinal))
                throw new LocalServerException($"the data in {Data} is of PostgreSQL {made}, installed is {found}; empty it (--reset)");
            return;
        }

        // Under another name first: an interrupted initdb leaves no half-made cluster behind.
        var fresh = Folder.At("data.new");
        var passwordFile = Folder.Write("password.initdb", Password);
        if (Directory.Exists(fresh)) Directory.Delete(fresh, recursive: true);
        Directory.CreateDirectory(fresh, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        if (account is not null)
        {
            Native.GiveTo(fresh, account);
            Native.GiveTo(passwordFile, account);
        }
        string[] initdb =
        [
            Tool("initdb"), "-D", fresh, $"--username={UserName}", $"--pwfile={passwordFile}", "--auth=scram-sha-256", "--encoding=UTF8",
            "--locale=C.UTF-8", .. options.Durable ? Array.Empty<string>() : ["--no-sync"],
        ];
        string[] command = account is null ? initdb : ["setpriv", .. WatchedProcess.AsUser(account), .. initdb];
        var result = await Command.RunAsync(command[0], command[1..], cancellation);
        File.Delete(passwordFile);
        if (result.ExitCode != 0) throw new LocalServerException($"initdb failed: {result.LastLine}");
        Directory.Move(fresh, Data);
    }

    private protected override IEnumerable<WatchedCommand> Commands()
    {
        var settings = new Dictionary<string, string>
        {
            ["listen_addresses"] = Host,
            ["port"] = $"{Port}",
            // Clients come over TCP; a socket's path would be limited to 107 bytes, and the repository's folder may be longer.
            ["unix_socket_directories"] = "",
            ["max_connections"] = $"{options.ConnectionsMax}",
            ["shared_buffers"] = options.SharedBuffers,
            ["jit"] = "off",
            ["timezone"] = "UTC",
            ["log_timezone"] = "UTC",
            ["fsync"] = options.Durable ? "on" : "off",
            // On even in tests: without it a killed server forgets commits that it has acknowledged.
            ["synchronous_commit"] = "on",
            ["full_page_writes"] = options.Durable ? "on" : "off",
        };
        foreach (var (name, value) in options.Settings) settings[name] = value;
        string[] arguments = ["-D", Data, .. settings.SelectMany(setting => new[] { "-c", $"{setting.Key}={setting.Value}" })];
        // SIGINT is the fast shutdown: open sessions are ended, data is written out.
        yield return new WatchedCommand(Tool("postgres"), arguments, new Dictionary<string, string>(), Folder.Path, MainCommandName,
            Native.SigInt, TimeSpan.FromSeconds(6), account);
    }

    private protected override async Task<bool> AnswersAsync(CancellationToken cancellation)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(Host, Port, cancellation);
        var stream = client.GetStream();
        await stream.WriteAsync(StartupMessage(), cancellation);
        // 'R' asks for the password, so sessions are taken. 'E' says that it is still starting up.
        var answer = new byte[1];
        await stream.ReadExactlyAsync(answer, cancellation);
        return answer[0] == (byte)'R';
    }

    // int32 length, int32 protocol 3.0, then "user\0governance\0database\0postgres\0\0"
    private static byte[] StartupMessage()
    {
        var parameters = Encoding.ASCII.GetBytes($"user\0{UserName}\0database\0postgres\0\0");
        var message = new byte[8 + parameters.Length];
        BinaryPrimitives.WriteInt32BigEndian(message, message.Length);
        BinaryPrimitives.WriteInt32BigEndian(message.AsSpan(4), 3 << 16);
        parameters.CopyTo(message, 8);
        return message;
    }

    private static string Tool(string name) =>
        Path.Combine(Path.GetDirectoryName(ServerBinaries.Require(ServerBinaries.PostgreSql))!, name);

    [GeneratedRegex("^[a-z][a-z0-9_]{0,62}$")]
    private static partial Regex DatabaseName();
}
