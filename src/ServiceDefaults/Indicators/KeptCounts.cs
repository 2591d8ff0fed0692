using Governance.ServiceDefaults.Database;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.ServiceDefaults.Indicators;

/// <summary>
/// Folds the changes of kept counts, a round at a time in one transaction. Every replica does it; of several at once one has the
/// round, and what a killed one had taken is there again. Numbers are right at any instant, whether folded or not.
/// </summary>
public sealed partial class KeptCounts(
    ServiceDatabase database, IEnumerable<Measure> measures, TimeProvider clock, ILogger<KeptCounts> logger) : BackgroundService
{
    /// <summary>Changes a round. More together cost less each, since they meet in the counts of the wider territories.</summary>
    public const int MaxChanges = 100_000;

    /// <summary>Changes that are worth a round before its time: who asks meanwhile adds up so many more rows.</summary>
    private const int Enough = 20_000;

    /// <summary>Changes after which the room they had is given back; sooner than autovacuum looks.</summary>
    private const int VacuumAfter = 20_000;

    // Any number will do, as long as every replica takes the same one.
    public const long LockKey = 0x4B657074436F756E;

    /// <summary>
    /// The few cells of a round are looked up by their key. A plan that reads all counts is never the better one, and with what the round
    /// itself adds to an empty table it would not end.
    /// </summary>
    private const string LookUps =
        "set local enable_hashjoin = off; set local enable_mergejoin = off; set local enable_seqscan = off; set local enable_material = off; "
        + "set local work_mem = '64MB'";

    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);

    /// <summary>A record that goes through several states within this time is counted once.</summary>
    private static readonly TimeSpan FoldEvery = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(5);

    private readonly Measure[] kept = [.. measures.Where(m => m.Kept.Count > 0)];
    private int sinceVacuum;

    /// <summary>One round; how many changes it took. 0 when there are none, or another replica is at it.</summary>
    public async Task<int> FoldAsync(CancellationToken cancellation)
    {
        var waiting = await WaitingAsync(MaxChanges, cancellation);
        if (waiting is 0)
            return 0;
        await using var connection = await database.Source.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await using (var begin = new NpgsqlCommand("select pg_try_advisory_xact_lock($1)", connection) { Parameters = { P(LockKey) } })
            if (await begin.ExecuteScalarAsync(cancellation) is not true)
                return 0;
        await using (var plan = new NpgsqlCommand(LookUps, connection))
            await plan.ExecuteNonQueryAsync(cancellation);
        await using (var fold = new NpgsqlCommand(Kept.Fold(kept), connection) { CommandTimeout = 0, Parameters = { P(MaxChanges) } })
            await fold.ExecuteNonQueryAsync(cancellation);
        await transaction.CommitAsync(CancellationToken.None);
        return waiting;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (kept.Length is 0)
            return;
        var foldAt = clock.GetUtcNow();
        while (!stoppingToken.IsCancellationRequested)
        {
            var pause = LookEvery;
            try
            {
                if (clock.GetUtcNow() >= foldAt || await WaitingAsync(Enough, stoppingToken) is Enough)
                {
                    var folded = await FoldAsync(stoppingToken);
                    foldAt = clock.GetUtcNow() + FoldEvery;
                    if (folded is MaxChanges)
                        pause = TimeSpan.Zero;
                    if ((sinceVacuum += folded) >= VacuumAfter)
                    {
                        sinceVacuum = 0;
                        await using var vacuum = database.Source.CreateCommand("vacuum (skip_locked, truncate off) kept_changes");
                        await vacuum.ExecuteNonQueryAsync(stoppingToken);
                    }
                }
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                Failed(exception);
                pause = PauseAfterFailure;
            }
            await Task.Delay(pause, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>How many changes are not folded yet, as far as it matters.</summary>
    private Task<int> WaitingAsync(int most, CancellationToken cancellation) =>
        database.FirstAsync("select count(*)::int from (select from kept_changes limit $1) c", r => r.GetInt32(0), [P(most)], cancellation);

    [LoggerMessage(Level = LogLevel.Error, Message = "Kept counts were not folded this time")]
    private partial void Failed(Exception exception);
}
