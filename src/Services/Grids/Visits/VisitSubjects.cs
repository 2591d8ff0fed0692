using System.Runtime.CompilerServices;
using Google.Protobuf.WellKnownTypes;
using Governance.Common.V1;
using Governance.Grids.V1;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Privacy;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.Grids.Visits;

/// <summary>
/// Plans that somebody consented to, and visits that somebody made. A plan that is carried out needs the consent: whoever wants
/// to be forgotten withdraws it first. Asked for rarely, so that it scans.
/// </summary>
public sealed class VisitSubjects(ServiceDatabase database) : ISubjectRecords
{
    private const string PlanKind = "visit_plan";

    public async IAsyncEnumerable<ExportSubjectResponse> ExportAsync(
        string subject, (string Low, string High) range, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var found = await database.QueryAsync(
            $"""
            select kind, id, territory, at, text from (
                select '{PlanKind}' as kind, id, territory, consent_at as at, household as text from visit_plans where consent_by = $1
                union all
                select 'visit', id, territory, at, note from visits where visitor = $1) f
            where territory >= $2 and territory < $3 order by at, id
            """,
            reader => new ExportSubjectResponse
            {
                Kind = reader.GetString(0),
                RecordId = reader.GetGuid(1).ToString(),
                Territory = reader.GetString(2),
                At = reader.Instant(3).ToTimestamp(),
                Fields = { [reader.GetString(0) is PlanKind ? "household" : "note"] = reader.GetString(4) },
            },
            [P(subject), P(range.Low), P(range.High)],
            cancellation);
        foreach (var export in found)
            yield return export;
    }

    public async Task<int> EraseAsync(Command command, string subject, (string Low, string High) range)
    {
        var plans = await command.QueryAsync(
            """
            select id, state from visit_plans
            where territory >= $2 and territory < $3
              and (consent_by = $1 or (state = 1 and (worker = $1 or helpers @> jsonb_build_array($1))))
            """,
            reader => (Id: reader.GetGuid(0), State: (VisitPlanState)reader.GetInt16(1)),
            P(subject), P(range.Low), P(range.High));
        if (plans.Count(p => p.State is VisitPlanState.Active) is > 0 and var needed)
            throw new RefusedException(PersonErrors.SubjectNeeded.With(("count", needed), ("kind", PlanKind)));
        var visits = await command.QueryAsync(
            "select id from visits where visitor = $1 and territory >= $2 and territory < $3",
            reader => reader.GetGuid(0), P(subject), P(range.Low), P(range.High));
        if (plans.Count > 0)
            command.Write(
                "update visit_plans set consent_by = '', version = version + 1 where id = any($1) and state <> 1",
                P(plans.ConvertAll(p => p.Id).ToArray()));
        if (visits.Count > 0)
            command.Write("update visits set visitor = '' where id = any($1)", P(visits.ToArray()));
        return plans.Count + visits.Count;
    }
}
