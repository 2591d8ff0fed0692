using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Governance.ServiceDefaults.Database;

/// <summary>
/// Has the server look again at tables that have doubled. It keeps the plans of prepared statements until a table is analysed, and those
/// made while a table was empty read it whole; autovacuum comes a minute too late for a stack that has just been started.
/// </summary>
public sealed partial class TableStatistics(ServiceDatabase database, TimeProvider clock, ILogger<TableStatistics> logger) : BackgroundService
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(3);

    // Below so many rows every plan is a good one.
    private const string Doubled = """
        select s.relid::regclass::text from pg_stat_user_tables s join pg_class c on c.oid = s.relid
        where s.n_live_tup > 500 and s.n_live_tup > 2 * c.reltuples
        """;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(LookEvery, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await AnalyseAsync(stoppingToken);
            }
            catch (NpgsqlException exception)
            {
                Skipped(exception.Message);
            }
        }
    }

    private async Task AnalyseAsync(CancellationToken cancellation)
    {
        foreach (var table in await database.QueryAsync(Doubled, r => r.GetString(0), [], cancellation))
        {
            // Another replica may be at it.
            await using var analyse = database.Source.CreateCommand($"analyze (skip_locked) {table}");
            await analyse.ExecuteNonQueryAsync(cancellation);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Tables that have grown were not analysed this time: {Problem}")]
    private partial void Skipped(string problem);
}
