using System.Runtime.CompilerServices;
using Governance.Common.V1;
using Governance.Grids.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Privacy;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.Grids.Councils;

/// <summary>
/// What topics keep of those who proposed or support them, or did something to them. While a topic gathers support it needs its
/// supporters, lest somebody support it twice. Asked for rarely, so that it scans: an index would cost every support.
/// </summary>
public sealed class TopicSubjects(ServiceDatabase database, PersonStore persons) : ISubjectRecords
{
    private const string Kind = "topic";

    private const string Named = """
        t.territory >= $2 and t.territory < $3
        and (t.proposer = $1
             or exists (select 1 from topic_supports s where s.topic_id = t.id and s.subject = $1)
             or exists (select 1 from topic_history h where h.topic_id = t.id and h.actor = $1))
        """;

    private const string Part = """
        case when proposer = $1 then 'proposer'
             when exists (select 1 from topic_supports s where s.topic_id = t.id and s.subject = $1) then 'supporter' else 'actor' end
        """;

    public async IAsyncEnumerable<ExportSubjectResponse> ExportAsync(
        string subject, (string Low, string High) range, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var found = await database.QueryAsync(
            $"select id, territory, proposed_at, title, text, {Part} from topics t where {Named} order by id",
            reader => ProposalExport.Read(reader, Kind),
            [P(subject), P(range.Low), P(range.High)],
            cancellation);
        foreach (var export in found)
            yield return export;
    }

    public async Task<int> EraseAsync(Command command, string subject, (string Low, string High) range)
    {
        var named = await command.QueryAsync(
            $"select id, state, {Part} from topics t where {Named}",
            reader => (Id: reader.GetGuid(0), State: (TopicState)reader.GetInt16(1), Part: reader.GetString(2)),
            P(subject), P(range.Low), P(range.High));
        if (named.Count(t => IsNeeded(t.State, t.Part)) is > 0 and var needed)
            throw new RefusedException(PersonErrors.SubjectNeeded.With(("count", needed), ("kind", new Words(Kind, "topic", "议题"))));
        if (named.Count is 0)
            return 0;

        // Support that was counted stays counted, under another word, and once.
        foreach (var (id, _, _) in named)
            command.Write(
                """
                with own as (delete from topic_supports where topic_id = $1 and subject = $2 returning edition, at)
                insert into topic_supports (topic_id, edition, subject, at) select $1, edition, $3, at from own on conflict do nothing
                """,
                P(id), P(subject), P(persons.Pseudonym(id, subject)));
        // What the subject wrote goes, in every wording; what the council decided and answered is its own act and stays.
        var proposed = named.FindAll(t => t.Part is ProposalExport.Proposer).ConvertAll(t => t.Id).ToArray();
        command.Write(
            "update topics set proposer = '', text = '', version = version + 1 where id = any($1) and proposer = $2", P(proposed), P(subject));
        command.Write("update topic_editions set text = '', reason = '' where topic_id = any($1)", P(proposed));
        command.Write("update topic_history set note = '' where topic_id = any($1) and action = 'Amended'", P(proposed));
        command.Write(
            "update topic_history set actor = '' where topic_id = any($1) and actor = $2",
            P(named.ConvertAll(t => t.Id).ToArray()), P(subject));
        return named.Count;
    }

    private static bool IsNeeded(TopicState state, string part) => part switch
    {
        ProposalExport.Proposer => state is not (TopicState.Answered or TopicState.Declined),
        ProposalExport.Supporter => state is TopicState.Proposed,
        _ => false,
    };
}
