using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Governance.LocalServers;

/// <summary>What to run as a server, and how it likes to be asked to end.</summary>
internal sealed record WatchedCommand(
    string Program, IReadOnlyList<string> Arguments, IReadOnlyDictionary<string, string> Environment, string Folder, string Name,
    int StopSignal, TimeSpan Patience, UserAccount? RunAs = null)
{
    public string PidFile { get; init; } = Path.Combine(Folder, Name + ".pid");
    public string LogFile { get; init; } = Path.Combine(Folder, Name + ".log");
}

/// <summary>
/// A server process in a session of its own (Ctrl+C in the terminal does not reach it) under a small shell that ends it when this
/// process is gone, however it went: the shell holds the reading end of a pipe that only this process can write to.
/// </summary>
internal sealed partial class WatchedProcess : IDisposable
{
    // The kernel's death signal is the second net, for a watcher that is itself killed. It follows the parent *thread*, so it can't replace
    // the pipe: threads of the .NET pool come and go.
    private const string Watch = """
        pid_file=$1 log=$2 signal=$3 patience=$4
        shift 4
        exec 3<&0 </dev/null >>"$log" 2>&1
        setpriv --pdeathsig KILL "$@" 3<&- &
        server=$!
        echo "$$ $server" > "$pid_file"
        (
            while read -r _ <&3; do :; done
            kill -"$signal" "$server" 2>/dev/null
            left=$patience
            while [ "$left" -gt 0 ] && kill -0 "$server" 2>/dev/null; do sleep 0.1; left=$((left - 1)); done
            kill -KILL 0
        ) &
        watcher=$!
        exec 3<&-
        wait "$server"
        code=$?
        kill "$watcher" 2>/dev/null
        exit "$code"
        """;

    // The plainest first: PostgreSQL's word, .NET's, anybody's.
    private static readonly string[] Complaints = ["FATAL", "Unhandled exception", "rror"];

    private const long LogBytesMax = 20_000_000;

    private readonly Process process;
    private readonly WatchedCommand command;
    private readonly long logStart;

    private WatchedProcess(Process process, WatchedCommand command, long logStart)
    {
        this.process = process;
        this.command = command;
        this.logStart = logStart;
        Exited = process.WaitForExitAsync();
    }

    public int Pid => process.Id;
    public WatchedCommand Command => command;
    public Task Exited { get; }
    public int ExitCode => process.ExitCode;

    public static WatchedProcess Start(WatchedCommand command)
    {
        RotateLog(command.LogFile);
        File.Delete(command.PidFile);
        var logStart = File.Exists(command.LogFile) ? new FileInfo(command.LogFile).Length : 0;
        var start = new ProcessStartInfo("setsid")
        {
            RedirectStandardInput = true,
            WorkingDirectory = command.Folder,
            ArgumentList =
            {
                "sh", "-c", Watch, "watch", command.PidFile, command.LogFile, command.StopSignal.ToString(CultureInfo.InvariantCulture),
                ((int)(command.Patience.TotalSeconds * 10)).ToString(CultureInfo.InvariantCulture),
            },
        };
        if (command.RunAs is { } account)
        {
            foreach (var argument in AsUser(account)) start.ArgumentList.Add(argument);
        }
        start.ArgumentList.Add(command.Program);
        foreach (var argument in command.Arguments) start.ArgumentList.Add(argument);
        foreach (var (name, value) in command.Environment) start.Environment[name] = value;
        return new WatchedProcess(Process.Start(start)!, command, logStart);
    }

    public static string[] AsUser(UserAccount account) =>
        [$"--reuid={account.User}", $"--regid={account.Group}", "--init-groups", "--"];

    /// <summary>
    /// Ends what an earlier run left behind. Its watcher may just be stopping the server in good order, which is better than a kill.
    /// </summary>
    public static async Task EndLeftoversAsync(string pidFile, TimeSpan patience)
    {
        if (!File.Exists(pidFile)) return;
        if (int.TryParse(File.ReadAllText(pidFile).Split(' ')[0], out var watcher))
        {
            var started = TimeProvider.System.GetTimestamp();
            while (IsWatcherOf(pidFile, watcher) && TimeProvider.System.GetElapsedTime(started) < patience) await Task.Delay(50);
            // Without its watcher a server still carries the watcher's pid as its session.
            if (IsWatcherOf(pidFile, watcher) || !ProcessTree.IsAlive(watcher)) await ProcessTree.KillAsync(watcher);
        }
        File.Delete(pidFile);
    }

    /// <summary>Asks the server to end, and kills it with all that it started when it does not in time.</summary>
    public async Task StopAsync()
    {
        if (!Exited.IsCompleted)
        {
            if (ServerPid() is { } server) Native.Kill(server, command.StopSignal);
            try
            {
                await Exited.WaitAsync(command.Patience);
            }
            catch (TimeoutException)
            {
                // Out of patience: killed below.
            }
        }
        await KillAsync();
    }

    public async Task KillAsync()
    {
        await ProcessTree.KillAsync(Pid);
        await Exited;
        File.Delete(command.PidFile);
    }

    /// <summary>What the server last complained of, for an error that fits on one line.</summary>
    public string LastWords()
    {
        if (!File.Exists(command.LogFile)) return "it wrote no log";
        using var log = new FileStream(command.LogFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        log.Seek(Math.Max(Math.Min(logStart, log.Length), log.Length - 64_000), SeekOrigin.Begin);
        var lines = new StreamReader(log).ReadToEnd().Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return lines.FirstOrDefault(line => PlaceInFile().IsMatch(line))
            ?? Complaints.Select(sign => lines.FirstOrDefault(line => line.Contains(sign, StringComparison.Ordinal)))
                .FirstOrDefault(line => line is not null)
            ?? lines.LastOrDefault() ?? "it wrote no log";
    }

    public void Dispose() => process.Dispose();

    private int? ServerPid()
    {
        if (!File.Exists(command.PidFile)) return null;
        var fields = File.ReadAllText(command.PidFile).Split(' ', StringSplitOptions.TrimEntries);
        return fields.Length == 2 && int.TryParse(fields[1], out var pid) ? pid : null;
    }

    // Pids are used again: the watcher is known by the pid file's name among its arguments.
    private static bool IsWatcherOf(string pidFile, int pid)
    {
        try
        {
            return ProcessTree.IsAlive(pid) && File.ReadAllText($"/proc/{pid}/cmdline").Split('\0').Contains(pidFile);
        }
        catch (IOException)
        {
            return false;
        }
    }

    // As compilers and the reader of city packs write it: "seeds/huaibei/city.yaml:12:93: 'grids' is 0".
    [GeneratedRegex(@"^\S+:\d+:\d+: ")]
    private static partial Regex PlaceInFile();

    private static void RotateLog(string log)
    {
        if (File.Exists(log) && new FileInfo(log).Length > LogBytesMax) File.Move(log, log + ".1", overwrite: true);
    }
}
