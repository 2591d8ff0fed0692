using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using StackExchange.Redis;

namespace Governance.StandIns.Redis.Tests;

public sealed partial class LoadTests(RedisServer server, ITestOutputHelper output)
{
    private const int Keys = 20_000;

    [Fact]
    public async Task Sixty_four_users_see_only_their_own_values()
    {
        await using var redis = await server.ConnectAsync();
        var database = redis.GetDatabase();
        var until = Stopwatch.GetTimestamp() + 5 * Stopwatch.Frequency;
        var checks = await Task.WhenAll(Enumerable.Range(0, 64).Select(user => Task.Run(async () =>
        {
            var random = new Random(user);
            var payload = new byte[2000];
            var done = 0;
            for (; Stopwatch.GetTimestamp() < until; done++)
            {
                var length = random.Next(1, payload.Length);
                random.NextBytes(payload);
                var value = payload.AsSpan(0, length).ToArray();
                var set = database.StringSetAsync($"user:{user}", value);
                var get = database.StringGetAsync($"user:{user}");
                var count = database.StringIncrementAsync($"user:{user}:n");
                await set;
                ((byte[])(await get)!).AsSpan().SequenceEqual(value).ShouldBeTrue();
                (await count).ShouldBe(done + 1);
            }

            await database.KeyDeleteAsync([$"user:{user}", $"user:{user}:n"]);
            return done;
        }))).InTimeAsync();

        output.WriteLine($"{checks.Sum() * 3 / 5} checked commands a second");
        checks.ShouldAllBe(done => done > 0);
    }

    [Fact]
    public async Task Memory_stays_flat_over_a_million_operations()
    {
        await using var redis = await server.ConnectAsync();
        var database = redis.GetDatabase();
        await FillAsync(database);
        await GetAsync(database, users: 64, each: 2000);
        var before = GC.GetTotalMemory(forceFullCollection: true);

        await GetAsync(database, users: 64, each: 15_700);

        var after = GC.GetTotalMemory(forceFullCollection: true);
        output.WriteLine($"{before / 1024} KiB before, {after / 1024} KiB after a million operations");
        (after - before).ShouldBeLessThan(2 * 1024 * 1024);
    }

    [Fact]
    public async Task Fifty_users_read_at_least_a_quarter_as_fast_as_the_benchmark_of_redis_itself()
    {
        await using var redis = await server.ConnectAsync();
        var database = redis.GetDatabase();
        await FillAsync(database);
        await GetAsync(database, users: 50, each: 4000);

        var ratios = new List<double>();
        for (var round = 0; round < 3; round++)
        {
            var served = await ServedAsync(redis);
            var watch = Stopwatch.StartNew();
            var processor = Process.GetCurrentProcess().TotalProcessorTime;
            await GetAsync(database, users: 50, each: 4000);
            var client = 200_000 / watch.Elapsed.TotalSeconds;
            var each = (Process.GetCurrentProcess().TotalProcessorTime - processor).TotalMicroseconds / 200_000;
            // The rate counts only because the server says that it answered every one of them.
            (await ServedAsync(redis) - served).ShouldBe(200_000);

            var separate = await BenchmarkAsync("-c", "50");
            // One connection with 50 requests under way is what a client that shares its connection does.
            var pipelined = await BenchmarkAsync("-c", "1", "-P", "50");
            ratios.Add(client / separate);
            output.WriteLine(
                $"client {client:F0}/s, {each:F1} µs CPU each; redis-benchmark -c 50 {separate:F0}/s, ratio {client / separate:F2}; " +
                $"-c 1 -P 50 {pipelined:F0}/s, ratio {client / pipelined:F2}");
        }

        ratios.Order().ElementAt(1).ShouldBeGreaterThan(0.25);
    }

    private static async Task<long> ServedAsync(ConnectionMultiplexer redis)
    {
        var statistics = await redis.GetServers()[0].InfoAsync("commandstats");
        var gets = statistics.Single().Single(line => line.Key == "cmdstat_get").Value;
        return long.Parse(Calls().Match(gets).Groups[1].Value, CultureInfo.InvariantCulture);
    }

    private static async Task FillAsync(IDatabase database) =>
        await Task.WhenAll(Enumerable.Range(0, Keys).Select(i => database.StringSetAsync($"load:{i}", i))).InTimeAsync();

    private static Task GetAsync(IDatabase database, int users, int each) =>
        Task.WhenAll(Enumerable.Range(0, users).Select(user => Task.Run(async () =>
        {
            var random = new Random(user);
            for (var n = 0; n < each; n++)
            {
                var i = random.Next(Keys);
                if ((int)await database.StringGetAsync($"load:{i}") != i) Assert.Fail($"load:{i} has another's value");
            }
        }))).WaitAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken);

    private async Task<double> BenchmarkAsync(params string[] load)
    {
        using var process = RedisServer.Run(
            "redis-benchmark", "redis-tools", ["-p", $"{server.Port}", "-n", "100000", "-t", "get", "-q", .. load]);
        var text = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return double.Parse(Rate().Matches(text)[^1].Groups[1].Value, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"([\d.]+) requests per second")]
    private static partial Regex Rate();

    [GeneratedRegex(@"calls=(\d+)")]
    private static partial Regex Calls();
}
