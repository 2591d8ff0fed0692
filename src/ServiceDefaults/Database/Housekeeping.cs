using System.Security.Cryptography;
using Governance.ServiceDefaults.Privacy;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.ServiceDefaults.Database;

/// <summary>
/// Forgets answers and inbox rows that no repeat will ask for any more, what was left undelivered, and personal data whose time is over,
/// with what was said in words.
/// </summary>
public sealed partial class Housekeeping(
    ServiceDatabase database, Commands commands, IEnumerable<IKeptTexts> texts, TimeProvider clock, ILogger<Housekeeping> logger)
    : BackgroundService
{
    /// <summary>What the audit calls it: it changes records, and those who watch them are told.</summary>
    private const string ForgetTexts = "/governance.common.v1.Persons/ForgetTexts";

    /// <summary>Records in one transaction: it holds their locks.</summary>
    private const int TextsAtOnce = 200;

    private static readonly TimeSpan Every = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan TryAgainAfter = TimeSpan.FromDays(1);

    /// <summary>A client repeats within minutes, a broker within days.</summary>
    private static readonly TimeSpan KeepFor = TimeSpan.FromDays(7);

    /// <summary>Rows a statement: short locks, small bursts of I/O.</summary>
    private const int RowsAtOnce = 5_000;

    private static readonly string[] Statements =
    [
        $"delete from requests where ctid in (select ctid from requests where answered_at < $1 limit {RowsAtOnce})",
        $"delete from inbox where ctid in (select ctid from inbox where handled_at < $1 limit {RowsAtOnce})",
    ];

    /// <summary>As the contract of operations says: whole events, whose texts somebody wrote.</summary>
    private static readonly TimeSpan KeepDeadLettersFor = TimeSpan.FromDays(90);

    private static readonly string OldDeadLetters =
        $"delete from dead_letters where ctid in (select ctid from dead_letters where failed_at < $1 limit {RowsAtOnce})";

    /// <summary>As the contract of destinations says.</summary>
    private static readonly TimeSpan KeepDeliveriesFor = TimeSpan.FromDays(30);

    private static readonly string OldDeliveries =
        $"delete from deliveries where ctid in (select ctid from deliveries where happened_at < $1 limit {RowsAtOnce})";

    // Of destinations that were removed.
    private static readonly string LostDeliveries =
        $"""
        delete from deliveries where ctid in (
            select d.ctid from deliveries d where happened_at < $1 and not exists (select 1 from destinations where id = d.destination_id)
            limit {RowsAtOnce})
        """;

    // Not before the words that may name them.
    private static readonly string ExpiredPersons =
        $"""
        delete from persons where ctid in (
            select p.ctid from persons p where expires_at <= $1 and not exists (select 1 from kept_texts where record_id = p.record_id)
            limit {RowsAtOnce})
        """;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await CleanAsync(stoppingToken);
            }
            catch (NpgsqlException exception)
            {
                Skipped(exception.Message);
            }
        }
    }

    public async Task CleanAsync(CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        foreach (var statement in Statements)
            await DeleteAsync(statement, now - KeepFor, cancellation);
        await ForgetTextsAsync(now, cancellation);
        await DeleteAsync(ExpiredPersons, now, cancellation);
        await DeleteAsync(OldDeadLetters, now - KeepDeadLettersFor, cancellation);
        await DeleteAsync(OldDeliveries, now - KeepDeliveriesFor, cancellation);
        await DeleteAsync(LostDeliveries, now, cancellation);
    }

    private async Task ForgetTextsAsync(DateTimeOffset now, CancellationToken cancellation)
    {
        int claimed;
        do
        {
            claimed = await commands.ClaimAsync(
                ForgetTexts, KeptTexts.Expired(now, TextsAtOnce),
                async (command, text) =>
                {
                    try
                    {
                        await KeptTexts.ForgetAsync(command, text, texts);
                    }
                    catch (CryptographicException exception)
                    {
                        // Whom it names is not known without their key: these wait for it, all others do not wait for these.
                        Unreadable(text.RecordKind, text.RecordId, exception.Message);
                        KeptTexts.KeepUntil(command, text, now + TryAgainAfter);
                    }
                },
                cancellation);
        }
        while (claimed is TextsAtOnce);
    }

    private async Task DeleteAsync(string statement, DateTimeOffset before, CancellationToken cancellation)
    {
        int deleted;
        do
        {
            await using var command = database.Source.CreateCommand(statement);
            command.Parameters.Add(P(before));
            deleted = await command.ExecuteNonQueryAsync(cancellation);
        }
        while (deleted is RowsAtOnce);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Old answers were not forgotten this time: {Problem}")]
    private partial void Skipped(string problem);

    [LoggerMessage(Level = LogLevel.Error, Message = "The time of personal data of {Kind} {Id} is over, and they wait for their key: {Problem}")]
    private partial void Unreadable(string kind, Guid id, string problem);
}
