using System.Diagnostics;
using Governance.Common.V1;
using Governance.ServiceDefaults.Identity;
using Grpc.Core;
using Npgsql;

namespace Governance.Benchmarks;

/// <summary>
/// Dashboards over very many cases of three years in all grids of the city, nine of ten closed. They are written by SQL under the
/// triggers that keep the counts, as any other writer's.
/// </summary>
internal static class Indicators
{
    private const int Batch = 50_000;
    private const long FirstNumber = 1L << 41;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(60);
    private static readonly DateOnly From = new(2024, 1, 1);
    private static readonly DateOnly Until = new(2026, 12, 31);

    public static async Task RunAsync(Stack stack, Settings settings)
    {
        await using var grids = stack.Database("grids");
        var token = stack.Token(Roles.Officer);
        var clients = stack.Channels("grids", Load.Connections).Select(c => new Common.V1.Indicators.IndicatorsClient(c)).ToArray();
        var codes = await CodesAsync(grids);
        try
        {
            await FillAsync(stack, grids, settings.Thousands * 1000);
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
                Report.Print($"indicators {name}, {settings.Thousands},000 cases", "answers/s", rounds);
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
        finally
        {
            await Intake.ForgetAsync(grids);
            await WaitUntilFoldedAsync(grids);
            await Intake.ExecuteAsync(grids, "vacuum cases, kept_counts");
        }
    }

    private static async Task FillAsync(Stack stack, NpgsqlDataSource grids, int count)
    {
        var cpu = new CpuMeter(stack.Processes);
        var watch = Stopwatch.StartNew();
        for (var from = 0; from < count; from += Batch)
        {
            await Intake.ExecuteAsync(grids, $"""
                with places as materialized (select array_agg(code) as codes from grids where valid_to is null),
                made as (
                    select n, codes[1 + (hashint4(n) & 2147483647) % cardinality(codes)] as place, (hashint4(n + 7) & 2147483647) as luck,
                        timestamptz '2023-12-31T16:00:00Z' + (hashint4(n + 13) & 2147483647) % (1096 * 86400) * interval '1 second' as at
                    from generate_series({from} + 1, {Math.Min(from + Batch, count)}) n cross join places)
                insert into cases (id, number, territory, holder, title, description, channel, reporter, state, category, result, answer,
                    satisfaction, assess_by, due_at, policy_version, steps, reported_at, updated_at, version, late)
                select gen_random_uuid(), {-FirstNumber} - n, place, left(place, 12), '基准测试', '', 1 + luck % 7, '{Stack.Subject}',
                    case when luck % 10 > 0 then 9 else 1 + luck / 10 % 8 end,
                    (array['public_facilities', 'street_order', 'environment', 'construction_waste', 'greening', 'property_service', 'road', 'noise',
                        'neighbour_dispute', 'elder_care', 'livelihood', 'safety_hazard'])[1 + luck / 100 % 12], '', '',
                    0, at, case when luck % 10 = 0 and luck / 10 % 8 < 6 then at + interval '5 days' end, 1, 1, at, at + interval '3 days', 1, (luck / 1000 % 9 = 0)::int
                from made
                """);
            Console.Error.WriteLine($"indicators: {Math.Min(from + Batch, count)} of {count} cases in {watch.Elapsed.TotalSeconds:F0} s");
        }
        var written = watch.Elapsed;
        await WaitUntilFoldedAsync(grids);
        Report.Print(new
        {
            Benchmark = "indicators, filling",
            Cases = count,
            SecondsToWrite = Math.Round(written.TotalSeconds, 1),
            SecondsUntilFolded = Math.Round(watch.Elapsed.TotalSeconds, 1),
            CpuUsPerOperation = cpu.MicrosecondsPer(count),
        });
        await Intake.ExecuteAsync(grids, "vacuum analyze cases");
        await Intake.ExecuteAsync(grids, "vacuum analyze kept_counts");
    }

    private static async Task WaitUntilFoldedAsync(NpgsqlDataSource grids)
    {
        var watch = Stopwatch.StartNew();
        while (watch.Elapsed < Patience && await Intake.ScalarAsync<bool>(grids, "select exists(select from kept_changes)"))
            await Task.Delay(200);
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
        var from = From.AddMonths(Random.Shared.Next(30));
        return Period(from, from.AddMonths(Random.Shared.Next(1, 13)).AddDays(-1));
    }

    private static IndicatorPeriod AnyDays()
    {
        var from = From.AddDays(Random.Shared.Next(900));
        return Period(from, from.AddDays(Random.Shared.Next(400)));
    }

    private static IndicatorPeriod Period(DateOnly from, DateOnly until) => new() { From = from.ToString("yyyy-MM-dd"), Until = until.ToString("yyyy-MM-dd") };

    private static async Task PartsAsync(Common.V1.Indicators.IndicatorsClient client, Metadata token, string name, string dimension, string[][] codes) =>
        await client.GetIndicatorBreakdownAsync(
            new GetIndicatorBreakdownRequest { Territory = AnyOf(codes), Name = name, Period = AnyPeriod(), Dimension = dimension }, token);

    private static async Task GridsAsync(Common.V1.Indicators.IndicatorsClient client, Metadata token)
    {
        var from = From.AddMonths(Random.Shared.Next(24));
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
            new GetIndicatorSeriesRequest { Territory = AnyOf(codes), Name = "cases", Period = Period(From, Until), Span = Span.Month }, token);

    private static async Task ValueAsync(
        Common.V1.Indicators.IndicatorsClient client, Metadata token, string name, IndicatorPeriod? period = null) =>
        await client.GetIndicatorsAsync(new GetIndicatorsRequest { Territory = Stack.City, Names = { name }, Period = period }, token);
}
