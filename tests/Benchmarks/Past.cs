using System.Diagnostics;
using Npgsql;

namespace Governance.Benchmarks;

/// <summary>
/// Very many cases of three years in all grids of the city, nine of ten closed, each with three entries of history. They are written by
/// SQL under the triggers that keep the counts, as any other writer's, and stay until they are forgotten.
/// </summary>
internal static class Past
{
    public static readonly DateOnly From = new(2024, 1, 1);
    public static readonly DateOnly Until = new(2026, 12, 31);

    private const string Reporter = $"{Stack.Subject}-past";
    private const int Batch = 50_000;
    private const long FirstNumber = 1L << 41;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(60);

    public static async Task FillAsync(Stack stack, Settings settings)
    {
        await using var grids = stack.Database("grids");
        var there = await CountAsync(grids);
        var count = settings.Thousands * 1000L;
        var cpu = new CpuMeter(stack.Processes);
        var watch = Stopwatch.StartNew();
        for (var from = there; from < count; from += Batch)
        {
            await BatchAsync(grids, from, Math.Min(from + Batch, count), count);
            Console.Error.WriteLine($"fill: {Math.Min(from + Batch, count)} of {count} cases in {watch.Elapsed.TotalSeconds:F0} s");
        }
        var written = watch.Elapsed;
        await WaitUntilFoldedAsync(grids);
        Report.Print(new
        {
            Benchmark = "fill",
            Cases = await CountAsync(grids),
            Added = count - there,
            SecondsToWrite = Math.Round(written.TotalSeconds, 1),
            SecondsUntilFolded = Math.Round(watch.Elapsed.TotalSeconds, 1),
            CpuUsPerOperation = cpu.MicrosecondsPer(Math.Max(1, count - there)),
        });
        foreach (var table in (string[])["cases", "case_history", "kept_counts"])
            await Intake.ExecuteAsync(grids, $"vacuum analyze {table}");
    }

    public static async Task ForgetAsync(Stack stack, Settings settings)
    {
        await using var grids = stack.Database("grids");
        await Intake.ForgetAsync(grids);
        await Intake.ExecuteAsync(grids, $"delete from case_history h using cases c where c.id = h.case_id and c.reporter = '{Reporter}'");
        await Intake.ExecuteAsync(grids, $"delete from cases where reporter = '{Reporter}'");
        await WaitUntilFoldedAsync(grids);
        await Intake.ExecuteAsync(grids, "vacuum cases, case_history, kept_counts");
    }

    public static Task<long> CountAsync(NpgsqlDataSource grids) =>
        Intake.ScalarAsync<long>(grids, $"select count(*) from cases where reporter = '{Reporter}'");

    // In the order of their time, as cases come.
    private static Task BatchAsync(NpgsqlDataSource grids, long from, long until, long count) => Intake.ExecuteAsync(grids, $"""
        with places as materialized (select array_agg(code) as codes from grids where valid_to is null),
        made as materialized (
            select n, (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || substr(gen_random_uuid()::text, 15))::uuid as id,
                codes[1 + (hashint8(n) & 2147483647) % cardinality(codes)] as place, (hashint8(n + 7) & 2147483647) as luck, at
            from generate_series({from} + 1, {until}) n
            cross join lateral (select timestamptz '2023-12-31T16:00:00Z' + (n::float8 / {count} * 1096) * interval '1 day' as at) t
            cross join places),
        history as (
            insert into case_history (case_id, sequence, action, from_state, to_state, actor, actor_role, at, note, holder)
            select id, s, (array['Reported', 'Assessed', 'Closed'])[s], s - 1, s, '{Reporter}', 'officer', at + s * interval '1 hour', '', left(place, 12)
            from made cross join generate_series(1, 3) s)
        insert into cases (id, number, territory, holder, title, description, channel, reporter, state, category, result, answer,
            satisfaction, assess_by, due_at, policy_version, steps, reported_at, updated_at, version, late)
        select id, {-FirstNumber} - n, place, left(place, 12), '小区北门道闸损坏，车辆无法进出', '从昨天晚上开始，北门的道闸一直抬不起来，请尽快安排维修。', 1 + luck % 7, '{Reporter}',
            case when luck % 10 > 0 then 9 else 1 + luck / 10 % 8 end,
            (array['public_facilities', 'street_order', 'environment', 'construction_waste', 'greening', 'property_service', 'road', 'noise',
                'neighbour_dispute', 'elder_care', 'livelihood', 'safety_hazard'])[1 + luck / 100 % 12], '已修复。', '已安排维修，道闸恢复正常。',
            0, at, case when luck % 10 = 0 and luck / 10 % 8 < 6 then at + interval '5 days' end, 1, 3, at, at + interval '3 days', 1, (luck / 1000 % 9 = 0)::int
        from made
        """);

    private static async Task WaitUntilFoldedAsync(NpgsqlDataSource grids)
    {
        var watch = Stopwatch.StartNew();
        while (watch.Elapsed < Patience && await Intake.ScalarAsync<bool>(grids, "select exists(select from kept_changes)"))
            await Task.Delay(200);
    }
}
