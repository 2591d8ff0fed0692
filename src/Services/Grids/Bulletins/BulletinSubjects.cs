using System.Runtime.CompilerServices;
using Governance.Common.V1;
using Governance.Grids.V1;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Privacy;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.Grids.Bulletins;

/// <summary>
/// What bulletins tell of a subject's cases and topics, and what the subject has done to items. Asked for rarely, so that it scans.
/// </summary>
public sealed class BulletinSubjects(ServiceDatabase database, PersonStore persons) : ISubjectRecords
{
    private const string Own = """
        territory >= $3 and territory < $4 and source_id in (
            select id from cases where reporter = $1
            union all select record_id from persons where subject_index = $2
            union all select id from topics where proposer = $1)
        """;

    public async IAsyncEnumerable<ExportSubjectResponse> ExportAsync(
        string subject, (string Low, string High) range, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var found = await database.QueryAsync(
            $"""
            select 'bulletin_item', id, territory, drafted_at, title, text from bulletin_items where {Own}
            union all
            select 'bulletin_version', v.item_id, i.territory, v.at, v.action, '' from bulletin_versions v
            join bulletin_items i on i.id = v.item_id
            where v.actor = $1 and i.territory >= $3 and i.territory < $4
            order by 4, 2
            """,
            reader => SubjectExport.Of(
                reader.GetString(0), reader.GetGuid(1), reader.GetString(2), reader.Instant(3),
                (reader.GetString(0) is "bulletin_item" ? "title" : "action", reader.GetString(4)), ("text", reader.GetString(5))),
            [P(subject), P(persons.SubjectIndex(subject)), P(range.Low), P(range.High)],
            cancellation);
        foreach (var export in found)
            yield return export;
    }

    /// <summary>
    /// Of an item about the subject's own only what is public stays, without whatever is known of the subject and without a way
    /// back to the record; drafts and former wordings lose their words, and keep who did what when.
    /// </summary>
    public async Task<int> EraseAsync(Command command, string subject, (string Low, string High) range)
    {
        var items = await command.QueryAsync(
            $"select id, edition, state, title, text from bulletin_items where {Own}",
            reader => (Id: reader.GetGuid(0), Edition: reader.GetInt32(1), State: (BulletinItemState)reader.GetInt16(2),
                Title: reader.GetString(3), Text: reader.GetString(4)),
            P(subject), P(persons.SubjectIndex(subject)), P(range.Low), P(range.High));
        var people = (await persons.OfSubjectAsync(subject, range, command.Cancellation)).ConvertAll(p => p.Person);
        foreach (var item in items)
        {
            var isPublic = item.State is BulletinItemState.Published;
            var (title, text) = isPublic ? (Redaction.Clean(item.Title, people).Text, Redaction.Clean(item.Text, people).Text) : ("", "");
            command.Write(
                """
                update bulletin_items set title = $2, text = $3, source_id = null, people_of = null, state = $4,
                    withdrawn_at = case when state = 1 then $5 else withdrawn_at end, edition = edition + 1, version = version + 1
                where id = $1
                """,
                P(item.Id), P(title), P(text), P((int)(isPublic ? item.State : BulletinItemState.Withdrawn)), P(command.Now));
            command.Write("update bulletin_versions set title = '', text = '', reason = '' where item_id = $1", P(item.Id));
            command.Write(
                """
                insert into bulletin_versions (item_id, edition, action, title, text, actor, actor_role, at, reason, removed)
                select id, edition, 'Erased', title, text, '', $2, $3, '', 0 from bulletin_items where id = $1
                """,
                P(item.Id), P(command.Actor.Role), P(command.Now));
        }
        var acted = await command.QueryAsync(
            """
            select distinct v.item_id from bulletin_versions v join bulletin_items i on i.id = v.item_id
            where v.actor = $1 and i.territory >= $2 and i.territory < $3
            """,
            reader => reader.GetGuid(0), P(subject), P(range.Low), P(range.High));
        if (acted.Count > 0)
            command.Write("update bulletin_versions set actor = '' where item_id = any($1) and actor = $2", P(acted.ToArray()), P(subject));
        return items.ConvertAll(i => i.Id).Union(acted).Count();
    }
}
