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
    /// <summary>
    /// Changes a round, and as many are worth one before its time: who asks meanwhile adds up so many more rows. More together would
    /// cost less each, since they meet in the cells of the wider territories, and more memory.
    /// </summary>
    public const int MaxChanges = 20_000;

    /// <summary>Of the cells of a round, however many, so many are in memory with what was there before.</summary>
    private const int CellsAtOnce = 4_000;

    /// <summary>Changes after which the room they had can be used again; sooner than autovacuum looks.</summary>
    private const int VacuumAfter = 20_000;

    /// <summary>Bytes that changes may take up for good: whoever asks reads through all of it, also once they are folded.</summary>
    private const long RoomToKeep = 16L << 20;

    // Any number will do, as long as every replica takes the same one.
    public const long LockKey = 0x4B657074436F756E;

    /// <summary>
    /// The cells of a round are looked up by their place. A plan that reads all counts is never the better one, and with what the round
    /// itself adds to an empty table it would not end.
    /// </summary>
    private const string LookUps = "set local enable_hashjoin = off; set local enable_mergejoin = off; set local enable_seqscan = off; set local enable_material = off";

    // Most records are through several states before anybody looks.
    private const string Take = """
        with taken as materialized (
            delete from kept_changes where ctid = any(array(select ctid from kept_changes limit $1))
            returning measure, territory, days, key, n
        )
        select measure, territory, days, key, sum(n)::int from taken group by 1, 2, 3, 4 having sum(n) <> 0
        """;

    private const string Arrays = "$1::text[], $2::smallint[], $3::smallint[], $4::smallint[], $5::date[], $6::text[]";

    private const string Places = $"unnest({Arrays}) with ordinality s (cube, clock, level, grain, start, territory, number)";

    private const string AtPlace =
        "k.cube = s.cube and k.clock = s.clock and k.level = s.level and k.grain = s.grain and k.start = s.start and k.territory = s.territory";

    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);

    /// <summary>A record that goes through several states within this time is counted once.</summary>
    private static readonly TimeSpan FoldEvery = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(5);

    private readonly Measure[] kept = [.. measures.Where(m => m.Kept.Count > 0)];
    private int sinceVacuum;

    /// <summary>One round; how many changes it took. 0 when there are none, or another replica is at it.</summary>
    public async Task<int> FoldAsync(CancellationToken cancellation)
    {
        var waiting = await WaitingAsync(cancellation);
        if (waiting is 0)
            return 0;
        await using var connection = await database.Source.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await using (var begin = new NpgsqlCommand("select pg_try_advisory_xact_lock($1)", connection) { Parameters = { P(LockKey) } })
            if (await begin.ExecuteScalarAsync(cancellation) is not true)
                return 0;
        await FoldAsync(connection, cancellation);
        await transaction.CommitAsync(CancellationToken.None);
        return waiting;
    }

    /// <summary>
    /// Gives back the room that a bulk of changes had, as an import's, once they are folded. That takes a lock which writers wait for, and
    /// which is given up as soon as one does: the next time is soon enough.
    /// </summary>
    public async Task GiveBackAsync(CancellationToken cancellation)
    {
        var taken = await database.FirstAsync("select pg_relation_size('kept_changes')", r => r.GetInt64(0), [], cancellation);
        if (taken > RoomToKeep)
            await VacuumAsync(truncate: true, cancellation);
    }

    private async Task VacuumAsync(bool truncate, CancellationToken cancellation)
    {
        await using var vacuum = database.Source.CreateCommand($"vacuum (skip_locked, truncate {truncate}) kept_changes");
        vacuum.CommandTimeout = 0;
        await vacuum.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>The work of a round, in the transaction of its caller, who has the lock.</summary>
    public async Task FoldAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using (var plan = new NpgsqlCommand(LookUps, connection))
            await plan.ExecuteNonQueryAsync(cancellation);
        var known = await ReadAsync(
            connection, "select cube, number, key from kept_keys", [], r => (r.GetString(0), r.GetInt32(1), r.GetString(2)), cancellation);
        var round = new KeptRound(kept, known);
        foreach (var (measure, territory, days, key, n) in await ReadAsync(
            connection, Take, [P(MaxChanges)],
            r => (r.GetString(0), r.GetString(1), r.GetFieldValue<DateOnly?[]>(2), r.GetString(3), r.GetInt32(4)), cancellation))
            round.Add(measure, territory, days, key, n);
        await SaveAsync(connection, round, cancellation);
    }

    private static async Task SaveAsync(NpgsqlConnection connection, KeptRound round, CancellationToken cancellation)
    {
        if (round.NewKeys.Count > 0)
            await ExecuteAsync(
                connection,
                "insert into kept_keys (cube, number, key) select * from unnest($1::text[], $2::int[], $3::text[])",
                [
                    P([.. round.NewKeys.Select(k => k.Cube)]), new NpgsqlParameter<int[]> { TypedValue = [.. round.NewKeys.Select(k => k.Number)] },
                    P([.. round.NewKeys.Select(k => k.Key)]),
                ],
                cancellation);
        foreach (var some in round.Cells().Chunk(CellsAtOnce))
            await AddAsync(connection, some, cancellation);
    }

    private static async Task AddAsync(NpgsqlConnection connection, KeyValuePair<Cell, Counts>[] added, CancellationToken cancellation)
    {
        var there = new byte[]?[added.Length];
        foreach (var (number, counts) in await ReadAsync(
            connection, $"select s.number, k.counts from {Places} join kept_counts k on {AtPlace}", PlacesOf(added.Select(a => a.Key)),
            r => (r.GetInt64(0), r.GetFieldValue<byte[]>(1)), cancellation))
            there[number - 1] = counts;

        var sums = added.Select((a, i) => (Cell: a.Key, Counts: there[i] is { } stored ? a.Value.With(stored) : a.Value))
            .ToLookup(sum => sum.Counts.Keys.Length > 0);
        // Neighbours meet on one page.
        await ExecuteAsync(
            connection,
            $"""
            insert into kept_counts (cube, clock, level, grain, start, territory, counts)
            select * from unnest({Arrays}, $7::bytea[]) s (cube, clock, level, grain, start, territory, counts)
            order by cube, clock, level, grain, start, territory
            on conflict (cube, clock, level, grain, start, territory) do update set counts = excluded.counts
            """,
            [
                .. PlacesOf(sums[true].Select(sum => sum.Cell)),
                new NpgsqlParameter<byte[][]> { TypedValue = [.. sums[true].Select(sum => sum.Counts.ToBytes())] },
            ],
            cancellation);
        if (sums[false].Any())
            await ExecuteAsync(
                connection, $"delete from kept_counts k using {Places} where {AtPlace}", PlacesOf(sums[false].Select(sum => sum.Cell)), cancellation);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (kept.Length is 0)
            return;
        long? foldedAt = null;
        while (!stoppingToken.IsCancellationRequested)
        {
            var pause = LookEvery;
            try
            {
                if (foldedAt is not { } last || clock.GetElapsedTime(last) >= FoldEvery || await WaitingAsync(stoppingToken) is MaxChanges)
                {
                    var folded = await FoldAsync(stoppingToken);
                    foldedAt = clock.GetTimestamp();
                    if (folded is MaxChanges)
                        pause = TimeSpan.Zero;
                    if ((sinceVacuum += folded) >= VacuumAfter)
                    {
                        sinceVacuum = 0;
                        await VacuumAsync(truncate: false, stoppingToken);
                    }
                    if (folded < MaxChanges)
                        await GiveBackAsync(stoppingToken);
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
    private Task<int> WaitingAsync(CancellationToken cancellation) =>
        database.FirstAsync("select count(*)::int from (select from kept_changes limit $1) c", r => r.GetInt32(0), [P(MaxChanges)], cancellation);

    private static NpgsqlParameter[] PlacesOf(IEnumerable<Cell> cells) =>
    [
        P([.. cells.Select(c => c.Cube)]),
        new NpgsqlParameter<short[]> { TypedValue = [.. cells.Select(c => c.Clock)] },
        new NpgsqlParameter<short[]> { TypedValue = [.. cells.Select(c => c.Level)] },
        new NpgsqlParameter<short[]> { TypedValue = [.. cells.Select(c => (short)c.Grain)] },
        new NpgsqlParameter<DateOnly[]> { TypedValue = [.. cells.Select(c => c.Start)] },
        P([.. cells.Select(c => c.Territory)]),
    ];

    private static async Task<List<T>> ReadAsync<T>(
        NpgsqlConnection connection, string sql, NpgsqlParameter[] parameters, Func<NpgsqlDataReader, T> read, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        command.Parameters.AddRange(parameters);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellation))
            rows.Add(read(reader));
        return rows;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, NpgsqlParameter[] parameters, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        command.Parameters.AddRange(parameters);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Kept counts were not folded this time")]
    private partial void Failed(Exception exception);
}
