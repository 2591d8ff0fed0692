namespace Governance.LocalServers.Tests;

public sealed class RabbitServerTests : IDisposable
{
    private readonly Scratch scratch = new();
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Definitions_are_kept_over_kill_and_stop_and_nothing_stays_behind()
    {
        await using var server = await RabbitServer.StartAsync(scratch.At("rabbit"), cancellation: Cancellation);
        var port = server.Port;
        await server.ControlAsync(Cancellation, "add_vhost", "kept");
        var pids = server.ProcessIds;
        pids.Count.ShouldBeGreaterThan(2);

        await server.KillAsync();
        pids.ShouldAllBe(pid => !ProcessTree.IsAlive(pid));
        await server.StartAgainAsync(Cancellation);
        server.Port.ShouldBe(port);
        (await server.ControlAsync(Cancellation, "list_vhosts")).Split('\n').ShouldContain("kept");

        pids = server.ProcessIds;
        await server.StopAsync();
        pids.ShouldAllBe(pid => !ProcessTree.IsAlive(pid));
        Ports.IsFree(port).ShouldBeTrue();
    }

    [Fact]
    public async Task Two_nodes_live_side_by_side_and_a_busy_port_is_one_clear_line()
    {
        var starting = RabbitServer.StartAsync(scratch.At("two"), cancellation: Cancellation);
        await using var first = await RabbitServer.StartAsync(scratch.At("one"), cancellation: Cancellation);
        await using var second = await starting;
        first.Port.ShouldNotBe(second.Port);

        var error = await Should.ThrowAsync<LocalServerException>(
            () => RabbitServer.StartAsync(scratch.At("three"), new RabbitOptions { Port = first.Port }, Cancellation));
        error.Message.ShouldBe($"port {first.Port} for RabbitMQ is already in use on this machine");
    }

    public void Dispose() => scratch.Dispose();
}
