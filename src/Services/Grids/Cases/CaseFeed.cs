using System.Globalization;
using Governance.Grids.V1;
using Governance.ServiceDefaults.Changes;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Errors;
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
    /// The next changes, the cursor behind all that was looked at, and whether more may be there: who watches a quiet territory, or
    /// resumes there, does not look again through what happened elsewhere.
    /// </summary>
    public async Task<(List<WatchCasesResponse> Changes, CaseCursor Next, bool More)> AfterAsync(
        CaseCursor cursor, (string Low, string High) range, Guid? caseId, CancellationToken cancellation)
    {
        // Taken before the entries: what commits between the two is looked at, and what begins is not taken for looked at.
        var horizon = await NowAsync(cancellation);
        var changes = await ReadAsync(cursor, range, caseId, cancellation);
        var next = changes.Count > 0 ? CaseCursor.Parse(changes[^1].Cursor).OrRefuse() : cursor;
        var more = changes.Count is MaxEntries;
        return (changes, !more && horizon.Xid > next.Xid ? horizon : next, more);
    }

    private Task<List<WatchCasesResponse>> ReadAsync(
        CaseCursor cursor, (string Low, string High) range, Guid? caseId, CancellationToken cancellation) =>
        database.QueryAsync(
            $"""
            select {CaseMessages.EntryColumns}, h.case_id, h.xid::text, c.title, c.territory
            from case_history h join cases c on c.id = h.case_id
            where (h.xid, h.case_id, h.sequence) > ($1::text::xid8, $2, $3)
              and h.xid < pg_snapshot_xmin(pg_current_snapshot())
              and c.territory >= $4 and c.territory < $5
              and ($6::uuid is null or h.case_id = $6)
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
            [P(cursor.Xid.ToString(CultureInfo.InvariantCulture)), P(cursor.CaseId), P(cursor.Sequence), P(range.Low), P(range.High), N(caseId)],
            cancellation);
}
