using System.Diagnostics;
using System.Text.Json;
using Governance.Contracts.Events;
using Governance.Grids.V1;
using Governance.Properties.V1;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Events;
using Governance.ServiceDefaults.Identity;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;

namespace Governance.Benchmarks;

/// <summary>
/// From Grids' outbox to the work orders of Properties and back to the cases that they answer, against MassTransit alone:
/// the same messages published and consumed with nothing done about them.
/// </summary>
internal static class Events
{
    private const int PerRound = 5_000;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public static async Task RunAsync(Stack stack, Settings settings)
    {
        await using var grids = stack.Database("grids");
        await using var properties = stack.Database("properties");
        await using var volunteers = stack.Database("volunteers");
        var token = stack.Token(Roles.Operator);
        var cases = new Cases.CasesClient(stack.Channels("grids", 1)[0]);
        var places = await Intake.PlacesAsync(stack);
        var estate = (await new Estates.EstatesClient(stack.Channels("properties", 1)[0]).ListEstatesAsync(
            new ListEstatesRequest { Territory = Stack.City, PageSize = 200 }, token)).Estates.First(e => e.CompanyId.Length > 0);
        await using var plain = await PlainBus.StartAsync(new Uri(stack.Connection("rabbitmq")));
        var round = 0;
        try
        {
            var watch = Stopwatch.StartNew();
            while (watch.Elapsed < settings.WarmUp)
            {
                await plain.RoundAsync(Made(estate, ++round), []);
                await OursAsync();
            }
            await Report.InTurnsAsync(
                "events", "events/s", "MassTransit alone with the same messages, 64 publishers, prefetch 256, quorum queues", settings.Rounds,
                () => plain.RoundAsync(Made(estate, ++round), [.. stack.Processes.Where(p => p.Name is "rabbitmq"), ProcessGroup.Self]),
                OursAsync);
        }
        finally
        {
            await SettleAsync(grids, properties, volunteers);
            await Intake.ExecuteAsync(properties, $"delete from work_orders where title = '{Title}'");
            await Intake.ForgetAsync(grids);
        }

        async Task<Sample> OursAsync()
        {
            var events = Made(estate, ++round);
            await WriteAsync(grids, events, estate);
            var cpu = new CpuMeter(stack.Processes);
            var watch = Stopwatch.StartNew();
            // The relay looks by itself every second; a command of the service wakes it, as it always does.
            await cases.ReportCaseAsync(Intake.Request(places), token);
            await FollowAsync(watch, () => OpenedAsync(properties, events[0]));
            var opened = watch.Elapsed;
            await FollowAsync(watch, () => AnsweredAsync(grids));
            var answered = watch.Elapsed;
            var cost = cpu.MicrosecondsPer(events.Count);
            Console.Error.WriteLine($"  opened in {opened.TotalSeconds:F2} s, answered in {answered.TotalSeconds:F2} s");
            await SettleAsync(grids, properties, volunteers);
            return new Sample(events.Count / answered.TotalSeconds, null, cost);
        }
    }

    /// <summary>Until as many as one round has are done. Counting costs as well: seldom at first, closely towards the end.</summary>
    private static async Task FollowAsync(Stopwatch watch, Func<Task<long>> count)
    {
        for (var done = 0L; (done = await count()) < PerRound;)
        {
            if (watch.Elapsed > Patience)
                throw new TimeoutException($"{PerRound - done} of {PerRound} events had no effect; look at the services' logs and dead letters.");
            var left = watch.Elapsed * ((PerRound - done) / (done + 100.0));
            await Task.Delay(TimeSpan.FromMilliseconds(Math.Clamp(left.TotalMilliseconds / 3, 20, 300)));
        }
    }

    private const string Title = "基准测试：小区道闸损坏";

    private static List<CaseDispatched> Made(Estate estate, int round)
    {
        // Each round has a due instant of its own, by which its work orders are counted along an index.
        var now = TimeProvider.System.GetUtcNow();
        var due = now.AddDays(30).AddMinutes(round);
        due = new DateTimeOffset(due.UtcTicks - (due.UtcTicks % TimeSpan.TicksPerMicrosecond), TimeSpan.Zero);
        return
        [
            .. Enumerable.Range(0, PerRound).Select(_ => Guid.CreateVersion7()).Select(id => new CaseDispatched(
                id, Grid(estate), Title, due, null, Guid.Parse(estate.Id), null, now, DispatchId: id)),
        ];
    }

    // An estate lies in a community; any grid code below it will do for a case that no map is asked about.
    private static string Grid(Estate estate) => estate.Territory.Length > 12 ? estate.Territory : estate.Territory.PadRight(12, '0') + "001";

    private static async Task WriteAsync(NpgsqlDataSource grids, List<CaseDispatched> events, Estate estate)
    {
        var ids = events.Select(e => e.CaseId).ToArray();
        var payloads = events.Select(e => JsonSerializer.SerializeToUtf8Bytes(e, EventJson.Options)).ToArray();
        await using var connection = await grids.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var write = new NpgsqlCommand($$"""
            insert into cases (id, number, territory, holder, title, description, channel, reporter, state, category, handler, result, answer,
                satisfaction, assess_by, handle_by, due_at, policy_version, steps, reported_at, updated_at, version)
            select id, -row_number() over () - (extract(epoch from clock_timestamp()) * 1000000)::bigint, $2, left($2, 12), $3, '', 1, '{{Stack.Subject}}', 3,
                'public_facilities', jsonb_build_object('estateId', '{{estate.Id}}', 'name', '', 'dispatchId', id), '', '', 0, now(), $4, $4, 1, 3, now(), now(), 3 from unnest($1) id
            """, connection)
        {
            Parameters =
            {
                new() { Value = ids }, new() { Value = events[0].Territory }, new() { Value = Title }, new() { Value = events[0].DueAt.UtcDateTime },
            },
        })
            await write.ExecuteNonQueryAsync();
        await using (var write = new NpgsqlCommand("""
            insert into outbox (message_id, aggregate_id, event, payload, created_at)
            select gen_random_uuid(), id, 'CaseDispatched', payload, now() from unnest($1, $2) as made(id, payload)
            """, connection)
        {
            Parameters = { new() { Value = ids }, new() { Value = payloads, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea } },
        })
            await write.ExecuteNonQueryAsync();
        await transaction.CommitAsync();
    }

    private static async Task<long> OpenedAsync(NpgsqlDataSource properties, CaseDispatched one)
    {
        await using var count = properties.CreateCommand("select count(*) from work_orders where territory = $1 and due_at = $2");
        count.Parameters.Add(Sql.P(one.Territory));
        count.Parameters.Add(Sql.P(one.DueAt));
        return (long)(await count.ExecuteScalarAsync())!;
    }

    private static async Task<long> AnsweredAsync(NpgsqlDataSource grids) =>
        PerRound - await Intake.ScalarAsync<long>(grids, $"select count(*) from cases where reporter = '{Stack.Subject}' and state = {(int)CaseState.Dispatched}");

    private static async Task SettleAsync(NpgsqlDataSource grids, NpgsqlDataSource properties, NpgsqlDataSource volunteers)
    {
        foreach (var database in (NpgsqlDataSource[])[grids, properties, volunteers])
            await Intake.WaitForOutboxAsync(database, Patience);
    }

    /// <summary>
    /// The same messages on exchanges and queues of their own names: what Grids tells goes to two queues, and the first
    /// consumer's answer goes to a third, as with Properties, Volunteers and Grids.
    /// </summary>
    private sealed class PlainBus(ServiceProvider provider, Counter counter, Uri broker) : IAsyncDisposable
    {
        private const int Publishers = 64;
        private const string Dispatched = "benchmark-case-dispatched";
        private const string Opened = "benchmark-work-order-opened";
        private static readonly string[] Queues = ["benchmark-properties", "benchmark-volunteers", "benchmark-grids"];

        public static async Task<PlainBus> StartAsync(Uri broker)
        {
            var counter = new Counter();
            var services = new ServiceCollection();
            services.AddLogging(l => l.SetMinimumLevel(LogLevel.Error));
            services.AddSingleton(counter);
            services.AddMassTransit(bus =>
            {
                bus.AddConsumer<Opener>();
                bus.AddConsumer<Idler<CaseDispatched>>();
                bus.AddConsumer<Idler<WorkOrderOpened>>();
                bus.UsingRabbitMq((context, rabbit) =>
                {
                    rabbit.Host(broker);
                    rabbit.Publish<IEvent>(topology => topology.Exclude = true);
                    rabbit.Message<CaseDispatched>(topology => topology.SetEntityName(Dispatched));
                    rabbit.Message<WorkOrderOpened>(topology => topology.SetEntityName(Opened));
                    Receive<Opener>(Queues[0]);
                    Receive<Idler<CaseDispatched>>(Queues[1]);
                    Receive<Idler<WorkOrderOpened>>(Queues[2]);

                    void Receive<TConsumer>(string queue)
                        where TConsumer : class, IConsumer =>
                        rabbit.ReceiveEndpoint(queue, endpoint =>
                        {
                            endpoint.SetQuorumQueue();
                            endpoint.PrefetchCount = 256;
                            endpoint.ConfigureConsumer<TConsumer>(context);
                        });
                });
            });
            services.AddOptions<MassTransitHostOptions>().Configure(options => options.WaitUntilStarted = true);
            var provider = services.BuildServiceProvider();
            await provider.GetRequiredService<IBusControl>().StartAsync();
            return new PlainBus(provider, counter, broker);
        }

        public async Task<Sample> RoundAsync(List<CaseDispatched> events, IReadOnlyList<ProcessGroup> groups)
        {
            var bus = provider.GetRequiredService<IBus>();
            var cpu = new CpuMeter(groups);
            var done = counter.Expect(events.Count * Queues.Length);
            var watch = Stopwatch.StartNew();
            await Parallel.ForEachAsync(
                events, new ParallelOptions { MaxDegreeOfParallelism = Publishers }, async (e, cancellation) => await bus.Publish(e, cancellation));
            await done.WaitAsync(Patience);
            return new Sample(events.Count / watch.Elapsed.TotalSeconds, null, cpu.MicrosecondsPer(events.Count));
        }

        public async ValueTask DisposeAsync()
        {
            await provider.GetRequiredService<IBusControl>().StopAsync();
            await provider.DisposeAsync();
            await using var connection = await new RabbitMQ.Client.ConnectionFactory { Uri = broker }.CreateConnectionAsync();
            await using var channel = await connection.CreateChannelAsync();
            foreach (var queue in Queues)
            {
                await channel.QueueDeleteAsync(queue, ifUnused: false, ifEmpty: false);
                await channel.ExchangeDeleteAsync(queue);
            }
            await channel.ExchangeDeleteAsync(Dispatched);
            await channel.ExchangeDeleteAsync(Opened);
        }
    }

    private sealed class Counter
    {
        private TaskCompletionSource done = new();
        private int left;

        public Task Expect(int count)
        {
            done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            left = count;
            return done.Task;
        }

        public void One()
        {
            if (Interlocked.Decrement(ref left) is 0)
                done.TrySetResult();
        }
    }

    private sealed class Opener(Counter counter) : IConsumer<CaseDispatched>
    {
        public async Task Consume(ConsumeContext<CaseDispatched> context)
        {
            var happened = context.Message;
            await context.Publish(new WorkOrderOpened(happened.CaseId, Guid.CreateVersion7(), "基准测试物业公司", happened.DispatchedAt));
            counter.One();
        }
    }

    private sealed class Idler<T>(Counter counter) : IConsumer<T>
        where T : class
    {
        public Task Consume(ConsumeContext<T> context)
        {
            counter.One();
            return Task.CompletedTask;
        }
    }
}
