using System.Collections.Concurrent;
using StackExchange.Redis;

namespace Governance.StandIns.Redis.Tests;

public sealed class PubSubTests(RedisServer server)
{
    [Theory]
    [InlineData(RedisProtocol.Resp2)]
    [InlineData(RedisProtocol.Resp3)]
    public async Task Messages_arrive_complete_and_in_order(RedisProtocol protocol)
    {
        const int count = 50_000;
        await using var publisher = await server.ConnectAsync(options => options.Protocol = protocol);
        await using var subscriber = await server.ConnectAsync(options => options.Protocol = protocol);
        var channel = RedisChannel.Literal($"ordered-{protocol}");
        var queue = await subscriber.GetSubscriber().SubscribeAsync(channel);

        var publishing = Task.WhenAll(Enumerable.Range(0, count).Select(i => publisher.GetSubscriber().PublishAsync(channel, i)));
        for (var i = 0; i < count; i++)
            ((int)(await queue.ReadAsync(TestContext.Current.CancellationToken).AsTask().InTimeAsync()).Message).ShouldBe(i);

        (await publishing.InTimeAsync()).ShouldAllBe(receivers => receivers == 1);
    }

    [Fact]
    public async Task Every_handler_of_many_channels_gets_its_messages_beside_commands()
    {
        await using var redis = await server.ConnectAsync();
        var subscriber = redis.GetSubscriber();
        var seen = new ConcurrentDictionary<string, int>();
        for (var i = 0; i < 200; i++)
        {
            var own = RedisChannel.Literal($"many:{i}");
            await subscriber.SubscribeAsync(own, (_, value) => seen.AddOrUpdate($"{own}/first/{value}", 1, (_, n) => n + 1));
            await subscriber.SubscribeAsync(own, (_, value) => seen.AddOrUpdate($"{own}/second/{value}", 1, (_, n) => n + 1));
        }

        await subscriber.SubscribeAsync(RedisChannel.Pattern("many:*"), (from, value) =>
            seen.AddOrUpdate($"pattern/{from}/{value}", 1, (_, n) => n + 1));

        await Task.WhenAll(Enumerable.Range(0, 200).SelectMany(i => Enumerable.Range(0, 10).SelectMany(n => new Task[]
        {
            redis.GetDatabase().StringSetAsync($"beside:{i}", n),
            redis.GetDatabase().PublishAsync(RedisChannel.Literal($"many:{i}"), n),
        }))).InTimeAsync();

        await Eventually.BecomesTrueAsync(() => seen.Count == 6000, () => $"{seen.Count} of 6000 arrived");
        seen.Values.ShouldAllBe(times => times == 1);

        await subscriber.UnsubscribeAllAsync();
        (await redis.GetDatabase().PublishAsync(RedisChannel.Literal("many:1"), 0)).ShouldBe(0);
    }
}
