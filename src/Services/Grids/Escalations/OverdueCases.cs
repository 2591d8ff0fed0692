using Governance.Grids.Cases;
using Governance.Grids.Policies;
using Governance.ServiceDefaults.Database;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.Grids.Escalations;

/// <summary>Lets overdue cases go up, oldest first. Every replica does it, each with cases of its own.</summary>
public sealed partial class OverdueCases(
    Commands commands, PolicyStore policies, CaseFeed feed, TimeProvider clock, ILogger<OverdueCases> logger) : BackgroundService
{
    /// <summary>In one transaction: it holds their locks, and a command on one of them waits so long.</summary>
    private const int MaxCases = 200;

    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var pause = TimeSpan.Zero;
            try
            {
                if (await EscalateAsync(stoppingToken) < MaxCases)
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

    /// <summary>One round; how many cases it took.</summary>
    public async Task<int> EscalateAsync(CancellationToken cancellation)
    {
        var claimed = await commands.ClaimAsync("OverdueCases", CaseStore.Overdue(clock.GetUtcNow(), MaxCases), EscalateAsync, cancellation);
        if (claimed > 0)
            feed.Changed();
        return claimed;
    }

    private async Task EscalateAsync(Command command, Case current)
    {
        var outcome = CaseRules.EscalateOverdue(current, await policies.OfAsync(current.Territory, command.Cancellation), command.Now);
        if (outcome.Refusal is null)
            CaseStore.Save(command, current, outcome.OrRefuse());
        else
            // Its history is full: nothing can be done to it any more, and it must not stand before the others.
            command.Write("update cases set escalate_at = null where id = $1", P(current.Id));
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Overdue cases were not escalated this time")]
    private partial void Failed(Exception exception);
}
