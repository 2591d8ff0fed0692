using System.Collections.Concurrent;
using Governance.Grids.V1;
using Governance.Properties.V1;
using Governance.TestKit;
using Grpc.Core;
using Shouldly;
using Xunit;

namespace Governance.EndToEnd.Tests;

public sealed class CrashTests(CrashFixture stack) : IClassFixture<CrashFixture>
{
    private const int Commands = 2000;
    private const int Clients = 16;

    /// <summary>Every so many cases is carried on to an estate.</summary>
    private const int DispatchedEvery = 10;

    private const int Dispatched = Commands / DispatchedEvery;

    private const int OverdueCases = 5000;
    private const int Replicas = 2;

    private static readonly TimeSpan CallPatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan EventPatience = TimeSpan.FromSeconds(90);

    private int acknowledged;
    private int retries;

    [Fact]
    public async Task Kills_of_every_service_and_of_the_broker_lose_nothing_and_do_nothing_twice()
    {
        var cases = new Cases.CasesClient(stack.As("grids", "officer"));
        var (estate, grid, category) = await SceneAsync();
        var ids = new ConcurrentDictionary<string, string>();
        var left = new ConcurrentQueue<int>(Enumerable.Range(1, Commands));

        var clients = Enumerable.Range(0, Clients).Select(async _ =>
        {
            while (left.TryDequeue(out var number))
            {
                var title = $"crash {number:0000}";
                var reported = await CallAsync(
                    new ReportCaseRequest { RequestId = NewId(), GridCode = grid, Title = title, Channel = CaseChannel.Hotline },
                    (request, options) => cases.ReportCaseAsync(request, options));
                ids.TryAdd(title, reported.Case.Id).ShouldBeTrue();
                if (number % DispatchedEvery == 0)
                    await DispatchAsync(cases, reported.Case.Id, category, estate);
                Interlocked.Increment(ref acknowledged);
            }
        }).ToList();
        await KillAllAsync(clients);
        await Task.WhenAll(clients);

        // The kills were felt: otherwise nothing was tested.
        retries.ShouldBeGreaterThan(0);
        await EventsHaveSettledAsync();
        await EveryCommandIsThereOnceAsync(ids);
        await EveryEventHadItsEffectOnceAsync();
    }

    [Fact]
    public async Task A_service_that_starts_without_its_broker_takes_commands_and_their_events_arrive_later()
    {
        var (_, grid, _) = await SceneAsync();
        await OutboxEmptiesAsync("grids");
        await stack.Broker.KillAsync();
        await stack.KillAndStartAgainAsync("grids");
        await CallAsync(
            new ReportCaseRequest { RequestId = NewId(), GridCode = grid, Title = "no broker", Channel = CaseChannel.Hotline },
            (request, options) => new Cases.CasesClient(stack.As("grids", "officer")).ReportCaseAsync(request, options));
        (await stack.CountAsync("grids", "select count(*) from outbox where event = 'CaseReported'")).ShouldBe(1);

        await stack.Broker.StartAgainAsync();
        await OutboxEmptiesAsync("grids");
    }

    [Fact]
    public async Task Cases_that_a_killed_replica_was_escalating_go_up_once_by_another()
    {
        var (_, grid, _) = await SceneAsync();
        await stack.StartReplicaAsync("grids");
        // Whoever escalates waits here, with its cases taken and nothing of them written.
        await using (var held = await stack.HoldAsync("grids", "lock table case_history in share mode"))
        {
            (await stack.ExecuteAsync("grids", $"""
                insert into cases (id, number, territory, holder, title, description, channel, reporter, state, category, result, answer,
                    satisfaction, assess_by, due_at, policy_version, steps, reported_at, updated_at, version, escalate_at)
                select gen_random_uuid(), -n, '{grid}', '{grid[..12]}', 'overdue', '', 1, 'somebody', 1, '', '', '',
                    0, now() - interval '2 days', now() - interval '2 days', 1, 1, now() - interval '3 days', now(), 1,
                    now() - n * interval '1 second'
                from generate_series(1, {OverdueCases}) n
                """)).ShouldBe(OverdueCases);
            await Eventually.BecomesAsync(
                () => stack.CountAsync("grids", "select count(*) from pg_locks where relation = 'case_history'::regclass and not granted"),
                waiting => waiting >= Replicas, EventPatience);
            await stack.KillReplicaAsync();
        }
        await Eventually.BecomesAsync(
            () => stack.CountAsync("grids", "select count(*) from cases where title = 'overdue' and version > 1"),
            escalated => escalated >= OverdueCases, EventPatience);
        (await stack.CountAsync("grids", $"select count(*) from cases where title = 'overdue' and version = 2 and holder = '{grid[..9]}'"))
            .ShouldBe(OverdueCases);
        (await stack.CountAsync("grids", """
            select count(*) from case_history h join cases c on c.id = h.case_id where c.title = 'overdue' and h.action = 'EscalatedOverdue'
            """)).ShouldBe(OverdueCases);
    }

    /// <summary>Each kill in the middle of the commands, at its own share of them.</summary>
    private async Task KillAllAsync(IReadOnlyList<Task> clients)
    {
        (double Share, Func<Task> Kill)[] kills =
        [
            (0.10, () => stack.KillAndStartAgainAsync("grids")),
            (0.25, () => stack.KillAndStartAgainAsync("properties")),
            (0.40, async () =>
            {
                await stack.Broker.KillAsync();
                await stack.Broker.StartAgainAsync();
            }),
            (0.55, () => stack.KillAndStartAgainAsync("organisations")),
            (0.70, () => stack.KillAndStartAgainAsync("volunteers")),
            (0.85, () => Task.WhenAll(stack.KillAndStartAgainAsync("grids"), stack.KillAndStartAgainAsync("properties"))),
        ];
        var under = new List<Task>();
        foreach (var (share, kill) in kills)
        {
            await Eventually.BecomesAsync(
                () => clients.FirstOrDefault(client => client.IsFaulted) is { } failed
                    ? throw failed.Exception!.GetBaseException()
                    : Task.FromResult(Volatile.Read(ref acknowledged)),
                done => done >= share * Commands,
                TimeSpan.FromMinutes(2));
            clients.ShouldContain(client => !client.IsCompleted, $"all was done before {share:P0} was reached");
            // Not waited for: the next kill may come while this one is being recovered from.
            under.Add(kill());
        }
        await Task.WhenAll(under);
    }

    private async Task EventsHaveSettledAsync()
    {
        foreach (var service in CrashFixture.Services)
            await OutboxEmptiesAsync(service);
        await Eventually.BecomesAsync(
            () => stack.CountAsync("grids", $"select count(*) from cases where state = {(int)CaseState.Handling}"),
            handling => handling >= Dispatched, EventPatience);
        foreach (var service in CrashFixture.Services)
        {
            await OutboxEmptiesAsync(service);
            (await stack.CountAsync(service, "select count(*) from dead_letters")).ShouldBe(0, service);
        }
    }

    private Task OutboxEmptiesAsync(string service) =>
        Eventually.BecomesAsync(() => stack.CountAsync(service, "select count(*) from outbox"), waiting => waiting == 0, EventPatience);

    private async Task EveryCommandIsThereOnceAsync(ConcurrentDictionary<string, string> ids)
    {
        ids.Count.ShouldBe(Commands);
        var kept = await stack.PairsAsync("grids", "select title, id::text from cases where title like 'crash %' order by title");
        kept.ShouldBe(ids.OrderBy(one => one.Key, StringComparer.Ordinal).Select(one => (one.Key, one.Value)));
        (await AuditedAsync("ReportCase")).ShouldBe(Commands);
        (await AuditedAsync("AssessCase")).ShouldBe(Dispatched);
        (await AuditedAsync("DispatchCase")).ShouldBe(Dispatched);
        (await stack.CountAsync("grids", """
            select count(*) from case_history join cases on cases.id = case_id where action = 'Reported' and title like 'crash %'
            """)).ShouldBe(Commands);

        Task<long> AuditedAsync(string command) => stack.CountAsync("grids", $"""
            select count(*) from audit join cases on cases.id = record_id where action like '%/{command}' and title like 'crash %'
            """);
    }

    private async Task EveryEventHadItsEffectOnceAsync()
    {
        // CaseDispatched opened exactly one work order a case …
        (await stack.CountAsync("properties", "select count(*) from work_orders")).ShouldBe(Dispatched);
        (await stack.CountAsync("properties", "select count(distinct case_id) from work_orders")).ShouldBe(Dispatched);
        (await stack.CountAsync("properties", "select count(*) from inbox")).ShouldBe(Dispatched);
        (await stack.CountAsync("volunteers", "select count(*) from activities")).ShouldBe(0);
        // … and WorkOrderOpened moved exactly that case on, once.
        (await stack.CountAsync("grids", "select count(*) from inbox")).ShouldBe(Dispatched);
        (await stack.CountAsync("grids", """
            select count(*) from (
                select case_id from case_history group by case_id
                having array_agg(action order by sequence) = array['Reported', 'Assessed', 'Dispatched', 'HandlingStarted']
            ) carried_on
            """)).ShouldBe(Dispatched);
        var orders = await stack.PairsAsync("properties", "select case_id::text, id::text from work_orders order by case_id");
        var references = await stack.PairsAsync("grids",
            "select id::text, coalesce(handler ->> 'Reference', handler ->> 'reference') from cases where handler is not null order by id");
        references.ShouldBe(orders);
    }

    private async Task DispatchAsync(Cases.CasesClient cases, string id, string category, string estate)
    {
        await CallAsync(
            new AssessCaseRequest { RequestId = NewId(), CaseId = id, Category = category },
            (request, options) => cases.AssessCaseAsync(request, options));
        await CallAsync(
            new DispatchCaseRequest { RequestId = NewId(), CaseId = id, Handler = new Handler { EstateId = estate } },
            (request, options) => cases.DispatchCaseAsync(request, options));
    }

    /// <summary>Sends a command until it is acknowledged; always the very same one, with its request_id.</summary>
    private async Task<TResponse> CallAsync<TRequest, TResponse>(TRequest request, Func<TRequest, CallOptions, AsyncUnaryCall<TResponse>> send)
    {
        while (true)
        {
            try
            {
                return await send(request, new CallOptions(deadline: DateTime.UtcNow + CallPatience));
            }
            catch (RpcException failure) when (IsWorthATry(failure))
            {
                Interlocked.Increment(ref retries);
                await Task.Delay(RetryPause);
            }
        }
    }

    // A connection that breaks under a call is told as INTERNAL or CANCELLED by the client, without details of ours.
    private static bool IsWorthATry(RpcException failure) =>
        failure.StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded
        || (failure.StatusCode is StatusCode.Internal or StatusCode.Cancelled && failure.Trailers.GetValueBytes("grpc-status-details-bin") is null);

    private async Task<(string Estate, string Grid, string Category)> SceneAsync()
    {
        var estates = await new Estates.EstatesClient(stack.As("properties", "officer")).ListEstatesAsync(new ListEstatesRequest { PageSize = 500 });
        var estate = estates.Estates.First(one => one.Mode == ManagementMode.PropertyCompany);
        var grids = await new Boundaries.BoundariesClient(stack.As("grids", "officer"))
            .ListGridsAsync(new ListGridsRequest { Territory = estate.Territory, PageSize = 1 });
        var policies = await new Policies.PoliciesClient(stack.As("grids", "officer"))
            .ListPoliciesAsync(new ListPoliciesRequest { City = RunningStack.City });
        var category = policies.Policies.First(policy => policy.Cases is not null).Cases.Categories
            .First(category => category.HandleWithin is not null && !category.Verify).Code;
        return (estate.Id, grids.Grids[0].Code, category);
    }

    private static string NewId() => Guid.NewGuid().ToString();
}
