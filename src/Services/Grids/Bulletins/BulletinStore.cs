using Google.Protobuf.WellKnownTypes;
using Governance.Grids.V1;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Paging;
using Npgsql;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.Grids.Bulletins;

public sealed class BulletinStore(ServiceDatabase database)
{
    private const string Columns = """
        id, territory, section, source, source_id, occurrence, people_of, title, text, state, edition, issue, period, drafted_at,
        published_at, corrected_at, withdrawn_at, policy_version, version
        """;

    private const string ById = $"select {Columns} from bulletin_items where id = any($1)";

    private static readonly Insert Items = new(
        "bulletin_items",
        "id uuid, territory text, section smallint, source smallint, source_id uuid, occurrence int, people_of uuid, title text, "
        + "text text, state smallint, edition int, issue int, period text, drafted_at timestamptz, published_at timestamptz, "
        + "policy_version bigint, version bigint");

    private static readonly Update Changes = new(
        "bulletin_items",
        "id uuid, version bigint",
        "title text, text text, state smallint, edition int, issue int, period text, published_at timestamptz, "
        + "corrected_at timestamptz, withdrawn_at timestamptz, version bigint");

    private static readonly Update Homes = new("bulletin_items", "id uuid, version bigint", "territory text, version bigint");

    private static readonly Insert Versions = new(
        "bulletin_versions",
        "item_id uuid, edition int, action text, title text, text text, actor text, actor_role text, at timestamptz, reason text, "
        + "removed int");

    /// <summary>Who drafts and publishes where a policy does.</summary>
    public static readonly Actor ByPolicy = new("", "policy", null);

    public Task<Item?> FindAsync(Guid id, CancellationToken cancellation) => database.FindAsync(ById, id, Read, cancellation);

    public static Task<Item?> FindAsync(Guid id, Command command) => command.FindAsync(ById, id, Read);

    /// <summary>Of these records, those that fill the section already.</summary>
    public static Task<List<Guid>> TellingAsync(Guid[] sources, BulletinSection section, Command command) =>
        command.QueryAsync(
            "select source_id from bulletin_items where source_id = any($1) and section = $2", r => r.GetGuid(0), P(sources), P((int)section));

    /// <summary>What waits to be published of a record.</summary>
    public static Task<List<Item>> DraftsOfAsync(Guid source, BulletinSection section, Command command) =>
        command.QueryAsync(
            $"select {Columns} from bulletin_items where source_id = $1 and section = $2 and state = 1 order by id", Read, P(source), P((int)section));

    /// <summary>What waits to be published in the bulletins of some grids, and where that lies which it tells of.</summary>
    public static Task<List<(Guid Id, long Version, (double Longitude, double Latitude)? Place)>> DraftsOfAsync(string[] grids, Command command) =>
        command.QueryAsync(
            """
            select i.id, i.version, c.longitude, c.latitude from bulletin_items i left join cases c on c.id = i.source_id
            where i.territory = any($1) and i.state = 1 order by i.id
            """,
            r => (r.GetGuid(0), r.GetInt64(1), r.IsDBNull(2) ? ((double, double)?)null : (r.GetDouble(2), r.GetDouble(3))),
            P(grids));

    /// <summary>
    /// The issue of a month, opened with the command when there is none. Of several commands that open it at once each takes the
    /// same number, and one of them writes it.
    /// </summary>
    public static async Task<Issue> IssueAsync(Command command, string territory, string period)
    {
        var (number, opened) = await command.FirstAsync(
            """
            select coalesce(max(number) filter (where period = $2), max(number) + 1, 1), count(*) filter (where period = $2) > 0
            from bulletin_issues where territory = $1
            """,
            r => (r.GetInt32(0), r.GetBoolean(1)), P(territory), P(period));
        if (!opened)
            command.Write(
                """
                insert into bulletin_issues (territory, period, number, opened_at) values ($1, $2, $3, $4)
                on conflict (territory, period) do nothing
                """,
                P(territory), P(period), P(number), P(command.Now));
        return new Issue(number, period);
    }

    public Task<List<BulletinEntry>> PublishedAsync(
        string[] territories, BulletinSection section, string period, Page page, CancellationToken cancellation) =>
        database.QueryAsync(
            """
            select id, territory, section, title, text, issue, period, published_at, corrected_at from bulletin_items
            where territory = any($1) and state = 2 and ($2 = 0 or section = $2) and ($3 = '' or period = $3)
              and ($4::timestamptz is null or (published_at, id) < ($4, $5))
            order by published_at desc, id desc limit $6
            """,
            r => new BulletinEntry
            {
                Id = r.GetGuid(0).ToString(),
                Territory = r.GetString(1),
                Section = (BulletinSection)r.GetInt16(2),
                Title = r.GetString(3),
                Text = r.GetString(4),
                Issue = r.GetInt32(5),
                Period = r.GetString(6),
                PublishedAt = r.Instant(7).ToTimestamp(),
                CorrectedAt = r.InstantOrNull(8)?.ToTimestamp(),
            },
            [P(territories), P((int)section), P(period), N(page.InstantAfter(0)), N(page.IdAfter(1)), P(page.Fetch)],
            cancellation);

    public Task<List<BulletinIssue>> IssuesAsync(string territory, string before, Page page, CancellationToken cancellation) =>
        database.QueryAsync(
            """
            select number, period, opened_at,
                (select count(*)::int from bulletin_items i where i.territory = b.territory and i.period = b.period and i.state = 2)
            from bulletin_issues b
            where territory = $1 and ($2 = '' or period < $2)
            order by period desc limit $3
            """,
            r => new BulletinIssue
            {
                Number = r.GetInt32(0),
                Period = r.GetString(1),
                OpenedAt = r.Instant(2).ToTimestamp(),
                Items = r.GetInt32(3),
            },
            [P(territory), P(before), P(page.Fetch)],
            cancellation);

    public Task<List<Item>> ListAsync(
        (string Low, string High) range, BulletinItemState state, BulletinSection section, Page page, CancellationToken cancellation) =>
        database.QueryAsync(
            $"""
            select {Columns} from bulletin_items
            where territory >= $1 and territory < $2 and ($3 = 0 or state = $3) and ($4 = 0 or section = $4)
              and ($5::uuid is null or id > $5)
            order by id limit $6
            """,
            Read,
            [P(range.Low), P(range.High), P((int)state), P((int)section), N(page.IdAfter(0)), P(page.Fetch)],
            cancellation);

    public Task<List<BulletinVersion>> VersionsAsync(Guid id, CancellationToken cancellation) =>
        database.QueryAsync(
            $"""
            select edition, action, title, text, actor, actor_role, at, reason, removed from bulletin_versions
            where item_id = $1 order by edition limit {BulletinRules.MaxVersions}
            """,
            r => new BulletinVersion
            {
                Edition = r.GetInt32(0),
                Action = r.GetString(1),
                Title = r.GetString(2),
                Text = r.GetString(3),
                Actor = r.GetString(4),
                ActorRole = r.GetString(5),
                At = r.Instant(6).ToTimestamp(),
                Reason = r.GetString(7),
                Removed = r.GetInt32(8),
            },
            [P(id)],
            cancellation);

    /// <summary>Adds an item as its last step leaves it, with a version for each.</summary>
    public static void Add(Command command, Actor by, params IReadOnlyList<ItemStep> steps)
    {
        var item = steps[^1].Next;
        command.Write(
            Items, item.Id, item.Territory, (short)item.Section, (short)item.Source, item.SourceId, item.Occurrence, item.PeopleOf,
            item.Title, item.Text, (short)item.State, item.Edition, item.Issue?.Number, item.Issue?.Period, item.DraftedAt,
            item.PublishedAt, item.PolicyVersion, item.Version);
        foreach (var step in steps)
            Tell(command, by, step);
    }

    public static void Save(Command command, Actor by, Item current, ItemStep step)
    {
        var next = step.Next;
        command.Write(
            Changes, current.Id, current.Version, next.Title, next.Text, (short)next.State, next.Edition, next.Issue?.Number,
            next.Issue?.Period, next.PublishedAt, next.CorrectedAt, next.WithdrawnAt, next.Version);
        Tell(command, by, step);
        command.Concerns(next.Territory, next.Id);
    }

    /// <summary>A draft goes into the bulletin of another grid.</summary>
    public static void Move(Command command, Guid id, long version, string territory)
    {
        command.Write(Homes, id, version, territory, version + 1);
        command.Concerns(territory, id);
    }

    private static void Tell(Command command, Actor by, ItemStep step) =>
        command.Write(
            Versions, step.Next.Id, step.Next.Edition, step.Action, step.Next.Title, step.Next.Text, by.Subject, by.Role, command.Now,
            step.Reason, step.Removed);

    private static Item Read(NpgsqlDataReader reader) => new()
    {
        Id = reader.GetGuid(0),
        Territory = reader.GetString(1),
        Section = (BulletinSection)reader.GetInt16(2),
        Source = (BulletinSource)reader.GetInt16(3),
        SourceId = reader.GuidOrNull(4),
        Occurrence = reader.GetInt32(5),
        PeopleOf = reader.GuidOrNull(6),
        Title = reader.GetString(7),
        Text = reader.GetString(8),
        State = (BulletinItemState)reader.GetInt16(9),
        Edition = reader.GetInt32(10),
        Issue = reader.IntOrNull(11) is { } number ? new Issue(number, reader.GetString(12)) : null,
        DraftedAt = reader.Instant(13),
        PublishedAt = reader.InstantOrNull(14),
        CorrectedAt = reader.InstantOrNull(15),
        WithdrawnAt = reader.InstantOrNull(16),
        PolicyVersion = reader.GetInt64(17),
        Version = reader.GetInt64(18),
    };
}
