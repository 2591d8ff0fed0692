using Governance.Common.V1;
using Governance.Grids.Cases;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Privacy;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.Grids.Mediations;

/// <summary>What parties had with each other. That they met, agreed and kept their word stays.</summary>
public sealed class MediationTexts : IKeptTexts
{
    public string Kind => MediationStore.RecordKind;

    public Task ForgetAsync(Command command, Guid recordId)
    {
        command.Write(
            """
            update mediations set dispute = '', conclusion = '', performance = '', version = version + 1,
                sessions = (
                    select coalesce(jsonb_agg(jsonb_set(held, '{note}', '""') order by place), '[]')
                    from jsonb_array_elements(sessions) with ordinality as s (held, place))
            where id = $1
            """,
            P(recordId));
        return Task.CompletedTask;
    }

    public async Task EraseAsync(Command command, Guid recordId, Person person)
    {
        command.Write("update mediations set version = version + 1 where id = $1", P(recordId));
        await CaseWords.EraseAsync(command, (await MediationStore.FindAsync(recordId, command))!.CaseId, person);
    }
}
