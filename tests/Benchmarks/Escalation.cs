using System.Diagnostics;
using Npgsql;

namespace Governance.Benchmarks;

/// <summary>How long the service takes until all of very many overdue cases have gone up, among ten times as many open ones.</summary>
internal static class Escalation
{
    private const int Overdue = 100_000;
    private const int Open = 1_000_000;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    public static async Task RunAsync(Stack stack, Settings settings)
    {
        await using var grids = stack.Database("grids");
        var place = await Intake.ScalarAsync<string>(grids, "select min(code) from grids");
        try
        {
            await InsertAsync(grids, place, 0, Open, "now() + interval '30 days'");
            await Intake.ExecuteAsync(grids, "vacuum analyze cases");
            var cpu = new CpuMeter(stack.Processes);
            // They become visible at once, and the clock starts.
            await InsertAsync(grids, place, Open, Overdue, "now() - interval '1 day'");
            var watch = Stopwatch.StartNew();
            while (watch.Elapsed < Patience && await LeftAsync(grids) > 0)
                await Task.Delay(200);
            var elapsed = watch.Elapsed;
            var cost = cpu.MicrosecondsPer(Overdue);
            Report.Print(new
            {
                Benchmark = "escalation",
                Seconds = Math.Round(elapsed.TotalSeconds, 1),
                Overdue,
                Open,
                Left = await LeftAsync(grids),
                Escalated = await CountAsync(grids, "version = 2"),
                EscalatedTwice = await CountAsync(grids, "version > 2"),
                EscalatedInTime = await CountAsync(grids, $"number > {-(1L << 40) - Open - 1} and version > 1"),
                CpuUsPerOperation = cost,
                Machine = Report.Machine(),
                Commit = Report.Commit(),
            });
        }
        finally
        {
            await Intake.ForgetAsync(grids);
            await Intake.ExecuteAsync(grids, "vacuum cases");
        }
    }

    private static async Task InsertAsync(NpgsqlDataSource grids, string place, int from, int count, string escalateAt)
    {
        await using var insert = grids.CreateCommand($"""
            insert into cases (id, number, territory, holder, title, description, channel, reporter, state, category, result, answer,
                satisfaction, assess_by, due_at, policy_version, steps, reported_at, updated_at, version, escalate_at)
            select gen_random_uuid(), {-(1L << 40) - from} - n, '{place}', left('{place}', 12), '基准测试', '', 1, '{Stack.Subject}', 1, '', '', '',
                0, {escalateAt}, {escalateAt}, 1, 1, now(), now(), 1, {escalateAt} + n * interval '1 millisecond'
            from generate_series(1, {count}) n
            """);
        insert.CommandTimeout = 0;
        await insert.ExecuteNonQueryAsync();
    }

    private static Task<long> LeftAsync(NpgsqlDataSource grids) =>
        Intake.ScalarAsync<long>(grids, "select count(*) from cases where escalate_at <= now()");

    private static Task<long> CountAsync(NpgsqlDataSource grids, string condition) =>
        Intake.ScalarAsync<long>(grids, $"select count(*) from cases where reporter = '{Stack.Subject}' and {condition}");
}
