using Governance.Grids.V1;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Paging;
using Npgsql;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.Grids.Budgets;

/// <summary>Projects, their supporters and their accounts.</summary>
public sealed class ProjectStore(ServiceDatabase database)
{
    private const string Columns = """
        p.id, p.round_id, p.territory, p.number, p.title, p.text, p.amount, p.proposer, p.state, p.review_reason, p.votes, p.result,
        p.updated_at, p.version, (select count(*)::int from budget_supports s where s.project_id = p.id),
        (select coalesce(sum(b.amount), 0)::bigint from budget_spending b where b.project_id = p.id)
        """;

    private const string ById = $"select {Columns} from budget_projects p where p.id = any($1)";

    // As a ballot: no support after the proposals are closed.
    private const string Supporting = """
        with open as (select id from budget_rounds where id = $1 and phase = 1 for share),
        written as (insert into budget_supports (project_id, subject, at) select $2, $3, $4 from open returning 1)
        select require_written(count(*), 1) from written
        """;

    private static readonly Insert Projects = new(
        "budget_projects",
        "id uuid, round_id uuid, territory text, number int, title text, text text, amount bigint, proposer text, state smallint, "
        + "review_reason text, votes int, result text, proposed_at timestamptz, updated_at timestamptz, version bigint");

    private static readonly Update Changes = new(
        "budget_projects",
        "id uuid, version bigint",
        "amount bigint, state smallint, review_reason text, votes int, result text, updated_at timestamptz, version bigint");

    private static readonly Insert Entries = new(
        "budget_spending", "id uuid, round_id uuid, project_id uuid, amount bigint, purpose text, reverses uuid, at timestamptz");

    public Task<Project?> FindAsync(Guid id, CancellationToken cancellation) => database.FindAsync(ById, id, Read, cancellation);

    public static Task<Project?> FindAsync(Guid id, Command command) => command.FindAsync(ById, id, Read);

    /// <summary>All projects of a round: there are at most <see cref="BudgetRules.MaxProjects"/>.</summary>
    public static Task<List<Project>> OfRoundAsync(Guid roundId, Command command) =>
        command.QueryAsync($"select {Columns} from budget_projects p where p.round_id = $1 order by p.number", Read, P(roundId));

    public Task<List<Project>> ListAsync(Guid roundId, Page page, CancellationToken cancellation) =>
        database.QueryAsync(
            $"""
            select {Columns} from budget_projects p
            where p.round_id = $1
              and ($2::uuid is null or p.number > (select number from budget_projects where id = $2 and round_id = $1))
            order by p.number limit $3
            """,
            Read, [P(roundId), N(page.IdAfter(0)), P(page.Fetch)], cancellation);

    public static async Task<(int All, int Own)> CountAsync(Guid roundId, string proposer, Command command) =>
        await command.FirstAsync(
            "select count(*)::int, count(*) filter (where proposer = $2)::int from budget_projects where round_id = $1",
            r => (r.GetInt32(0), r.GetInt32(1)), P(roundId), P(proposer));

    public static async Task<bool> SupportsAsync(Guid projectId, string subject, Command command) =>
        await command.FirstAsync(
            "select 1 from budget_supports where project_id = $1 and subject = $2", r => r.GetInt32(0), P(projectId), P(subject)) is 1;

    public static Task<Spending?> EntryAsync(Guid id, Command command) =>
        command.FirstAsync<Spending?>(
            "select id, project_id, amount, purpose, reverses, at from budget_spending where id = $1", ReadEntry, P(id));

    public static async Task<bool> IsReversedAsync(Guid entryId, Command command) =>
        await command.FirstAsync("select 1 from budget_spending where reverses = $1", r => r.GetInt32(0), P(entryId)) is 1;

    public Task<List<Spending>> SpendingAsync(Guid roundId, Page page, CancellationToken cancellation) =>
        database.QueryAsync(
            """
            select id, project_id, amount, purpose, reverses, at from budget_spending
            where round_id = $1 and ($2::uuid is null or id > $2) order by id limit $3
            """,
            ReadEntry, [P(roundId), N(page.IdAfter(0)), P(page.Fetch)], cancellation);

    public static void Add(Command command, Project proposed)
    {
        command.Write(
            Projects, proposed.Id, proposed.RoundId, proposed.Territory, proposed.Number, proposed.Title, proposed.Text, proposed.Amount,
            proposed.Proposer, (short)proposed.State, proposed.ReviewReason, proposed.Votes, proposed.Result, proposed.UpdatedAt,
            proposed.UpdatedAt, proposed.Version);
        Support(command, proposed, proposed.Proposer);
    }

    public static void Support(Command command, Project project, string subject)
    {
        command.Write(Supporting, P(project.RoundId), P(project.Id), P(subject), P(command.Now));
        command.Concerns(project.Territory, project.Id);
    }

    public static void Save(Command command, Project current, Project next)
    {
        command.Write(
            Changes, current.Id, current.Version, next.Amount, (short)next.State, next.ReviewReason, next.Votes, next.Result,
            next.UpdatedAt, next.Version);
        command.Concerns(next.Territory, next.Id);
    }

    public static void Book(Command command, Project project, Spending entry) =>
        command.Write(Entries, entry.Id, project.RoundId, project.Id, entry.Amount, entry.Purpose, entry.Reverses, entry.At);

    private static Spending ReadEntry(NpgsqlDataReader reader) => new(
        reader.GetGuid(0), reader.GetGuid(1), reader.GetInt64(2), reader.GetString(3), reader.GuidOrNull(4), reader.Instant(5));

    private static Project Read(NpgsqlDataReader reader) => new()
    {
        Id = reader.GetGuid(0),
        RoundId = reader.GetGuid(1),
        Territory = reader.GetString(2),
        Number = reader.GetInt32(3),
        Title = reader.GetString(4),
        Text = reader.GetString(5),
        Amount = reader.GetInt64(6),
        Proposer = reader.GetString(7),
        State = (ProjectState)reader.GetInt16(8),
        ReviewReason = reader.GetString(9),
        Votes = reader.GetInt32(10),
        Result = reader.GetString(11),
        UpdatedAt = reader.Instant(12),
        Version = reader.GetInt64(13),
        Supporters = reader.GetInt32(14),
        Spent = reader.GetInt64(15),
    };
}
