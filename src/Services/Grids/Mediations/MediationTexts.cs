using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Privacy;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.Grids.Mediations;

/// <summary>What parties had with each other. That they met, agreed and kept their word stays.</summary>
public sealed class MediationTexts : IKeptTexts
{
    public string Kind => MediationStore.RecordKind;

    public void Forget(Command command, Guid recordId) => command.Write(
        """
        update mediations set dispute = '', conclusion = '', performance = '', version = version + 1,
            sessions = (
                select coalesce(jsonb_agg(jsonb_set(held, '{note}', '""') order by place), '[]')
                from jsonb_array_elements(sessions) with ordinality as s (held, place))
        where id = $1
        """,
        P(recordId));
}
