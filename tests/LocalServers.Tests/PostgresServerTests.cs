namespace Governance.LocalServers.Tests;

public sealed class PostgresServerTests : IDisposable
{
    private static readonly PostgresOptions Quick = new() { Durable = false, SharedBuffers = "16MB" };

    private readonly Scratch scratch = new();
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Data_is_kept_over_stop_kill_and_restart()
    {
        await using var server = await PostgresServer.StartAsync(scratch.At("pg"), Quick, Cancellation);
        await server.EnsureDatabaseAsync("grids", Cancellation);
        await server.EnsureDatabaseAsync("grids", Cancellation);
        await server.QueryAsync("create table kept (n int); insert into kept values (1)", Cancellation, "grids");
        var port = server.Port;

        await server.StopAsync();
        server.IsRunning.ShouldBeFalse();
        await server.StartAgainAsync(Cancellation);
        await server.QueryAsync("insert into kept values (2)", Cancellation, "grids");
        var pids = server.ProcessIds;
        pids.Count.ShouldBeGreaterThan(3);

        await server.KillAsync();
        pids.ShouldAllBe(pid => !ProcessTree.IsAlive(pid));
        await server.StartAgainAsync(Cancellation);
        server.Port.ShouldBe(port);
        (await server.QueryAsync("select sum(n) from kept", Cancellation, "grids")).ShouldBe("3");
        server.ConnectionString("grids").ShouldContain($"Port={port};Username=governance;Password={server.Password};Database=grids");
    }

    [Fact]
    public async Task Settings_are_durable_by_default_and_the_password_is_asked_for()
    {
        await using var server = await PostgresServer.StartAsync(scratch.At("pg"), new PostgresOptions { SharedBuffers = "16MB" },
            Cancellation);
        var settings = await server.QueryAsync(
            "select string_agg(name || '=' || setting, ' ' order by name) from pg_settings "
            + "where name in ('fsync', 'synchronous_commit', 'jit', 'max_connections')", Cancellation);
        settings.ShouldBe("fsync=on jit=off max_connections=200 synchronous_commit=on");
        var methods = await server.QueryAsync("select string_agg(distinct auth_method, ',') from pg_hba_file_rules", Cancellation);
        methods.ShouldBe("scram-sha-256");
    }

    [Fact]
    public async Task Folder_that_the_servers_user_cannot_enter_is_linked_to_one_it_can()
    {
        var closed = Directory.CreateDirectory(scratch.At("closed"), (UnixFileMode)0b111_000_000).FullName;
        var asked = Path.Combine(closed, "pg");
        await using (var server = await PostgresServer.StartAsync(asked, Quick, Cancellation))
        {
            (await server.QueryAsync("select 1", Cancellation)).ShouldBe("1");
        }
        // Only root hands the server to another user; anybody else's server enters what they enter.
        var data = new DirectoryInfo(asked).LinkTarget ?? asked;
        data.ShouldStartWith(Native.IsRoot ? "/var/lib/governance-micro/" : asked);

        LocalData.Delete(asked);
        Directory.Exists(data).ShouldBeFalse();
    }

    [Fact]
    public async Task Busy_port_is_one_clear_line()
    {
        await using var first = await PostgresServer.StartAsync(scratch.At("one"), Quick, Cancellation);
        var error = await Should.ThrowAsync<LocalServerException>(
            () => PostgresServer.StartAsync(scratch.At("two"), Quick with { Port = first.Port }, Cancellation));
        error.Message.ShouldBe($"port {first.Port} for PostgreSQL is already in use on this machine");
    }

    [Fact]
    public async Task Second_start_on_the_same_data_is_refused_while_the_first_runs()
    {
        await using var first = await PostgresServer.StartAsync(scratch.At("pg"), Quick, Cancellation);
        var error = await Should.ThrowAsync<LocalServerException>(() => PostgresServer.StartAsync(scratch.At("pg"), Quick, Cancellation));
        error.Message.ShouldContain("in use by another running process");
    }

    [Fact]
    public async Task Server_that_ends_while_starting_is_named_with_its_last_words()
    {
        var wrong = Quick with { Settings = new Dictionary<string, string> { ["no_such_setting"] = "1" } };
        var error = await Should.ThrowAsync<LocalServerException>(() => PostgresServer.StartAsync(scratch.At("pg"), wrong, Cancellation));
        error.Message.ShouldContain("PostgreSQL ended while starting");
        error.Message.ShouldContain("no_such_setting");
        error.Message.ShouldNotContain("\n");
    }

    public void Dispose() => scratch.Dispose();
}
