using Governance.Common.V1;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Privacy;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.Grids.Cases;

/// <summary>
/// Everybody whom a case concerns: the people that it names, the parties of its mediations, and those of the case with which it was
/// answered.
/// </summary>
public sealed class CasePeople(ServiceDatabase database, PersonStore persons)
{
    public async Task<IReadOnlyList<Person>> OfAsync(Guid caseId, CancellationToken cancellation) =>
        [.. (await OfAsync([caseId], cancellation))[caseId]];

    public async Task<ILookup<Guid, Person>> OfAsync(IReadOnlyCollection<Guid> caseIds, CancellationToken cancellation)
    {
        var records = await database.QueryAsync(
            """
            select id, case_id from mediations where case_id = any($1)
            union all
            select merged_into, id from cases where id = any($1) and merged_into is not null
            union all
            select m.id, c.id from cases c join mediations m on m.case_id = c.merged_into where c.id = any($1)
            """,
            r => (Id: r.GetGuid(0), CaseId: r.GetGuid(1)), [P(caseIds.ToArray())], cancellation);
        var casesOf = records.Concat(caseIds.Select(id => (Id: id, CaseId: id))).ToLookup(r => r.Id, r => r.CaseId);
        var found = await persons.OfRecordsAsync([.. casesOf.Select(of => of.Key)], cancellation);
        return found.SelectMany(p => casesOf[Guid.Parse(p.RecordId)].Select(id => (Id: id, p.Person))).ToLookup(p => p.Id, p => p.Person);
    }
}
