using System.Collections.Concurrent;
using Governance.Cli.Client;
using Governance.Grids.V1;

namespace Governance.Cli.Demo;

/// <summary>Listens to WatchCases while the stories are played, to prove that every step was also told live, once and in order.</summary>
internal sealed class LiveChanges : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, ConcurrentQueue<int>> sequences = new();
    private readonly TaskCompletionSource started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource stop;
    private readonly Task listening;

    private LiveChanges(PublicApi onlooker, TimeProvider clock, CancellationToken cancelled)
    {
        stop = CancellationTokenSource.CreateLinkedTokenSource(cancelled);
        listening = ListenAsync(onlooker, clock);
    }

    /// <summary>Comes back when the service has said that it is listening, so that nothing after this is missed.</summary>
    public static async Task<LiveChanges> StartAsync(PublicApi onlooker, TimeProvider clock, CancellationToken cancelled)
    {
        var live = new LiveChanges(onlooker, clock, cancelled);
        await (await Task.WhenAny(live.started.Task, live.listening)).WaitAsync(TimeSpan.FromSeconds(15), clock, cancelled);
        return live;
    }

    /// <summary>The steps of a case that were told, by their numbers.</summary>
    public IReadOnlyList<int> Of(string caseId) => sequences.TryGetValue(caseId, out var told) ? [.. told] : [];

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await listening.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stop.Dispose();
    }

    private async Task ListenAsync(PublicApi onlooker, TimeProvider clock)
    {
        await foreach (var change in Watch.CasesAsync(onlooker, new WatchCasesRequest(), clock, stop.Token))
        {
            started.TrySetResult();
            if (change.Entry is not null)
                sequences.GetOrAdd(change.CaseId, _ => new ConcurrentQueue<int>()).Enqueue(change.Entry.Sequence);
        }
    }
}
