using System.Diagnostics;

namespace Governance.LocalServers.Tests;

public sealed class OrphanTests : IDisposable
{
    private readonly Scratch scratch = new();
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Servers_of_a_killed_parent_end_and_their_data_starts_again()
    {
        var program = Path.Combine(AppContext.BaseDirectory, "Governance.LocalServers.Tests.Parent.dll");
        using var parent = Process.Start(new ProcessStartInfo("dotnet", [program, scratch.Folder]) { RedirectStandardOutput = true })!;
        var line = await parent.StandardOutput.ReadLineAsync(Cancellation);
        int[] pids = [.. line.ShouldNotBeNull().Split(' ').Select(int.Parse)];
        pids.Length.ShouldBeGreaterThan(10);
        pids.ShouldAllBe(pid => ProcessTree.IsAlive(pid));

        parent.Kill();
        await Wait.UntilAsync(() => !pids.Any(ProcessTree.IsAlive), "orphans are left");

        await using var postgres = await PostgresServer.StartAsync(scratch.At("postgres"), new PostgresOptions { Durable = false },
            Cancellation);
        (await postgres.QueryAsync("select 1", Cancellation)).ShouldBe("1");
    }

    [Fact]
    public async Task Server_whose_watcher_is_killed_ends_too()
    {
        await using var server = await RedisServer.StartAsync(scratch.At("redis"), cancellation: Cancellation);
        // "<watcher> <server>"; the server may answer before its watcher has written that.
        await Wait.UntilAsync(() => File.Exists(scratch.At("redis/redis.pid")) && File.ReadAllText(scratch.At("redis/redis.pid")).Contains(' '), "no pids are written");
        int[] pids = [.. File.ReadAllText(scratch.At("redis/redis.pid")).Split(' ').Select(int.Parse)];
        Native.Kill(pids[0], Native.SigKill);
        await Wait.UntilAsync(() => !pids.Any(ProcessTree.IsAlive), "orphans are left");
        await server.StartAgainAsync(Cancellation);
        (await Wait.RedisAsync(server, "PING")).ShouldStartWith("-NOAUTH");
    }

    [Fact]
    public async Task Leftover_of_an_earlier_run_is_ended_by_the_next_start()
    {
        // As if a run and its watcher's pipe were both lost: the watcher waits on a pipe that stays open.
        var command = new WatchedCommand("sleep", ["600"], new Dictionary<string, string>(), scratch.Folder, "lost", Native.SigTerm,
            TimeSpan.FromSeconds(1));
        using var lost = WatchedProcess.Start(command);
        await Wait.UntilAsync(() => File.Exists(command.PidFile) && ProcessTree.Members(lost.Pid).Count > 2, "not started");
        var pids = ProcessTree.Members(lost.Pid);
        await WatchedProcess.EndLeftoversAsync(command.PidFile, TimeSpan.FromMilliseconds(100));
        pids.ShouldAllBe(pid => !ProcessTree.IsAlive(pid));
        File.Exists(command.PidFile).ShouldBeFalse();
    }

    [Fact]
    public async Task Pid_file_that_names_a_foreign_process_kills_nobody()
    {
        await File.WriteAllTextAsync(scratch.At("old.pid"), $"{Environment.ProcessId} {Environment.ProcessId}", Cancellation);
        await WatchedProcess.EndLeftoversAsync(scratch.At("old.pid"), TimeSpan.FromSeconds(1));
        File.Exists(scratch.At("old.pid")).ShouldBeFalse();
    }

    public void Dispose() => scratch.Dispose();
}
