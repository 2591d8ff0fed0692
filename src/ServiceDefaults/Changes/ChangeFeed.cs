using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using Governance.Common.V1;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Errors;
using Grpc.Core;
using Npgsql;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.ServiceDefaults.Changes;

public static class ChangeErrors
{
    public static readonly ErrorDefinition CursorMalformed = new("CURSOR_MALFORMED", StatusCode.InvalidArgument,
        "The cursor is not one that a watch has given.", "游标不是监听返回的有效游标。");

    public static readonly ErrorDefinition CursorExpired = new("CURSOR_EXPIRED", StatusCode.OutOfRange,
        "What follows the cursor is not kept here any more; read the records anew and watch from now on.",
        "游标之后的变更已不再保留，请重新读取记录并从当前开始监听。");
}

/// <summary>Where a watch stands: after this row of the audit, in the order of commits; with id 0 after all earlier transactions.</summary>
public readonly record struct ChangeCursor(ulong Xid, long Id) : IComparable<ChangeCursor>
{
    public int CompareTo(ChangeCursor other) => Xid == other.Xid ? Id.CompareTo(other.Id) : Xid.CompareTo(other.Xid);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Xid}-{Id}");

    public static Outcome<ChangeCursor> Parse(string text) =>
        text.Split('-') is [var xid, var id]
        && ulong.TryParse(xid, NumberStyles.None, CultureInfo.InvariantCulture, out var x)
        && long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var i)
            ? new ChangeCursor(x, i)
            : ChangeErrors.CursorMalformed.With();
}

/// <summary>
/// The changes of all capabilities in the order of their commits, from the audit. A row is told once no transaction that began before it
/// is open any more: whatever comes later sorts behind it, so that a cursor never skips anything. See docs/decisions/0006.
/// </summary>
public sealed class ChangeFeed(ServiceDatabase database, ChangeWords words)
{
    /// <summary>Rows looked at in one go, whoever may see them.</summary>
    public const int MaxRows = 1_000;

    /// <summary>The cursor of now: everything that is committed lies behind it.</summary>
    public Task<ChangeCursor> NowAsync(CancellationToken cancellation) =>
        database.FirstAsync(
            "select pg_snapshot_xmin(pg_current_snapshot())::text", r => new ChangeCursor(Xid(r, 0), 0), [], cancellation);

    /// <summary>
    /// Refuses a cursor whose place is not in the audit: its row was archived, or it was given by a database that this one was restored
    /// from before it came so far.
    /// </summary>
    public async Task<Refusal?> RefusalAsync(ChangeCursor cursor, CancellationToken cancellation)
    {
        if (cursor == default)
            return null;
        var known = await database.FirstAsync(
            """
            select case when $2 > 0 then exists (select 1 from audit where xid = $1::text::xid8 and id = $2)
                        else $1::text::xid8 <= pg_snapshot_xmax(pg_current_snapshot())
                             and (exists (select 1 from audit where xid < $1::text::xid8)
                                  or coalesce(
                                     (select id from audit order by xid, id limit 1),
                                     pg_sequence_last_value(pg_get_serial_sequence('audit', 'id')::regclass) + 1, 1) = 1) end
            """,
            r => r.GetBoolean(0), [P(Text(cursor.Xid)), P(cursor.Id)], cancellation);
        return known ? null : ChangeErrors.CursorExpired.With();
    }

    /// <summary>The next changes, and the cursor behind all that was looked at; whether more are there to be looked at.</summary>
    public async Task<(List<WatchChangesResponse> Changes, ChangeCursor Next, bool More)> AfterAsync(
        ChangeCursor cursor, Func<Change, bool> wanted, CancellationToken cancellation)
    {
        // Taken before the rows: what commits between the two is looked at, and what begins is not taken for looked at.
        var horizon = await NowAsync(cancellation);
        // Ordered by the column: the bare name would be the text that is selected, by which 1000 comes before 999.
        var rows = await database.QueryAsync(
            $"""
            select xid::text, id, action, record_id, territory, at from audit
            where (xid, id) > ($1::text::xid8, $2) and xid < pg_snapshot_xmin(pg_current_snapshot())
            order by audit.xid, id limit {MaxRows}
            """,
            Read, [P(Text(cursor.Xid)), P(cursor.Id)], cancellation);
        var more = rows.Count is MaxRows;
        var next = rows.Count > 0 ? rows[^1].Cursor : cursor;
        if (!more && horizon.CompareTo(next) > 0)
            next = horizon;
        var changes = rows.Where(row => wanted(row.Change))
            .Select(row => new WatchChangesResponse { Cursor = row.Cursor.ToString(), Change = row.Change }).ToList();
        return (changes, next, more);
    }

    private (ChangeCursor Cursor, Change Change) Read(NpgsqlDataReader reader)
    {
        var (capability, action) = words.Of(reader.GetString(2));
        return (new ChangeCursor(Xid(reader, 0), reader.GetInt64(1)), new Change
        {
            Capability = capability,
            Action = action,
            RecordId = reader.GuidOrNull(3)?.ToString() ?? "",
            Territory = reader.TextOrNull(4) ?? "",
            At = reader.Instant(5).ToTimestamp(),
        });
    }

    private static ulong Xid(NpgsqlDataReader reader, int column) => ulong.Parse(reader.GetString(column), CultureInfo.InvariantCulture);

    private static string Text(ulong xid) => xid.ToString(CultureInfo.InvariantCulture);
}
