namespace Governance.LocalServers.Tests;

public sealed class RedisServerTests : IDisposable
{
    private readonly Scratch scratch = new();
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Starts_stops_and_comes_back_on_the_same_port_after_a_kill()
    {
        await using var server = await RedisServer.StartAsync(scratch.At("redis"), cancellation: Cancellation);
        var port = server.Port;
        var exited = server.Exited;
        await server.KillAsync();
        exited.IsCompleted.ShouldBeTrue();
        server.IsRunning.ShouldBeFalse();
        await server.StartAgainAsync(Cancellation);
        server.Port.ShouldBe(port);
        await server.StopAsync();
        Ports.IsFree(port).ShouldBeTrue();
    }

    [Fact]
    public async Task Client_without_the_password_is_refused()
    {
        await using var server = await RedisServer.StartAsync(scratch.At("redis"), cancellation: Cancellation);
        (await Wait.RedisAsync(server, "PING")).ShouldStartWith("-NOAUTH");
        (await Wait.RedisAsync(server, $"AUTH {server.Password}")).ShouldBe("+OK");
        server.ConnectionString.ShouldBe($"127.0.0.1:{server.Port},password={server.Password}");
        File.GetUnixFileMode(scratch.At("redis/password")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [Fact]
    public async Task Busy_port_is_one_clear_line()
    {
        await using var first = await RedisServer.StartAsync(scratch.At("one"), cancellation: Cancellation);
        var error = await Should.ThrowAsync<LocalServerException>(
            () => RedisServer.StartAsync(scratch.At("two"), new RedisOptions { Port = first.Port }, Cancellation));
        error.Message.ShouldBe($"port {first.Port} for Redis is already in use on this machine");
    }

    public void Dispose() => scratch.Dispose();
}
