using StackExchange.Redis;

namespace Governance.StandIns.Redis.Tests;

/// <summary>Each has a server of its own, to be killed.</summary>
public sealed class FailureTests
{
    [Fact]
    public async Task Commands_and_subscriptions_work_again_after_the_server_was_killed()
    {
        await using var server = new RedisServer();
        await server.StartAsync();
        await using var redis = await server.ConnectAsync();
        var database = redis.GetDatabase();
        var received = new List<int>();
        var channel = RedisChannel.Literal("after");
        await redis.GetSubscriber().SubscribeAsync(channel, (_, value) =>
        {
            lock (received) received.Add((int)value);
        });

        for (var round = 1; round <= 3; round++)
        {
            (await database.StringSetAsync("round", round).InTimeAsync()).ShouldBeTrue();
            await server.KillAsync();
            await server.StartAsync();

            await Eventually.BecomesTrueAsync(() => SetAsync(database, round), () => $"no commands after kill {round}");
            await Eventually.BecomesTrueAsync(
                async () => await database.PublishAsync(channel, round).InTimeAsync() == 1, () => $"no subscription after kill {round}");
            await Eventually.BecomesTrueAsync(() => Contains(received, round), () => $"no message after kill {round}");
        }
    }

    [Fact]
    public async Task Commands_in_flight_fail_when_the_server_is_killed()
    {
        await using var server = new RedisServer();
        await server.StartAsync();
        await using var redis = await server.ConnectAsync(options => options.BacklogPolicy = BacklogPolicy.FailFast);
        var database = redis.GetDatabase();

        server.Freeze();
        var value = new byte[20_000];
        var commands = Enumerable.Range(0, 5000).Select(i => Task.Run(() => database.StringSetAsync($"lost:{i}", value))).ToArray();
        // The socket's and the pipe's buffers are full by now: writers are held back, not only readers.
        await Task.Delay(300, TestContext.Current.CancellationToken);
        commands.ShouldAllBe(command => !command.IsCompletedSuccessfully);
        await server.KillAsync();

        await Task.WhenAll(commands.Select(command => command.ContinueWith(_ => { }, TaskScheduler.Default))).InTimeAsync();
        commands.ShouldAllBe(command => command.Exception!.InnerException is RedisException);

        await server.StartAsync();
        await Eventually.BecomesTrueAsync(() => SetAsync(database, 1), () => "no commands afterwards");
    }

    [Fact]
    public async Task Answers_stay_right_while_connections_are_cut()
    {
        await using var server = new RedisServer();
        await server.StartAsync();
        await using var redis = await server.ConnectAsync();
        await using var admin = await server.ConnectAsync();
        var database = redis.GetDatabase();
        await Task.WhenAll(Enumerable.Range(0, 1000).Select(i => database.StringSetAsync($"cut:{i}", $"value {i}")));

        var stop = new CancellationTokenSource();
        var (right, failed) = (0, 0);
        var users = Enumerable.Range(0, 32).Select(user => Task.Run(async () =>
        {
            var random = new Random(user);
            while (!stop.IsCancellationRequested)
            {
                var i = random.Next(1000);
                try
                {
                    ((string?)await database.StringGetAsync($"cut:{i}")).ShouldBe($"value {i}");
                    Interlocked.Increment(ref right);
                }
                catch (Exception exception) when (exception is RedisException or RedisTimeoutException)
                {
                    Interlocked.Increment(ref failed);
                }
            }
        })).ToArray();

        for (var cut = 0; cut < 20; cut++)
        {
            var before = Volatile.Read(ref right);
            await Eventually.BecomesTrueAsync(() => Volatile.Read(ref right) > before + 500, () => "no answers after a cut");
            await admin.GetServers()[0].ClientKillAsync(new ClientKillFilter().WithClientType(ClientType.Normal).WithSkipMe(true));
        }

        await stop.CancelAsync();
        await Task.WhenAll(users).InTimeAsync();
        failed.ShouldBeLessThan(right / 10);
    }

    [Fact]
    public async Task Disposing_with_commands_in_flight_ends_every_one_of_them()
    {
        await using var server = new RedisServer();
        await server.StartAsync();
        for (var round = 0; round < 10; round++)
        {
            var redis = await server.ConnectAsync();
            var database = redis.GetDatabase();
            // The server keeps its answers back, so that all are on their way: what the client has not sent yet is its own affair.
            await database.ExecuteAsync("CLIENT", "PAUSE", "300").InTimeAsync();
            var commands = Enumerable.Range(0, 3000).Select(i => database.StringSetAsync($"dispose:{i}", i)).ToArray();
            while (redis.GetCounters().Interactive.PendingUnsentItems > 0)
                await Task.Delay(1);
            await redis.CloseAsync(allowCommandsToComplete: false).InTimeAsync();
            await redis.DisposeAsync();

            await Task.WhenAll(commands.Select(command => command.ContinueWith(_ => { }, TaskScheduler.Default))).InTimeAsync();
        }
    }

    private static async Task<bool> SetAsync(IDatabase database, int value)
    {
        try
        {
            return await database.StringSetAsync("again", value).InTimeAsync() && await database.StringGetAsync("again") == value;
        }
        catch (RedisException)
        {
            return false;
        }
    }

    private static bool Contains(List<int> received, int value)
    {
        lock (received) return received.Contains(value);
    }
}
