using System.Runtime.CompilerServices;
using StackExchange.Redis;

namespace Governance.StandIns.Redis.Tests;

public sealed class LeakTests(RedisServer server)
{
    // A thread's name is cut after 15 characters by the system.
    private const string ThreadName = "leak-probe";

    [Fact]
    public async Task Disposed_clients_leave_no_threads_and_no_sockets()
    {
        await OpenUseAndDisposeAsync();
        var sockets = Sockets();

        for (var i = 0; i < 30; i++) await OpenUseAndDisposeAsync();

        await Eventually.BecomesTrueAsync(() => Threads() == 0, () => $"{Threads()} threads are left");
        await Eventually.BecomesTrueAsync(() => Sockets() <= sockets, () => $"{Sockets()} sockets are open, {sockets} were before");
    }

    [Fact]
    public async Task Disposed_clients_are_collected()
    {
        var clients = new List<WeakReference>();
        for (var i = 0; i < 5; i++) clients.Add(await OpenUseAndDisposeAsync());

        await Eventually.BecomesTrueAsync(
            () =>
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
                return clients.Count(client => client.IsAlive) <= 1;
            },
            () => $"{clients.Count(client => client.IsAlive)} of 5 are still in memory");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private async Task<WeakReference> OpenUseAndDisposeAsync()
    {
        using var manager = new SocketManager(ThreadName, 4);
        var redis = await server.ConnectAsync(options => options.SocketManager = manager);
        await redis.GetSubscriber().SubscribeAsync(RedisChannel.Literal("leak"), static (_, _) => { });
        await Task.WhenAll(Enumerable.Range(0, 500).Select(i => redis.GetDatabase().StringSetAsync($"leak:{i}", i))).InTimeAsync();
        Threads().ShouldBeGreaterThan(0);
        await redis.DisposeAsync();
        return new WeakReference(redis);
    }

    private static int Threads() => Directory.GetDirectories("/proc/self/task").Count(task =>
    {
        try
        {
            return File.ReadAllText(Path.Combine(task, "comm")).StartsWith(ThreadName, StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false; // ended meanwhile
        }
    });

    private static int Sockets() => new DirectoryInfo("/proc/self/fd").GetFileSystemInfos()
        .Count(file => file.LinkTarget?.StartsWith("socket:", StringComparison.Ordinal) == true);
}
