using System.Diagnostics;
using Governance.Grids.V1;
using Governance.Properties.V1;
using Governance.ServiceDefaults.Identity;

namespace Governance.Benchmarks;

/// <summary>
/// How long an event takes there and back at half load: from the dispatch of a case to its work order in Properties, and from there to
/// the note that Grids makes of it. Both instants are of Grids' history, so one event takes about half of it.
/// </summary>
internal static class Delays
{
    private const int Pace = 10; // ms

    public static async Task RunAsync(Stack stack, Settings settings)
    {
        await using var grids = stack.Database("grids");
        await using var properties = stack.Database("properties");
        var clients = stack.Channels("grids", Load.Connections).Select(c => new Cases.CasesClient(c)).ToArray();
        var (resident, officer) = (stack.Token(Roles.Resident), stack.Token(Roles.Officer));
        var places = await Intake.PlacesAsync(stack);
        var estate = (await new Estates.EstatesClient(stack.Channels("properties", 1)[0]).ListEstatesAsync(
            new ListEstatesRequest { Territory = Stack.City, PageSize = 200 }, officer)).Estates.First(e => e.CompanyId.Length > 0).Id;
        try
        {
            await Load.RunAsync(settings.WarmUp, [], DispatchAsync);
            await SettleAsync();
            var watch = Stopwatch.StartNew();
            var full = await Load.RunAsync(settings.Round, [], DispatchAsync);
            await SettleAsync();
            var most = full.PerSecond * settings.Round / watch.Elapsed;

            var began = TimeProvider.System.GetUtcNow();
            await AtRateAsync(most / 2, settings.Round * 2);
            await SettleAsync();
            await using var select = grids.CreateCommand("""
                select extract(epoch from noted.at - sent.at)::float8 * 1000
                from case_history sent join case_history noted on noted.case_id = sent.case_id and noted.action = 'HandlingStarted'
                where sent.action = 'Dispatched' and sent.at >= $1
                """);
            select.Parameters.Add(ServiceDefaults.Database.Sql.P(began));
            var delays = new List<double>();
            await using (var reader = await select.ExecuteReaderAsync())
                while (await reader.ReadAsync())
                    delays.Add(reader.GetDouble(0));
            Report.Print(new
            {
                Benchmark = "events at half load, there and back",
                FullPerSecond = Math.Round(most),
                HalfPerSecond = Math.Round(most / 2),
                Events = delays.Count,
                LatencyMs = Percentiles.Of(delays),
                Machine = Report.Machine(),
                Commit = Report.Commit(),
            });
        }
        finally
        {
            await SettleAsync();
            await Intake.ExecuteAsync(properties, $"delete from work_orders where title = '{Intake.Title}'");
            await Intake.ForgetAsync(grids);
        }

        async Task DispatchAsync(int worker)
        {
            var cases = clients[worker % clients.Length];
            var id = (await cases.ReportCaseAsync(Intake.Request(places), resident)).Case.Id;
            await cases.DispatchCaseAsync(
                new DispatchCaseRequest
                {
                    RequestId = Guid.NewGuid().ToString(),
                    CaseId = id,
                    Category = "public_facilities",
                    Handler = new Handler { EstateId = estate },
                },
                officer);
        }

        // So many a second, however long each takes.
        async Task AtRateAsync(double perSecond, TimeSpan duration)
        {
            var watch = Stopwatch.StartNew();
            var under = new List<Task>();
            while (watch.Elapsed < duration)
            {
                for (var due = watch.Elapsed.TotalSeconds * perSecond; under.Count < due;)
                    under.Add(DispatchAsync(under.Count));
                await Task.Delay(Pace);
            }
            await Task.WhenAll(under);
        }

        async Task SettleAsync()
        {
            await Intake.WaitForOutboxAsync(grids, TimeSpan.FromMinutes(2));
            var watch = Stopwatch.StartNew();
            while (watch.Elapsed < TimeSpan.FromMinutes(2) && await Intake.ScalarAsync<bool>(
                grids, $"select exists(select from cases where reporter = '{Stack.Subject}' and state = {(int)CaseState.Dispatched})"))
                await Task.Delay(20);
            await Intake.WaitForOutboxAsync(properties, TimeSpan.FromMinutes(2));
        }
    }
}
