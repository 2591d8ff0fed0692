using System.Diagnostics;
using Governance.Common.V1;
using Governance.Grids.Boundaries;
using Governance.Grids.V1;
using Governance.ServiceDefaults.Geography;
using Governance.ServiceDefaults.Identity;
using Grpc.Core;
using NetTopologySuite.Geometries;
using Point = Governance.Common.V1.Point;
using Polygon = NetTopologySuite.Geometries.Polygon;

namespace Governance.Benchmarks;

/// <summary>
/// A point among 100,489 grids of a city that does not exist: in the map alone, while it stands and while another is built
/// beside it, and through gRPC when a stack is running.
/// </summary>
internal static class Locate
{
    private const int Across = 317;
    private const int Grids = Across * Across;
    private const int BlockSide = 10;
    private const int RowsPerMessage = 200;
    private const double Side = 0.002;
    private const double West = 100;
    private const double South = 20;
    private const string City = "3499";

    /// <summary>Corners on each side of a grid, off the straight line, and shared with the neighbour.</summary>
    private const int CornersPerSide = 5;

    public static async Task RunAsync(Stack? stack, Settings settings)
    {
        var areas = Enumerable.Range(0, Grids).Select(n => (Code(n), Area(n))).ToList();
        await InMapAsync(areas, settings);
        Check(areas);
        if (stack is not null)
            await ThroughGrpcAsync(stack, areas, settings);
    }

    private static BoundaryMap MapOf(IEnumerable<(string Code, Polygon Area)> areas) =>
        new(areas.Select(grid => (grid.Code, GridKind.Residential, grid.Area)));

    private static async Task InMapAsync(List<(string Code, Polygon Area)> areas, Settings settings)
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var watch = Stopwatch.StartNew();
        var map = MapOf(areas);
        var built = watch.Elapsed;
        var empty = GC.GetTotalMemory(forceFullCollection: true) - before;
        // Each area makes an index of its own when it is first asked for.
        for (var n = 0; n < Grids; n++)
            map.Holding(Middle(n));
        var full = GC.GetTotalMemory(forceFullCollection: true) - before;

        var standing = Lookups.In(map, settings.Round);
        using var stop = new CancellationTokenSource();
        var builder = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
                GC.KeepAlive(MapOf(areas));
        });
        var building = Lookups.In(map, settings.Round);
        await stop.CancelAsync();
        await builder;

        Report.Print(new
        {
            Benchmark = "locate_map",
            Grids,
            CornersOfAGrid = 4 * CornersPerSide,
            BuildMs = Math.Round(built.TotalMilliseconds),
            MegabytesBesideTheAreas = Math.Round(empty / 1e6, 1),
            MegabytesBesideTheAreasOnceAllWereAsked = Math.Round(full / 1e6, 1),
            Standing = standing,
            WhileAnotherIsBuilt = building,
            Machine = Report.Machine(),
            Commit = Report.Commit(),
        });
    }

    private static void Check(List<(string Code, Polygon Area)> areas)
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var outlines = areas
            .Select(g => new GridOutline(g.Code, GridKind.Residential, 400, new Outline(g.Area)))
            .OrderBy(g => g.Code, StringComparer.Ordinal)
            .ToList();
        var kept = GC.GetTotalMemory(forceFullCollection: true) - before;
        var watch = Stopwatch.StartNew();
        var check = new BoundaryCheck(outlines, new Dictionary<string, Policy>(), BoundaryCheck.DefaultToleranceM2, CancellationToken.None);
        var summary = check.Report().Last().Summary;
        Report.Print(new
        {
            Benchmark = "check_in_memory",
            Grids,
            CornersOfAGrid = 4 * CornersPerSide,
            Seconds = Math.Round(watch.Elapsed.TotalSeconds, 2),
            MegabytesKept = Math.Round(kept / 1e6, 1),
            summary.Overlaps,
            summary.Gaps,
        });
    }

    private static async Task ThroughGrpcAsync(Stack stack, List<(string Code, Polygon Area)> areas, Settings settings)
    {
        await using var grids = stack.Database("grids");
        var token = stack.Token(Roles.Operator);
        var clients = stack.Channels("grids", Load.Connections).Select(c => new Boundaries.BoundariesClient(c)).ToArray();
        try
        {
            await Import.ClearAsync(grids);
            await ImportAsync(clients[0], areas, token);
            await Load.RunAsync(settings.WarmUp, [], i => LocateAsync(clients[i % clients.Length], token));
            var alone = await Load.RunAsync(settings.Round, [], i => LocateAsync(clients[i], token), inFlight: 1);
            var many = new List<Sample>();
            for (var round = 0; round < settings.Rounds; round++)
                many.Add(await Load.RunAsync(
                    settings.Round, [.. stack.Processes, ProcessGroup.Self], i => LocateAsync(clients[i % clients.Length], token)));
            Report.Print("locate_grpc_alone", "answers/s", [alone]);
            await CheckAsync(clients[0], token);
            Report.Print("locate_grpc", "answers/s", many);
        }
        finally
        {
            await Import.ClearAsync(grids);
            await Intake.ExecuteAsync(grids, $"delete from requests where subject = '{Stack.Subject}'");
        }
    }

    private static async Task CheckAsync(Boundaries.BoundariesClient client, Metadata token)
    {
        var watch = Stopwatch.StartNew();
        using var call = client.CheckBoundaries(new CheckBoundariesRequest { Territory = City }, token);
        CheckSummary? summary = null;
        while (await call.ResponseStream.MoveNext(CancellationToken.None))
            summary = call.ResponseStream.Current.Summary;
        Report.Print(new
        {
            Benchmark = "check_grpc",
            summary!.Grids,
            Seconds = Math.Round(watch.Elapsed.TotalSeconds, 2),
            summary.Overlaps,
            summary.Gaps,
        });
    }

    private static async Task LocateAsync(Boundaries.BoundariesClient client, Metadata token) =>
        await client.LocateGridAsync(
            new LocateGridRequest
            {
                Point = new Point
                {
                    Longitude = West + (Random.Shared.NextDouble() * (Across - 1) * Side) + (Side / 2),
                    Latitude = South + (Random.Shared.NextDouble() * (Across - 1) * Side) + (Side / 2),
                },
            },
            token);

    private static async Task ImportAsync(Boundaries.BoundariesClient client, List<(string Code, Polygon Area)> areas, Metadata token)
    {
        using var call = client.ImportGrids(token);
        await call.RequestStream.WriteAsync(new ImportGridsRequest
        {
            Header = new ImportHeader { RequestId = Guid.NewGuid().ToString(), Territory = City },
        });
        foreach (var some in areas.Chunk(RowsPerMessage))
            await call.RequestStream.WriteAsync(new ImportGridsRequest { Rows = { some.Select(grid => Row(grid.Code, grid.Area)) } });
        await call.RequestStream.CompleteAsync();
        var summary = (await call).Summary;
        if (summary.Created != Grids)
            throw new InvalidOperationException($"{summary.Created} of {Grids} rows were created: {summary.Errors.FirstOrDefault()}");
    }

    private static GridRow Row(string code, Polygon area) =>
        new() { Code = code, Name = code, Kind = GridKind.Residential, Households = 400, Boundary = Areas.ToMessage(area) };

    // A community is a block of grids.
    private static string Code(int number)
    {
        var (x, y) = (number % Across, number / Across);
        var community = (y / BlockSide * ((Across / BlockSide) + 1)) + (x / BlockSide);
        return $"{City}01{(community / 900) + 1:000}{(community % 900) + 1:000}{(y % BlockSide * BlockSide) + (x % BlockSide) + 1:000}";
    }

    private static Coordinate Middle(int number) =>
        new(West + (((number % Across) + 0.5) * Side), South + (((number / Across) + 0.5) * Side));

    private static Polygon Area(int number)
    {
        var (x, y) = (number % Across * CornersPerSide, number / Across * CornersPerSide);
        var ring = new List<Coordinate>();
        for (var i = 0; i < CornersPerSide; i++)
            ring.Add(Corner(x + i, y));
        for (var i = 0; i < CornersPerSide; i++)
            ring.Add(Corner(x + CornersPerSide, y + i));
        for (var i = CornersPerSide; i > 0; i--)
            ring.Add(Corner(x + i, y + CornersPerSide));
        for (var i = CornersPerSide; i > 0; i--)
            ring.Add(Corner(x, y + i));
        ring.Add(ring[0]);
        return new GeometryFactory().CreatePolygon([.. ring]);
    }

    // A corner belongs to all its grids alike. The outer border is straight, so that every point of the city is in a grid.
    private static Coordinate Corner(int x, int y)
    {
        var (step, last) = (Side / CornersPerSide, Across * CornersPerSide);
        return new Coordinate(
            West + ((x + (x is 0 || x == last ? 0 : Shift(x, y))) * step), South + ((y + (y is 0 || y == last ? 0 : Shift(y, x))) * step));
    }

    private static double Shift(int one, int other) => 0.3 * Math.Sin((one * 12.9898) + (other * 78.233));

    /// <summary>Lookups one after another, in microseconds.</summary>
    private sealed record Lookups(double PerSecond, double P50Us, double P99Us, double P9999Us)
    {
        public static Lookups In(BoundaryMap map, TimeSpan duration)
        {
            var times = new List<double>(10_000_000);
            var watch = Stopwatch.StartNew();
            while (watch.Elapsed < duration && times.Count < times.Capacity)
            {
                var (x, y) = (Random.Shared.NextDouble() * Across, Random.Shared.NextDouble() * Across);
                var point = new Coordinate(West + (x * Side), South + (y * Side));
                var from = Stopwatch.GetTimestamp();
                map.Holding(point);
                times.Add(Stopwatch.GetElapsedTime(from).TotalMicroseconds);
            }
            var elapsed = watch.Elapsed;
            times.Sort();
            return new Lookups(Math.Round(times.Count / elapsed.TotalSeconds), At(0.5), At(0.99), At(0.9999));

            double At(double share) => Math.Round(times[(int)(share * times.Count)], 1);
        }
    }
}
