using Google.Protobuf.WellKnownTypes;
using Governance.Grids.V1;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Paging;
using Npgsql;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.Grids.Dispatch;

public sealed class RosterStore(ServiceDatabase database)
{
    private const string Columns = "id, organisation_id, territory, subject, starts_at, ends_at, active";

    /// <summary>
    /// On duty now, with their open assignments where they are on duty. A subject stands on several rows if its territories are several.
    /// </summary>
    private const string OnDuty = """
        select r.subject, r.territory,
            (select count(*) from dispatch_assignments a
             where a.subject <> '' and a.subject = r.subject and a.ended_at is null
               and a.territory >= r.territory and a.territory < r.territory || ':')::int,
            (select max(a.given_at) from dispatch_assignments a where a.subject <> '' and a.subject = r.subject)
        from (select distinct subject, territory from dispatch_roster
              where organisation_id = $1 and active = 1 and starts_at <= $2 and ends_at > $2
              order by subject, territory limit 500) r
        """;

    /// <summary>Of the two numbers of a lock the first, which says what it is about.</summary>
    private const int TurnLock = 0x7475726e;

    /// <summary>
    /// Those who give out work of one organisation in this process stand in one line, so that no more connections wait for locks than there
    /// are lines. Other organisations seldom stand in the same.
    /// </summary>
    private readonly SemaphoreSlim[] lines = [.. Enumerable.Range(0, 16).Select(_ => new SemaphoreSlim(1))];

    private static readonly Insert FirstTurn = new("dispatch_turns", "organisation_id uuid, turn bigint");

    private static readonly Update NextTurn = new("dispatch_turns", "organisation_id uuid, turn bigint", "turn bigint");

    public static Task<RosterEntry?> FindAsync(
        Guid organisation, string territory, string subject, DateTimeOffset startsAt, Command command) =>
        command.FirstAsync(
            $"select {Columns} from dispatch_roster where organisation_id = $1 and subject = $2 and territory = $3 and starts_at = $4",
            Read, P(organisation), P(subject), P(territory), P(startsAt));

    /// <summary>A new entry, or one that was found; of two new ones at once the second is decided anew.</summary>
    public static void Put(Command command, RosterEntry entry)
    {
        command.Write(
            $"""
            insert into dispatch_roster ({Columns}) values ($1, $2, $3, $4, $5, $6, $7)
            on conflict (id) do update set ends_at = excluded.ends_at, active = excluded.active
            """,
            P(Guid.Parse(entry.Id)), P(Guid.Parse(entry.OrganisationId)), P(entry.Territory), P(entry.Subject),
            P(entry.StartsAt.ToDateTimeOffset()), P(entry.EndsAt.ToDateTimeOffset()), P(entry.Active ? 1 : 0));
        command.Concerns(entry.Territory, Guid.Parse(entry.Id));
    }

    public Task<List<RosterEntry>> ListAsync(
        (string Low, string High) range, Guid? organisation, DateTimeOffset? onDutyAt, Page page, CancellationToken cancellation) =>
        database.QueryAsync(
            $"""
            select {Columns} from dispatch_roster
            where territory >= $1 and territory < $2
              and ($3::uuid is null or organisation_id = $3)
              and ($4::timestamptz is null or (active = 1 and starts_at <= $4 and ends_at > $4))
              and id > $5
            order by id limit $6
            """,
            Read,
            [P(range.Low), P(range.High), N(organisation), N(onDutyAt), P(page.IdAfter(0) ?? Guid.Empty), P(page.Fetch)],
            cancellation);

    public Task<List<Candidate>> CandidatesAsync(Guid organisation, DateTimeOffset now, CancellationToken cancellation) =>
        database.QueryAsync(OnDuty, ReadCandidate, [P(organisation), P(now)], cancellation);

    /// <summary>
    /// Gives out work of an organisation, one caller after another in all replicas: of those that read the same loads at once all but one
    /// would be decided anew, again and again. Should the lock be lost with its connection, <see cref="TakeTurnAsync"/> notices.
    /// </summary>
    public async Task<T> InLineAsync<T>(Guid organisation, Func<Task<T>> give, CancellationToken cancellation)
    {
        var key = BitConverter.ToInt32(organisation.ToByteArray());
        var line = lines[(uint)key % lines.Length];
        await line.WaitAsync(cancellation);
        try
        {
            await using var connection = await database.Source.OpenConnectionAsync(cancellation);
            await using var transaction = await connection.BeginTransactionAsync(cancellation);
            await using (var turn = new NpgsqlCommand("select pg_advisory_xact_lock($1, $2)", connection) { Parameters = { P(TurnLock), P(key) } })
                await turn.ExecuteNonQueryAsync(cancellation);
            return await give();
        }
        finally
        {
            line.Release();
        }
    }

    /// <summary>
    /// Those to whom the command is to give work. Of several that do so at once one commits, and the others are decided anew: two that
    /// read the same loads would both give to the same person.
    /// </summary>
    public static async Task<List<Candidate>> TakeTurnAsync(Guid organisation, Command command)
    {
        // Before the loads: whoever commits between the two reads is noticed.
        var turn = await command.FirstAsync(
            "select turn from dispatch_turns where organisation_id = $1", r => r.GetInt64(0), P(organisation));
        if (turn is 0)
            command.Write(FirstTurn, organisation, 1L);
        else
            command.Write(NextTurn, organisation, turn, turn + 1);
        return await command.QueryAsync(OnDuty, ReadCandidate, P(organisation), P(command.Now));
    }

    private static Candidate ReadCandidate(NpgsqlDataReader reader) =>
        new(reader.GetString(0), reader.GetString(1), reader.GetInt32(2), reader.InstantOrNull(3));

    private static RosterEntry Read(NpgsqlDataReader reader) => new()
    {
        Id = reader.GetGuid(0).ToString(),
        OrganisationId = reader.GetGuid(1).ToString(),
        Territory = reader.GetString(2),
        Subject = reader.GetString(3),
        StartsAt = reader.Instant(4).ToTimestamp(),
        EndsAt = reader.Instant(5).ToTimestamp(),
        Active = reader.GetInt16(6) is 1,
    };
}
