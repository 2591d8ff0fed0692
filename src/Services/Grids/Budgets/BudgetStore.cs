using System.Text.Json;
using Governance.Grids.V1;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Paging;
using Npgsql;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.Grids.Budgets;

public sealed class BudgetStore(ServiceDatabase database)
{
    private const string Columns = """
        r.id, r.territory, r.name, r.phase, r.amount, r.project_cap, r.method, r.most_choices, r.supporters_needed, r.proposals_each,
        r.policy_version, r.proposals_until, r.votes_until, r.entitled, r.voter_key, r.ballots, r.cancel_reason, r.updated_at, r.version,
        (select coalesce(sum(p.amount), 0)::bigint from budget_projects p where p.round_id = r.id and p.state in (4, 6)),
        (select coalesce(sum(s.amount), 0)::bigint from budget_spending s where s.round_id = r.id)
        """;

    private const string ById = $"select {Columns} from budget_rounds r where r.id = any($1)";

    // The row of the round is held while the ballot is written: whoever decides the round waits for it, and finds it in the
    // count; a ballot that comes after finds no voting, and is decided anew.
    private const string Cast = """
        with open as (select id from budget_rounds where id = $1 and phase = 3 for share),
        written as (insert into budget_ballots (round_id, voter, projects) select id, $2, $3::jsonb from open returning 1)
        select require_written(count(*), 1) from written
        """;

    private static readonly Insert Rounds = new(
        "budget_rounds",
        "id uuid, territory text, name text, phase smallint, amount bigint, project_cap bigint, method smallint, most_choices int, "
        + "supporters_needed int, proposals_each int, policy_version bigint, proposals_until timestamptz, entitled int, voter_key bytea, "
        + "ballots int, cancel_reason text, updated_at timestamptz, version bigint");

    private static readonly Update Changes = new(
        "budget_rounds",
        "id uuid, version bigint",
        "phase smallint, votes_until timestamptz, entitled int, voter_key bytea, ballots int, cancel_reason text, updated_at timestamptz, "
        + "version bigint");

    public Task<Round?> FindAsync(Guid id, CancellationToken cancellation) => database.FindAsync(ById, id, Read, cancellation);

    public static Task<Round?> FindAsync(Guid id, Command command) => command.FindAsync(ById, id, Read);

    /// <param name="range">The territory's own range.</param>
    /// <param name="around">Code of the community that it lies in; empty for none.</param>
    /// <param name="page">The page.</param>
    /// <param name="cancellation">Ends it.</param>
    public Task<List<Round>> ListAsync((string Low, string High) range, string around, Page page, CancellationToken cancellation) =>
        database.QueryAsync(
            $"""
            select {Columns} from budget_rounds r
            where ((r.territory >= $1 and r.territory < $2) or r.territory = $3) and ($4::uuid is null or r.id < $4)
            order by r.id desc limit $5
            """,
            Read, [P(range.Low), P(range.High), P(around), N(page.IdAfter(0)), P(page.Fetch)], cancellation);

    public static async Task<bool> HasVotedAsync(Guid id, byte[] voter, Command command) =>
        await command.FirstAsync(
            "select 1 from budget_ballots where round_id = $1 and voter = $2", r => r.GetInt32(0), P(id), P(voter)) is 1;

    /// <summary>How many ballots name each project, and how many there are.</summary>
    public static async Task<(Dictionary<Guid, int> Votes, int Ballots)> CountAsync(Guid id, Command command)
    {
        // One statement, so that both are of one instant; the row without a project tells how many ballots there are.
        var counted = await command.QueryAsync(
            """
            select p.id::uuid, count(*)::int from budget_ballots b cross join lateral jsonb_array_elements_text(b.projects) p (id)
            where b.round_id = $1 group by 1
            union all
            select null, count(*)::int from budget_ballots where round_id = $1
            """,
            r => (Id: r.GuidOrNull(0), Count: r.GetInt32(1)), P(id));
        return (
            counted.Where(c => c.Id is not null).ToDictionary(c => c.Id!.Value, c => c.Count),
            counted.Single(c => c.Id is null).Count);
    }

    public static void Add(Command command, Round opened)
    {
        command.Write(
            Rounds, opened.Id, opened.Territory, opened.Name, (short)opened.Phase, opened.Amount, opened.ProjectCap, (short)opened.Method,
            opened.MostChoices, opened.SupportersNeeded, opened.ProposalsEach, opened.PolicyVersion, opened.ProposalsUntil,
            opened.Entitled, opened.VoterKey, opened.Ballots, opened.CancelReason, opened.UpdatedAt, opened.Version);
        command.Concerns(opened.Territory, opened.Id);
    }

    public static void Save(Command command, Round current, Round next)
    {
        command.Write(
            Changes, current.Id, current.Version, (short)next.Phase, next.VotesUntil, next.Entitled, next.VoterKey, next.Ballots,
            next.CancelReason, next.UpdatedAt, next.Version);
        command.Concerns(next.Territory, next.Id);
    }

    public static void Vote(Command command, Round round, byte[] voter, IReadOnlyList<Guid> choices)
    {
        command.Write(Cast, P(round.Id), P(voter), P(JsonSerializer.Serialize(choices.Order())));
        command.Concerns(round.Territory, round.Id);
    }

    /// <summary>
    /// Waits for ballots that are being written, and lets none in after: when there are more than were counted, the command is
    /// decided anew.
    /// </summary>
    public static void RequireAllCounted(Command command, Round round, int ballots)
    {
        command.Write("select 1 from budget_rounds where id = $1 for update", P(round.Id));
        command.Check("select require_no_more(count(*), $2) from budget_ballots where round_id = $1", P(round.Id), P(ballots));
    }

    private static Round Read(NpgsqlDataReader reader) => new()
    {
        Id = reader.GetGuid(0),
        Territory = reader.GetString(1),
        Name = reader.GetString(2),
        Phase = (BudgetPhase)reader.GetInt16(3),
        Amount = reader.GetInt64(4),
        ProjectCap = reader.GetInt64(5),
        Method = (BudgetMethod)reader.GetInt16(6),
        MostChoices = reader.GetInt32(7),
        SupportersNeeded = reader.GetInt32(8),
        ProposalsEach = reader.GetInt32(9),
        PolicyVersion = reader.GetInt64(10),
        ProposalsUntil = reader.Instant(11),
        VotesUntil = reader.InstantOrNull(12),
        Entitled = reader.GetInt32(13),
        VoterKey = reader.GetFieldValue<byte[]>(14),
        Ballots = reader.GetInt32(15),
        CancelReason = reader.GetString(16),
        UpdatedAt = reader.Instant(17),
        Version = reader.GetInt64(18),
        Won = reader.GetInt64(19),
        Spent = reader.GetInt64(20),
    };
}
