using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Paging;
using Npgsql;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.Grids.Staffing;

public sealed class StudioStore(ServiceDatabase database)
{
    private const string Columns = """
        s.id, s.code, s.territory, s.name, s.state, s.updated_at, s.version,
        (select coalesce(jsonb_agg(jsonb_build_object(
            'id', d.id, 'subject', d.subject, 'kind', d.kind, 'since', d.since) order by d.since, d.id), '[]')
         from studio_deputies d where d.studio_id = s.id and d.until is null)
        """;

    private const string ById = $"select {Columns} from deputy_studios s where s.id = any($1)";

    private static readonly Insert Studios = new(
        "deputy_studios", "id uuid, code text, territory text, name text, state smallint, updated_at timestamptz, version bigint");

    private static readonly Update Changes = new(
        "deputy_studios", "id uuid, version bigint", "state smallint, updated_at timestamptz, version bigint");

    private static readonly Insert Deputies = new(
        "studio_deputies", "id uuid, studio_id uuid, subject text, kind smallint, since timestamptz");

    private static readonly Update Ends = new("studio_deputies", "id uuid", "until timestamptz");

    private static readonly Insert Receptions = new(
        "receptions", "id uuid, studio_id uuid, territory text, held_at timestamptz, deputy_ids jsonb, received int, case_ids jsonb");

    public Task<Studio?> FindAsync(Guid id, CancellationToken cancellation) => database.FindAsync(ById, id, Read, cancellation);

    public static Task<Studio?> FindAsync(Guid id, Command command) => command.FindAsync(ById, id, Read);

    /// <summary>Whether the city of the territory has one of that code.</summary>
    public static async Task<bool> HasCodeAsync(string territory, string code, Command command) =>
        await command.FirstAsync(
            "select 1 from deputy_studios where left(territory, 4) = left($1, 4) and code = $2",
            r => r.GetInt32(0), P(territory), P(code)) is 1;

    public Task<List<Studio>> ListAsync((string Low, string High) range, bool includeClosed, Page page, CancellationToken cancellation) =>
        database.QueryAsync(
            $"""
            select {Columns} from deputy_studios s
            where s.territory >= $1 and s.territory < $2 and ($3 or s.state = 1)
              and ($5::uuid is null or (s.territory, s.id) > ($4, $5))
            order by s.territory, s.id limit $6
            """,
            Read,
            [P(range.Low), P(range.High), P(includeClosed), P(page.After?[0] ?? ""), N(page.IdAfter(1)), P(page.Fetch)],
            cancellation);

    public Task<List<Held>> ReceptionsAsync((string Low, string High) range, Guid? studioId, Page page, CancellationToken cancellation) =>
        database.QueryAsync(
            """
            select id, studio_id, territory, held_at, deputy_ids, received, case_ids from receptions
            where territory >= $1 and territory < $2
              and ($3::uuid is null or studio_id = $3) and ($4::uuid is null or id < $4)
            order by id desc limit $5
            """,
            r => new Held(
                r.GetGuid(0), r.GetGuid(1), r.GetString(2), r.Instant(3), r.Json<List<Guid>>(4), r.GetInt32(5),
                r.Json<List<Guid>>(6)),
            [P(range.Low), P(range.High), N(studioId), N(page.IdAfter(0)), P(page.Fetch)],
            cancellation);

    /// <summary>Those of the ids that are cases of a territory.</summary>
    public static Task<List<Guid>> CasesWithinAsync(Guid[] ids, (string Low, string High) range, Command command) =>
        command.QueryAsync(
            "select id from cases where id = any($1) and territory >= $2 and territory < $3",
            r => r.GetGuid(0),
            P(ids), P(range.Low), P(range.High));

    public static void Add(Command command, Studio made)
    {
        command.Write(
            Studios, made.Id, made.Code, made.Territory, made.Name, Parts.State(made.Active), made.UpdatedAt, made.Version);
        foreach (var deputy in made.Deputies)
            Add(command, made.Id, deputy);
        command.Concerns(made.Territory, made.Id);
    }

    /// <summary>Writes what differs: the studio's own row, and the deputies who came or left.</summary>
    public static void Save(Command command, Studio current, Studio next)
    {
        command.Write(Changes, current.Id, current.Version, Parts.State(next.Active), next.UpdatedAt, next.Version);
        foreach (var came in next.Deputies.Where(d => current.Deputies.All(c => c.Id != d.Id)))
            Add(command, next.Id, came);
        foreach (var left in current.Deputies.Where(d => next.Deputies.All(n => n.Id != d.Id)))
            command.Write(Ends, left.Id, command.Now);
        command.Concerns(next.Territory, next.Id);
    }

    public static void Add(Command command, Held made)
    {
        command.Write(
            Receptions, made.Id, made.StudioId, made.Territory, made.HeldAt, Json(made.DeputyIds), made.Received,
            Json(made.CaseIds));
        command.Concerns(made.Territory, made.Id);
    }

    private static void Add(Command command, Guid studioId, Deputy deputy) =>
        command.Write(Deputies, deputy.Id, studioId, deputy.Subject, (short)deputy.Kind, deputy.Since);

    private static Studio Read(NpgsqlDataReader reader) => new()
    {
        Id = reader.GetGuid(0),
        Code = reader.GetString(1),
        Territory = reader.GetString(2),
        Name = reader.GetString(3),
        Active = reader.GetInt16(4) is 1,
        UpdatedAt = reader.Instant(5),
        Version = reader.GetInt64(6),
        Deputies = reader.Json<List<Deputy>>(7),
    };
}
