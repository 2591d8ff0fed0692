using Governance.Common.V1;
using Governance.Grids.V1;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Privacy;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.Grids.Cases;

/// <summary>
/// What reporters said of their cases and of the files that they added, and what was said in their disputes. What was answered is the
/// city's own act and stays, without what is known of people; but for an agreement between people that stands as the result.
/// </summary>
public sealed class CaseTexts(CasePeople people) : IKeptTexts
{
    private static readonly string States =
        $"{(int)MediationState.Agreed}, {(int)MediationState.Performed}, {(int)MediationState.Breached}";

    private static readonly string History =
        $"""
        update case_history h set note = '' from cases c
        where h.case_id = $1 and c.id = h.case_id and h.note <> ''
          and ({CaseStore.SaidByReporter} or h.action like 'Mediation%'
               or (h.action = 'Handled' and {AgreedAs("h.note")}))
        """;

    private const string Files =
        """
        update attachments a set note = '' from cases c
        where a.case_id = $1 and c.id = a.case_id and a.note <> '' and a.added_by = c.reporter
        """;

    private static readonly string Record =
        $"""
        update cases c set description = '', result = case when {AgreedAs("c.result")} then '' else result end, version = version + 1
        where id = $1
        """;

    public string Kind => CaseStore.RecordKind;

    public async Task ForgetAsync(Command command, Guid recordId)
    {
        await CaseWords.CleanAsync(command, recordId, await people.OfAsync(recordId, command.Cancellation));
        command.Write(History, P(recordId));
        command.Write(Files, P(recordId));
        command.Write(Record, P(recordId));
        command.MakeStale(CaseStore.CacheKey(recordId));
    }

    public Task EraseAsync(Command command, Guid recordId, Person person) => CaseWords.EraseAsync(command, recordId, person);

    // Its words may be forgotten already.
    private static string AgreedAs(string text) =>
        $"exists (select 1 from mediations m where m.case_id = c.id and m.state in ({States}) and m.conclusion in ('', {text}))";
}
