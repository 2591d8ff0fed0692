using System.Diagnostics;
using Governance.Common.V1;
using Governance.Grids.V1;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Geography;
using Governance.ServiceDefaults.Identity;
using Grpc.Core;
using Npgsql;
using NpgsqlTypes;

namespace Governance.Benchmarks;

/// <summary>ImportGrids of new rows in a city that does not exist, against binary COPY of the same rows into a copy of the table.</summary>
internal static class Import
{
    private const int Rows = 50_000;
    private const int RowsPerMessage = 500;
    private const int GridsPerCommunity = 100;
    private const string City = "3499";

    public static async Task RunAsync(Stack stack, Settings settings)
    {
        await using var grids = stack.Database("grids");
        var client = new Boundaries.BoundariesClient(stack.Channels("grids", 1)[0]);
        var token = stack.Token(Roles.Operator);
        var rows = Enumerable.Range(0, Rows).Select(Row).ToList();
        var areas = rows.Select(r => Areas.Parse(r.Boundary, "boundary", [])!).ToList();
        try
        {
            await Intake.ExecuteAsync(grids, "drop schema if exists bench cascade");
            await Intake.ExecuteAsync(grids, "create schema bench");
            await Intake.ExecuteAsync(grids, "create table bench.grids (like public.grids including all)");
            await ClearAsync(grids);
            var watch = Stopwatch.StartNew();
            while (watch.Elapsed < settings.WarmUp)
            {
                await CopyAsync(stack, grids, rows, areas);
                await ImportAsync(stack, grids, client, rows, token);
            }
            await Report.InTurnsAsync(
                "import", "rows/s", "binary COPY into a copy of the table", settings.Rounds,
                () => CopyAsync(stack, grids, rows, areas),
                () => ImportAsync(stack, grids, client, rows, token));
        }
        finally
        {
            await ClearAsync(grids);
            await Intake.ExecuteAsync(grids, "drop schema if exists bench cascade");
            await Intake.ExecuteAsync(grids, $"delete from requests where subject = '{Stack.Subject}'");
        }
    }

    private static GridRow Row(int number)
    {
        var community = number / GridsPerCommunity;
        var (west, south) = (100 + (number % 1000 * 0.002), 20 + (number / 1000 * 0.002));
        return new GridRow
        {
            Code = $"{City}01001{community + 1:000}{(number % GridsPerCommunity) + 1:000}",
            Name = $"基准测试第{number}网格",
            Kind = GridKind.Residential,
            Households = 300 + (number % 200),
            Boundary = new Polygon
            {
                Points = { At(west, south), At(west + 0.002, south), At(west + 0.002, south + 0.002), At(west, south + 0.002) },
            },
        };
    }

    private static Point At(double longitude, double latitude) => new() { Longitude = longitude, Latitude = latitude, System = CoordinateSystem.Wgs84 };

    private static async Task<Sample> ImportAsync(Stack stack, NpgsqlDataSource grids, Boundaries.BoundariesClient client, List<GridRow> rows, Metadata token)
    {
        var cpu = new CpuMeter([.. stack.Processes, ProcessGroup.Self]);
        var watch = Stopwatch.StartNew();
        using var call = client.ImportGrids(token);
        await call.RequestStream.WriteAsync(new ImportGridsRequest { Header = new ImportHeader { RequestId = Guid.NewGuid().ToString(), Territory = City } });
        foreach (var some in rows.Chunk(RowsPerMessage))
            await call.RequestStream.WriteAsync(new ImportGridsRequest { Rows = { some } });
        await call.RequestStream.CompleteAsync();
        var summary = (await call).Summary;
        var elapsed = watch.Elapsed;
        var cost = cpu.MicrosecondsPer(rows.Count);
        if (summary.Created != rows.Count)
            throw new InvalidOperationException($"{summary.Created} of {rows.Count} rows were created: {summary.Errors.FirstOrDefault()}");
        await ClearAsync(grids);
        return new Sample(rows.Count / elapsed.TotalSeconds, null, cost);
    }

    private static async Task<Sample> CopyAsync(Stack stack, NpgsqlDataSource grids, List<GridRow> rows, List<byte[]> areas)
    {
        await Intake.ExecuteAsync(grids, "truncate bench.grids");
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        var cpu = new CpuMeter([.. stack.Processes.Where(p => p.Name is "postgres"), ProcessGroup.Self]);
        var watch = Stopwatch.StartNew();
        await using (var connection = await grids.OpenConnectionAsync())
        await using (var copy = await connection.BeginBinaryImportAsync(
            "copy bench.grids (code, name, kind, boundary, households, updated_at, version, valid_from) from stdin (format binary)"))
        {
            foreach (var (row, area) in rows.Zip(areas))
            {
                await copy.StartRowAsync();
                await copy.WriteAsync(row.Code, NpgsqlDbType.Text);
                await copy.WriteAsync(row.Name, NpgsqlDbType.Text);
                await copy.WriteAsync((short)row.Kind, NpgsqlDbType.Smallint);
                await copy.WriteAsync(area, NpgsqlDbType.Bytea);
                await copy.WriteAsync(row.Households, NpgsqlDbType.Integer);
                await copy.WriteAsync(now, NpgsqlDbType.TimestampTz);
                await copy.WriteAsync(1L, NpgsqlDbType.Bigint);
                await copy.WriteAsync(now, NpgsqlDbType.TimestampTz);
            }
            await copy.CompleteAsync();
        }
        return new Sample(rows.Count / watch.Elapsed.TotalSeconds, null, cpu.MicrosecondsPer(rows.Count));
    }

    // With the revision, so that the service forgets them as well.
    public static async Task ClearAsync(NpgsqlDataSource grids)
    {
        await Intake.ExecuteAsync(grids, $"delete from grids where code >= '{City}' and code < '{City}:'");
        await Intake.ExecuteAsync(grids, Revisions.Touch("boundaries"));
        await Intake.ExecuteAsync(grids, "vacuum grids");
    }
}
