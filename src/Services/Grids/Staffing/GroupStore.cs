using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Paging;
using Npgsql;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.Grids.Staffing;

/// <summary>How the active groups of a territory keep to the policy.</summary>
public sealed record GroupCounts(
    int Groups, int FewestBuildings, int MostBuildings, int OutsideStandard, int WithoutHead, int Heads, int PartyMemberHeads);

public sealed class GroupStore(ServiceDatabase database)
{
    private const string Columns = """
        g.id, g.code, g.territory, g.name, g.buildings, g.squad_id, g.state, g.updated_at, g.version,
        (select coalesce(jsonb_agg(jsonb_build_object(
            'id', h.id, 'subject', h.subject, 'partyMember', h.party_member = 1, 'since', h.since) order by h.since, h.id), '[]')
         from neighbour_heads h where h.group_id = g.id and h.until is null)
        """;

    private const string ById = $"select {Columns} from neighbour_groups g where g.id = any($1)";

    private const string Headless =
        "not exists (select 1 from neighbour_heads h where h.group_id = g.id and h.until is null)";

    private static readonly Insert Groups = new(
        "neighbour_groups",
        "id uuid, code text, territory text, name text, buildings jsonb, squad_id uuid, state smallint, updated_at timestamptz, "
        + "version bigint");

    private static readonly Update Changes = new(
        "neighbour_groups", "id uuid, version bigint",
        "name text, buildings jsonb, squad_id uuid, state smallint, updated_at timestamptz, version bigint");

    private static readonly Insert Heads = new(
        "neighbour_heads", "id uuid, group_id uuid, subject text, party_member smallint, since timestamptz");

    private static readonly Update Ends = new("neighbour_heads", "id uuid", "until timestamptz");

    public Task<Group?> FindAsync(Guid id, CancellationToken cancellation) => database.FindAsync(ById, id, Read, cancellation);

    public static Task<Group?> FindAsync(Guid id, Command command) => command.FindAsync(ById, id, Read);

    public static Task<List<Group>> FindAsync(Guid[] ids, Command command) => command.QueryAsync(ById, Read, P(ids));

    /// <summary>Whether the city of the territory has one of that code.</summary>
    public static async Task<bool> HasCodeAsync(string territory, string code, Command command) =>
        await command.FirstAsync(
            "select 1 from neighbour_groups where left(territory, 4) = left($1, 4) and code = $2 and state = 1",
            r => r.GetInt32(0), P(territory), P(code)) is 1;

    public Task<List<Group>> ListAsync((string Low, string High) range, bool includeDissolved, Page page, CancellationToken cancellation) =>
        database.QueryAsync(
            $"""
            select {Columns} from neighbour_groups g
            where g.territory >= $1 and g.territory < $2 and ($3 or g.state = 1)
              and ($5::uuid is null or (g.territory, g.id) > ($4, $5))
            order by g.territory, g.id limit $6
            """,
            Read,
            [P(range.Low), P(range.High), P(includeDissolved), P(page.After?[0] ?? ""), N(page.IdAfter(1)), P(page.Fetch)],
            cancellation);

    public async Task<GroupCounts> CountAsync((string Low, string High) range, int min, int max, CancellationToken cancellation) =>
        (await database.FirstAsync(
            $"""
            with found as (
                select g.id, jsonb_array_length(g.buildings) as buildings, {Headless} as headless
                from neighbour_groups g where g.territory >= $1 and g.territory < $2 and g.state = 1),
            people as (
                select h.subject, max(h.party_member) as party_member
                from neighbour_heads h join found on found.id = h.group_id where h.until is null group by h.subject)
            select count(*)::int, coalesce(min(buildings), 0), coalesce(max(buildings), 0),
                count(*) filter (where buildings < $3 or buildings > $4)::int, count(*) filter (where headless)::int,
                (select count(*)::int from people), (select count(*)::int from people where party_member = 1)
            from found
            """,
            r => new GroupCounts(r.GetInt32(0), r.GetInt32(1), r.GetInt32(2), r.GetInt32(3), r.GetInt32(4), r.GetInt32(5), r.GetInt32(6)),
            [P(range.Low), P(range.High), P(min), P(max)],
            cancellation))!;

    /// <summary>Active groups with fewer or more buildings, or without a head.</summary>
    public Task<List<Group>> FindingsAsync((string Low, string High) range, int min, int max, Page page, CancellationToken cancellation) =>
        database.QueryAsync(
            $"""
            select {Columns} from neighbour_groups g
            where g.territory >= $1 and g.territory < $2 and g.state = 1
              and (jsonb_array_length(g.buildings) < $3 or jsonb_array_length(g.buildings) > $4 or {Headless})
              and ($6::uuid is null or (g.territory, g.id) > ($5, $6))
            order by g.territory, g.id limit $7
            """,
            Read,
            [P(range.Low), P(range.High), P(min), P(max), P(page.After?[0] ?? ""), N(page.IdAfter(1)), P(page.Fetch)],
            cancellation);

    public static void Add(Command command, Group made)
    {
        command.Write(
            Groups, made.Id, made.Code, made.Territory, made.Name, Json(made.Buildings), made.SquadId, Parts.State(made.Active),
            made.UpdatedAt, made.Version);
        foreach (var head in made.Heads)
            Add(command, made.Id, head);
        command.Concerns(made.Territory, made.Id);
    }

    /// <summary>Writes what differs: the group's own row, and the heads who came or left.</summary>
    public static void Save(Command command, Group current, Group next)
    {
        command.Write(
            Changes, current.Id, current.Version, next.Name, Json(next.Buildings), next.SquadId, Parts.State(next.Active),
            next.UpdatedAt, next.Version);
        foreach (var came in next.Heads.Where(h => current.Heads.All(c => c.Id != h.Id)))
            Add(command, next.Id, came);
        foreach (var left in current.Heads.Where(h => next.Heads.All(n => n.Id != h.Id)))
            command.Write(Ends, left.Id, command.Now);
        command.Concerns(next.Territory, next.Id);
    }

    private static void Add(Command command, Guid groupId, Head head) =>
        command.Write(Heads, head.Id, groupId, head.Subject, Parts.Flag(head.PartyMember), head.Since);

    private static Group Read(NpgsqlDataReader reader) => new()
    {
        Id = reader.GetGuid(0),
        Code = reader.GetString(1),
        Territory = reader.GetString(2),
        Name = reader.GetString(3),
        Buildings = reader.Json<List<string>>(4),
        SquadId = reader.GuidOrNull(5),
        Active = reader.GetInt16(6) is 1,
        UpdatedAt = reader.Instant(7),
        Version = reader.GetInt64(8),
        Heads = reader.Json<List<Head>>(9),
    };
}
