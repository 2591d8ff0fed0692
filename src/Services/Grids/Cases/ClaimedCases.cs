using Governance.Grids.Policies;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Errors;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.Grids.Cases;

/// <summary>Does by itself what is due to be done to cases, oldest first. Every replica does it, each with cases of its own.</summary>
/// <param name="column">The instant by which they are claimed.</param>
public abstract class ClaimedCases(string column, Commands commands, PolicyStore policies, CaseFeed feed, TimeProvider clock) : BackgroundService
{
    /// <summary>In one transaction: it holds their locks, and a command on one of them waits so long.</summary>
    private const int MaxCases = 200;

    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromDays(1);

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

    protected abstract Outcome<CaseStep> Step(Case current, CityPolicies policies, DateTimeOffset now);

    protected abstract void Failed(Exception exception);

    protected abstract void Postponed(Guid caseId, Exception exception);

    private async Task ActAsync(Command command, Case current)
    {
        var rules = await policies.OfAsync(current.Territory, command.Cancellation);
        try
        {
            CaseStore.Save(command, current, Step(current, rules, command.Now).OrRefuse());
        }
        catch (Exception exception)
        {
            // Claimed again at once it would fail again, and all others with it.
            Postponed(current.Id, exception);
            command.Write($"update cases set {column} = $2 where id = $1", P(current.Id), P(command.Now + RetryAfter));
            command.Concerns(current.Territory, current.Id);
        }
    }
}
