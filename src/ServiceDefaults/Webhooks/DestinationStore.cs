using Governance.Common.V1;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Paging;
using Governance.ServiceDefaults.Privacy;
using Npgsql;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.ServiceDefaults.Webhooks;

public sealed class DestinationStore(ServiceDatabase database, PrivacyKeys keys)
{
    /// <summary>Counts the changes of the table in <c>revisions</c>.</summary>
    public const string Revision = "destinations";

    private const string Columns =
        "id, territory, name, url, events, state, secret, secret_version, old_secret, old_secret_until, registered_at, version";

    private const string ById = $"select {Columns} from destinations where id = any($1)";

    private static readonly Insert Destinations = new(
        "destinations",
        "id uuid, territory text, name text, url text, events text, state smallint, secret bytea, secret_version int, "
        + "registered_at timestamptz, version bigint");

    private static readonly Update Changes = new(
        "destinations",
        "id uuid, version bigint",
        "state smallint, secret bytea, secret_version int, old_secret bytea, old_secret_until timestamptz, version bigint");

    public byte[] Encrypted(Guid id, string secret) => keys.Encrypt(Place(id), secret);

    public string Plain(Guid id, byte[] secret) => keys.Decrypt(Place(id), secret);

    /// <summary>The secret of that version, while it is the newest; else empty.</summary>
    public async Task<string> SecretAsync(Guid id, int version, CancellationToken cancellation) =>
        await FindAsync(id, cancellation) is { } found && found.SecretVersion == version ? Plain(id, found.Secret) : "";

    public Task<Destination?> FindAsync(Guid id, CancellationToken cancellation) => database.FindAsync(ById, id, Read, cancellation);

    public static Task<Destination?> FindAsync(Guid id, Command command) => command.FindAsync(ById, id, Read);

    public static async Task<int> CountAsync(Command command) =>
        await command.FirstAsync("select count(*)::int from destinations", r => r.GetInt32(0));

    public Task<List<Destination>> AllAsync(CancellationToken cancellation) =>
        database.QueryAsync($"select {Columns} from destinations order by id", Read, [], cancellation);

    public Task<long> RevisionAsync(CancellationToken cancellation) =>
        database.FirstAsync("select revision from revisions where name = $1", r => r.GetInt64(0), [P(Revision)], cancellation);

    public Task<List<Destination>> ListAsync((string Low, string High) range, Page page, CancellationToken cancellation) =>
        database.QueryAsync(
            $"""
            select {Columns} from destinations
            where territory >= $1 and territory < $2 and ($3::uuid is null or id < $3) order by id desc limit $4
            """,
            Read, [P(range.Low), P(range.High), N(page.IdAfter(0)), P(page.Fetch)], cancellation);

    public static void Add(Command command, Destination made)
    {
        command.Write(
            Destinations, made.Id, made.Territory, made.Name, made.Url, string.Join('\n', made.Events), (short)made.State, made.Secret,
            made.SecretVersion, made.RegisteredAt, made.Version);
        Touched(command, made);
    }

    public static void Save(Command command, Destination current, Destination next)
    {
        command.Write(
            Changes, current.Id, current.Version, (short)next.State, next.Secret, next.SecretVersion, next.OldSecret, next.OldSecretUntil,
            next.Version);
        Touched(command, next);
    }

    /// <summary>Its deliveries are found by nobody any more; housekeeping removes them in small pieces.</summary>
    public static void Remove(Command command, Destination current)
    {
        command.Write(
            """
            with gone as (delete from destinations where id = $1 and version = $2 returning 1)
            select require_written(count(*), 1) from gone
            """,
            P(current.Id), P(current.Version));
        Touched(command, current);
    }

    /// <summary>It has said itself that it is there no more.</summary>
    public async Task MarkGoneAsync(Guid id, CancellationToken cancellation)
    {
        await using var batch = database.Source.CreateBatch();
        batch.BatchCommands.Add(new NpgsqlBatchCommand(
            $"""
            update destinations set state = {(int)DestinationState.Gone}, version = version + 1
            where id = $1 and state = {(int)DestinationState.Active}
            """)
        {
            Parameters = { P(id) },
        });
        batch.BatchCommands.Add(new NpgsqlBatchCommand(Revisions.Touch(Revision)));
        await batch.ExecuteNonQueryAsync(cancellation);
    }

    private static void Touched(Command command, Destination destination)
    {
        command.Write(Revisions.Touch(Revision));
        command.Concerns(destination.Territory, destination.Id);
    }

    private static string Place(Guid id) => $"destinations.secret:{id:N}";

    private static Destination Read(NpgsqlDataReader reader) => new(
        reader.GetGuid(0),
        reader.GetString(1),
        reader.GetString(2),
        reader.GetString(3),
        reader.GetString(4) is { Length: > 0 } events ? events.Split('\n') : [],
        (DestinationState)reader.GetInt16(5),
        reader.GetFieldValue<byte[]>(6),
        reader.GetInt32(7),
        reader.IsDBNull(8) ? null : reader.GetFieldValue<byte[]>(8),
        reader.InstantOrNull(9),
        reader.Instant(10),
        reader.GetInt64(11));
}
