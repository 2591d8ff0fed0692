using Governance.Common.V1;
using Governance.Grids.Cases;
using Governance.Grids.Escalations;
using Governance.Grids.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Indicators;
using Governance.TestKit;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Shouldly;
using Xunit;
using Case = Governance.Grids.V1.Case;
using static Governance.Grids.Tests.GridsFixture;

namespace Governance.Grids.Tests;

/// <summary>Kept counts are those of the records, whoever wrote them and however far they are folded.</summary>
public sealed class KeptCountsTests(GridsFixture grids) : ServiceTest(grids), IClassFixture<GridsFixture>
{
    private const string Grid = GridsFixture.Grid;

    private static readonly string[] Categories = ["street_order", "illegal_construction"];

    private KeptCounts Folder => grids.Services.GetRequiredService<KeptCounts>();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Kept_counts_equal_counted_ones_after_random_acts_of_people(int seed)
    {
        var random = new Random(seed);
        var cases = new List<Case>();
        for (var act = 0; act < 250; act++)
        {
            if (random.Next(4) is 0 || cases.Count is 0)
                cases.Add(await ReportAsync(random));
            else if (random.Next(cases.Count) is var i && await ActAsync(cases[i], random) is { } next)
                cases[i] = next;
            if (random.Next(10) is 0)
                grids.Clock.Advance(TimeSpan.FromHours(random.Next(60)));
            if (random.Next(20) is 0)
                await Folder.FoldAsync(CancellationToken.None);
            if (act % 50 is 49)
                await KeptEqualsCountedAsync(random, 20);
        }
        (await grids.ScalarAsync<long>("select count(*) from cases where late = 1")).ShouldBeGreaterThan(0);
        (await grids.ScalarAsync<long>("select count(distinct state) from cases")).ShouldBeGreaterThan(5);
        await FoldAllAsync();
        await EveryCellIsCountedAsync();
        await KeptEqualsCountedAsync(random, 100);
    }

    [Fact]
    public async Task Rows_written_by_sql_in_bulk_and_escalated_in_batches_are_counted_too()
    {
        await FillAsync(3_000);
        var random = new Random(7);
        await KeptEqualsCountedAsync(random, 30);
        await ExecuteAsync("update cases set escalate_at = '2026-03-01T00:00Z' where number < 0 and state = 1");
        var worker = grids.Services.GetRequiredService<OverdueCases>();
        while (await worker.TakeAsync(CancellationToken.None) > 0)
        {
        }
        await ExecuteAsync("delete from cases where number < 0 and number % 5 = 0");
        await KeptEqualsCountedAsync(random, 30);
        await FoldAllAsync();
        await EveryCellIsCountedAsync();
        await KeptEqualsCountedAsync(random, 60);
        // What comes to nothing leaves nothing behind.
        await ExecuteAsync("delete from case_history");
        await ExecuteAsync("delete from cases");
        await FoldAllAsync();
        (await grids.ScalarAsync<long>("select count(*) from kept_counts")).ShouldBe(0);
    }

    [Fact]
    public async Task Room_of_a_bulk_of_changes_is_given_back_once_they_are_folded()
    {
        var before = await CountAsync(Grid);
        await ExecuteAsync(
            $"""
            insert into kept_changes (measure, territory, days, key, n)
            select 'cases', '{Grid}', array[date '2026-03-09', null, date '2026-03-09'], '1|pending|1|none', 1 - 2 * (i % 2) from generate_series(1, 200000) i
            """);
        (await RoomAsync()).ShouldBeGreaterThan(16L << 20);
        await FoldAllAsync();
        // Whoever writes or folds beside makes it give up, and try again.
        await Eventually.BecomesAsync(
            async () =>
            {
                await Folder.GiveBackAsync(CancellationToken.None);
                return await RoomAsync();
            },
            room => room < 1L << 20);
        (await CountAsync(Grid)).ShouldBe(before);

        Task<long> RoomAsync() => grids.ScalarAsync<long>("select pg_relation_size('kept_changes')");
    }

    [Fact]
    public async Task Reports_on_one_grid_do_not_queue_behind_a_counter_row()
    {
        const int many = 30;
        var before = await CountAsync(Grid);
        var open = new List<(NpgsqlConnection Connection, NpgsqlTransaction Transaction)>();
        try
        {
            // None of them has committed: whoever had to wait for a row of another would wait until it is too late.
            for (var i = 0; i < many; i++)
            {
                var connection = await grids.Database.OpenConnectionAsync();
                var transaction = await connection.BeginTransactionAsync();
                open.Add((connection, transaction));
                await using var insert = new NpgsqlCommand($"set local lock_timeout = '1s'; {InsertSql(-1_000_000 - i)}", connection);
                await insert.ExecuteNonQueryAsync();
            }
            // Nor does the folder wait for them.
            await Folder.FoldAsync(CancellationToken.None);
            (await CountAsync(Grid)).ShouldBe(before);
            foreach (var (_, transaction) in open)
                await transaction.CommitAsync();
        }
        finally
        {
            foreach (var (connection, _) in open)
                await connection.DisposeAsync();
        }
        (await CountAsync(Grid)).ShouldBe(before + many);
        await ExecuteAsync("delete from cases where number <= -1000000");
        (await CountAsync(Grid)).ShouldBe(before);
    }

    [Fact]
    public async Task A_folder_that_is_killed_in_the_middle_loses_nothing_and_folds_nothing_twice()
    {
        await FoldAllAsync();
        await FillAsync(500);
        var counted = await CountAsync(City);
        await using (var connection = await grids.Database.OpenConnectionAsync())
        {
            await using var transaction = await connection.BeginTransactionAsync();
            await using (var hold = new NpgsqlCommand("select pg_advisory_xact_lock($1)", connection) { Parameters = { Sql.P(KeptCounts.LockKey) } })
                await hold.ExecuteNonQueryAsync();
            await Folder.FoldAsync(connection, CancellationToken.None);
            // Another replica has nothing to do meanwhile, and what is told does not depend on who has folded.
            (await Folder.FoldAsync(CancellationToken.None)).ShouldBe(0);
            (await CountAsync(City)).ShouldBe(counted);
            var kill = $"select pg_terminate_backend({connection.ProcessID})";
            (await grids.ScalarAsync<bool>(kill)).ShouldBeTrue();
        }
        (await CountAsync(City)).ShouldBe(counted);
        await FoldAllAsync();
        (await CountAsync(City)).ShouldBe(counted);
        await EveryCellIsCountedAsync();
    }

    [Fact]
    public async Task Folders_side_by_side_fold_every_change_once()
    {
        await FillAsync(2_000);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(FoldAllAsync)));
        await FoldAllAsync();
        await EveryCellIsCountedAsync();
    }

    [Fact]
    public async Task The_table_of_kept_records_is_not_truncated() =>
        (await Should.ThrowAsync<PostgresException>(() => ExecuteAsync("truncate cases cascade"))).MessageText.ShouldContain("counts are kept");

    /// <summary>Whatever is asked, the answer from kept counts is that of counting records.</summary>
    private async Task KeptEqualsCountedAsync(Random random, int questions)
    {
        var database = grids.Services.GetRequiredService<ServiceDatabase>();
        var kept = new Counting(database, new DefinitionRules([CaseMeasures.Cases]), new KeptKeys(database));
        var counted = new Counting(database, new DefinitionRules([CaseMeasures.Cases with { Kept = [] }]), new KeptKeys(database));
        for (var i = 0; i < questions; i++)
        {
            var term = RandomTerm(random);
            var definition = new IndicatorDefinition { Name = "random", Value = term };
            var scope = new Scope(RandomTerritory(random), RandomDays(random), grids.Clock.GetUtcNow());
            await SameAsync(counting => counting.ValueAsync(definition, scope, CancellationToken.None), value => value.ToString(), $"{term} {scope}");

            var dimension = Pick(random, "state", "timeliness", "channel", "category", "grid", "community", "subdistrict", "city", "satisfaction");
            await SameAsync(counting => counting.PartsAsync(definition, scope, dimension, CancellationToken.None), Told, $"by {dimension}: {term} {scope}");
            if (term.Instant.Length is 0 || term.Passed || !scope.Days.IsBounded)
                continue;
            var span = Pick(random, Span.Day, Span.Week, Span.Month, Span.Quarter, Span.Year);
            await SameAsync(counting => counting.PartsAsync(definition, scope, span, [], CancellationToken.None), Told, $"by {span}: {term} {scope}");
        }

        // The service goes on escalating between the two: only what is asked while nothing changes can be compared.
        async Task SameAsync<T>(Func<Counting, Task<T>> ask, Func<T, string> told, string question)
        {
            const string changes = "select coalesce(sum(version), 0)::bigint from cases";
            long before;
            string fromKept, fromRecords;
            do
            {
                before = await grids.ScalarAsync<long>(changes);
                fromKept = told(await ask(kept));
                fromRecords = told(await ask(counted));
            }
            while (before != await grids.ScalarAsync<long>(changes));
            fromKept.ShouldBe(fromRecords, question);
        }
    }

    /// <summary>All cells there are, against an independent count of the records.</summary>
    private async Task EveryCellIsCountedAsync()
    {
        const string counted = """
            with records as (
                select c.territory, k.clock, ((k.at at time zone 'Asia/Shanghai')::date) as day, c.state::text as state, c.channel::text as channel,
                    case category when '' then 'none' else category end as category,
                    case when late = 1 then 'late' when due_at is null then 'on_time' else 'pending' end as timeliness
                from cases c cross join lateral (values (0, reported_at), (1, case when state = 9 then updated_at end), (2, due_at)) k (clock, at)
                where k.at is not null)
            select u.cube, r.clock, l.level, g.grain, g.start, l.code, u.key, count(*)
            from records r
            cross join lateral (values ('cases0', concat_ws('|', state, timeliness)), ('cases1', concat_ws('|', channel, state, timeliness)),
                ('cases2', concat_ws('|', category, state, timeliness))) u (cube, key)
            cross join lateral (values (2, left(territory, 4)), (4, left(territory, 9)), (6, territory)) l (level, code)
            cross join lateral (values (0, date '1990-01-01'), (1, date_trunc('year', day)::date), (2, date_trunc('quarter', day)::date),
                (3, date_trunc('month', day)::date), (4, date_trunc('week', day)::date), (5, day)) g (grain, start)
            group by 1, 2, 3, 4, 5, 6, 7
            """;
        const string kept = """
            select c.cube, c.clock, c.level, c.grain, c.start, c.territory, k.key, e.n
            from kept_counts c cross join lateral kept_cell(c.counts) e
            join kept_keys k on k.cube = c.cube and k.number = e.number
            """;
        // In one snapshot with nothing waiting: the service escalates and folds beside the test.
        const string compared = $"""
            select array[(select count(*) from kept_changes), (select count(*) from (({counted}) except ({kept})) x),
                (select count(*) from (({kept}) except ({counted})) x)]
            """;
        var told = await Eventually.BecomesAsync(() => grids.ScalarAsync<long[]>(compared), numbers => numbers[0] is 0);
        told[1].ShouldBe(0, "records that are not counted");
        told[2].ShouldBe(0, "counts without records");
    }

    private async Task FoldAllAsync()
    {
        // The service's own folder goes on beside, as another replica would.
        while (await grids.ScalarAsync<bool>("select exists(select from kept_changes)"))
            await Folder.FoldAsync(CancellationToken.None);
    }

    private async Task<long> CountAsync(string territory) =>
        (await new Indicators.IndicatorsClient(grids.As("officer", City)).GetIndicatorsAsync(
            new GetIndicatorsRequest { Territory = territory, Names = { "cases" } })).Indicators.Single().Value;

    private async Task<Case> ReportAsync(Random random) =>
        (await grids.Cases("resident", City, "reporter").ReportCaseAsync(new ReportCaseRequest
        {
            RequestId = NewId(),
            Point = PointIn(random.Next(4)),
            Title = "随机",
            Channel = (CaseChannel)random.Next(1, 8),
        })).Case;

    private async Task<Case?> ActAsync(Case current, Random random)
    {
        try
        {
            return await AllowedAsync(current, random);
        }
        catch (RpcException refused) when (refused.StatusCode is StatusCode.FailedPrecondition)
        {
            // The service's own escalation came in between.
            return null;
        }
    }

    // One act that the state allows; null when there is none.
    private async Task<Case?> AllowedAsync(Case current, Random random)
    {
        var cases = grids.Cases();
        var now = (await cases.GetCaseAsync(new GetCaseRequest { Id = current.Id })).Case;
        switch (now.State)
        {
            case CaseState.Reported when random.Next(5) is 0:
                return (await cases.RejectCaseAsync(new RejectCaseRequest { RequestId = NewId(), CaseId = now.Id, Reason = "不属受理范围" })).Case;
            case CaseState.Reported:
                return (await cases.AssessCaseAsync(new AssessCaseRequest { RequestId = NewId(), CaseId = now.Id, Category = Pick(random, Categories) })).Case;
            case CaseState.Assessed when random.Next(4) is 0 && now.Holder.Length > 4:
                return (await cases.EscalateCaseAsync(new EscalateCaseRequest { RequestId = NewId(), CaseId = now.Id, Reason = "超出职权" })).Case;
            case CaseState.Assessed:
                var handler = new Handler { OrganisationId = NewId() };
                return (await cases.DispatchCaseAsync(new DispatchCaseRequest { RequestId = NewId(), CaseId = now.Id, Handler = handler })).Case;
            case CaseState.Dispatched or CaseState.Handling:
                return (await cases.CompleteHandlingAsync(new CompleteHandlingRequest { RequestId = NewId(), CaseId = now.Id, Result = "已办" })).Case;
            case CaseState.Handled:
                return (await cases.AnswerCaseAsync(new AnswerCaseRequest { RequestId = NewId(), CaseId = now.Id, Answer = "已办" })).Case;
            case CaseState.Answered:
                var satisfaction = random.Next(3) is 0 ? Satisfaction.Dissatisfied : Satisfaction.Satisfied;
                return (await grids.Cases("resident", City, "reporter").ConfirmCaseAsync(
                    new ConfirmCaseRequest { RequestId = NewId(), CaseId = now.Id, Satisfaction = satisfaction })).Case;
            case CaseState.Confirmed:
                return (await cases.CloseCaseAsync(new CloseCaseRequest { RequestId = NewId(), CaseId = now.Id })).Case;
            default:
                return null;
        }
    }

    private static IndicatorTerm RandomTerm(Random random)
    {
        var term = new IndicatorTerm { Measure = "cases", Instant = Pick(random, "", "reported", "reported", "closed", "due") };
        term.Passed = term.Instant is "due" && random.Next(2) is 0;
        if (random.Next(2) is 0)
            term.Where.Add(Where("state", "reported", "closed", "answered"));
        if (random.Next(3) is 0)
            term.Where.Add(Where("timeliness", "late", "on_time"));
        if (random.Next(3) is 0)
            term.Where.Add(random.Next(2) is 0 ? Where("channel", "patrol", "council", "hotline") : Where("category", "street_order", "none"));
        return term;

        IndicatorCondition Where(string dimension, params string[] values) =>
            new() { Dimension = dimension, Values = { values[..random.Next(1, values.Length + 1)] }, Except = random.Next(3) is 0 };
    }

    private static TerritoryCode RandomTerritory(Random random) =>
        TerritoryCode.Parse(Pick(random, City, "340603", "340603001", Community, OtherCommunity, Grid, NextGrid));

    private static Days RandomDays(Random random)
    {
        var from = new DateOnly(2025, 11, 20).AddDays(random.Next(150));
        return random.Next(6) switch
        {
            0 => Days.All,
            1 => new Days(from, null),
            2 => new Days(null, from),
            3 => new Days(new DateOnly(from.Year, from.Month, 1), new DateOnly(from.Year, from.Month, 1).AddMonths(random.Next(1, 15))),
            _ => new Days(from, from.AddDays(random.Next(1, 200))),
        };
    }

    private static T Pick<T>(Random random, params T[] from) => from[random.Next(from.Length)];

    private static string Told(Dictionary<string, IndicatorValue> parts) =>
        string.Join(' ', parts.Where(p => p.Value.Numerator != 0).OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{p.Key}={p.Value.Numerator}"));

    // Reported over half a year, in all states, some late.
    private Task FillAsync(int count) => ExecuteAsync($"""
        insert into cases (id, number, territory, holder, title, description, channel, reporter, state, category, result, answer,
            satisfaction, assess_by, due_at, policy_version, steps, reported_at, updated_at, version, late)
        select gen_random_uuid(), (select least(min(number), 0) from cases) - n, (array['{Grid}', '{NextGrid}', '{OtherCommunity}01', '3406030020010012'])[1 + n % 4],
            '{Community}', '批量', '', 1 + n % 7, 'somebody', 1 + n % 11, (array['', 'street_order', 'noise'])[1 + n % 3], '', '',
            0, at, case when n % 11 in (6, 7, 8, 9) then null else at + interval '2 days' end, 1, 1, at, at + interval '30 hours', 1, (n % 13 = 0)::int
        from (select n, timestamptz '2025-10-01T15:30:00Z' + n * interval '97 minutes' as at from generate_series(1, {count}) n) made
        """);

    private static string InsertSql(int number) => $"""
        insert into cases (id, number, territory, holder, title, description, channel, reporter, state, category, result, answer,
            satisfaction, assess_by, due_at, policy_version, steps, reported_at, updated_at, version)
        values (gen_random_uuid(), {number}, '{Grid}', '{Community}', '同一网格', '', 1, 'somebody', 1, '', '', '', 0, now(), now(), 1, 1, now(), now(), 1)
        """;

    private async Task ExecuteAsync(string sql)
    {
        await using var command = grids.Database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
