using Google.Protobuf.WellKnownTypes;
using Governance.Properties.V1;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Geography;
using Governance.ServiceDefaults.Paging;
using Npgsql;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.Properties.Estates;

public sealed class EstateStore
{
    public const string Revision = "estates";

    private const string Columns = "id, code, name, territory, boundary, mode, company_id, company_name, households, updated_at, version";

    private readonly ServiceDatabase database;
    private readonly Snapshot<EstateMap> map;

    public EstateStore(ServiceDatabase database, TimeProvider clock)
    {
        this.database = database;
        map = new Snapshot<EstateMap>(database, clock, Revision, LoadMapAsync);
    }

    public ValueTask<EstateMap> MapAsync(CancellationToken cancellation) => map.GetAsync(cancellation);

    public Task RefreshMapAsync(CancellationToken cancellation) => map.RefreshAsync(cancellation);

    public Task<Estate?> FindAsync(Guid id, CancellationToken cancellation) =>
        database.FindAsync($"select {Columns} from estates where id = any($1)", id, Read, cancellation);

    public Task<List<Estate>> ListAsync((string Low, string High) range, Page page, CancellationToken cancellation) =>
        database.QueryAsync(
            $"""
            select {Columns} from estates
            where territory >= $1 and territory < $2 and (code, id) > ($3, $4)
            order by code, id limit $5
            """,
            Read,
            [P(range.Low), P(range.High), P(page.After?[0] ?? ""), P(page.IdAfter(1) ?? Guid.Empty), P(page.Fetch)],
            cancellation);

    /// <summary>What a command on work orders must know of an estate.</summary>
    public static Task<ManagedEstate?> FindManagedAsync(Guid id, Command command) =>
        command.FindAsync(
            "select id, name, territory, company_id, company_name from estates where id = any($1)",
            id,
            r => new ManagedEstate(r.GetGuid(0), r.GetString(1), r.GetString(2), r.GuidOrNull(3), r.GetString(4)));

    private async Task<EstateMap> LoadMapAsync(CancellationToken cancellation) =>
        new(await database.QueryAsync(
            "select code, id, boundary from estates",
            r => (r.GetString(0), r.GetGuid(1), Areas.FromBytes(r.GetFieldValue<byte[]>(2))),
            [],
            cancellation));

    private static Estate Read(NpgsqlDataReader reader) => new()
    {
        Id = reader.GetGuid(0).ToString(),
        Code = reader.GetString(1),
        Name = reader.GetString(2),
        Territory = reader.GetString(3),
        Boundary = Areas.ToMessage(Areas.FromBytes(reader.GetFieldValue<byte[]>(4))),
        Mode = (ManagementMode)reader.GetInt16(5),
        CompanyId = reader.GuidOrNull(6)?.ToString() ?? "",
        CompanyName = reader.GetString(7),
        Households = reader.GetInt32(8),
        UpdatedAt = reader.Instant(9).ToTimestamp(),
        Etag = Commands.Etag(reader.GetInt64(10)),
    };
}
