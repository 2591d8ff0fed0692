using Governance.Common.V1;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Privacy;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.Grids.Cases;

/// <summary>Everybody whom a case concerns: the people that it names, and the parties of its mediations.</summary>
public sealed class CasePeople(ServiceDatabase database, PersonStore persons)
{
    public async Task<IReadOnlyList<Person>> OfAsync(Guid caseId, CancellationToken cancellation) =>
        [.. (await OfAsync([caseId], cancellation))[caseId]];

    public async Task<ILookup<Guid, Person>> OfAsync(IReadOnlyCollection<Guid> caseIds, CancellationToken cancellation)
    {
        var mediated = await database.QueryAsync(
            "select id, case_id from mediations where case_id = any($1)",
            r => (Id: r.GetGuid(0), CaseId: r.GetGuid(1)), [P(caseIds.ToArray())], cancellation);
        var caseOf = mediated.ToDictionary(m => m.Id, m => m.CaseId);
        var found = await persons.OfRecordsAsync([.. caseIds, .. caseOf.Keys], cancellation);
        return found.ToLookup(
            p => Guid.Parse(p.RecordId) is var id && caseOf.TryGetValue(id, out var mediatedFor) ? mediatedFor : id, p => p.Person);
    }
}
