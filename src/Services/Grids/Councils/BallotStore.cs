using Governance.Grids.V1;
using Governance.ServiceDefaults.Database;
using Npgsql;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.Grids.Councils;

public sealed class BallotStore(ServiceDatabase database)
{
    private const string Columns =
        "id, topic_id, council_id, territory, edition, electorate, entitled, rule, voter_key, opened_at, closes_at, closed, version";

    private const string ById = $"select {Columns} from ballots where id = any($1)";

    private const string Count = """
        select count(*) filter (where choice = 1)::int, count(*) filter (where choice = 2)::int, count(*) filter (where choice = 3)::int
        from ballot_votes where ballot_id = $1
        """;

    // The row of the ballot is held while the vote is written: whoever closes the ballot waits for it, and finds it in the
    // tally; a vote that comes after the closing finds no open ballot, and is decided anew.
    private const string Cast = """
        with open as (select id from ballots where id = $1 and closed = 0 for share),
        written as (insert into ballot_votes (ballot_id, voter, choice) select id, $2, $3::smallint from open returning 1)
        select require_written(count(*), 1) from written
        """;

    // The row of the topic is held while the ballot is written: whoever amends or decides the topic waits for it, and finds it open;
    // a ballot that comes after finds another version, and is decided anew.
    private const string OnTopic =
        "select require_written(count(*), 1) from (select 1 from topics where id = $1 and version = $2 for share) unchanged";

    private static readonly Insert Ballots = new(
        "ballots",
        "id uuid, topic_id uuid, council_id uuid, territory text, edition int, electorate smallint, entitled int, rule jsonb, "
        + "voter_key bytea, opened_at timestamptz, closes_at timestamptz, closed smallint, version bigint");

    private static readonly Update Closings = new("ballots", "id uuid, version bigint", "closed smallint, version bigint");

    public Task<Ballot?> FindAsync(Guid id, CancellationToken cancellation) => database.FindAsync(ById, id, Read, cancellation);

    public static Task<Ballot?> FindAsync(Guid id, Command command) => command.FindAsync(ById, id, Read);

    public async Task<Tally> TallyAsync(Guid id, CancellationToken cancellation) =>
        (await database.FirstAsync(Count, ReadTally, [P(id)], cancellation))!;

    public static async Task<Tally> TallyAsync(Guid id, Command command) => (await command.FirstAsync(Count, ReadTally, P(id)))!;

    public static async Task<bool> HasOpenAsync(Guid topicId, Command command) =>
        await command.FirstAsync("select 1 from ballots where topic_id = $1 and closed = 0", r => r.GetInt32(0), P(topicId)) is 1;

    /// <summary>When a ballot was opened since the command was decided, it is decided anew.</summary>
    public static void RequireNoneOpen(Command command, Guid topicId) =>
        command.Check("select require_no_more(count(*), 0) from ballots where topic_id = $1 and closed = 0", P(topicId));

    public static async Task<bool> HasVotedAsync(Guid id, byte[] voter, Command command) =>
        await command.FirstAsync(
            "select 1 from ballot_votes where ballot_id = $1 and voter = $2", r => r.GetInt32(0), P(id), P(voter)) is 1;

    public static void Add(Command command, Ballot ballot, Topic topic)
    {
        command.Write(OnTopic, P(topic.Id), P(topic.Version));
        command.Write(
            Ballots, ballot.Id, ballot.TopicId, ballot.CouncilId, ballot.Territory, ballot.Edition, (short)ballot.Electorate,
            ballot.Entitled, Json(ballot.Rule), ballot.VoterKey, ballot.OpenedAt, ballot.ClosesAt, (short)0, ballot.Version);
        command.Concerns(ballot.Territory, ballot.Id);
    }

    public static void Vote(Command command, Ballot ballot, byte[] voter, BallotChoice choice)
    {
        command.Write(Cast, P(ballot.Id), P(voter), P((int)choice));
        command.Concerns(ballot.Territory, ballot.Id);
    }

    public static void Close(Command command, Ballot current, Ballot closed)
    {
        command.Write(Closings, current.Id, current.Version, (short)1, closed.Version);
        command.Concerns(closed.Territory, closed.Id);
    }

    private static Tally ReadTally(NpgsqlDataReader reader) => new(reader.GetInt32(0), reader.GetInt32(1), reader.GetInt32(2));

    private static Ballot Read(NpgsqlDataReader reader) => new()
    {
        Id = reader.GetGuid(0),
        TopicId = reader.GetGuid(1),
        CouncilId = reader.GetGuid(2),
        Territory = reader.GetString(3),
        Edition = reader.GetInt32(4),
        Electorate = (Electorate)reader.GetInt16(5),
        Entitled = reader.GetInt32(6),
        Rule = reader.Json<VoteRule>(7),
        VoterKey = reader.GetFieldValue<byte[]>(8),
        OpenedAt = reader.Instant(9),
        ClosesAt = reader.Instant(10),
        Closed = reader.GetInt16(11) is 1,
        Version = reader.GetInt64(12),
    };
}
