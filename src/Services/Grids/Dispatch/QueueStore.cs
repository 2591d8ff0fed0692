using Google.Protobuf.WellKnownTypes;
using Governance.Grids.Cases;
using Governance.Grids.V1;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Paging;
using Npgsql;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.Grids.Dispatch;

/// <summary>
/// What waits to be done, soonest due first. A page goes on after the last row's instant and id, so that rows which others change
/// meanwhile move no other row from one page to another.
/// </summary>
public sealed class QueueStore(ServiceDatabase database)
{
    private const string CaseColumns = "c.id, c.number, c.title, c.territory, c.holder, c.state, c.due_at, c.provisional_year";

    /// <summary>Open assignments of a subject, of an organisation, or of both.</summary>
    public Task<List<QueueItem>> AssignmentsAsync(
        string? subject, Guid? organisation, (string Low, string High) range, ListQueueRequest filter, Page page, DateTimeOffset now,
        CancellationToken cancellation)
    {
        var where = AfterKey(page);
        if (subject is not null)
            where.And("a.subject <> '' and a.subject = {0}", P(subject));
        if (organisation is { } own)
            where.And("a.organisation_id = {0}", P(own));
        where.Walk("a.territory", range);
        if (filter.Role is not QueueRole.Unspecified)
            where.And("a.role = {0}", P((int)filter.Role));
        if (filter.AssignmentState is not AssignmentState.Unspecified)
            where.And("a.state = {0}", P((int)filter.AssignmentState));
        if (filter.CaseState is not CaseState.Unspecified)
            where.And("c.state = {0}", P((int)filter.CaseState));
        if (filter.OverdueOnly)
            where.And("a.due_at < {0}", P(now));
        return database.QueryAsync(
            $"""
            select {AssignmentStore.Columns}, {CaseColumns}
            from dispatch_assignments a join cases c on c.id = a.case_id
            where a.ended_at is null and (a.due_at, a.id) > ($1, $2){where.Text}
            order by a.due_at, a.id limit $3
            """,
            reader =>
            {
                var item = ReadCase(reader, AssignmentStore.Width, now);
                item.Assignment = DispatchMessages.AsOf(AssignmentStore.Read(reader), now);
                item.DueAt = item.Assignment.DueAt;
                item.Overdue = item.Assignment.Overdue;
                return item;
            },
            where.Parameters,
            cancellation);
    }

    /// <summary>Cases in which something is due: of a territory, or those that a subject is answerable for.</summary>
    public Task<List<QueueItem>> CasesAsync(
        string? answerable, (string Low, string High) range, CaseState state, bool overdueOnly, Page page, DateTimeOffset now,
        CancellationToken cancellation)
    {
        var where = AfterKey(page);
        if (answerable is not null)
            where.And("c.receiver is not null and c.receiver ->> 'answerable' = {0}", P(answerable)).Walk("c.territory", range);
        else
            where.Within("c.territory", range);
        And(where, state, overdueOnly, now);
        return database.QueryAsync(
            $"""
            select {CaseColumns} from cases c
            where c.due_at is not null and (c.due_at, c.id) > ($1, $2){where.Text}
            order by c.due_at, c.id limit $3
            """,
            reader => ReadCase(reader, 0, now),
            where.Parameters,
            cancellation);
    }

    /// <summary>As <see cref="CasesAsync"/>, of several territories of which none lies in another: the best of each, merged.</summary>
    public Task<List<QueueItem>> CommandAsync(
        IReadOnlyList<(string Low, string High)> ranges, CaseState state, bool overdueOnly, Page page, DateTimeOffset now,
        CancellationToken cancellation)
    {
        var where = AfterKey(page);
        And(where, state, overdueOnly, now);
        var each = ranges.Select(range =>
        {
            var within = where.Branch().Within("c.territory", range);
            return $"""
                (select {CaseColumns} from cases c
                where c.due_at is not null and (c.due_at, c.id) > ($1, $2){within.Text}
                order by c.due_at, c.id limit $3)
                """;
        });
        return database.QueryAsync(
            $"select * from ({string.Join(" union all ", each)}) c order by c.due_at, c.id limit $3",
            reader => ReadCase(reader, 0, now),
            where.Parameters,
            cancellation);
    }

    /// <summary>The first three parameters: the key after which the page starts, and its size.</summary>
    private static Conditions AfterKey(Page page) =>
        new(P(page.InstantAfter(0) ?? DateTimeOffset.MinValue), P(page.IdAfter(1) ?? Guid.Empty), P(page.Fetch));

    public static string[] KeyOf(QueueItem item) =>
        [Page.Key(item.DueAt.ToDateTimeOffset()), item.Assignment is { } assignment ? assignment.Id : item.CaseId];

    private static void And(Conditions where, CaseState state, bool overdueOnly, DateTimeOffset now)
    {
        if (state is not CaseState.Unspecified)
            where.And("c.state = {0}", P((int)state));
        if (overdueOnly)
            where.And("c.due_at < {0}", P(now));
    }

    private static QueueItem ReadCase(NpgsqlDataReader reader, int from, DateTimeOffset now)
    {
        var due = reader.InstantOrNull(from + 6);
        return new QueueItem
        {
            CaseId = reader.GetGuid(from).ToString(),
            Number = reader.GetInt64(from + 1),
            Title = reader.GetString(from + 2),
            Territory = reader.GetString(from + 3),
            Holder = reader.GetString(from + 4),
            CaseState = (CaseState)reader.GetInt16(from + 5),
            DueAt = due?.ToTimestamp(),
            Overdue = due < now,
            ProvisionalYear = reader.GetInt16(from + 7),
        };
    }
}
