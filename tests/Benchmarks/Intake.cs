using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Google.Protobuf;
using Governance.Common.V1;
using Governance.Grids.V1;
using Governance.ServiceDefaults.Identity;
using Npgsql;

namespace Governance.Benchmarks;

/// <summary>ReportCase, against pgbench writing the same rows in one statement into copies of the same tables.</summary>
internal static partial class Intake
{
    public const string Title = "小区北门道闸损坏，车辆无法进出";

    private const int PgBenchClients = 8;

    private static readonly string[] Tables = ["cases", "case_history", "outbox", "audit", "requests"];

    public static async Task RunAsync(Stack stack, Settings settings)
    {
        await using var grids = stack.Database("grids");
        var token = stack.Token(Roles.Operator);
        var clients = stack.Channels("grids", Load.Connections).Select(c => new Cases.CasesClient(c)).ToArray();
        var places = await PlacesAsync(stack);
        var script = Path.GetTempFileName();
        try
        {
            var answer = await clients[0].ReportCaseAsync(Request(places), token);
            await MakeCopiesAsync(grids);
            await File.WriteAllTextAsync(script, await StatementAsync(grids, answer));

            await Load.RunAsync(settings.WarmUp, [], i => ReportAsync(i));
            await Report.InTurnsAsync(
                "intake", "cases/s", $"pgbench, one statement, {PgBenchClients} clients", settings.Rounds,
                () => PgBenchAsync(stack, script, settings.Round),
                () => Load.RunAsync(settings.Round, [.. stack.Processes, ProcessGroup.Self], i => ReportAsync(i)));
        }
        finally
        {
            File.Delete(script);
            await ExecuteAsync(grids, "drop schema if exists bench cascade");
            await ForgetAsync(grids);
        }

        async Task ReportAsync(int worker) => await clients[worker % clients.Length].ReportCaseAsync(Request(places), token);
    }

    /// <summary>A point in each of some grids of the city.</summary>
    public static async Task<Point[]> PlacesAsync(Stack stack)
    {
        using var channel = stack.Channels("grids", 1)[0];
        var listed = await new Boundaries.BoundariesClient(channel).ListGridsAsync(
            new ListGridsRequest { Territory = Stack.City, PageSize = 200 }, stack.Token(Roles.Operator));
        return
        [
            .. listed.Grids.Select(g => new Point
            {
                Longitude = g.Boundary.Points.Average(p => p.Longitude),
                Latitude = g.Boundary.Points.Average(p => p.Latitude),
                System = CoordinateSystem.Wgs84,
            }),
        ];
    }

    public static ReportCaseRequest Request(Point[] places) => new()
    {
        RequestId = Guid.NewGuid().ToString(),
        Point = places[Random.Shared.Next(places.Length)],
        Title = Title,
        Description = "从昨天晚上开始，北门的道闸一直抬不起来，早高峰时车辆排到了马路上，请尽快安排维修。",
        Channel = CaseChannel.MiniProgramme,
    };

    /// <summary>Deletes what benchmarks have reported. Audit rows stay, as always; published events have left the outbox.</summary>
    public static async Task ForgetAsync(NpgsqlDataSource grids)
    {
        await WaitForOutboxAsync(grids, TimeSpan.FromMinutes(2));
        await ExecuteAsync(grids, $"delete from case_history h using cases c where c.id = h.case_id and c.reporter = '{Stack.Subject}'");
        await ExecuteAsync(grids, $"delete from bulletin_versions v using bulletin_items i, cases c where i.id = v.item_id and c.id = i.source_id and c.reporter = '{Stack.Subject}'");
        await ExecuteAsync(grids, $"delete from bulletin_items i using cases c where c.id = i.source_id and c.reporter = '{Stack.Subject}'");
        await ExecuteAsync(grids, $"delete from dispatch_assignments a using cases c where c.id = a.case_id and c.reporter = '{Stack.Subject}'");
        await ExecuteAsync(grids, $"delete from cases where reporter = '{Stack.Subject}'");
        await ExecuteAsync(grids, $"delete from requests where subject = '{Stack.Subject}'");
    }

    public static async Task WaitForOutboxAsync(NpgsqlDataSource database, TimeSpan atMost)
    {
        var watch = Stopwatch.StartNew();
        while (watch.Elapsed < atMost && await ScalarAsync<bool>(database, "select exists(select from outbox)"))
            await Task.Delay(100);
    }

    public static async Task ExecuteAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        command.CommandTimeout = 0;
        await command.ExecuteNonQueryAsync();
    }

    public static async Task<T> ScalarAsync<T>(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    private static async Task MakeCopiesAsync(NpgsqlDataSource grids)
    {
        await ExecuteAsync(grids, "drop schema if exists bench cascade");
        await ExecuteAsync(grids, "create schema bench");
        foreach (var table in Tables)
            await ExecuteAsync(grids, $"create table bench.{table} (like public.{table} including all)");
        await ExecuteAsync(grids, "create sequence bench.numbers cache 1000");
    }

    /// <summary>The rows of one real report, with ids of their own. Ids of records sort by time, as the service makes them.</summary>
    private static async Task<string> StatementAsync(NpgsqlDataSource grids, ReportCaseResponse answer)
    {
        var made = answer.Case;
        var payload = System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(
            new Contracts.Events.CaseReported(Guid.Parse(made.Id), made.Territory, made.Title, made.ReportedAt.ToDateTimeOffset()),
            ServiceDefaults.Events.EventJson.Options);
        var action = await ScalarAsync<string>(grids, $"select action from audit where record_id = '{made.Id}'");
        var text = $"""
            with ids as materialized (
                select (lpad(to_hex((extract(epoch from clock_timestamp()) * 1000)::bigint), 12, '0') || substr(gen_random_uuid()::text, 15))::uuid as id,
                    gen_random_uuid() as request, now() as at),
            c as (insert into bench.cases (id, number, territory, holder, title, description, longitude, latitude, channel, reporter, state, category,
                    result, answer, satisfaction, assess_by, due_at, policy_version, steps, reported_at, updated_at, version)
                select id, nextval('bench.numbers'), '{made.Territory}', '{made.Holder}', '{made.Title}', '{made.Description}', {made.Place.Longitude}, {made.Place.Latitude},
                    1, '{made.Reporter}', 1, '', '', '', 0, at + interval '4 hours', at + interval '4 hours', 1, 1, at, at, 1 from ids),
            h as (insert into bench.case_history (case_id, sequence, action, from_state, to_state, actor, actor_role, at, note, holder, due_at)
                select id, 1, 'Reported', 0, 1, '{made.Reporter}', 'operator', at, '', '{made.Holder}', at + interval '4 hours' from ids),
            o as (insert into bench.outbox (message_id, aggregate_id, event, payload, created_at)
                select id, id, 'CaseReported', '\x{Convert.ToHexString(payload)}'::bytea, at from ids),
            a as (insert into bench.audit (at, subject, role, action, request_id, territory, record_id, peer)
                select at, '{made.Reporter}', 'operator', '{action}', request, '{made.Territory}', id, 'ipv4 127.0.0.1 40000' from ids)
            insert into bench.requests (request_id, method, subject, body_hash, response, answered_at)
            select request, '{action}', '{made.Reporter}', '\x{new string('7', 64)}'::bytea, '\x{Convert.ToHexString(answer.ToByteArray())}'::bytea, at from ids;
            """;
        // On one line, and with no colon inside a text: pgbench takes what follows one for a variable of its own.
        return NewLines().Replace(text, " ") + "\n";
    }

    private static async Task<Sample> PgBenchAsync(Stack stack, string script, TimeSpan duration)
    {
        var connection = new NpgsqlConnectionStringBuilder(stack.Connection("grids-db"));
        var start = new ProcessStartInfo(PgBench())
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["PGPASSWORD"] = connection.Password },
        };
        foreach (var argument in (string[])
            ["-h", connection.Host!, "-p", $"{connection.Port}", "-U", connection.Username!, "-n", "-M", "prepared", "-c", $"{PgBenchClients}", "-j", "2",
            "-T", $"{(int)duration.TotalSeconds}", "-f", script, connection.Database!])
            start.ArgumentList.Add(argument);

        var cpu = new CpuMeter([.. stack.Processes.Where(p => p.Name is "postgres")]);
        using var pgbench = Process.Start(start)!;
        var said = await pgbench.StandardOutput.ReadToEndAsync();
        var failed = await pgbench.StandardError.ReadToEndAsync();
        await pgbench.WaitForExitAsync();
        // "number of transactions actually processed: 51234", "tps = 5123.4 (without initial connection time)"
        if (Processed().Match(said) is not { Success: true } processed || Rate().Match(said) is not { Success: true } rate)
            throw new InvalidOperationException($"pgbench failed: {failed}");
        return new Sample(
            double.Parse(rate.Groups[1].Value, CultureInfo.InvariantCulture), null,
            cpu.MicrosecondsPer(long.Parse(processed.Groups[1].Value, CultureInfo.InvariantCulture)));
    }

    // Debian keeps it beside the server, outside the path.
    private static string PgBench() =>
        Directory.Exists("/usr/lib/postgresql")
            ? Directory.EnumerateFiles("/usr/lib/postgresql", "pgbench", new EnumerationOptions { RecurseSubdirectories = true }).Order(StringComparer.Ordinal).LastOrDefault() ?? "pgbench"
            : "pgbench";

    [GeneratedRegex(@"\s*\n\s*")]
    private static partial Regex NewLines();

    [GeneratedRegex(@"actually processed: (\d+)")]
    private static partial Regex Processed();

    [GeneratedRegex(@"tps = ([\d.]+)")]
    private static partial Regex Rate();
}
