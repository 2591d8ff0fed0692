using System.Runtime.CompilerServices;
using Governance.Common.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Privacy;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.Grids.SatisfactionSurveys;

/// <summary>
/// What a subject said of answers, recorded, decided or found. What was counted stays counted: marks and verdicts lose the subject
/// and its words, and nothing else. Asked for rarely, so that it scans.
/// </summary>
public sealed class SatisfactionSubjects(ServiceDatabase database, PersonStore persons) : ISubjectRecords
{
    private const string SupervisorKind = "supervisor";

    // Of one's own cases, also what somebody else recorded on one's behalf.
    private const string Said = """
        (responder = $1 or case_id in (
            select id from cases where reporter = $1 union all select record_id from persons where subject_index = $2))
        and territory >= $3 and territory < $4
        """;

    public async IAsyncEnumerable<ExportSubjectResponse> ExportAsync(
        string subject, (string Low, string High) range, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var found = await database.QueryAsync(
            $"""
            select 'satisfaction_response', id, territory, at, 'comment', comment from satisfaction_responses where {Said}
            union all
            select 'satisfaction_review', id, territory, decided_at, 'reason', reason from satisfaction_reviews
            where decided_by = $1 and territory >= $3 and territory < $4
            union all
            select '{SupervisorKind}', id, territory, from_day::timestamp at time zone 'UTC', 'until', until_day::text from supervisors
            where subject = $1 and territory >= $3 and territory < $4
            union all
            select 'supervision', c.case_id, c.territory, c.reviewed_at, 'finding', c.finding from supervision_cases c
            join supervision_draws d on d.id = c.draw_id join supervisors s on s.id = d.supervisor_id
            where s.subject = $1 and c.reviewed_at is not null and c.territory >= $3 and c.territory < $4
            union all
            select 'improvement', id, territory, opened_at, 'text', text from improvements
            where $1 in (opened_by, done_by, checked_by) and territory >= $3 and territory < $4
            order by 4, 2
            """,
            reader => SubjectExport.Of(
                reader.GetString(0), reader.GetGuid(1), reader.GetString(2), reader.Instant(3),
                (reader.GetString(4), reader.GetString(5))),
            [P(subject), P(persons.SubjectIndex(subject)), P(range.Low), P(range.High)],
            cancellation);
        foreach (var export in found)
            yield return export;
    }

    public async Task<int> EraseAsync(Command command, string subject, (string Low, string High) range)
    {
        var serving = await command.FirstAsync(
            """
            select count(*)::int from supervisors
            where subject = $1 and territory >= $2 and territory < $3 and until_day >= (($4 at time zone 'UTC') + interval '8 hours')::date
            """,
            r => r.GetInt32(0), P(subject), P(range.Low), P(range.High), P(command.Now));
        if (serving > 0)
            throw new RefusedException(PersonErrors.SubjectNeeded.With(
                ("count", serving), ("kind", new Words(SupervisorKind, "supervisor", "监督员任职"))));

        var said = await IdsAsync(
            command, $"select id from satisfaction_responses where {Said}",
            P(subject), P(persons.SubjectIndex(subject)), P(range.Low), P(range.High));
        if (said.Length > 0)
            command.Write("update satisfaction_responses set responder = '', comment = '' where id = any($1)", P(said));
        var asked = await ActedAsync(command, "satisfaction_responses", "asked_by", subject, range);
        var decided = await ActedAsync(command, "satisfaction_reviews", "decided_by", subject, range);
        var served = await ActedAsync(command, "supervisors", "subject", subject, range);
        var drew = await ActedAsync(command, "supervision_draws", "drawn_by", subject, range);
        var improved = new HashSet<Guid>();
        foreach (var column in (string[])["opened_by", "done_by", "checked_by"])
            improved.UnionWith(await ActedAsync(command, "improvements", column, subject, range));
        if (served.Length > 0)
            command.Write(
                """
                update supervision_cases set finding = '' from supervision_draws d
                where d.id = draw_id and d.supervisor_id = any($1)
                """,
                P(served));
        return said.Union(asked).Count() + decided.Length + served.Length + drew.Length + improved.Count;
    }

    /// <summary>Takes the subject out of a column of a table; both are constants of the program.</summary>
    private static async Task<Guid[]> ActedAsync(
        Command command, string table, string column, string subject, (string Low, string High) range)
    {
        var ids = await IdsAsync(
            command, $"select id from {table} where {column} = $1 and territory >= $2 and territory < $3",
            P(subject), P(range.Low), P(range.High));
        if (ids.Length > 0)
            command.Write($"update {table} set {column} = '' where id = any($1)", P(ids));
        return ids;
    }

    private static async Task<Guid[]> IdsAsync(Command command, string sql, params Npgsql.NpgsqlParameter[] parameters) =>
        [.. await command.QueryAsync(sql, r => r.GetGuid(0), parameters)];
}
