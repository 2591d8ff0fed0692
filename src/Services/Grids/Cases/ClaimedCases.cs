using Governance.ServiceDefaults.Database;

namespace Governance.Grids.Cases;

/// <summary>Does by itself what is due to be done to cases, oldest first. Every replica does it, each with cases of its own.</summary>
public abstract class ClaimedCases(Commands commands, CaseFeed feed, TimeProvider clock) : BackgroundService
{
    /// <summary>In one transaction: it holds their locks, and a command on one of them waits so long.</summary>
    private const int MaxCases = 200;

    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(5);

    /// <summary>One round; how many cases it took.</summary>
    public async Task<int> TakeAsync(CancellationToken cancellation)
    {
        var claimed = await commands.ClaimAsync(GetType().Name, Due(clock.GetUtcNow(), MaxCases), ActAsync, cancellation);
        if (claimed > 0)
            feed.Changed();
        return claimed;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var pause = TimeSpan.Zero;
            try
            {
                if (await TakeAsync(stoppingToken) < MaxCases)
                    pause = LookEvery;
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                Failed(exception);
                pause = PauseAfterFailure;
            }
            await Task.Delay(pause, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    protected abstract Claim<Case> Due(DateTimeOffset now, int limit);

    protected abstract Task ActAsync(Command command, Case current);

    protected abstract void Failed(Exception exception);
}
