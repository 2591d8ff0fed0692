using System.Runtime.CompilerServices;
using Governance.Common.V1;
using Governance.Grids.Cases;
using Governance.Primitives;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Privacy;
using static Governance.ServiceDefaults.Database.Sql;
using static Governance.ServiceDefaults.Privacy.SubjectErasure;

namespace Governance.Grids.Dispatch;

/// <summary>
/// Who was on duty, had or gave out work, whistled, considered cases with others, or is answerable for one. Whoever is on the roster, has
/// work in hand, convened what is not decided yet or is answerable for a case that has not ended is needed. Asked for rarely, so that it
/// scans.
/// </summary>
public sealed class DispatchSubjects(ServiceDatabase database) : ISubjectRecords
{
    // $1 is the subject, $4 the instant. A text is told to whoever wrote it.
    private static readonly string Found = $"""
        select 'duty' as kind, id, territory, starts_at as at, '' as part, '' as text, active = 1 and ends_at > $4 as needed,
            null::uuid as case_id
        from dispatch_roster where subject = $1
        union all
        select 'assignment', id, territory, assigned_at,
            case $1 when subject then 'handler' when assigned_by then 'assigner' when objection ->> 'raisedBy' then 'objector' else 'ruler' end,
            case $1 when subject then result when objection ->> 'raisedBy' then objection ->> 'reason'
                when objection ->> 'ruledBy' then objection ->> 'ruling' else '' end,
            subject = $1 and ended_at is null, case_id
        from dispatch_assignments where $1 in (subject, assigned_by, objection ->> 'raisedBy', objection ->> 'ruledBy')
        union all
        select 'whistle', id, territory, blown_at, case $1 when blown_by_subject then 'whistler' else 'appraiser' end,
            case $1 when blown_by_subject then reason else '' end, false, null
        from dispatch_whistles w
        where blown_by_subject = $1
           or exists (select 1 from dispatch_whistle_departments d where d.whistle_id = w.id and $1 in (d.scored_by, d.justified_by))
        union all
        select 'consultation', id, territory, opened_at, case $1 when convener then 'convener' else 'decider' end,
            case $1 when convener then question else decision end, convener = $1 and decided_at is null, null
        from dispatch_consultations where $1 in (convener, decided_by)
        union all
        select 'statement', c.id, c.territory, s.at, 'participant', s.text, false, null
        from dispatch_statements s join dispatch_consultations c on c.id = s.consultation_id where s.subject = $1
        union all
        select 'receipt', id, territory, (receiver ->> 'receivedAt')::timestamptz,
            case $1 when receiver ->> 'answerable' then 'answerable' when receiver ->> 'first' then 'first receiver' else 'offered to' end, '',
            receiver ->> 'answerable' = $1 and state not in ({Case.EndedInSql}), id
        from cases where $1 in (receiver ->> 'answerable', receiver ->> 'first', receiver -> 'offer' ->> 'to')
        """;

    public async IAsyncEnumerable<ExportSubjectResponse> ExportAsync(
        string subject, (string Low, string High) range, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var found = await database.QueryAsync(
            $"select kind, id, territory, at, part, text from ({Found}) f where territory >= $2 and territory < $3 order by at, id",
            reader => SubjectExport.Of(
                reader.GetString(0), reader.GetGuid(1), reader.GetString(2), reader.Instant(3),
                ("part", reader.GetString(4)), ("text", reader.GetString(5))),
            [P(subject), P(range.Low), P(range.High), P(DateTimeOffset.MaxValue)],
            cancellation);
        foreach (var export in found)
            yield return export;
    }

    // Of a whistle or a statement nobody is needed any more.
    private static Words Told(string kind) => kind switch
    {
        "duty" => new(kind, "duty", "值班"),
        "assignment" => new(kind, "assignment", "任务"),
        "consultation" => new(kind, "consultation", "会商"),
        "receipt" => new(kind, "receipt", "首接负责"),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };

    public async Task<int> EraseAsync(Command command, string subject, (string Low, string High) range)
    {
        var found = await command.QueryAsync(
            $"select kind, id, needed, case_id from ({Found}) f where territory >= $2 and territory < $3",
            reader => (Kind: reader.GetString(0), Id: reader.GetGuid(1), Needed: reader.GetBoolean(2), CaseId: reader.GuidOrNull(3)),
            P(subject), P(range.Low), P(range.High), P(command.Now));
        if (found.FirstOrDefault(f => f.Needed) is { Kind: { } needed })
            throw new RefusedException(PersonErrors.SubjectNeeded.With(
                ("count", found.Count(f => f.Needed && f.Kind == needed)), ("kind", Told(needed))));
        if (found.Count is 0)
            return 0;
        var ids = found.ConvertAll(f => f.Id).ToArray();
        // A duty that is over tells nothing but whose it was.
        command.Write(
            "delete from dispatch_roster where id = any($1) and subject = $2 and (active = 0 or ends_at <= $3)",
            P(ids), P(subject), P(command.Now));
        Clear(command, "dispatch_whistles", "id", ids, subject, "blown_by_subject");
        Clear(command, "dispatch_whistle_departments", "whistle_id", ids, subject, "scored_by", "justified_by");
        Clear(command, "dispatch_consultations", "id", ids, subject, "convener", "decided_by");
        Clear(command, "dispatch_statements", "consultation_id", ids, subject, "subject");
        command.Write(
            $"""
            update dispatch_assignments set assigned_by = {Cleared("assigned_by")},
                subject = case when ended_at is null then subject else {Cleared("subject")} end, objection = {ClearedObjection("objection")}
            where id = any($1)
            """,
            P(ids), P(subject));
        var cases = found.Where(f => f.CaseId is not null).Select(f => f.CaseId!.Value).Distinct().ToArray();
        // A case keeps its newest assignments itself, and tells in its history to whom they were given.
        command.Write(
            $$"""
            update cases c set version = version + 1,
                receiver = case when receiver -> 'offer' ->> 'to' = $2 then receiver - 'offer' else receiver end || jsonb_build_object(
                    'first', {{Cleared("receiver ->> 'first'")}},
                    'answerable', case when state in ({{Case.EndedInSql}}) then {{Cleared("receiver ->> 'answerable'")}}
                        else receiver ->> 'answerable' end),
                assignments = (
                    select jsonb_agg(a || jsonb_build_object(
                        'assignedBy', {{Cleared("a ->> 'assignedBy'")}},
                        'subject', case when a ->> 'endedAt' is null then a ->> 'subject' else {{Cleared("a ->> 'subject'")}} end)
                        || case when a ->> 'objection' is null then '{}'
                           else jsonb_build_object('objection', {{ClearedObjection("a -> 'objection'")}}) end order by place)
                    from jsonb_array_elements(c.assignments) with ordinality as given (a, place))
            where id = any($1)
            """,
            P(cases), P(subject));
        command.Write(
            """
            update case_history set note = case action when 'ReceiptOffered' then substr(note, length($2) + 3)
                                                       else left(note, -length($2) - 2) end
            where case_id = any($1)
              and (action = 'ReceiptOffered' and starts_with(note, $2 || ': ')
                   or action = 'AssignmentGiven' and right(note, length($2) + 2) = ': ' || $2)
            """,
            P(cases), P(subject));
        foreach (var id in cases)
            command.MakeStale(CaseStore.CacheKey(id));
        return found.Count;
    }

    private static string ClearedObjection(string value) =>
        $"{value} || jsonb_build_object('raisedBy', {Cleared($"{value} ->> 'raisedBy'")}, 'ruledBy', {Cleared($"{value} ->> 'ruledBy'")})";
}
