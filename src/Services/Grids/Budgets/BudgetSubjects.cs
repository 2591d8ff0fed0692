using System.Runtime.CompilerServices;
using Governance.Common.V1;
using Governance.Grids.Councils;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Privacy;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.Grids.Budgets;

/// <summary>
/// Who proposed or supports projects. While a round takes proposals it needs both, lest somebody propose or support twice. Asked
/// for rarely, so that it scans. Ballots name nobody.
/// </summary>
public sealed class BudgetSubjects(ServiceDatabase database, PersonStore persons) : ISubjectRecords
{
    private const string Kind = "budget_project";

    private const string Named = """
        p.territory >= $2 and p.territory < $3
        and (p.proposer = $1 or exists (select 1 from budget_supports s where s.project_id = p.id and s.subject = $1))
        """;

    public async IAsyncEnumerable<ExportSubjectResponse> ExportAsync(
        string subject, (string Low, string High) range, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var found = await database.QueryAsync(
            $"select id, territory, proposed_at, title, text, proposer = $1 from budget_projects p where {Named} order by id",
            reader => ProposalExport.Read(reader, Kind),
            [P(subject), P(range.Low), P(range.High)],
            cancellation);
        foreach (var export in found)
            yield return export;
    }

    public async Task<int> EraseAsync(Command command, string subject, (string Low, string High) range)
    {
        var named = await command.QueryAsync(
            $"select p.id, r.phase = 1 from budget_projects p join budget_rounds r on r.id = p.round_id where {Named}",
            reader => (Id: reader.GetGuid(0), Open: reader.GetBoolean(1)),
            P(subject), P(range.Low), P(range.High));
        if (named.Count(p => p.Open) is > 0 and var needed)
            throw new RefusedException(PersonErrors.SubjectNeeded.With(("count", needed), ("kind", Kind)));
        // Support that was counted stays counted, under another word.
        foreach (var (id, _) in named)
            command.Write(
                "update budget_supports set subject = $3 where project_id = $1 and subject = $2",
                P(id), P(subject), P(persons.Pseudonym(id, subject)));
        if (named.Count > 0)
            command.Write(
                "update budget_projects set proposer = '', version = version + 1 where id = any($1) and proposer = $2",
                P(named.ConvertAll(p => p.Id).ToArray()), P(subject));
        return named.Count;
    }
}
