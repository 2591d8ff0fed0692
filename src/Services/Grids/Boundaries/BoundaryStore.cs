using System.Runtime.CompilerServices;
using Google.Protobuf.WellKnownTypes;
using Governance.Common.V1;
using Governance.Grids.Exports;
using Governance.Grids.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Geography;
using Governance.ServiceDefaults.Grpc;
using Governance.ServiceDefaults.Paging;
using Grpc.Core;
using Microsoft.Extensions.Caching.Memory;
using NetTopologySuite.IO;
using Npgsql;
using static Governance.ServiceDefaults.Database.Sql;
using GridMessage = Governance.Grids.V1.Grid;
using Polygon = NetTopologySuite.Geometries.Polygon;

namespace Governance.Grids.Boundaries;

public sealed class BoundaryStore
{
    public const string Revision = "boundaries";

    /// <summary>Grids kept in memory as messages, some kilobytes each.</summary>
    private const int MaxAnswered = 5_000;

    /// <summary>A chain of changes longer than that is not read whole.</summary>
    public const int MaxHistory = 1000;

    /// <summary>With their boundaries, which may be of thousands of corners.</summary>
    private const int MaxRevisions = 50;

    /// <summary>How many are read at once to be streamed.</summary>
    private const int PageSize = 500;

    private const string Columns = """
        code, name, kind, boundary, households, updated_at, version, valid_from, valid_to,
        case when valid_to is null then '{}'
             else array(select s.new_code from grid_successions s where s.old_code = grids.code order by s.new_code) end
        """;

    /// <summary>Together with all that a redraw was judged by: an import or another redraw since then fails it.</summary>
    private static readonly Update Redrawn = new("revisions", "name text, revision bigint", "revision bigint");

    private static readonly Insert Grids = new(
        "grids",
        "code text, name text, kind smallint, boundary bytea, households int, updated_at timestamptz, version bigint, "
        + "valid_from timestamptz");

    private static readonly Update Ends = new(
        "grids", "code text, version bigint", "valid_to timestamptz, updated_at timestamptz, version bigint");

    private static readonly Insert Successions = new(
        "grid_successions", "change_id uuid, change smallint, at timestamptz, old_code text, new_code text");

    private readonly ServiceDatabase database;
    private readonly Snapshot<BoundaryMap> map;

    /// <summary>Grids as they were answered last, by the revision of the map that they belong to: an app asks for its own again and again.</summary>
    private readonly MemoryCache answered = new(new MemoryCacheOptions { SizeLimit = MaxAnswered });

    public BoundaryStore(ServiceDatabase database, TimeProvider clock)
    {
        this.database = database;
        map = new Snapshot<BoundaryMap>(database, clock, Revision, LoadMapAsync);
    }

    public ValueTask<BoundaryMap> MapAsync(CancellationToken cancellation) => map.GetAsync(cancellation);

    /// <summary>Refuses unless a grid of the code is in force; of one that has ended it tells what became of it.</summary>
    public async ValueTask RequireAsync(string code, ServerCallContext context)
    {
        if (await WhyNotAsync(code, context.CancellationToken) is { } why)
            throw Refused(why, code, context.Call());
    }

    /// <summary>The same for a record of any level: only a grid can have ended.</summary>
    public ValueTask RequireAsync(TerritoryCode place, ServerCallContext context) =>
        place.Level is TerritoryLevel.Grid ? RequireAsync(place.ToString(), context) : ValueTask.CompletedTask;

    /// <summary>As the caller may hear it: from outside its reach a code that has ended sounds like one that never was.</summary>
    public static RefusedException Refused(Refusal why, string code, Call call)
    {
        if (why.Definition == BoundaryErrors.GridNotFound)
            return call.NotFound(why.Definition, code);
        if (why.Definition == BoundaryErrors.Ended)
            call.Authorize(code);
        return new RefusedException(why);
    }

    /// <summary>Why no record can be kept for a grid; null when one can. The database is asked only for what is not on the map.</summary>
    public async ValueTask<Refusal?> WhyNotAsync(string code, CancellationToken cancellation)
    {
        if ((await MapAsync(cancellation)).Has(code))
            return null;
        return await FindAsync(code, cancellation) switch
        {
            null => BoundaryErrors.GridNotFound.With(("id", code)),
            { ValidTo: null } => null,
            var ended => BoundaryErrors.EndedGrid(ended),
        };
    }

    public Task RefreshMapAsync(CancellationToken cancellation) => map.RefreshAsync(cancellation);

    /// <summary>One grid as callers see it, also one that has ended. The message is shared: nobody changes it.</summary>
    public async ValueTask<GridMessage?> ReadAsync(string code, CoordinateSystem system, CancellationToken cancellation)
    {
        var key = ((await MapAsync(cancellation)).Revision, code, system);
        if (answered.TryGetValue<GridMessage>(key, out var message))
            return message;
        return await FindAsync(code, cancellation) is { } found
            ? answered.Set(key, ToMessage(found, system), new MemoryCacheEntryOptions { Size = 1 })
            : null;
    }

    public Task<Grid?> FindAsync(string code, CancellationToken cancellation) =>
        database.FirstAsync<Grid?>($"select {Columns} from grids where code = $1", Read, [P(code)], cancellation);

    public static Task<List<Grid>> FindAsync(string[] codes, Command command) =>
        command.QueryAsync($"select {Columns} from grids where code = any($1)", Read, P(codes));

    public Task<List<Grid>> ListAsync((string Low, string High) range, bool includeEnded, Page page, CancellationToken cancellation) =>
        database.QueryAsync(
            $"""
            select {Columns} from grids
            where code >= $1 and code < $2 and code > $3 and ($4 or valid_to is null)
            order by code limit $5
            """,
            Read,
            [P(range.Low), P(range.High), P(page.After?[0] ?? ""), P(includeEnded), P(page.Fetch)],
            cancellation);

    /// <summary>
    /// All of them, page by page: between pages nothing is held, however slowly the caller reads, and never are all in memory. Refuses at
    /// the end when they are no picture of one instant.
    /// </summary>
    public async IAsyncEnumerable<Grid> StreamAsync(
        (string Low, string High) range, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var began = await RevisionAsync(cancellation);
        var after = "";
        List<Grid> page;
        do
        {
            page = await database.QueryAsync(
                $"select {Columns} from grids where code >= $1 and code < $2 and code > $3 and valid_to is null order by code limit {PageSize}",
                Read, [P(range.Low), P(range.High), P(after)], cancellation);
            foreach (var grid in page)
                yield return grid;
            after = page is [.., var last] ? last.Code : after;
        }
        while (page.Count is PageSize);
        if (await RevisionAsync(cancellation) != began)
            throw new RefusedException(ExportErrors.Redrawn.With());
    }

    public Task<List<GridOutline>> OutlinesAsync((string Low, string High) range, CancellationToken cancellation) =>
        database.QueryAsync(
            "select code, kind, households, boundary from grids where code >= $1 and code < $2 and valid_to is null order by code",
            r => new GridOutline(r.GetString(0), (GridKind)r.GetInt16(1), r.GetInt32(2), new Outline(AreaOf(r, 3))),
            [P(range.Low), P(range.High)],
            cancellation);

    /// <summary>Changes that led to a grid or came of it; a change that others had a part in is told whole.</summary>
    public Task<List<GridChange>> HistoryAsync(string code, CancellationToken cancellation) =>
        database.QueryAsync(
            $"""
            with recursive
                before as (
                    select $1 collate "C" as code union select s.old_code from grid_successions s join before b on s.new_code = b.code),
                after as (
                    select $1 collate "C" as code union select s.new_code from grid_successions s join after a on s.old_code = a.code)
            select change_id, change, at, array_agg(distinct old_code order by old_code), array_agg(distinct new_code order by new_code)
            from grid_successions
            where change_id in (
                select change_id from grid_successions where new_code in (select code from before) or old_code in (select code from after))
            group by change_id, change, at order by at, change_id limit {MaxHistory}
            """,
            ReadChange,
            [P(code)],
            cancellation);

    /// <summary>What imports have written over, oldest first; of many the newest.</summary>
    public Task<List<GridRevision>> RevisionsAsync(string code, CancellationToken cancellation) =>
        database.QueryAsync(
            $"""
            select name, kind, boundary, households, updated_at, until, version
            from (select * from grid_revisions where code = $1 order by version desc limit {MaxRevisions}) newest
            order by version
            """,
            r => new GridRevision
            {
                Name = r.GetString(0),
                Kind = (GridKind)r.GetInt16(1),
                Boundary = Areas.ToMessage(AreaOf(r, 2), CoordinateSystem.Wgs84),
                Households = r.GetInt32(3),
                UpdatedAt = r.Instant(4).ToTimestamp(),
                Until = r.Instant(5).ToTimestamp(),
                Etag = Commands.Etag(r.GetInt64(6)),
            },
            [P(code)],
            cancellation);

    /// <summary>What a grid is today: itself, or those in force that it has become.</summary>
    public Task<List<string>> CurrentCodesAsync(string code, CancellationToken cancellation) =>
        database.QueryAsync(
            $"""
            with recursive after as (
                select $1 collate "C" as code union select s.new_code from grid_successions s join after a on s.old_code = a.code)
            select g.code from grids g join after a on a.code = g.code where g.valid_to is null order by g.code limit {MaxHistory}
            """,
            r => r.GetString(0),
            [P(code)],
            cancellation);

    /// <summary>
    /// What a redraw is held against: codes that are taken, and grids in force around it. <paramref name="near"/> must be as
    /// new as the database; <see cref="Save"/> makes sure that it was.
    /// </summary>
    public static async Task<(HashSet<string> Taken, List<Grid> Around)> SurroundingsAsync(Redraw redraw, BoundaryMap near, Command command)
    {
        var made = redraw.Made.Select(g => g.Code).ToHashSet();
        var asked = redraw.Made.SelectMany(g => near.Near(g.Area)).Concat(made).Except(redraw.EndedCodes);
        var found = await FindAsync([.. asked], command);
        return ([.. found.Select(g => g.Code).Where(made.Contains)], found.FindAll(g => g.ValidTo is null && !made.Contains(g.Code)));
    }

    public static void Save(Command command, Redraw redraw, long revision)
    {
        var writer = new WKBWriter();
        var id = command.NewId();
        command.Write(Redrawn, Revision, revision, revision + 1);
        foreach (var made in redraw.Made)
            command.Write(
                Grids, made.Code, made.Name, (short)made.Kind, writer.Write(made.Area), made.Households, made.UpdatedAt, made.Version,
                made.ValidFrom);
        foreach (var ended in redraw.Ended)
            command.Write(Ends, ended.Code, ended.Version - 1, ended.ValidTo, ended.UpdatedAt, ended.Version);
        foreach (var ended in redraw.Ended)
            foreach (var made in redraw.Made)
                command.Write(Successions, id, (short)redraw.Change, command.Now, ended.Code, made.Code);
        command.Concerns(redraw.Ended[0].Code, id);
        foreach (var grid in redraw.Ended.Concat(redraw.Made))
            command.ConcernsManyOf(grid.Code);
    }

    public static GridMessage ToMessage(Grid from) => ToMessage(from, CoordinateSystem.Wgs84);

    public static GridMessage ToMessage(Grid from, CoordinateSystem system)
    {
        var message = new GridMessage
        {
            Code = from.Code,
            Name = from.Name,
            Kind = from.Kind,
            Boundary = Areas.ToMessage(from.Area, system),
            Households = from.Households,
            UpdatedAt = from.UpdatedAt.ToTimestamp(),
            Etag = Commands.Etag(from.Version),
            ValidFrom = from.ValidFrom.ToTimestamp(),
            ValidTo = from.ValidTo?.ToTimestamp(),
        };
        message.Successors.Add(from.Successors);
        return message;
    }

    private Task<long> RevisionAsync(CancellationToken cancellation) =>
        database.FirstAsync("select revision from revisions where name = $1", r => r.GetInt64(0), [P(Revision)], cancellation);

    private async Task<BoundaryMap> LoadMapAsync(CancellationToken cancellation)
    {
        // The revision first: grids that are newer than it only make the next redraw read them again.
        var revision = await RevisionAsync(cancellation);
        var grids = await database.QueryAsync(
            "select code, kind, boundary from grids where valid_to is null",
            r => (Code: r.GetString(0), Kind: (GridKind)r.GetInt16(1), Boundary: r.GetFieldValue<byte[]>(2)), [], cancellation);
        // As bytes a city's polygons take a quarter of the memory.
        return new BoundaryMap(grids.Select(g => (g.Code, g.Kind, Areas.FromBytes(g.Boundary))), revision);
    }

    private static GridChange ReadChange(NpgsqlDataReader reader)
    {
        var change = new GridChange
        {
            Id = reader.GetGuid(0).ToString(),
            Kind = (GridChangeKind)reader.GetInt16(1),
            At = reader.Instant(2).ToTimestamp(),
        };
        change.OldCodes.Add(reader.GetFieldValue<string[]>(3));
        change.NewCodes.Add(reader.GetFieldValue<string[]>(4));
        return change;
    }

    private static Polygon AreaOf(NpgsqlDataReader reader, int column) => Areas.FromBytes(reader.GetFieldValue<byte[]>(column));

    private static Grid Read(NpgsqlDataReader reader) => new()
    {
        Code = reader.GetString(0),
        Name = reader.GetString(1),
        Kind = (GridKind)reader.GetInt16(2),
        Area = AreaOf(reader, 3),
        Households = reader.GetInt32(4),
        UpdatedAt = reader.Instant(5),
        Version = reader.GetInt64(6),
        ValidFrom = reader.Instant(7),
        ValidTo = reader.InstantOrNull(8),
        Successors = reader.GetFieldValue<string[]>(9),
    };
}
