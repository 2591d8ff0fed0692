using Governance.Common.V1;
using Governance.ServiceDefaults.Database;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.ServiceDefaults.Privacy;

/// <summary>What a capability keeps of people in words, which no field can encrypt; each registers its own.</summary>
public interface IKeptTexts
{
    /// <summary>The kind of record that the words stand with.</summary>
    string Kind { get; }

    /// <summary>Adds to the command what takes the words out of a record; what was done, by whom and when stays.</summary>
    Task ForgetAsync(Command command, Guid recordId);

    /// <summary>Adds what takes one person out of the words, who is erased while others are still known.</summary>
    Task EraseAsync(Command command, Guid recordId, Person person);
}

/// <summary>A record whose words are to be forgotten.</summary>
public sealed record KeptText(Guid RecordId, string RecordKind, string Territory);

/// <summary>Until when records keep what was said by or about people: as long as <see cref="PersonStore"/> keeps who they are.</summary>
public static class KeptTexts
{
    /// <summary>Null while the record is under way.</summary>
    public static void KeepUntil(Command command, KeptText text, DateTimeOffset? instant)
    {
        if (instant is { } until)
            command.Write(
                """
                insert into kept_texts (record_id, record_kind, territory, expires_at) values ($1, $2, $3, $4)
                on conflict (record_id) do update set expires_at = excluded.expires_at
                """,
                P(text.RecordId), P(text.RecordKind), P(text.Territory), P(until));
        else
            command.Write("delete from kept_texts where record_id = $1", P(text.RecordId));
    }

    /// <summary>Something is said of a record that is over: the words go with the others, or by that instant when those are gone.</summary>
    public static void KeepAtMostUntil(Command command, KeptText text, DateTimeOffset instant) =>
        command.Write(
            """
            insert into kept_texts (record_id, record_kind, territory, expires_at) values ($1, $2, $3, $4)
            on conflict (record_id) do nothing
            """,
            P(text.RecordId), P(text.RecordKind), P(text.Territory), P(instant));

    internal static Claim<KeptText> Expired(DateTimeOffset now, int limit) => new(
        """
        select record_id, record_kind, territory from kept_texts
        where expires_at <= $1 order by expires_at limit $2 for update skip locked
        """,
        r => new KeptText(r.GetGuid(0), r.GetString(1), r.GetString(2)), P(now), P(limit));

    internal static async Task ForgetAsync(Command command, KeptText text, IEnumerable<IKeptTexts> kinds)
    {
        foreach (var kind in kinds.Where(k => k.Kind == text.RecordKind))
            await kind.ForgetAsync(command, text.RecordId);
        command.Write("delete from kept_texts where record_id = $1", P(text.RecordId));
        command.Concerns(text.Territory, text.RecordId);
    }
}
