using Governance.Common.V1;
using Governance.Contracts.Events;
using Governance.Grids.Cases;
using Governance.Grids.V1;
using Governance.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;
using static Governance.Grids.Tests.GridsFixture;

namespace Governance.Grids.Tests;

/// <summary>Cases with an answer are closed by the service once the time to confirm it is over.</summary>
public sealed class AnsweredCasesTests(GridsFixture grids) : ServiceTest(grids), IClassFixture<GridsFixture>
{
    private const int Many = 1_000;
    private const int Workers = 4;

    [Fact]
    public async Task A_case_whose_answer_nobody_confirms_is_closed_told_and_its_people_s_data_run_out()
    {
        var answered = await AnsweredAsync();
        await using var broker = await Broker.ConnectAsync(grids.Servers);
        var queue = await broker.ListenAsync<CaseClosed>();
        grids.Clock.Set(answered.Deadlines.ConfirmBy.ToDateTimeOffset().AddSeconds(1));

        var closed = await ClosesAsync(answered.Id);
        closed.Satisfaction.ShouldBe(Satisfaction.Unspecified);
        var (told, _) = await broker.NextAsync<CaseClosed>(queue);
        (told.CaseId, told.Satisfied).ShouldBe((Guid.Parse(answered.Id), false));
        var last = (await grids.Cases().GetCaseHistoryAsync(new GetCaseHistoryRequest { CaseId = answered.Id })).Entries[^1];
        (last.Action, last.FromState, last.ToState, last.ActorRole).ShouldBe(("Closed", CaseState.Answered, CaseState.Closed, "service"));
        (await grids.ScalarAsync<long>($"select count(*) from persons where record_id = '{answered.Id}' and expires_at is not null")).ShouldBe(1);
    }

    [Fact]
    public async Task A_confirmed_case_that_nobody_closes_is_closed_too_and_not_before_its_time()
    {
        var answered = await AnsweredAsync();
        await grids.Cases("resident", City, "resident-1").ConfirmCaseAsync(
            new ConfirmCaseRequest { RequestId = NewId(), CaseId = answered.Id, Satisfaction = Satisfaction.Satisfied });
        var worker = grids.Services.GetRequiredService<AnsweredCases>();
        await worker.TakeAsync(CancellationToken.None);
        (await GetAsync(answered.Id)).State.ShouldBe(CaseState.Confirmed);
        grids.Clock.Set(answered.Deadlines.ConfirmBy.ToDateTimeOffset().AddSeconds(1));
        (await ClosesAsync(answered.Id)).Satisfaction.ShouldBe(Satisfaction.Satisfied);
    }

    [Fact]
    public async Task What_was_taken_up_again_or_is_reviewed_is_not_closed()
    {
        var (reopened, reviewed) = (await AnsweredAsync(), await AnsweredAsync());
        var resident = grids.Cases("resident", City, "resident-1");
        await resident.ConfirmCaseAsync(
            new ConfirmCaseRequest { RequestId = NewId(), CaseId = reopened.Id, Satisfaction = Satisfaction.Dissatisfied });
        await new V1.Reviews.ReviewsClient(grids.As("resident", City, "resident-1")).RequestReviewAsync(
            new RequestReviewRequest { RequestId = NewId(), CaseId = reviewed.Id, Reason = "没有解决" });
        (await grids.ScalarAsync<long>($"select count(*) from cases where id in ('{reopened.Id}', '{reviewed.Id}') and close_at is null")).ShouldBe(2);
    }

    [Fact]
    public async Task Workers_side_by_side_close_every_answered_case_once_and_none_of_the_others()
    {
        await ExecuteAsync("delete from case_history");
        await ExecuteAsync("delete from cases");
        await InsertAsync("answered", CaseState.Answered, 0, "2026-03-02");
        await InsertAsync("confirmed", CaseState.Confirmed, Many, "2026-03-02");
        await InsertAsync("in time", CaseState.Answered, 2 * Many, "2026-04-02");
        // As an import leaves them.
        await InsertAsync("of before", CaseState.Closed, 3 * Many, null);
        // A history has room for the end, however full it is.
        await ExecuteAsync($"update cases set steps = {CaseRoom.MaxSteps - 1} where title = 'confirmed' and number % 10 = 0");
        var worker = grids.Services.GetRequiredService<AnsweredCases>();
        await Task.WhenAll(Enumerable.Range(0, Workers).Select(_ => Task.Run(async () =>
        {
            while (await worker.TakeAsync(CancellationToken.None) > 0)
            {
            }
        })));
        const int Ends = 2 * Many;
        // The service's own worker goes on beside those of the test, as another replica would.
        await Eventually.BecomesAsync(() => grids.ScalarAsync<long>("select count(*) from case_history where action = 'Closed'"), count => count >= Ends);
        (await grids.ScalarAsync<long>("select count(distinct case_id) from case_history where action = 'Closed' and actor_role = 'service'"))
            .ShouldBe(Ends);
        (await grids.ScalarAsync<long>("select count(*) from case_history")).ShouldBe(Ends);
        (await grids.ScalarAsync<long>("select count(*) from cases where state = 9 and version = 2")).ShouldBe(Ends);
        (await grids.ScalarAsync<long>("select count(*) from cases where title in ('in time', 'of before') and version = 1")).ShouldBe(2 * Many);
        (await grids.ScalarAsync<long>("select count(*) from cases where close_at is not null")).ShouldBe(Many);
    }

    private async Task<V1.Case> AnsweredAsync()
    {
        var reported = (await grids.Cases("resident", City, "resident-1").ReportCaseAsync(new ReportCaseRequest
        {
            RequestId = NewId(),
            Point = PointIn(0),
            Title = "路灯不亮",
            Channel = CaseChannel.MiniProgramme,
            Contact = new Person { Name = "王植入", Phone = "13955550001" },
        })).Case;
        await grids.Cases().DispatchCaseAsync(new DispatchCaseRequest
        {
            RequestId = NewId(),
            CaseId = reported.Id,
            Category = "street_order",
            Handler = new Handler { OrganisationId = NewId() },
        });
        await grids.Cases().CompleteHandlingAsync(new CompleteHandlingRequest { RequestId = NewId(), CaseId = reported.Id, Result = "换了灯泡" });
        return (await grids.Cases().AnswerCaseAsync(new AnswerCaseRequest { RequestId = NewId(), CaseId = reported.Id, Answer = "已修好" })).Case;
    }

    private async Task<V1.Case> GetAsync(string id) => (await grids.Cases().GetCaseAsync(new GetCaseRequest { Id = id })).Case;

    private Task<V1.Case> ClosesAsync(string id) => Eventually.BecomesAsync(() => GetAsync(id), c => c.State is CaseState.Closed);

    private Task InsertAsync(string title, CaseState state, int from, string? closes) => ExecuteAsync($"""
        insert into cases (id, number, territory, holder, title, description, channel, reporter, state, category, result, answer,
            satisfaction, confirm_by, close_at, policy_version, steps, reported_at, updated_at, version)
        select gen_random_uuid(), {-from} - n, '{GridsFixture.Grid}', '{Community}', '{title}', '', 1, 'somebody', {(int)state}, 'street_order', '', '',
            0, c.at, c.at, 1, 1, '2026-02-20T00:00Z', '2026-02-20T00:00Z', 1
        from generate_series(1, {Many}) n, lateral (select timestamptz '{closes ?? "infinity"}' + n * interval '1 second') e (at),
            lateral (select case when {(closes is null ? "true" : "false")} then null else e.at end) c (at)
        """);

    private async Task ExecuteAsync(string sql)
    {
        await using var command = grids.Database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
