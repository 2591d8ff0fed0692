using Governance.Common.V1;
using Governance.Grids.Cases;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Privacy;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.Grids.SatisfactionSurveys;

/// <summary>What reporters said of answers. Their verdicts stay counted.</summary>
public sealed class SatisfactionTexts : IKeptTexts
{
    public string Kind => CaseStore.RecordKind;

    public Task ForgetAsync(Command command, Guid recordId)
    {
        command.Write("update satisfaction_responses set comment = '' where case_id = $1 and comment <> ''", P(recordId));
        return Task.CompletedTask;
    }

    /// <summary>With the other words of the case.</summary>
    public Task EraseAsync(Command command, Guid recordId, Person person) => Task.CompletedTask;
}
