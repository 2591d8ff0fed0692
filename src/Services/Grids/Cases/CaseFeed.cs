using System.Globalization;
using Governance.Grids.V1;
using Governance.ServiceDefaults.Changes;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Errors;
using Npgsql;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.Grids.Cases;

/// <summary>Where a watch stands: after this entry of the history, in the order of commits.</summary>
public readonly record struct CaseCursor(ulong Xid, Guid CaseId, int Sequence)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Xid}-{CaseId:N}-{Sequence}");

    public static Outcome<CaseCursor> Parse(string text) =>
        text.Split('-') is [var xid, var id, var sequence]
        && ulong.TryParse(xid, NumberStyles.None, CultureInfo.InvariantCulture, out var x)
        && Guid.TryParseExact(id, "N", out var caseId)
        && int.TryParse(sequence, NumberStyles.None, CultureInfo.InvariantCulture, out var s)
            ? new CaseCursor(x, caseId, s)
            : ChangeErrors.CursorMalformed.With();
}

/// <summary>
/// The changes of cases in the order of their commits. An entry is told once no transaction that began before it is open
/// any more: whatever comes later sorts behind it, so that a cursor never skips anything.
/// </summary>
public sealed class CaseFeed(ServiceDatabase database)
{
    public const int MaxEntries = 500;

    /// <summary>Entries looked at in one go, whoever may see them: a watch of one grid reads far past those of others.</summary>
    public const int MaxLooked = 5_000;

    private const string After = "(h.xid, h.case_id, h.sequence) > ($1::text::xid8, $2, $3) and h.xid < pg_snapshot_xmin(pg_current_snapshot())";

    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>A case was changed by this process; those who watch need not wait for their next look.</summary>
    public void Changed() => Interlocked.Exchange(ref changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();

    public async Task WaitAsync(TimeSpan atMost, TimeProvider clock, CancellationToken cancellation)
    {
        var wait = Volatile.Read(ref changed).Task;
        await Task.WhenAny(wait, Task.Delay(atMost, clock, cancellation));
        cancellation.ThrowIfCancellationRequested();
    }

    /// <summary>The cursor of now: everything that is committed lies behind it.</summary>
    public Task<CaseCursor> NowAsync(CancellationToken cancellation) =>
        database.FirstAsync(
            "select pg_snapshot_xmin(pg_current_snapshot())::text", r => new CaseCursor(ulong.Parse(r.GetString(0), CultureInfo.InvariantCulture), Guid.Empty, 0), [], cancellation);

    /// <summary>
    /// Refuses a cursor whose place is not in the history: it was given by a database that this one was restored from before it came
    /// so far.
    /// </summary>
    public async Task<Refusal?> RefusalAsync(CaseCursor cursor, CancellationToken cancellation)
    {
        var known = await database.FirstAsync(
            """
            select case when $3 > 0 then exists (select 1 from case_history where xid = $1::text::xid8 and case_id = $2 and sequence = $3)
                        else $1::text::xid8 <= pg_snapshot_xmax(pg_current_snapshot()) end
            """,
            r => r.GetBoolean(0), Place(cursor), cancellation);
        return known ? null : ChangeErrors.CursorExpired.With();
    }

    /// <summary>
    /// The next changes, the cursor behind all that was looked at, and whether more may be there: who watches a quiet territory, or
    /// resumes there, does not look again through what happened elsewhere.
    /// </summary>
    public async Task<(List<WatchCasesResponse> Changes, CaseCursor Next, bool More)> AfterAsync(
        CaseCursor cursor, (string Low, string High) range, Guid? caseId, CancellationToken cancellation)
    {
        // Taken before the entries: what commits between the two is looked at, and what begins is not taken for looked at.
        var horizon = await NowAsync(cancellation);
        // The entries of one case are few.
        var border = caseId is null ? await BorderAsync(cursor, cancellation) : null;
        var changes = await ReadAsync(cursor, border, range, caseId, cancellation);
        if (changes.Count is MaxEntries)
            return (changes, CaseCursor.Parse(changes[^1].Cursor).OrRefuse(), true);
        if (border is { } looked)
            return (changes, looked, true);
        var next = changes.Count > 0 ? CaseCursor.Parse(changes[^1].Cursor).OrRefuse() : cursor;
        return (changes, horizon.Xid > next.Xid ? horizon : next, false);
    }

    /// <summary>The last entry that is looked at in one go; null when there are fewer.</summary>
    private Task<CaseCursor?> BorderAsync(CaseCursor cursor, CancellationToken cancellation) =>
        database.FirstAsync<CaseCursor?>(
            $"""
            select h.xid::text, h.case_id, h.sequence from case_history h where {After}
            order by h.xid, h.case_id, h.sequence offset {MaxLooked - 1} limit 1
            """,
            r => new CaseCursor(ulong.Parse(r.GetString(0), CultureInfo.InvariantCulture), r.GetGuid(1), r.GetInt32(2)), Place(cursor), cancellation);

    private static NpgsqlParameter[] Place(CaseCursor cursor) =>
        [P(cursor.Xid.ToString(CultureInfo.InvariantCulture)), P(cursor.CaseId), P(cursor.Sequence)];

    private Task<List<WatchCasesResponse>> ReadAsync(
        CaseCursor cursor, CaseCursor? border, (string Low, string High) range, Guid? caseId, CancellationToken cancellation)
    {
        NpgsqlParameter[] parameters = [.. Place(cursor), P(range.Low), P(range.High)];
        var also = "";
        if (caseId is { } one)
            (also, parameters) = ("and h.case_id = $6", [.. parameters, P(one)]);
        else if (border is { } last)
            (also, parameters) = ("and (h.xid, h.case_id, h.sequence) <= ($6::text::xid8, $7, $8)", [.. parameters, .. Place(last)]);
        return database.QueryAsync(
            $"""
            select {CaseMessages.EntryColumns}, h.case_id, h.xid::text, c.title, c.territory
            from case_history h join cases c on c.id = h.case_id
            where {After} and c.territory >= $4 and c.territory < $5 {also}
            order by h.xid, h.case_id, h.sequence limit {MaxEntries}
            """,
            reader =>
            {
                var entry = CaseMessages.ReadEntry(reader, 0);
                var id = reader.GetGuid(10);
                return new WatchCasesResponse
                {
                    Cursor = new CaseCursor(ulong.Parse(reader.GetString(11), CultureInfo.InvariantCulture), id, entry.Sequence).ToString(),
                    CaseId = id.ToString(),
                    Title = reader.GetString(12),
                    Territory = reader.GetString(13),
                    Entry = entry,
                };
            },
            parameters,
            cancellation);
    }
}
