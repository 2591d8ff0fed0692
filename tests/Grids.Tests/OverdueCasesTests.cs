using Governance.Grids.Cases;
using Governance.Grids.Escalations;
using Governance.Grids.V1;
using Governance.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Shouldly;
using Xunit;
using static Governance.Grids.Tests.GridsFixture;

namespace Governance.Grids.Tests;

public sealed class OverdueCasesTests(GridsFixture grids) : ServiceTest(grids), IClassFixture<GridsFixture>
{
    private const string Subdistrict = "340603001";
    private const int Many = 1_000;
    private const int Workers = 4;

    /// <summary>Behind the limit to assess and the day after it.</summary>
    private static readonly TimeSpan Overdue = TimeSpan.FromDays(3);

    [Fact]
    public async Task A_case_that_nobody_has_taken_up_goes_up_and_is_told_to_those_who_watch()
    {
        var reported = await grids.ReportAsync();
        using var watch = grids.Cases().WatchCases(new WatchCasesRequest { CaseId = reported.Id });
        await watch.ResponseStream.MoveNext(CancellationToken.None);
        grids.Clock.Advance(Overdue);
        do
            await watch.ResponseStream.MoveNext(CancellationToken.None);
        while (watch.ResponseStream.Current.Entry is null);
        watch.ResponseStream.Current.Entry.Action.ShouldBe("EscalatedOverdue");
        watch.ResponseStream.Current.Entry.ActorRole.ShouldBe("service");

        var escalated = (await grids.Cases().GetCaseAsync(new GetCaseRequest { Id = reported.Id })).Case;
        (escalated.State, escalated.Holder).ShouldBe((CaseState.Reported, Subdistrict));
        escalated.Deadlines.AssessBy.ShouldNotBe(reported.Deadlines.AssessBy);
        escalated.Overdue.ShouldBeFalse();
    }

    [Fact]
    public async Task Workers_side_by_side_escalate_every_overdue_case_once_and_none_of_the_others()
    {
        await ClearAsync();
        await InsertAsync(overdue: true);
        await InsertAsync(overdue: false);
        var worker = grids.Services.GetRequiredService<OverdueCases>();
        await Task.WhenAll(Enumerable.Range(0, Workers).Select(_ => Task.Run(async () =>
        {
            while (await worker.TakeAsync(CancellationToken.None) > 0)
            {
            }
        })));
        await BecomesAsync("h.action = 'EscalatedOverdue'", Many);
        (await grids.ScalarAsync<long>("select count(distinct case_id) from case_history h where note = 'Reported due 2026-03-01T00:00:00.0000000+00:00'"))
            .ShouldBe(Many);
        (await grids.ScalarAsync<long>($"select count(*) from cases where title = 'overdue' and holder = '{Subdistrict}' and version = 2")).ShouldBe(Many);
        (await grids.ScalarAsync<long>($"select count(*) from cases where title = 'in time' and holder = '{Community}' and version = 1")).ShouldBe(Many);
    }

    [Fact]
    public async Task A_killed_worker_s_cases_are_free_again_and_are_escalated_once()
    {
        await ClearAsync();
        await InsertAsync(overdue: true);
        await using (var connection = await grids.Database.OpenConnectionAsync())
        {
            await using var transaction = await connection.BeginTransactionAsync();
            await using (var claim = new NpgsqlCommand("select id from cases where title = 'overdue' order by escalate_at limit 500 for update skip locked", connection))
                await claim.ExecuteNonQueryAsync();
            // The other half meanwhile; the claimed ones hold up nobody.
            var worker = grids.Services.GetRequiredService<OverdueCases>();
            while (await worker.TakeAsync(CancellationToken.None) > 0)
            {
            }
            await BecomesAsync("h.action = 'EscalatedOverdue'", Many - 500);
            await transaction.RollbackAsync();
        }
        await BecomesAsync("h.action = 'EscalatedOverdue'", Many);
    }

    [Fact]
    public async Task What_can_not_be_escalated_does_not_stand_before_the_others()
    {
        grids.Logs.Expect("could not be escalated");
        await ClearAsync();
        await InsertAsync(overdue: true);
        // Older than all others, of categories that the policy has not, some with histories that have no room to say so.
        await ExecuteAsync("update cases set category = 'unknown', state = 2, handle_by = assess_by where number % 2 = 0 and title = 'overdue'");
        await ExecuteAsync($"update cases set steps = {CaseRoom.MaxSteps - CaseRoom.KeptForWays} where number % 10 = 0 and title = 'overdue'");
        await ExecuteAsync("update cases set escalate_at = escalate_at - interval '1 day' where number % 2 = 0 and title = 'overdue'");
        var worker = grids.Services.GetRequiredService<OverdueCases>();
        while (await worker.TakeAsync(CancellationToken.None) > 0)
        {
        }
        await BecomesAsync("h.action = 'EscalatedOverdue'", Many / 2);
        await BecomesAsync("h.action = 'EscalationPostponed' and h.note like '%unknown%'", (Many / 2) - (Many / 10));
        var tomorrow = grids.Clock.GetUtcNow().AddHours(23);
        await Eventually.BecomesAsync(
            () => grids.ScalarAsync<long>($"select count(*) from cases where category = 'unknown' and escalate_at > '{tomorrow:O}' and version = 1"),
            count => count is Many / 10);
        // The clock of other tests goes on to where it would be tried again.
        await ClearAsync();
    }

    [Fact]
    public async Task A_case_at_which_the_rules_fail_is_named_put_off_and_does_not_stand_before_the_others()
    {
        grids.Logs.Expect("could not be escalated");
        await ClearAsync();
        await InsertAsync(overdue: true);
        // Older than all others, and held where nobody is above.
        await ExecuteAsync($"""
            update cases set holder = '{City}', escalate_at = escalate_at - interval '1 day' where number % 100 = 0 and title = 'overdue'
            """);
        var worker = grids.Services.GetRequiredService<OverdueCases>();
        while (await worker.TakeAsync(CancellationToken.None) > 0)
        {
        }
        await BecomesAsync("h.action = 'EscalatedOverdue'", Many - (Many / 100));
        var tomorrow = grids.Clock.GetUtcNow().AddHours(23);
        (await Eventually.BecomesAsync(
            () => grids.ScalarAsync<long>($"select count(*) from cases where holder = '{City}' and escalate_at > '{tomorrow:O}' and version = 1"),
            count => count is Many / 100)).ShouldBe(Many / 100);
        var failed = await grids.ScalarAsync<Guid>($"select id from cases where holder = '{City}' limit 1");
        grids.Logs.Lines.ShouldContain(line => line.Contains($"Case {failed} could not be escalated"));
        // The clock of other tests goes on to where it would be tried again.
        await ClearAsync();
    }

    // The service's own worker goes on beside those of the tests, as another replica would: what it has claimed
    // may still be on its way when theirs find nothing more.
    private async Task BecomesAsync(string condition, long expected) =>
        (await Eventually.BecomesAsync(() => CountAsync(condition), count => count >= expected)).ShouldBe(expected);

    private async Task ClearAsync()
    {
        await ExecuteAsync("delete from case_history");
        await ExecuteAsync("delete from cases");
    }

    private Task<long> CountAsync(string condition) =>
        grids.ScalarAsync<long>($"select count(*) from case_history h join cases c on c.id = h.case_id where c.title = 'overdue' and {condition}");

    private Task InsertAsync(bool overdue) => ExecuteAsync($"""
        insert into cases (id, number, territory, holder, title, description, channel, reporter, state, category, result, answer,
            satisfaction, assess_by, due_at, policy_version, steps, reported_at, updated_at, version, escalate_at)
        select gen_random_uuid(), {(overdue ? 0 : -Many)} - n, '{GridsFixture.Grid}', '{Community}', '{(overdue ? "overdue" : "in time")}', '', 1, 'somebody', 1, '', '', '',
            0, '2026-03-01T00:00Z', '2026-03-01T00:00Z', 1, 1, '2026-02-28T00:00Z', '2026-02-28T00:00Z', 1,
            timestamptz '{(overdue ? "2026-03-02" : "2026-04-02")}T00:00Z' + n * interval '1 second'
        from generate_series(1, {Many}) n
        """);

    private async Task ExecuteAsync(string sql)
    {
        await using var command = grids.Database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
