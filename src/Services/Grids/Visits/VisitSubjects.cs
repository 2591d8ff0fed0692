using System.Globalization;
using System.Runtime.CompilerServices;
using Governance.Common.V1;
using Governance.Grids.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Privacy;
using Npgsql;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.Grids.Visits;

/// <summary>
/// Plans that somebody consented to or carries out, with all that was kept for them; visits that somebody made, and hazards that
/// somebody looked at. A plan that is carried out needs the consent: whoever wants to be forgotten withdraws it first. Asked for
/// rarely, so that it scans.
/// </summary>
public sealed class VisitSubjects(ServiceDatabase database) : ISubjectRecords
{
    private const string PlanKind = "visit_plan";

    // Of a household's plan only whoever consented is told what is kept of the household.
    private const string Plans = """
        select id, territory, consent_at, consent_by = $1, worker = $1, household, longitude, latitude, needs, worker
        from visit_plans
        where territory >= $2 and territory < $3 and (consent_by = $1 or worker = $1 or helpers @> jsonb_build_array($1))
        order by id
        """;

    private const string Visits = """
        select v.id, v.territory, v.at, v.visitor = $1, v.note, v.outcome, v.checked
        from visits v join visit_plans p on p.id = v.plan_id
        where v.territory >= $2 and v.territory < $3 and (v.visitor = $1 or p.consent_by = $1) order by v.id
        """;

    private const string Hazards = """
        select h.id, h.territory, h.found_at, h.category, h.note
        from hazards h join visit_plans p on p.id = h.plan_id
        where h.territory >= $2 and h.territory < $3 and p.consent_by = $1 order by h.id
        """;

    private const string Looks = """
        select h.id, h.territory, r.at, r.inspector = $1, r.note
        from reinspections r join hazards h on h.id = r.hazard_id join visit_plans p on p.id = h.plan_id
        where h.territory >= $2 and h.territory < $3 and (r.inspector = $1 or p.consent_by = $1) order by h.id, r.sequence
        """;

    public async IAsyncEnumerable<ExportSubjectResponse> ExportAsync(
        string subject, (string Low, string High) range, [EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (var (sql, read) in new (string, Func<NpgsqlDataReader, ExportSubjectResponse>)[]
            { (Plans, ReadPlan), (Visits, ReadVisit), (Hazards, ReadHazard), (Looks, ReadLook) })
            foreach (var export in await database.QueryAsync(sql, read, [P(subject), P(range.Low), P(range.High)], cancellation))
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
            throw new RefusedException(PersonErrors.SubjectNeeded.With(("count", needed), ("kind", new Words(PlanKind, "visit plan", "走访计划"))));
        var visits = await command.QueryAsync(
            "select id from visits where visitor = $1 and territory >= $2 and territory < $3",
            reader => reader.GetGuid(0), P(subject), P(range.Low), P(range.High));
        var hazards = await command.QueryAsync(
            """
            select id from hazards h where territory >= $2 and territory < $3
              and exists (select 1 from reinspections r where r.hazard_id = h.id and r.inspector = $1)
            """,
            reader => reader.GetGuid(0), P(subject), P(range.Low), P(range.High));
        if (plans.Count > 0)
            command.Write(
                "update visit_plans set consent_by = '', version = version + 1 where id = any($1) and state <> 1",
                P(plans.ConvertAll(p => p.Id).ToArray()));
        if (visits.Count > 0)
            command.Write("update visits set visitor = '' where id = any($1)", P(visits.ToArray()));
        if (hazards.Count > 0)
            command.Write(
                "update reinspections set inspector = '' where hazard_id = any($1) and inspector = $2", P(hazards.ToArray()), P(subject));
        return plans.Count + visits.Count + hazards.Count;
    }

    private static ExportSubjectResponse ReadPlan(NpgsqlDataReader reader)
    {
        if (!reader.GetBoolean(3))
            return Export(reader, PlanKind, ("part", reader.GetBoolean(4) ? "worker" : "helper"));
        return Export(
            reader, PlanKind,
            ("part", "household"), ("household", reader.GetString(5)),
            ("needs", string.Join(", ", reader.Json<List<CareNeed>>(8))), ("worker", reader.GetString(9)),
            ("place", reader.DoubleOrNull(6) is { } longitude
                ? string.Create(CultureInfo.InvariantCulture, $"{longitude}, {reader.GetDouble(7)}")
                : ""));
    }

    private static ExportSubjectResponse ReadVisit(NpgsqlDataReader reader) => Export(
        reader, "visit",
        ("part", reader.GetBoolean(3) ? "visitor" : "household"), ("note", reader.GetString(4)),
        ("outcome", ((VisitOutcome)reader.GetInt16(5)).ToString()), ("checked", string.Join(", ", reader.Json<List<string>>(6))));

    private static ExportSubjectResponse ReadHazard(NpgsqlDataReader reader) => Export(
        reader, "hazard", ("category", ((HazardCategory)reader.GetInt16(3)).ToString()), ("note", reader.GetString(4)));

    private static ExportSubjectResponse ReadLook(NpgsqlDataReader reader) => Export(
        reader, "reinspection", ("part", reader.GetBoolean(3) ? "inspector" : "household"), ("note", reader.GetString(4)));

    /// <summary>From the columns id, territory and instant, which come first everywhere.</summary>
    private static ExportSubjectResponse Export(NpgsqlDataReader reader, string kind, params ReadOnlySpan<(string Name, string Value)> fields) =>
        SubjectExport.Of(kind, reader.GetGuid(0), reader.GetString(1), reader.Instant(2), fields);
}
