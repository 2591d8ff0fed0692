using Google.Protobuf.WellKnownTypes;
using Governance.Grids.V1;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Geography;
using Governance.ServiceDefaults.Paging;
using Npgsql;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.Grids.Boundaries;

public sealed class BoundaryStore
{
    public const string Revision = "boundaries";

    private const string Columns = "code, name, kind, boundary, households, updated_at, version";

    private readonly ServiceDatabase database;
    private readonly Snapshot<BoundaryMap> map;

    public BoundaryStore(ServiceDatabase database, TimeProvider clock)
    {
        this.database = database;
        map = new Snapshot<BoundaryMap>(database, clock, Revision, LoadMapAsync);
    }

    public ValueTask<BoundaryMap> MapAsync(CancellationToken cancellation) => map.GetAsync(cancellation);

    public Task RefreshMapAsync(CancellationToken cancellation) => map.RefreshAsync(cancellation);

    public Task<Grid?> FindAsync(string code, CancellationToken cancellation) =>
        database.FirstAsync<Grid?>($"select {Columns} from grids where code = $1", Read, [P(code)], cancellation);

    public Task<List<Grid>> ListAsync((string Low, string High) range, Page page, CancellationToken cancellation) =>
        database.QueryAsync(
            $"select {Columns} from grids where code >= $1 and code < $2 and code > $3 order by code limit $4",
            Read,
            [P(range.Low), P(range.High), P(page.After?[0] ?? ""), P(page.Fetch)],
            cancellation);

    private async Task<BoundaryMap> LoadMapAsync(CancellationToken cancellation) =>
        new(await database.QueryAsync(
            "select code, boundary from grids", r => (r.GetString(0), Areas.FromBytes(r.GetFieldValue<byte[]>(1))), [], cancellation));

    private static Grid Read(NpgsqlDataReader reader) => new()
    {
        Code = reader.GetString(0),
        Name = reader.GetString(1),
        Kind = (GridKind)reader.GetInt16(2),
        Boundary = Areas.ToMessage(Areas.FromBytes(reader.GetFieldValue<byte[]>(3))),
        Households = reader.GetInt32(4),
        UpdatedAt = reader.Instant(5).ToTimestamp(),
        Etag = Commands.Etag(reader.GetInt64(6)),
    };
}
