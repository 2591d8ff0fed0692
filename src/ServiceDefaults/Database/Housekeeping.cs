using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.ServiceDefaults.Database;

/// <summary>Forgets answers and inbox rows that no repeat will ask for any more.</summary>
public sealed partial class Housekeeping(ServiceDatabase database, TimeProvider clock, ILogger<Housekeeping> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(10);

    /// <summary>A client repeats within minutes, a broker within days.</summary>
    private static readonly TimeSpan KeepFor = TimeSpan.FromDays(7);

    /// <summary>Rows a statement: short locks, small bursts of I/O.</summary>
    private const int RowsAtOnce = 5_000;

    private static readonly string[] Statements =
    [
        $"delete from requests where ctid in (select ctid from requests where answered_at < $1 limit {RowsAtOnce})",
        $"delete from inbox where ctid in (select ctid from inbox where handled_at < $1 limit {RowsAtOnce})",
    ];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                foreach (var statement in Statements)
                    while (await DeleteAsync(statement, stoppingToken) == RowsAtOnce)
                    {
                    }
            }
            catch (NpgsqlException exception)
            {
                Skipped(exception.Message);
            }
        }
    }

    private async Task<int> DeleteAsync(string statement, CancellationToken cancellation)
    {
        await using var command = database.Source.CreateCommand(statement);
        command.Parameters.Add(P(clock.GetUtcNow() - KeepFor));
        return await command.ExecuteNonQueryAsync(cancellation);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Old answers were not forgotten this time: {Problem}")]
    private partial void Skipped(string problem);
}
