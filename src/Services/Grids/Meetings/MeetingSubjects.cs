using System.Runtime.CompilerServices;
using Governance.Common.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Privacy;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.Grids.Meetings;

/// <summary>
/// Who debriefed, wrote minutes or approved them. Minutes in progress need their writer: nobody approves their own. Asked for
/// rarely, so that it scans.
/// </summary>
public sealed class MeetingSubjects(ServiceDatabase database) : ISubjectRecords
{
    private const string Kind = "meeting";

    private const string Named = """
        territory >= $2 and territory < $3
        and ($1 in (minutes_by, approved_by)
             or exists (select 1 from meeting_debriefs d where d.meeting_id = m.id and d.subject = $1)
             or exists (select 1 from meeting_minutes e where e.meeting_id = m.id and e.writer = $1))
        """;

    public async IAsyncEnumerable<ExportSubjectResponse> ExportAsync(
        string subject, (string Low, string High) range, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var found = await database.QueryAsync(
            $"""
            select id, territory, starts_at, exists (select 1 from meeting_debriefs d where d.meeting_id = m.id and d.subject = $1)
            from meetings m where {Named} order by id
            """,
            reader => SubjectExport.Of(
                Kind, reader.GetGuid(0), reader.GetString(1), reader.Instant(2), ("part", reader.GetBoolean(3) ? "debriefer" : "minutes")),
            [P(subject), P(range.Low), P(range.High)],
            cancellation);
        foreach (var export in found)
            yield return export;
    }

    public async Task<int> EraseAsync(Command command, string subject, (string Low, string High) range)
    {
        var meetings = await command.QueryAsync(
            $"select id, state from meetings m where {Named}",
            reader => (Id: reader.GetGuid(0), Over: reader.GetInt16(1) is 4 or 5),
            P(subject), P(range.Low), P(range.High));
        if (meetings.Count(m => !m.Over) is > 0 and var needed)
            throw new RefusedException(PersonErrors.SubjectNeeded.With(("count", needed), ("kind", new Words(Kind, "meeting", "会议"))));
        if (meetings.Count is 0)
            return 0;
        var ids = meetings.ConvertAll(m => m.Id).ToArray();
        command.Write("update meeting_debriefs set subject = '' where meeting_id = any($1) and subject = $2", P(ids), P(subject));
        command.Write("update meeting_minutes set writer = '' where meeting_id = any($1) and writer = $2", P(ids), P(subject));
        command.Write(
            """
            update meetings set minutes_by = case when minutes_by = $2 then '' else minutes_by end,
                approved_by = case when approved_by = $2 then '' else approved_by end, version = version + 1
            where id = any($1)
            """,
            P(ids), P(subject));
        return ids.Length;
    }
}
