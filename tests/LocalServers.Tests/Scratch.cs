using System.Net.Sockets;

[assembly: CollectionBehavior(MaxParallelThreads = 3)]

namespace Governance.LocalServers.Tests;

/// <summary>A folder for one test, gone after it.</summary>
internal sealed class Scratch : IDisposable
{
    public string Folder { get; } = Directory.CreateTempSubdirectory("local-servers-").FullName;

    public Scratch()
    {
        // As in a repository that everybody may walk through; the server's own user has to.
        File.SetUnixFileMode(Folder, (UnixFileMode)0b111_101_101);
    }

    public string At(string name) => Path.Combine(Folder, name);

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}

internal static class Wait
{
    public static async Task UntilAsync(Func<bool> condition, string what)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            TimeProvider.System.GetElapsedTime(started).ShouldBeLessThan(TimeSpan.FromSeconds(20), what);
            await Task.Delay(25, TestContext.Current.CancellationToken);
        }
    }

    public static async Task<string> RedisAsync(RedisServer server, string command)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(server.Host, server.Port, TestContext.Current.CancellationToken);
        var stream = client.GetStream();
        await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes(command + "\r\n"), TestContext.Current.CancellationToken);
        return await new StreamReader(stream).ReadLineAsync(TestContext.Current.CancellationToken) ?? "";
    }
}
