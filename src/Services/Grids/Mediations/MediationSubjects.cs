using System.Runtime.CompilerServices;
using Governance.Common.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Privacy;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.Grids.Mediations;

/// <summary>
/// Who mediated, or opened a mediation. One that is open, or of which it is not known yet whether it is kept, needs its mediators.
/// The parties are in persons. Asked for rarely, so that it scans.
/// </summary>
public sealed class MediationSubjects(ServiceDatabase database) : ISubjectRecords
{
    private const string Named = "territory >= $2 and territory < $3 and (opened_by = $1 or mediators ? $1)";

    public async IAsyncEnumerable<ExportSubjectResponse> ExportAsync(
        string subject, (string Low, string High) range, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var found = await database.QueryAsync(
            $"select id, territory, opened_at, mediators ? $1 from mediations where {Named} order by id",
            reader => SubjectExport.Of(
                MediationStore.RecordKind, reader.GetGuid(0), reader.GetString(1), reader.Instant(2),
                ("part", reader.GetBoolean(3) ? "mediator" : "opener")),
            [P(subject), P(range.Low), P(range.High)],
            cancellation);
        foreach (var export in found)
            yield return export;
    }

    public async Task<int> EraseAsync(Command command, string subject, (string Low, string High) range)
    {
        var named = await command.QueryAsync(
            $"select id, state in (1, 2) and mediators ? $1 from mediations where {Named}",
            reader => (Id: reader.GetGuid(0), Needed: reader.GetBoolean(1)),
            P(subject), P(range.Low), P(range.High));
        if (named.Count(m => m.Needed) is > 0 and var needed)
            throw new RefusedException(PersonErrors.SubjectNeeded.With(
                ("count", needed), ("kind", new Words(MediationStore.RecordKind, "mediation", "调解"))));
        // How many mediated stays known.
        if (named.Count > 0)
            command.Write(
                """
                update mediations m set version = version + 1,
                    mediators = (select coalesce(jsonb_agg(case when name = $2 then '' else name end order by place), '[]')
                                 from jsonb_array_elements_text(m.mediators) with ordinality as given (name, place)),
                    opened_by = case when opened_by = $2 then '' else opened_by end
                where id = any($1)
                """,
                P(named.ConvertAll(m => m.Id).ToArray()), P(subject));
        return named.Count;
    }
}
