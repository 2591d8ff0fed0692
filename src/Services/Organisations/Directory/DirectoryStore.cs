using System.Runtime.CompilerServices;
using Google.Protobuf.WellKnownTypes;
using Governance.Organisations.V1;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Paging;
using Npgsql;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.Organisations.Directory;

public sealed class DirectoryStore(ServiceDatabase database)
{
    /// <summary>Levels of a tree below its root.</summary>
    public const int MaxDepth = 12;

    /// <summary>What a cached organisation's key starts with; its id follows in 32 digits.</summary>
    public const string CachePrefix = "organisations:v1:organisation:";

    private const int MaxFound = 50;
    private const int MaxResponders = 100;

    private const string Columns =
        "o.id, o.code, o.name, o.kind, o.territory, o.parent_code, o.industry, o.credit_code, o.responds_to, o.updated_at, o.version";

    public static string CacheKey(Guid id) => $"{CachePrefix}{id:N}";

    public Task<Organisation?> FindAsync(Guid id, CancellationToken cancellation) =>
        database.FindAsync($"select {Columns} from organisations o where o.id = any($1)", id, Read, cancellation);

    public Task<List<Organisation>> ListAsync(
        (string Low, string High) range, ListOrganisationsRequest filter, Page page, CancellationToken cancellation)
    {
        // Only the conditions that are asked for, so that each kind of list gets a plan of its own.
        var parameters = new List<NpgsqlParameter> { P(range.Low), P(range.High), P(page.After?[0] ?? ""), P(page.Fetch) };
        var conditions = "";
        if (filter.Kind is not OrganisationKind.Unspecified)
            And("o.kind =", P((int)filter.Kind));
        if (filter.Industry.Length > 0)
            And("o.industry <> '' and o.industry =", P(filter.Industry));
        if (filter.ParentCode.Length > 0)
            And("o.parent_code =", P(filter.ParentCode));
        return database.QueryAsync(
            $"""
            select {Columns} from organisations o
            where o.territory >= $1 and o.territory < $2 and o.code > $3{conditions}
            order by o.code limit $4
            """,
            Read,
            [.. parameters],
            cancellation);

        void And(string condition, NpgsqlParameter value)
        {
            parameters.Add(value);
            conditions += $" and {condition} ${parameters.Count}";
        }
    }

    public Task<List<Organisation>> SearchAsync((string Low, string High) range, string query, CancellationToken cancellation) =>
        database.QueryAsync(
            $"""
            select {Columns} from organisations o
            where o.territory >= $1 and o.territory < $2 and o.folded like all ($3)
            order by char_length(o.name), o.code limit {MaxFound}
            """,
            Read,
            [P(range.Low), P(range.High), P(DirectoryNames.Patterns(query))],
            cancellation);

    /// <summary>
    /// The tree as far as it lies within the range, depth first. Without a root it starts from every organisation whose
    /// superior is not within the range.
    /// </summary>
    public async IAsyncEnumerable<GetOrganisationTreeResponse> TreeAsync(
        (string Low, string High) range, string rootCode, int depth, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var roots = rootCode.Length > 0
            ? "o.code = $4"
            : """
              $4 = '' and not exists (
                  select from organisations p where p.code = o.parent_code and p.territory >= $1 and p.territory < $2)
              """;
        // Only codes and paths go round; the rows themselves join at the end, for which the range is said once more, or
        // the planner would read the whole table.
        await using var command = database.Source.CreateCommand($"""
            with recursive tree as (
                select o.code as node, array[o.code] as path, 0 as level from organisations o
                where o.territory >= $1 and o.territory < $2 and {roots}
                union all
                select o.code, t.path || o.code, t.level + 1
                from tree t join organisations o on o.parent_code = t.node
                where t.level < $3 and o.territory >= $1 and o.territory < $2)
            select {Columns}, t.level from tree t join organisations o on o.code = t.node
            where o.territory >= $1 and o.territory < $2 order by t.path
            """);
        command.Parameters.AddRange(new[] { P(range.Low), P(range.High), P(depth), P(rootCode) });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            yield return new GetOrganisationTreeResponse { Organisation = Read(reader), Level = reader.GetInt32(11) };
    }

    /// <summary>
    /// Organisations that come for the category, of the <paramref name="territories"/> that contain the place; the longest
    /// code is the nearest.
    /// </summary>
    public Task<List<Organisation>> RespondersAsync(string[] territories, string category, CancellationToken cancellation) =>
        database.QueryAsync(
            $$"""
            select {{Columns}} from organisations o
            where o.territory = any($1) and o.responds_to <> '{}' and o.responds_to @> array[$2]
            order by length(o.territory) desc, o.code limit {{MaxResponders}}
            """,
            Read,
            [P(territories), P(category)],
            cancellation);

    private static Organisation Read(NpgsqlDataReader reader) => new()
    {
        Id = reader.GetGuid(0).ToString(),
        Code = reader.GetString(1),
        Name = reader.GetString(2),
        Kind = (OrganisationKind)reader.GetInt16(3),
        Territory = reader.GetString(4),
        ParentCode = reader.GetString(5),
        Industry = reader.GetString(6),
        CreditCode = reader.GetString(7),
        RespondsTo = { reader.GetFieldValue<string[]>(8) },
        UpdatedAt = reader.Instant(9).ToTimestamp(),
        Etag = Commands.Etag(reader.GetInt64(10)),
    };
}
