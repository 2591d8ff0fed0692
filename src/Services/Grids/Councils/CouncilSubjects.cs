using System.Runtime.CompilerServices;
using Governance.Common.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Privacy;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.Grids.Councils;

/// <summary>
/// The seats that somebody has and had on councils, and the minutes that somebody wrote or approved. A seat that lasts is needed.
/// Asked for rarely, so that it scans.
/// </summary>
public sealed class CouncilSubjects(ServiceDatabase database) : ISubjectRecords
{
    private const string SeatKind = "council_member";

    private const string Found = $"""
        select '{SeatKind}' as kind, m.id, c.territory, m.joined_at as at, m.name, m.duty, m.left_at is null as lasts
        from council_members m join councils c on c.id = m.council_id where m.subject = $1
        union all
        select 'session', s.id, s.territory, s.starts_at, '', '', false
        from sessions s
        where s.approved_by = $1 or exists (select 1 from session_minutes e where e.session_id = s.id and e.writer = $1)
        """;

    public async IAsyncEnumerable<ExportSubjectResponse> ExportAsync(
        string subject, (string Low, string High) range, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var found = await database.QueryAsync(
            $"select kind, id, territory, at, name, duty from ({Found}) f where territory >= $2 and territory < $3 order by at, id",
            reader => SubjectExport.Of(
                reader.GetString(0), reader.GetGuid(1), reader.GetString(2), reader.Instant(3),
                ("name", reader.GetString(4)), ("duty", reader.GetString(5)), ("part", reader.GetString(0) is SeatKind ? "" : "minutes")),
            [P(subject), P(range.Low), P(range.High)],
            cancellation);
        foreach (var export in found)
            yield return export;
    }

    public async Task<int> EraseAsync(Command command, string subject, (string Low, string High) range)
    {
        var found = await command.QueryAsync(
            $"select id, lasts from ({Found}) f where territory >= $2 and territory < $3",
            reader => (Id: reader.GetGuid(0), Lasts: reader.GetBoolean(1)),
            P(subject), P(range.Low), P(range.High));
        if (found.Count(f => f.Lasts) is > 0 and var needed)
            throw new RefusedException(PersonErrors.SubjectNeeded.With(("count", needed), ("kind", new Words(SeatKind, "council seat", "议事会任职"))));
        if (found.Count is 0)
            return 0;
        var ids = found.ConvertAll(f => f.Id).ToArray();
        command.Write("update council_members set subject = '', name = '', duty = '' where id = any($1) and left_at is not null", P(ids));
        command.Write("update session_minutes set writer = '' where session_id = any($1) and writer = $2", P(ids), P(subject));
        command.Write(
            "update sessions set approved_by = '', version = version + 1 where id = any($1) and approved_by = $2", P(ids), P(subject));
        return found.Count;
    }
}
