using Governance.Grids.V1;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Paging;
using Npgsql;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.Grids.Councils;

public sealed class CouncilStore(ServiceDatabase database)
{
    private const string Columns = """
        c.id, c.territory, c.name, c.state, c.quorum, c.terms, c.concurrent_head, c.concurrent_source, c.dissolve_reason, c.established_at,
        c.updated_at, c.version,
        (select coalesce(jsonb_agg(jsonb_build_object(
            'id', m.id, 'subject', m.subject, 'kind', m.kind, 'name', m.name, 'duty', m.duty, 'seat', m.seat,
            'joinedAt', m.joined_at)), '[]')
         from council_members m where m.council_id = c.id and m.left_at is null)
        """;

    private const string ById = $"select {Columns} from councils c where c.id = any($1)";

    private static readonly Insert Councils = new(
        "councils",
        "id uuid, territory text, name text, state smallint, quorum jsonb, terms jsonb, concurrent_head smallint, concurrent_source text, "
        + "dissolve_reason text, established_at timestamptz, updated_at timestamptz, version bigint");

    private static readonly Update Changes = new(
        "councils",
        "id uuid, version bigint",
        "territory text, state smallint, terms jsonb, concurrent_head smallint, concurrent_source text, dissolve_reason text, updated_at timestamptz, "
        + "version bigint");

    private static readonly Insert Members = new(
        "council_members",
        "id uuid, council_id uuid, subject text, kind smallint, name text, duty text, seat smallint, joined_at timestamptz");

    private static readonly Update Seats = new("council_members", "id uuid", "seat smallint, left_at timestamptz");

    public Task<Council?> FindAsync(Guid id, CancellationToken cancellation) => database.FindAsync(ById, id, Read, cancellation);

    public static Task<Council?> FindAsync(Guid id, Command command) => command.FindAsync(ById, id, Read);

    public static async Task<bool> HasActiveAsync(string territory, Command command) =>
        await command.FirstAsync("select 1 from councils where territory = $1 and state = 1", r => r.GetInt32(0), P(territory)) is 1;

    public static Task<List<Council>> ActiveOfAsync(string[] grids, Command command) =>
        command.QueryAsync($"select {Columns} from councils c where c.territory = any($1) and c.state = 1", Read, P(grids));

    /// <param name="range">The territory's own range.</param>
    /// <param name="around">Code of a further territory; empty for none.</param>
    public Task<List<Council>> ListAsync(
        (string Low, string High) range, string around, bool activeOnly, Page page, CancellationToken cancellation) =>
        database.QueryAsync(
            $"""
            select {Columns} from councils c
            where ((c.territory >= $1 and c.territory < $2) or c.territory = $3)
              and (not $4 or c.state = 1)
              and ($6::uuid is null or (c.territory, c.id) > ($5, $6))
            order by c.territory, c.id limit $7
            """,
            Read,
            [P(range.Low), P(range.High), P(around), P(activeOnly), P(page.After?[0] ?? ""), N(page.IdAfter(1)), P(page.Fetch)],
            cancellation);

    public Task<List<Member>> MembershipsAsync(Guid councilId, Page page, CancellationToken cancellation) =>
        database.QueryAsync(
            """
            select id, subject, kind, name, duty, seat, joined_at, left_at from council_members
            where council_id = $1 and ($2::uuid is null or id < $2) order by id desc limit $3
            """,
            r => new Member(
                r.GetGuid(0), r.GetString(1), (CouncilMemberKind)r.GetInt16(2), r.GetString(3), r.GetString(4), (CouncilSeat)r.GetInt16(5),
                r.Instant(6), r.InstantOrNull(7)),
            [P(councilId), N(page.IdAfter(0)), P(page.Fetch)],
            cancellation);

    public static void Add(Command command, Council founded)
    {
        command.Write(
            Councils, founded.Id, founded.Territory, founded.Name, (short)founded.State, Json(founded.Quorum), Json(founded.Terms),
            (short)founded.ConcurrentHead, founded.ConcurrentSource, founded.DissolveReason, founded.EstablishedAt, founded.UpdatedAt,
            founded.Version);
        foreach (var member in founded.Members)
            Add(command, founded.Id, member);
        command.Concerns(founded.Territory, founded.Id);
    }

    /// <summary>Writes what differs: the council's own row, and the seats of those who came, moved or left.</summary>
    public static void Save(Command command, Council current, Council next)
    {
        command.Write(
            Changes, current.Id, current.Version, next.Territory, (short)next.State, Json(next.Terms), (short)next.ConcurrentHead,
            next.ConcurrentSource, next.DissolveReason, next.UpdatedAt, next.Version);
        foreach (var member in next.Members)
        {
            var before = current.Members.FirstOrDefault(m => m.Id == member.Id);
            if (before is null)
                Add(command, next.Id, member);
            else if (before.Seat != member.Seat)
                command.Write(Seats, member.Id, (short)member.Seat, null);
        }
        // A council that goes to another grid takes along what is not over of its topics, sessions and ballots.
        if (next.Territory != current.Territory)
            foreach (var (table, open) in new[] { ("topics", "due_at is not null"), ("sessions", "state in (1, 2)"), ("ballots", "closed = 0") })
            {
                command.Write(
                    $"update {table} set territory = $2, version = version + 1 where council_id = $1 and {open}", P(next.Id), P(next.Territory));
                // What was added while the council's row was waited for.
                command.Check(
                    $"select require_no_more(count(*), 0) from {table} where council_id = $1 and {open} and territory <> $2",
                    P(next.Id), P(next.Territory));
            }
        foreach (var left in current.Members.Where(m => next.Members.All(n => n.Id != m.Id)))
            command.Write(Seats, left.Id, (short)left.Seat, command.Now);
        command.Concerns(next.Territory, next.Id);
    }

    private static void Add(Command command, Guid councilId, Member member) =>
        command.Write(
            Members, member.Id, councilId, member.Subject, (short)member.Kind, member.Name, member.Duty, (short)member.Seat,
            member.JoinedAt);

    private static Council Read(NpgsqlDataReader reader) => new()
    {
        Id = reader.GetGuid(0),
        Territory = reader.GetString(1),
        Name = reader.GetString(2),
        State = (CouncilState)reader.GetInt16(3),
        Quorum = reader.Json<Fraction>(4),
        Terms = reader.Json<List<Term>>(5),
        ConcurrentHead = (ConcurrentHead)reader.GetInt16(6),
        ConcurrentSource = reader.GetString(7),
        DissolveReason = reader.GetString(8),
        EstablishedAt = reader.Instant(9),
        UpdatedAt = reader.Instant(10),
        Version = reader.GetInt64(11),
        Members = reader.Json<List<Member>>(12),
    };
}
