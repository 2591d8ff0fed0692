using StackExchange.Redis;
using StackExchange.Redis.Configuration;

namespace Governance.StandIns.Redis.Tests;

/// <summary>Every shape of request and reply, with the values checked.</summary>
public sealed class CommandTests(RedisServer server)
{
    [Theory]
    [InlineData(RedisProtocol.Resp2, false)]
    [InlineData(RedisProtocol.Resp3, false)]
    [InlineData(RedisProtocol.Resp2, true)]
    public async Task Pipelined_commands_get_their_own_answers(RedisProtocol protocol, bool onThreadPool)
    {
        await using var redis = await server.ConnectAsync(options =>
        {
            options.Protocol = protocol;
            options.SocketManager = onThreadPool ? SocketManager.ThreadPool : SocketManager.Shared;
        });
        var database = redis.GetDatabase();

        await Task.WhenAll(Enumerable.Range(0, 50_000).Select(i => database.StringSetAsync($"pipe:{i}", i))).InTimeAsync();
        var values = await Task.WhenAll(Enumerable.Range(0, 50_000).Select(i => database.StringGetAsync($"pipe:{i}"))).InTimeAsync();

        values.Select(value => (int)value).ShouldBe(Enumerable.Range(0, 50_000));
    }

    [Theory]
    [InlineData(1, 8)]
    [InlineData(64, 1)]
    public async Task Big_values_come_back_whole(int megabytes, int atOnce)
    {
        await using var redis = await server.ConnectAsync();
        var database = redis.GetDatabase();
        var values = Enumerable.Range(0, atOnce).Select(seed =>
        {
            var bytes = new byte[megabytes << 20];
            new Random(seed).NextBytes(bytes);
            return bytes;
        }).ToArray();

        await Task.WhenAll(values.Select((value, i) => database.StringSetAsync($"big:{i}", value))).InTimeAsync();
        var read = await Task.WhenAll(values.Select((_, i) => database.StringGetAsync($"big:{i}"))).InTimeAsync();

        for (var i = 0; i < atOnce; i++) values[i].AsSpan().SequenceEqual((byte[])read[i]!).ShouldBeTrue();
        await database.KeyDeleteAsync([.. values.Select((_, i) => (RedisKey)$"big:{i}")]);
    }

    [Fact]
    public async Task Values_of_every_length_around_buffer_borders_come_back_whole()
    {
        await using var redis = await server.ConnectAsync();
        var database = redis.GetDatabase();
        int[] borders = [1, 16, 4096, 8192, 16384, 65536, 131072];
        var lengths = borders.SelectMany(border => Enumerable.Range(border - 1, 40)).ToArray();

        await Task.WhenAll(lengths.Select(length => database.StringSetAsync($"len:{length}", Filled(length)))).InTimeAsync();
        var read = await Task.WhenAll(lengths.Select(length => database.StringGetAsync($"len:{length}"))).InTimeAsync();

        for (var i = 0; i < lengths.Length; i++) ((byte[])read[i]!).AsSpan().SequenceEqual(Filled(lengths[i])).ShouldBeTrue();

        static byte[] Filled(int length)
        {
            var bytes = new byte[length];
            new Random(length).NextBytes(bytes);
            return bytes;
        }
    }

    [Fact]
    public async Task Long_lists_come_back_in_order()
    {
        await using var redis = await server.ConnectAsync();
        var database = redis.GetDatabase();
        await database.KeyDeleteAsync("list");
        foreach (var part in Enumerable.Range(0, 300_000).Chunk(50_000))
            await database.ListRightPushAsync("list", [.. part.Select(i => (RedisValue)i)]);

        // Alternating with small replies, which come out of the same memory.
        for (var round = 0; round < 3; round++)
        {
            (await database.ListRangeAsync("list").InTimeAsync()).Select(value => (int)value).ShouldBe(Enumerable.Range(0, 300_000));
            (await database.ListRangeAsync("list", 10, 12)).Select(value => (int)value).ShouldBe([10, 11, 12]);
        }
    }

    [Fact]
    public async Task Replies_of_many_shapes_are_read_right()
    {
        await using var redis = await server.ConnectAsync();
        var database = redis.GetDatabase();
        await database.KeyDeleteAsync(["h", "z", "g", "s", "set"]);

        await database.HashSetAsync("h", [new("a", 1), new("b", "zwei"), new("c", RedisValue.EmptyString)]);
        (await database.HashGetAllAsync("h")).ToStringDictionary().ShouldBe(
            new Dictionary<string, string> { ["a"] = "1", ["b"] = "zwei", ["c"] = "" }, ignoreOrder: true);
        (await database.HashGetAsync("h", ["a", "none"])).ShouldBe([1, RedisValue.Null]);

        await database.SortedSetAddAsync("z", [new("one", 1), new("half", 0.5), new("inf", double.PositiveInfinity)]);
        (await database.SortedSetRangeByRankWithScoresAsync("z")).ShouldBe(
            [new("half", 0.5), new("one", 1), new("inf", double.PositiveInfinity)]);
        (await database.SortedSetScoresAsync("z", ["one", "none"])).ShouldBe([1d, null]);

        await database.GeoAddAsync("g", [new(116.8, 33.95, "Xiangshan"), new(116.79, 33.94, "Duji")]);
        var near = await database.GeoSearchAsync("g", 116.8, 33.95, new GeoSearchCircle(5, GeoUnit.Kilometers));
        near.Select(result => (string?)result.Member).ShouldBe(["Xiangshan", "Duji"], ignoreOrder: true);
        near.ShouldAllBe(result => result.Distance < 5);
        (await database.GeoPositionAsync("g", ["none", "Duji"]))[1]!.Value.Latitude.ShouldBe(33.94, 0.001);

        for (var i = 0; i < 100; i++) await database.StreamAddAsync("s", [new("n", i), new("even", i % 2 == 0)]);
        await database.StreamCreateConsumerGroupAsync("s", "readers", "0");
        var entries = await database.StreamReadGroupAsync("s", "readers", "one", ">", count: 60);
        entries.Select(entry => (int)entry["n"]).ShouldBe(Enumerable.Range(0, 60));
        (await database.StreamPendingAsync("s", "readers")).PendingMessageCount.ShouldBe(60);
        (await database.StreamPendingMessagesAsync("s", "readers", 5, "one")).Length.ShouldBe(5);
        (await database.StreamReadAsync([new("s", "0"), new("none", "0")], 10)).Single().Entries.Length.ShouldBe(10);
        (await database.StreamGroupInfoAsync("s")).Single().Name.ShouldBe("readers");

        await database.SetAddAsync("set", [.. Enumerable.Range(0, 5000).Select(i => (RedisValue)i)]);
        var scanned = new List<int>();
        await foreach (var member in database.SetScanAsync("set", pageSize: 100)) scanned.Add((int)member);
        scanned.Distinct().Order().ShouldBe(Enumerable.Range(0, 5000));

        (await database.StringGetAsync("none")).IsNull.ShouldBeTrue();
        var error = await Should.ThrowAsync<RedisServerException>(() => database.ListRightPushAsync("h", 1));
        error.Message.ShouldStartWith("WRONGTYPE");
    }

#pragma warning disable CS0618 // Experimental, and the only user of the pipe over a stream that is no connection.
    [Fact]
    public async Task Recorded_traffic_is_read_back()
    {
        var folder = Directory.CreateTempSubdirectory("redis-log-");
        try
        {
            var options = server.Options();
            LoggingTunnel.LogToDirectory(options, folder.FullName);
            await using (var redis = await ConnectionMultiplexer.ConnectAsync(options))
            {
                await Task.WhenAll(Enumerable.Range(0, 1000).Select(i => redis.GetDatabase().StringSetAsync("recorded", i))).InTimeAsync();
            }

            // The recording of the last command may end a moment after the connection.
            var recorded = 0L;
            for (var patience = 100; recorded is 0; patience--)
            {
                try
                {
                    recorded = await LoggingTunnel.ValidateAsync(folder.FullName).InTimeAsync();
                }
                catch (InvalidOperationException) when (patience > 0)
                {
                    await Task.Delay(50);
                }
            }
            recorded.ShouldBeGreaterThan(2000);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

#pragma warning restore CS0618

    [Fact]
    public async Task Scripts_return_nested_values_and_their_errors()
    {
        await using var redis = await server.ConnectAsync();
        var database = redis.GetDatabase();

        var nested = (RedisResult[])(await database.ScriptEvaluateAsync(
            "redis.call('set', KEYS[1], ARGV[1]); return {1, {redis.call('get', KEYS[1]), {}}, false, 'end'}", ["script"], ["value"]))!;
        ((int)nested[0]).ShouldBe(1);
        ((string?)((RedisResult[])nested[1]!)[0]).ShouldBe("value");
        ((RedisResult[])((RedisResult[])nested[1]!)[1]!).ShouldBeEmpty();
        nested[2].IsNull.ShouldBeTrue();
        ((string?)nested[3]).ShouldBe("end");

        var prepared = LuaScript.Prepare("return redis.call('incrby', @key, @by)");
        await database.KeyDeleteAsync("counter");
        await Task.WhenAll(Enumerable.Range(1, 2000).Select(by =>
            database.ScriptEvaluateAsync(prepared, new { key = (RedisKey)"counter", by }))).InTimeAsync();
        ((int)await database.StringGetAsync("counter")).ShouldBe(2001 * 1000);

        var error = await Should.ThrowAsync<RedisServerException>(
            () => database.ScriptEvaluateAsync("return redis.error_reply('NOT today')"));
        error.Message.ShouldStartWith("NOT today");
    }

    [Fact]
    public async Task Transactions_under_contention_lose_no_update()
    {
        await using var redis = await server.ConnectAsync();
        var database = redis.GetDatabase();
        await database.StringSetAsync("balance", 0);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            for (var done = 0; done < 100;)
            {
                var before = await database.StringGetAsync("balance");
                var transaction = database.CreateTransaction();
                transaction.AddCondition(Condition.StringEqual("balance", before));
                var set = transaction.StringSetAsync("balance", (int)before + 1);
                var log = transaction.ListRightPushAsync("balance:log", (int)before);
                if (!await transaction.ExecuteAsync()) continue;

                (await set).ShouldBeTrue();
                (await log).ShouldBeGreaterThan(0);
                done++;
            }
        }))).InTimeAsync();

        ((int)await database.StringGetAsync("balance")).ShouldBe(800);
        (await database.ListLengthAsync("balance:log")).ShouldBe(800);
        await database.KeyDeleteAsync("balance:log");
    }

    [Fact]
    public async Task Blocking_calls_of_many_threads_are_answered()
    {
        await using var redis = await server.ConnectAsync();
        var database = redis.GetDatabase();
        var threads = Enumerable.Range(0, 16).Select(user => Task.Factory.StartNew(() =>
        {
            for (var i = 0; i < 500; i++)
            {
                database.StringSet($"sync:{user}", i);
                ((int)database.StringGet($"sync:{user}")).ShouldBe(i);
            }
        }, TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default));

        await Task.WhenAll(threads).InTimeAsync();
    }
}
