using Governance.Grids.Cases;
using Governance.Grids.Exports;
using Governance.Grids.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Paging;
using Governance.TestKit;
using Npgsql;
using Shouldly;
using Xunit;
using static Governance.Grids.Tests.GridsFixture;

namespace Governance.Grids.Tests;

/// <summary>How much is read for lists of what few cases are, behind many that are closed and newer.</summary>
public sealed class CaseListsTests : ServiceTest, IClassFixture<GridsFixture>
{
    private const int Closed = 20_000;
    private const int Each = 20;
    private const int Few = 13 * Each;

    /// <summary>A statement is planned for its values five times, and then once for all.</summary>
    private const int Calls = 12;

    private static readonly (string Low, string High) Range = TerritoryCode.Parse(City).PrefixRange;

    private static readonly CaseState[] Waiting =
    [
        CaseState.Reported, CaseState.Assessed, CaseState.Dispatched, CaseState.Handling, CaseState.Whistled, CaseState.Handled,
        CaseState.Banked, CaseState.Merged, CaseState.UnderReview,
    ];

    private readonly GridsFixture grids;
    private readonly NpgsqlDataSource one;
    private readonly ServiceDatabase database;

    public CaseListsTests(GridsFixture grids)
        : base(grids)
    {
        this.grids = grids;
        // What a connection has read is told by itself.
        one = ServiceDatabase.CreateSource($"{grids.ConnectionString};Maximum Pool Size=1", "tests");
        database = new ServiceDatabase(one);
    }

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await ExecuteAsync("delete from cases");
        foreach (var state in Enum.GetValues<CaseState>().Where(s => s is not (CaseState.Unspecified or CaseState.Closed)))
            await InsertAsync(state, (int)state * Each, Each, Waiting.Contains(state));
        await InsertAsync(CaseState.Closed, 1_000, Closed, waiting: false);
        await ExecuteAsync("analyze cases");
    }

    public override async ValueTask DisposeAsync()
    {
        await one.DisposeAsync();
        await base.DisposeAsync();
    }

    [Fact]
    public async Task A_list_of_a_state_that_few_have_reads_few_cases()
    {
        var store = new CaseStore(database);
        foreach (var state in Enum.GetValues<CaseState>().Where(s => s is not (CaseState.Unspecified or CaseState.Closed)))
        {
            var read = await ReadAsync(async () =>
                (await store.ListAsync(Range, state, null, FirstPage(), default)).Select(c => c.State)
                    .ShouldBe(Enumerable.Repeat(state, Each)));
            read.ShouldBeLessThanOrEqualTo(Calls * Few, $"{state}");
        }
    }

    [Fact]
    public async Task A_list_of_what_is_overdue_reads_few_cases()
    {
        var store = new CaseStore(database);
        var late = await ReadAsync(async () =>
            (await store.ListAsync(Range, CaseState.Unspecified, grids.Clock.GetUtcNow(), FirstPage(), default)).Count
                .ShouldBe(Waiting.Length * Each));
        late.ShouldBeLessThanOrEqualTo(Calls * Few);
        var none = await ReadAsync(async () =>
            (await store.ListAsync(Range, CaseState.Unspecified, grids.Clock.GetUtcNow().AddYears(-1), FirstPage(), default))
                .ShouldBeEmpty());
        none.ShouldBeLessThanOrEqualTo(Calls * Few);
    }

    [Fact]
    public async Task A_list_of_all_reads_a_page()
    {
        var (store, page) = (new CaseStore(database), Page.Of(new ListCasesRequest(), pageSize: 50, "", keys: 1));
        foreach (var state in (CaseState[])[CaseState.Unspecified, CaseState.Closed])
        {
            var read = await ReadAsync(async () => (await store.ListAsync(Range, state, null, page, default)).Count.ShouldBe(page.Fetch));
            read.ShouldBeLessThanOrEqualTo(Calls * Few, $"{state}");
        }
    }

    [Fact]
    public async Task A_file_of_few_cases_reads_few_and_holds_each_once()
    {
        var export = new CaseExport(database);
        var read = await ReadAsync(async () =>
            (await export.ReadAsync(Range, CaseState.Unspecified, overdueOnly: true, grids.Clock.GetUtcNow(), default)
                .Select(c => c.Id).Distinct().CountAsync()).ShouldBe(Waiting.Length * Each));
        read.ShouldBeLessThanOrEqualTo(Calls * Few);
        read = await ReadAsync(async () =>
            (await export.ReadAsync(Range, CaseState.Transferred, overdueOnly: false, grids.Clock.GetUtcNow(), default)
                .Select(c => c.State).ToListAsync()).ShouldBe(Enumerable.Repeat(CaseState.Transferred, Each)));
        read.ShouldBeLessThanOrEqualTo(Calls * Few);
    }

    [Fact]
    public async Task A_step_that_leaves_what_is_due_as_it_is_writes_no_index()
    {
        await using var connection = await one.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var step = new NpgsqlCommand($"""
            update cases set state = {(int)CaseState.Handling}, version = version + 1, updated_at = now()
            where id in (select id from cases where state = {(int)CaseState.Dispatched} order by id limit 5)
            """, connection);
        (await step.ExecuteNonQueryAsync()).ShouldBe(5);
        await using var count = new NpgsqlCommand("select n_tup_hot_upd from pg_stat_xact_user_tables where relname = 'cases'", connection);
        (await count.ExecuteScalarAsync()).ShouldBe(5L);
    }

    private static Page FirstPage() => Page.Of(new ListCasesRequest(), Page.MaxSize, "", keys: 1);

    /// <summary>Rows of cases that were read in all calls.</summary>
    private async Task<long> ReadAsync(Func<Task> list)
    {
        var before = await RowsReadAsync();
        for (var i = 0; i < Calls; i++)
            await list();
        return await RowsReadAsync() - before;
    }

    private async Task<long> RowsReadAsync()
    {
        await database.QueryAsync("select pg_stat_force_next_flush()::text", r => r.GetString(0), [], default);
        return await database.FirstAsync(
            "select seq_tup_read + idx_tup_fetch from pg_stat_user_tables where relname = 'cases'", r => r.GetInt64(0), [], default);
    }

    private Task InsertAsync(CaseState state, int from, int count, bool waiting) => ExecuteAsync($"""
        insert into cases (id, number, territory, holder, title, description, channel, reporter, state, category, result, answer,
            satisfaction, policy_version, steps, reported_at, updated_at, version, due_at)
        select lpad(to_hex({from} + n), 32, '0')::uuid, -{from} - n, '{GridsFixture.Grid}', '{Community}', 'listed', '', 1, 'somebody',
            {(int)state}, '', '', '', 0, 1, 1, '2026-01-01', '2026-01-01', 1,
            {(waiting ? "timestamptz '2026-01-05' + n * interval '1 second'" : "null")}
        from generate_series(1, {count}) n
        """);

    private async Task ExecuteAsync(string sql)
    {
        await using var command = grids.Database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
