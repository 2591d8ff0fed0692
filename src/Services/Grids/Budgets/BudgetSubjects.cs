using System.Runtime.CompilerServices;
using Governance.Common.V1;
using Governance.Grids.Councils;
using Governance.Grids.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Privacy;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.Grids.Budgets;

/// <summary>
/// Who proposed or supports projects. While a round takes proposals it needs both, lest somebody propose or support twice; what
/// somebody proposed needs its proposer until it is done or known not to be. Asked for rarely, so that it scans. Ballots name nobody.
/// </summary>
public sealed class BudgetSubjects(ServiceDatabase database, PersonStore persons) : ISubjectRecords
{
    private const string Kind = "budget_project";

    private const string Named = """
        p.territory >= $2 and p.territory < $3
        and (p.proposer = $1 or exists (select 1 from budget_supports s where s.project_id = p.id and s.subject = $1))
        """;

    private const string Part = "case when p.proposer = $1 then 'proposer' else 'supporter' end";

    public async IAsyncEnumerable<ExportSubjectResponse> ExportAsync(
        string subject, (string Low, string High) range, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var found = await database.QueryAsync(
            $"select id, territory, proposed_at, title, text, {Part} from budget_projects p where {Named} order by id",
            reader => ProposalExport.Read(reader, Kind),
            [P(subject), P(range.Low), P(range.High)],
            cancellation);
        foreach (var export in found)
            yield return export;
    }

    public async Task<int> EraseAsync(Command command, string subject, (string Low, string High) range)
    {
        var named = await command.QueryAsync(
            $"select p.id, r.phase, p.state, {Part} from budget_projects p join budget_rounds r on r.id = p.round_id where {Named}",
            reader => (
                Id: reader.GetGuid(0), Phase: (BudgetPhase)reader.GetInt16(1), State: (ProjectState)reader.GetInt16(2), Part: reader.GetString(3)),
            P(subject), P(range.Low), P(range.High));
        if (named.Count(p => IsNeeded(p.Phase, p.State, p.Part)) is > 0 and var needed)
            throw new RefusedException(PersonErrors.SubjectNeeded.With(("count", needed), ("kind", new Words(Kind, "budget project", "预算项目"))));
        // Support that was counted stays counted, under another word.
        foreach (var (id, _, _, _) in named)
            command.Write(
                "update budget_supports set subject = $3 where project_id = $1 and subject = $2",
                P(id), P(subject), P(persons.Pseudonym(id, subject)));
        // What the subject wrote goes; titles that were voted on, and what was reviewed and booked, stay.
        if (named.Count > 0)
            command.Write(
                "update budget_projects set proposer = '', text = '', version = version + 1 where id = any($1) and proposer = $2",
                P(named.ConvertAll(p => p.Id).ToArray()), P(subject));
        return named.Count;
    }

    private static bool IsNeeded(BudgetPhase phase, ProjectState state, string part) =>
        phase is BudgetPhase.Proposals
        || (part is ProposalExport.Proposer
            && (phase, state) is (BudgetPhase.Review, ProjectState.Proposed)
                or (BudgetPhase.Review or BudgetPhase.Voting, ProjectState.Feasible)
                or (BudgetPhase.Decided, ProjectState.Won));
}
