using System.Runtime.InteropServices;
using Aspire.Hosting.Local;
using Governance.LocalServers;

namespace Aspire.Hosting;

/// <summary>Runs what the builder describes as processes of this machine.</summary>
public sealed class DistributedApplication : IAsyncDisposable
{
    private readonly LocalRun run;

    internal DistributedApplication(DistributedApplicationBuilder builder) => run = new LocalRun(builder, Console.Out);

    public static IDistributedApplicationBuilder CreateBuilder(string[] args) => new DistributedApplicationBuilder(args);

    public static IDistributedApplicationBuilder CreateBuilder() => CreateBuilder([]);

    /// <summary>Returns when everything answers its health check and the jobs are done.</summary>
    public Task StartAsync(CancellationToken cancellationToken = default) => run.StartAsync(cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken = default) => run.StopAsync();

    public void Run() => RunAsync().GetAwaiter().GetResult();

    /// <summary>Starts all, waits for Ctrl+C, SIGTERM or a failure, and stops all. A failure is one line and exit code 1.</summary>
    public async Task RunAsync(CancellationToken cancellationToken = default)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Stop);
        var orphaned = ParentWatch.EndedAsync(stopping.Token)
            .ContinueWith(_ => stopping.Cancel(), stopping.Token, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
        try
        {
            await run.StartAsync(stopping.Token);
            // Returns only by failing or being stopped.
            await run.WatchAsync(stopping.Token);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Asked to stop.
        }
        catch (Exception failure) when (failure is LocalServerException or DistributedApplicationException)
        {
            await Console.Error.WriteLineAsync($"error: {failure.Message}");
            Environment.ExitCode = 1;
        }
        finally
        {
            await stopping.CancelAsync();
            await run.StopAsync();
            await orphaned.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }

        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            stopping.Cancel();
        }
    }

    public async ValueTask DisposeAsync() => await run.StopAsync();
}
