using System.Runtime.CompilerServices;
using Governance.Common.V1;
using Governance.Grids.V1;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Privacy;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.Grids.Councils;

/// <summary>
/// What topics keep of those who proposed or support them. Asked for rarely, so that it scans: an index would cost every support.
/// </summary>
public sealed class TopicSubjects(ServiceDatabase database, PersonStore persons) : ISubjectRecords
{
    private const string Kind = "topic";

    private static readonly int[] Ended = [(int)TopicState.Answered, (int)TopicState.Declined];

    public async IAsyncEnumerable<ExportSubjectResponse> ExportAsync(
        string subject, (string Low, string High) range, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var found = await database.QueryAsync(
            """
            select id, territory, proposed_at, title, text, proposer = $1 from topics t
            where territory >= $2 and territory < $3
              and (proposer = $1 or exists (select 1 from topic_supports s where s.topic_id = t.id and s.subject = $1))
            order by id
            """,
            reader => ProposalExport.Read(reader, Kind),
            [P(subject), P(range.Low), P(range.High)],
            cancellation);
        foreach (var export in found)
            yield return export;
    }

    public async Task<int> EraseAsync(Command command, string subject, (string Low, string High) range)
    {
        var proposed = await command.QueryAsync(
            "select id, state from topics where proposer = $1 and territory >= $2 and territory < $3",
            reader => (Id: reader.GetGuid(0), State: (int)reader.GetInt16(1)),
            P(subject), P(range.Low), P(range.High));
        if (proposed.Count(t => !Ended.Contains(t.State)) is > 0 and var needed)
            throw new RefusedException(PersonErrors.SubjectNeeded.With(("count", needed), ("kind", Kind)));

        // Support that was counted stays counted, under another word.
        var supported = await command.QueryAsync(
            """
            select distinct s.topic_id from topic_supports s join topics t on t.id = s.topic_id
            where s.subject = $1 and t.territory >= $2 and t.territory < $3
            """,
            reader => reader.GetGuid(0), P(subject), P(range.Low), P(range.High));
        foreach (var id in supported)
            command.Write("update topic_supports set subject = $3 where topic_id = $1 and subject = $2", P(id), P(subject), P(persons.Pseudonym(id, subject)));
        var ids = proposed.ConvertAll(t => t.Id).Union(supported).ToArray();
        if (ids.Length > 0)
            command.Write("update topic_history set actor = '' where topic_id = any($1) and actor = $2", P(ids), P(subject));
        if (proposed.Count > 0)
            command.Write("update topics set proposer = '', version = version + 1 where id = any($1)", P(proposed.ConvertAll(t => t.Id).ToArray()));
        return ids.Length;
    }
}
