using System.Net.Sockets;
using Aspire.Hosting.ApplicationModel;
using Governance.LocalServers;

namespace Aspire.Hosting.Local;

/// <summary>
/// Runs one replica of a project: starts it, waits until it is healthy, and starts it again with back-off when it crashes.
/// </summary>
internal sealed class ProjectRunner(LocalProjectResource resource, int replica, LocalFolder folder, Board board) : IAsyncDisposable
{
    private static readonly TimeSpan HealthPatience = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan BackOffMax = TimeSpan.FromSeconds(30);
    // A service that ran this long has recovered: its next crash starts over with the shortest wait.
    private static readonly TimeSpan Recovered = TimeSpan.FromMinutes(1);
    private const int FirstStartAttemptsMax = 3;

    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(5) };

    private WatchedProcess? process;

    public string Name { get; } = replica == 0 ? resource.Name : $"{resource.Name}-{replica + 1}";
    public string Log => folder.Log(Name);
    public IReadOnlyList<int> ProcessIds => process is { Exited.IsCompleted: false } running ? ProcessTree.Members(running.Pid) : [];

    /// <summary>Until the service is healthy, or the job is done.</summary>
    public async Task StartAsync(string assembly, IReadOnlyDictionary<string, string> environment, CancellationToken cancellation)
    {
        var command = new WatchedCommand(
            ProjectOutput.DotnetHost, [assembly, .. resource.Arguments], environment, resource.WorkingDirectory, Name,
            Native.SigTerm, StopPatience)
        {
            PidFile = Path.Combine(folder.Run, Name + ".pid"),
            LogFile = Log,
        };
        await WatchedProcess.EndLeftoversAsync(command.PidFile, StopPatience);
        for (var attempt = 1; ; attempt++)
        {
            process = WatchedProcess.Start(command);
            if (resource.IsJob)
            {
                await process.Exited.WaitAsync(cancellation);
                if (process.ExitCode == 0) return;
                throw new DistributedApplicationException(
                    $"{Name} failed (exit code {process.ExitCode}): {Reason(process)} (log: {folder.Show(Log)})");
            }
            if (await BecomesHealthyAsync(process, cancellation)) return;
            if (attempt == FirstStartAttemptsMax)
                throw new DistributedApplicationException($"{Name} does not start: {process.LastWords()} (log: {folder.Show(Log)})");
            await RestartAfterAsync(BackOff(attempt), cancellation);
        }
    }

    /// <summary>Keeps it running until cancelled.</summary>
    public async Task KeepAsync(Action changed, CancellationToken cancellation)
    {
        if (resource.IsJob) return;
        var crashes = 0;
        while (true)
        {
            var current = process!;
            var started = TimeProvider.System.GetTimestamp();
            await current.Exited.WaitAsync(cancellation);
            crashes = TimeProvider.System.GetElapsedTime(started) > Recovered ? 1 : crashes + 1;
            await RestartAfterAsync(BackOff(crashes), cancellation);
            process = WatchedProcess.Start(current.Command);
            if (await BecomesHealthyAsync(process, cancellation)) board.Say(Name, "is ready again");
            changed();
        }
    }

    public async Task StopAsync()
    {
        if (process is { } running) await running.StopAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        process?.Dispose();
        process = null;
    }

    internal static TimeSpan BackOff(int crashes) => TimeSpan.FromSeconds(Math.Min(Math.Pow(2, crashes - 1), BackOffMax.TotalSeconds));

    // "error: the pack …" of a program that reports as this one does.
    private static string Reason(WatchedProcess ended) =>
        ended.LastWords() is var words && words.StartsWith("error: ", StringComparison.OrdinalIgnoreCase)
            ? words["error: ".Length..]
            : words;

    private async Task RestartAfterAsync(TimeSpan wait, CancellationToken cancellation)
    {
        var ended = process!;
        var when = $"starts again in {wait.TotalSeconds:0} s (log: {folder.Show(Log)})";
        board.Say(Name, $"ended (exit code {ended.ExitCode}): {ended.LastWords()}; {when}");
        // What it had started itself must not hold its ports.
        await ended.KillAsync();
        ended.Dispose();
        await Task.Delay(wait, cancellation);
    }

    // False when it ended before it was healthy.
    private async Task<bool> BecomesHealthyAsync(WatchedProcess current, CancellationToken cancellation)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!current.Exited.IsCompleted)
        {
            if (await IsHealthyAsync(cancellation)) return true;
            if (TimeProvider.System.GetElapsedTime(started) > HealthPatience)
            {
                throw new DistributedApplicationException(
                    $"{Name} runs, but is not healthy after {HealthPatience.TotalSeconds:0} s (log: {folder.Show(Log)})");
            }
            await Task.WhenAny(current.Exited, Task.Delay(50, cancellation));
            cancellation.ThrowIfCancellationRequested();
        }
        return false;
    }

    private async Task<bool> IsHealthyAsync(CancellationToken cancellation)
    {
        try
        {
            if (resource.HealthCheck is not { } check)
            {
                using var client = new TcpClient();
                await client.ConnectAsync(EndpointAnnotation.Host, resource.Endpoints[0].Allocated[replica], cancellation);
                return true;
            }
            using var answer = await Http.GetAsync(HealthAddress(check), cancellation);
            return (int)answer.StatusCode == check.StatusCode;
        }
        catch (Exception notYet) when (notYet is HttpRequestException or SocketException or IOException
            || notYet is OperationCanceledException && !cancellation.IsCancellationRequested)
        {
            return false;
        }
    }

    private string HealthAddress(HealthCheck check)
    {
        var endpoint = resource.Endpoints.Find(candidate => candidate.Name == (check.EndpointName ?? "http"))
            ?? throw new DistributedApplicationException($"'{Name}' has no endpoint '{check.EndpointName ?? "http"}' for its health check");
        return endpoint.Url(replica) + check.Path;
    }
}
