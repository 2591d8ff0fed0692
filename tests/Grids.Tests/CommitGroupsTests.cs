using Governance.ServiceDefaults.Database;
using Governance.TestKit;
using Npgsql;
using Shouldly;
using Xunit;

namespace Governance.Grids.Tests;

public sealed class CommitGroupsTests(GridsFixture grids) : ServiceTest(grids), IClassFixture<GridsFixture>
{
    private const int Many = 300;

    private static readonly Insert Table = new("notes", "number int");

    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);

    private CommitGroups groups = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await ExecuteAsync("create table if not exists notes (number int primary key, changes int not null default 0)");
        await ExecuteAsync("truncate notes");
        groups = new CommitGroups(new ServiceDatabase(grids.Database));
    }

    [Fact]
    public async Task Waiting_commands_are_committed_together_and_each_is_there_once()
    {
        await Task.WhenAll(Enumerable.Range(0, Many).Select(WriteAsync)).WaitAsync(Soon);
        (await grids.ScalarAsync<long>("select count(*) from notes")).ShouldBe(Many);
        (await grids.ScalarAsync<long>("select count(distinct xmin::text) from notes")).ShouldBeLessThan(Many / 2);
    }

    [Fact]
    public async Task A_refused_command_does_not_fail_its_neighbours()
    {
        await WriteAsync(7);
        var writes = Enumerable.Range(0, Many).Select(WriteAsync).ToList();
        var refused = await Should.ThrowAsync<PostgresException>(writes[7].WaitAsync(Soon));
        refused.SqlState.ShouldBe(PostgresErrorCodes.UniqueViolation);
        await Task.WhenAll(writes.Where((_, number) => number is not 7)).WaitAsync(Soon);
        (await grids.ScalarAsync<long>("select count(*) from notes")).ShouldBe(Many);
    }

    [Fact]
    public async Task Commands_that_wait_for_a_lock_hold_up_nobody_else()
    {
        await WriteAsync(1);
        await WriteAsync(2);
        await using var connection = await grids.Database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var hold = new NpgsqlCommand("update notes set changes = 10", connection))
            await hold.ExecuteNonQueryAsync();

        Task[] waiting = [ChangeAsync(1), ChangeAsync(2)];
        await Task.WhenAll(Enumerable.Range(10, Many).Select(WriteAsync)).WaitAsync(Soon);
        waiting.ShouldAllBe(w => !w.IsCompleted);

        await transaction.CommitAsync();
        await Task.WhenAll(waiting).WaitAsync(Soon);
        (await grids.ScalarAsync<long>("select count(*) from notes where changes = 11")).ShouldBe(2);
    }

    [Fact]
    public async Task A_command_is_written_whole_or_not_at_all()
    {
        await WriteAsync(5);
        await Task.WhenAll(
            Should.ThrowAsync<PostgresException>(groups.CommitAsync(Notes(3, 4, 5))),
            WriteAsync(6),
            Should.ThrowAsync<PostgresException>(groups.CommitAsync(Notes(8, 8)))).WaitAsync(Soon);
        (await grids.ScalarAsync<string>("select string_agg(number::text, ' ' order by number) from notes")).ShouldBe("5 6");
    }

    private Task WriteAsync(int number) => groups.CommitAsync(Notes(number));

    private Task ChangeAsync(int number)
    {
        var writes = new Writes();
        writes.Add("update notes set changes = changes + 1 where number = $1", Sql.P(number));
        return groups.CommitAsync(writes);
    }

    private static Writes Notes(params int[] numbers)
    {
        var writes = new Writes();
        foreach (var number in numbers)
            writes.Add(Table.Of([number]));
        return writes;
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var command = grids.Database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
