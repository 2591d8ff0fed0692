using System.Diagnostics;
using Governance.Common.V1;
using Governance.ServiceDefaults.Identity;
using Grpc.Core;
using Npgsql;

namespace Governance.Benchmarks;

/// <summary>Dashboards over the cases that <see cref="Past"/> has filled in, one at a time.</summary>
internal static class Indicators
{
    public static async Task RunAsync(Stack stack, Settings settings)
    {
        await using var grids = stack.Database("grids");
        var token = stack.Token(Roles.Officer);
        var clients = stack.Channels("grids", Load.Connections).Select(c => new Common.V1.Indicators.IndicatorsClient(c)).ToArray();
        var codes = await CodesAsync(grids);
        var there = await Past.CountAsync(grids);
        var dashboards = new (string Name, Func<Common.V1.Indicators.IndicatorsClient, Task> Ask)[]
        {
            ("by state", client => PartsAsync(client, token, "cases", "state", codes)),
            ("by category", client => PartsAsync(client, token, "cases", "category", codes)),
            ("by grid of the city", client => GridsAsync(client, token)),
            ("by month", client => SeriesAsync(client, token, codes)),
            ("on time", client => PartsAsync(client, token, "on_time_rate", "subdistrict", codes)),
            ("overdue now, city", client => ValueAsync(client, token, "cases_overdue")),
            ("rate of any days, city", client => ValueAsync(client, token, "resolution_rate", AnyDays())),
        };
        await Load.RunAsync(settings.WarmUp, [], i => dashboards[Random.Shared.Next(dashboards.Length)].Ask(clients[i % clients.Length]), inFlight: 2);
        foreach (var (name, ask) in dashboards)
        {
            var rounds = new List<Sample>();
            for (var round = 0; round < settings.Rounds; round++)
                rounds.Add(await Load.RunAsync(settings.Round, [.. stack.Processes, ProcessGroup.Self], i => ask(clients[i % clients.Length]), inFlight: 1));
            Report.Print($"indicators {name}, {there} cases there", "answers/s", rounds);
        }
        // What the same numbers cost when they are counted.
        var watch = Stopwatch.StartNew();
        await using (var count = grids.CreateCommand("select state, count(*) from cases where territory >= '3406' and territory < '3406:' group by state"))
        await using (var reader = await count.ExecuteReaderAsync())
            while (await reader.ReadAsync())
            {
            }
        Report.Print(new
        {
            Benchmark = "indicators counted instead, by state",
            Milliseconds = Math.Round(watch.Elapsed.TotalMilliseconds, 1),
            KeptCells = await Intake.ScalarAsync<long>(grids, "select count(*) from kept_counts"),
            KeptMegabytes = await Intake.ScalarAsync<long>(grids, "select pg_total_relation_size('kept_counts') / 1000000"),
            CasesMegabytes = await Intake.ScalarAsync<long>(grids, "select pg_total_relation_size('cases') / 1000000"),
        });
    }

    /// <summary>The city, its districts, subdistricts, communities and grids, each level as often as the others.</summary>
    private static async Task<string[][]> CodesAsync(NpgsqlDataSource grids)
    {
        var levels = new List<string[]>();
        foreach (var digits in new[] { 4, 6, 9, 12, 16 })
            levels.Add(await Intake.ScalarAsync<string[]>(grids, $"select array_agg(distinct left(code, {digits})) from grids where valid_to is null"));
        return [.. levels];
    }

    private static string AnyOf(string[][] codes)
    {
        var level = codes[Random.Shared.Next(codes.Length)];
        return level[Random.Shared.Next(level.Length)];
    }

    // Half of the time whole months, else any days.
    private static IndicatorPeriod AnyPeriod()
    {
        if (Random.Shared.Next(2) is 0)
            return AnyDays();
        var from = Past.From.AddMonths(Random.Shared.Next(30));
        return Period(from, from.AddMonths(Random.Shared.Next(1, 13)).AddDays(-1));
    }

    private static IndicatorPeriod AnyDays()
    {
        var from = Past.From.AddDays(Random.Shared.Next(900));
        return Period(from, from.AddDays(Random.Shared.Next(400)));
    }

    private static IndicatorPeriod Period(DateOnly from, DateOnly until) => new() { From = from.ToString("yyyy-MM-dd"), Until = until.ToString("yyyy-MM-dd") };

    private static async Task PartsAsync(Common.V1.Indicators.IndicatorsClient client, Metadata token, string name, string dimension, string[][] codes) =>
        await client.GetIndicatorBreakdownAsync(
            new GetIndicatorBreakdownRequest { Territory = AnyOf(codes), Name = name, Period = AnyPeriod(), Dimension = dimension }, token);

    private static async Task GridsAsync(Common.V1.Indicators.IndicatorsClient client, Metadata token)
    {
        var from = Past.From.AddMonths(Random.Shared.Next(24));
        await client.GetIndicatorBreakdownAsync(
            new GetIndicatorBreakdownRequest
            {
                Territory = Stack.City,
                Name = "cases_open",
                Period = Period(from, from.AddMonths(12).AddDays(-1)),
                Dimension = "grid",
                PageSize = 500,
            },
            token);
    }

    private static async Task SeriesAsync(Common.V1.Indicators.IndicatorsClient client, Metadata token, string[][] codes) =>
        await client.GetIndicatorSeriesAsync(
            new GetIndicatorSeriesRequest { Territory = AnyOf(codes), Name = "cases", Period = Period(Past.From, Past.Until), Span = Span.Month }, token);

    private static async Task ValueAsync(
        Common.V1.Indicators.IndicatorsClient client, Metadata token, string name, IndicatorPeriod? period = null) =>
        await client.GetIndicatorsAsync(new GetIndicatorsRequest { Territory = Stack.City, Names = { name }, Period = period }, token);
}
