using Governance.Grids.V1;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Paging;
using Npgsql;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.Grids.Staffing;

public sealed class VenueStore(ServiceDatabase database)
{
    private const string Columns = "id, code, territory, name, premises, state, updated_at, version, kind";

    private const string ById = $"select {Columns} from neighbour_venues where id = any($1)";

    private static readonly Insert Venues = new(
        "neighbour_venues",
        "id uuid, code text, territory text, name text, premises smallint, state smallint, updated_at timestamptz, version bigint, "
        + "kind smallint");

    private static readonly Update Changes = new(
        "neighbour_venues", "id uuid, version bigint", "state smallint, updated_at timestamptz, version bigint");

    private static readonly Insert Activities = new(
        "neighbour_activities",
        "id uuid, venue_id uuid, territory text, title text, festival text, starts_at timestamptz, ends_at timestamptz, participants int");

    public Task<Venue?> FindAsync(Guid id, CancellationToken cancellation) => database.FindAsync(ById, id, Read, cancellation);

    public static Task<Venue?> FindAsync(Guid id, Command command) => command.FindAsync(ById, id, Read);

    /// <summary>Whether the city of the territory has one of that code.</summary>
    public static async Task<bool> HasCodeAsync(string territory, string code, Command command) =>
        await command.FirstAsync(
            "select 1 from neighbour_venues where left(territory, 4) = left($1, 4) and code = $2",
            r => r.GetInt32(0), P(territory), P(code)) is 1;

    public Task<List<Venue>> ListAsync(
        (string Low, string High) range, VenueKind kind, bool includeClosed, Page page, CancellationToken cancellation) =>
        database.QueryAsync(
            $"""
            select {Columns} from neighbour_venues
            where territory >= $1 and territory < $2 and ($3 or state = 1) and ($4 = 0 or kind = $4)
              and ($6::uuid is null or (territory, id) > ($5, $6))
            order by territory, id limit $7
            """,
            Read,
            [P(range.Low), P(range.High), P(includeClosed), P((int)kind), P(page.After?[0] ?? ""), N(page.IdAfter(1)), P(page.Fetch)],
            cancellation);

    public Task<List<Activity>> ActivitiesAsync(
        (string Low, string High) range, Guid? venueId, Page page, CancellationToken cancellation) =>
        database.QueryAsync(
            """
            select id, venue_id, territory, title, festival, starts_at, ends_at, participants from neighbour_activities
            where territory >= $1 and territory < $2
              and ($3::uuid is null or venue_id = $3) and ($4::uuid is null or id < $4)
            order by id desc limit $5
            """,
            r => new Activity(
                r.GetGuid(0), r.GetGuid(1), r.GetString(2), r.GetString(3), r.GetString(4), r.Instant(5), r.Instant(6), r.GetInt32(7)),
            [P(range.Low), P(range.High), N(venueId), N(page.IdAfter(0)), P(page.Fetch)],
            cancellation);

    public static void Add(Command command, Venue made)
    {
        command.Write(
            Venues, made.Id, made.Code, made.Territory, made.Name, (short)made.Premises, Parts.State(made.Active), made.UpdatedAt,
            made.Version, (short)made.Kind);
        command.Concerns(made.Territory, made.Id);
    }

    public static void Save(Command command, Venue current, Venue next)
    {
        command.Write(Changes, current.Id, current.Version, Parts.State(next.Active), next.UpdatedAt, next.Version);
        command.Concerns(next.Territory, next.Id);
    }

    public static void Add(Command command, Activity made)
    {
        command.Write(
            Activities, made.Id, made.VenueId, made.Territory, made.Title, made.Festival, made.StartsAt, made.EndsAt, made.Participants);
        command.Concerns(made.Territory, made.Id);
    }

    private static Venue Read(NpgsqlDataReader reader) => new()
    {
        Id = reader.GetGuid(0),
        Code = reader.GetString(1),
        Territory = reader.GetString(2),
        Name = reader.GetString(3),
        Premises = (VenuePremises)reader.GetInt16(4),
        Active = reader.GetInt16(5) is 1,
        UpdatedAt = reader.Instant(6),
        Version = reader.GetInt64(7),
        Kind = (VenueKind)reader.GetInt16(8),
    };
}
