using Google.Protobuf.WellKnownTypes;
using Governance.Contracts.Events;
using Governance.Grids.V1;
using Governance.TestKit;
using Shouldly;
using Xunit;
using static Governance.Grids.Tests.GridsFixture;

namespace Governance.Grids.Tests;

public sealed class DeadlinesTests(GridsFixture grids) : ServiceTest(grids), IClassFixture<GridsFixture>
{
    private const string Subdistrict = "340603001";

    [Fact]
    public async Task An_extension_is_asked_for_granted_above_and_told_by_the_history()
    {
        await using var broker = await Broker.ConnectAsync(grids.Servers);
        var queue = await broker.ListenAsync<CaseDeadlineMoved>();
        var assessed = await grids.AssessedAsync();
        var asked = (await Deadlines(Community, "asker").RequestDeadlineChangeAsync(Extension(assessed.Id, assessed.Etag))).Case;
        asked.Deadlines.HandleBy.ShouldBe(assessed.Deadlines.HandleBy);
        (asked.Deadlines.Requested.ExtendBy, asked.Deadlines.Requested.RequestedBy).ShouldBe((WorkDays(2), "asker"));

        await Refused.AsAsync("DEADLINE_CHANGE_PENDING", Deadlines(Community, "asker").RequestDeadlineChangeAsync(Extension(assessed.Id)));
        await Refused.AsAsync("DEADLINE_DECISION_OWN", Deadlines(City, "asker").DecideDeadlineChangeAsync(Decision(assessed.Id)));
        await Refused.AsAsync("DEADLINE_DECISION_TOO_LOW", Deadlines(Community, "decider").DecideDeadlineChangeAsync(Decision(assessed.Id)));
        var extended = (await Deadlines(Subdistrict, "decider").DecideDeadlineChangeAsync(Decision(assessed.Id, asked.Etag))).Case;
        extended.Deadlines.HandleBy.ShouldBeGreaterThan(assessed.Deadlines.HandleBy);
        (extended.Deadlines.Extensions, extended.Deadlines.Requested).ShouldBe((1, null));
        await Refused.AsAsync("DEADLINE_CHANGE_NOT_ALLOWED", Deadlines(Community, "asker").RequestDeadlineChangeAsync(Extension(assessed.Id)));

        var history = (await grids.Cases().GetCaseHistoryAsync(new GetCaseHistoryRequest { CaseId = assessed.Id })).Entries;
        history.Select(e => e.Action).ShouldBe(["Reported", "Assessed", "DeadlineChangeRequested", "DeadlineExtended"]);
        history[2].DueAt.ShouldBe(assessed.Deadlines.HandleBy);
        history[3].DueAt.ShouldBe(extended.Deadlines.HandleBy);
        history[3].Note.ShouldContain("同意");
        // Those of other tests come in between.
        CaseDeadlineMoved told;
        do
            (told, _) = await broker.NextAsync<CaseDeadlineMoved>(queue);
        while (told.CaseId.ToString() != assessed.Id);
        (told.Cause, told.DueAt, told.EstateId).ShouldBe(("DeadlineExtended", extended.Deadlines.HandleBy.ToDateTimeOffset(), null));
    }

    [Fact]
    public async Task A_declined_change_moves_nothing_and_another_may_be_asked_for()
    {
        var assessed = await grids.AssessedAsync();
        await Deadlines(Community, "asker").RequestDeadlineChangeAsync(Extension(assessed.Id));
        var declined = (await Deadlines(Subdistrict, "decider").DecideDeadlineChangeAsync(
            new DecideDeadlineChangeRequest(Decision(assessed.Id)) { Grant = false })).Case;
        (declined.Deadlines.HandleBy, declined.Deadlines.Requested).ShouldBe((assessed.Deadlines.HandleBy, null));
        await Refused.AsAsync("DEADLINE_CHANGE_MISSING", Deadlines(Subdistrict, "decider").DecideDeadlineChangeAsync(Decision(assessed.Id)));
        await Deadlines(Community, "asker").RequestDeadlineChangeAsync(Extension(assessed.Id));
    }

    [Fact]
    public async Task A_pause_is_granted_and_ended_early()
    {
        var assessed = await grids.AssessedAsync();
        var until = grids.Clock.GetUtcNow().AddDays(3);
        await Deadlines(Community, "asker").RequestDeadlineChangeAsync(Pause(assessed.Id, until));
        var paused = (await Deadlines(City, "decider").DecideDeadlineChangeAsync(Decision(assessed.Id))).Case;
        paused.Deadlines.PausedUntil.ToDateTimeOffset().ShouldBe(until, TimeSpan.FromMicroseconds(1));
        await Refused.AsAsync("DEADLINE_PAUSED", Deadlines(Community, "asker").RequestDeadlineChangeAsync(Extension(assessed.Id)));

        grids.Clock.Advance(TimeSpan.FromDays(1));
        var resume = new ResumeDeadlineRequest { RequestId = NewId(), CaseId = assessed.Id, Reason = "已放晴" };
        var resumed = (await Deadlines(Community, "asker").ResumeDeadlineAsync(resume)).Case;
        resumed.Deadlines.PausedUntil.ShouldBeNull();
        (paused.Deadlines.HandleBy.ToDateTimeOffset() - resumed.Deadlines.HandleBy.ToDateTimeOffset()).ShouldBe(TimeSpan.FromDays(2), TimeSpan.FromMinutes(1));
        await Refused.AsAsync("DEADLINE_NOT_PAUSED", Deadlines(Community, "asker").ResumeDeadlineAsync(new ResumeDeadlineRequest(resume) { RequestId = NewId() }));
        (await Deadlines(Community, "asker").ResumeDeadlineAsync(resume)).Case.ShouldBe(resumed);
    }

    [Fact]
    public async Task What_asks_for_too_much_comes_too_late_or_has_no_time_to_be_handled_in_is_refused()
    {
        var reported = await grids.ReportAsync();
        await Refused.AsAsync("CASE_WRONG_STATE", Deadlines(Community).RequestDeadlineChangeAsync(Extension(reported.Id)));
        var assessed = await grids.AssessedAsync();
        await Refused.AsAsync("DEADLINE_CHANGE_TOO_LONG", Deadlines(Community).RequestDeadlineChangeAsync(
            new RequestDeadlineChangeRequest(Extension(assessed.Id)) { ExtendBy = WorkDays(6) }));
        await Refused.AsAsync("DEADLINE_CHANGE_TOO_LONG", Deadlines(Community).RequestDeadlineChangeAsync(
            Pause(assessed.Id, grids.Clock.GetUtcNow().AddDays(-1))));
        await Refused.AsAsync("CALENDAR_YEAR_MISSING", Deadlines(Community).RequestDeadlineChangeAsync(
            new RequestDeadlineChangeRequest(Extension(assessed.Id)) { ExtendBy = WorkDays(400) }));
        await Refused.AsAsync("ETAG_STALE", Deadlines(Community).RequestDeadlineChangeAsync(Extension(assessed.Id, "v1")));
        await Refused.AsAsync("CASE_NOT_FOUND", Deadlines(City).RequestDeadlineChangeAsync(Extension(NewId())));
        await Refused.AsAsync("OUTSIDE_TERRITORY", Deadlines(OtherCommunity).RequestDeadlineChangeAsync(Extension(assessed.Id)));
        var neither = new RequestDeadlineChangeRequest(Extension(assessed.Id));
        neither.ClearChange();
        (await Refused.AsAsync("REQUEST_INVALID", Deadlines(Community).RequestDeadlineChangeAsync(neither))).Fields.ShouldBe(["change: FIELD_REQUIRED"]);

        grids.Clock.Set(assessed.Deadlines.HandleBy.ToDateTimeOffset().AddSeconds(1));
        await Refused.AsAsync("DEADLINE_PASSED", Deadlines(Community).RequestDeadlineChangeAsync(Extension(assessed.Id)));
    }

    [Fact]
    public async Task Cases_are_listed_by_what_is_due_soonest_first_and_none_twice()
    {
        var cases = new List<V1.Case>();
        for (var i = 0; i < 5; i++)
        {
            cases.Add(await grids.ReportAsync(2));
            grids.Clock.Advance(TimeSpan.FromMinutes(1));
        }
        (await ListAsync(DueBucket.Overdue)).ShouldBeEmpty();
        (await ListAsync(DueBucket.Approaching, TimeSpan.FromMinutes(10))).ShouldBeEmpty();
        (await ListAsync(DueBucket.Approaching)).ShouldBe(cases.Select(c => c.Id));

        grids.Clock.Set(cases[2].Deadlines.AssessBy.ToDateTimeOffset().AddSeconds(1));
        (await ListAsync(DueBucket.Overdue)).ShouldBe(cases.Take(3).Select(c => c.Id));
        (await ListAsync(DueBucket.Approaching, TimeSpan.FromMinutes(10))).ShouldBe(cases.Skip(3).Select(c => c.Id));
        (await Refused.AsAsync("REQUEST_INVALID", Deadlines(City).ListDueCasesAsync(
            new ListDueCasesRequest { Bucket = DueBucket.Approaching, Within = Duration.FromTimeSpan(TimeSpan.FromDays(31)) }))).Fields.ShouldBe(["within: FIELD_TOO_LARGE"]);
    }

    private async Task<List<string>> ListAsync(DueBucket bucket, TimeSpan? within = null)
    {
        var request = new ListDueCasesRequest
        {
            Territory = OtherCommunity + "01",
            Bucket = bucket,
            Within = within is null ? null : Duration.FromTimeSpan(within.Value),
            PageSize = 2,
        };
        var ids = new List<string>();
        do
        {
            var page = await Deadlines(City).ListDueCasesAsync(request);
            ids.AddRange(page.Cases.Select(c => c.Id));
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);
        return ids;
    }

    private V1.Deadlines.DeadlinesClient Deadlines(string territory, string subject = "somebody") => new(grids.As("officer", territory, subject));

    private static RequestDeadlineChangeRequest Extension(string caseId, string etag = "") =>
        new() { RequestId = NewId(), CaseId = caseId, Etag = etag, ExtendBy = WorkDays(2), Reason = "等配件" };

    private static RequestDeadlineChangeRequest Pause(string caseId, DateTimeOffset until) =>
        new() { RequestId = NewId(), CaseId = caseId, PauseUntil = until.ToTimestamp(), Reason = "连日大雨" };

    private static DecideDeadlineChangeRequest Decision(string caseId, string etag = "") =>
        new() { RequestId = NewId(), CaseId = caseId, Etag = etag, Grant = true, Reason = "同意" };

    private static TimeLimit WorkDays(int amount) => new() { Unit = TimeUnit.WorkDays, Amount = amount };
}
