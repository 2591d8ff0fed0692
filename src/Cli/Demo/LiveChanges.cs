using System.Collections.Concurrent;
using Governance.Cli.Client;
using Governance.Common.V1;
using Governance.Grids.V1;

namespace Governance.Cli.Demo;

/// <summary>Listens to the watches while the stories are played, to prove that every step was also told live, once and in order.</summary>
internal sealed class LiveChanges : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly ConcurrentDictionary<string, ConcurrentQueue<int>> sequences = new();
    private readonly ConcurrentDictionary<string, ConcurrentQueue<string>> acts = new();
    private readonly TaskCompletionSource casesStarted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource changesStarted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource stop;
    private readonly Task cases;
    private readonly Task changes;

    private LiveChanges(PublicApi onlooker, PublicApi operating, TimeProvider clock, CancellationToken cancelled)
    {
        stop = CancellationTokenSource.CreateLinkedTokenSource(cancelled);
        cases = ListenToCasesAsync(onlooker, clock);
        changes = ListenToChangesAsync(operating, clock);
    }

    /// <summary>Comes back when the service has said that it is listening, so that nothing after this is missed.</summary>
    public static async Task<LiveChanges> StartAsync(
        PublicApi onlooker, PublicApi operating, TimeProvider clock, CancellationToken cancelled)
    {
        var live = new LiveChanges(onlooker, operating, clock, cancelled);
        await (await Task.WhenAny(live.casesStarted.Task, live.cases)).WaitAsync(Patience, clock, cancelled);
        await (await Task.WhenAny(live.changesStarted.Task, live.changes)).WaitAsync(Patience, clock, cancelled);
        return live;
    }

    /// <summary>The steps of a case that were told, by their numbers.</summary>
    public IReadOnlyList<int> Of(string caseId) => sequences.TryGetValue(caseId, out var told) ? [.. told] : [];

    /// <summary>What was told to have been done to a record, as names of methods.</summary>
    public IReadOnlyList<string> ActsOn(string recordId) => acts.TryGetValue(recordId, out var told) ? [.. told] : [];

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await Task.WhenAll(cases, changes).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stop.Dispose();
    }

    private async Task ListenToCasesAsync(PublicApi onlooker, TimeProvider clock)
    {
        await foreach (var change in Watch.CasesAsync(onlooker, new WatchCasesRequest(), clock, stop.Token))
        {
            casesStarted.TrySetResult();
            if (change.Entry is not null)
                sequences.GetOrAdd(change.CaseId, _ => new ConcurrentQueue<int>()).Enqueue(change.Entry.Sequence);
        }
    }

    private async Task ListenToChangesAsync(PublicApi operating, TimeProvider clock)
    {
        var request = new WatchChangesRequest { Capabilities = { "councils" } };
        await foreach (var told in Watch.ChangesAsync(operating, "grids", request, clock, stop.Token))
        {
            changesStarted.TrySetResult();
            if (told.Change is { } change)
                acts.GetOrAdd(change.RecordId, _ => new ConcurrentQueue<string>()).Enqueue(change.Action);
        }
    }
}
