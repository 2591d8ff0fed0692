using Google.Protobuf.WellKnownTypes;
using Governance.Common.V1;
using Governance.Grids.SatisfactionSurveys;
using Governance.Grids.V1;
using Governance.TestKit;
using Grpc.Core;
using Shouldly;
using Xunit;
using static Governance.Grids.Tests.GridsFixture;
using Case = Governance.Grids.V1.Case;

namespace Governance.Grids.Tests;

public sealed class SatisfactionTests(GridsFixture grids) : ServiceTest(grids), IClassFixture<GridsFixture>
{
    private const string Here = GridsFixture.Grid;
    private const string Reporter = "resident-1";

    // Closed from 1 to 9 March in China.
    private const string Drawable =
        "state = 9 and not confidential and updated_at >= '2026-02-28 16:00+00' and updated_at < '2026-03-09 16:00+00'";

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        var policy = SatisfactionRulesTests.Policy();
        policy.RespondWithin = new TimeLimit { Unit = TimeUnit.CalendarDays, Amount = 10 };
        policy.ReviewWithin = new TimeLimit { Unit = TimeUnit.WorkDays, Amount = 2 };
        await grids.PutPolicyAsync(p => p.Satisfaction = policy, from: "2026-03-01");
    }

    [Fact]
    public async Task A_reporter_responds_once_to_an_answer_within_its_time()
    {
        var closed = await grids.ClosedAsync();
        var own = Surveys("resident", City, Reporter);
        var asked = await own.GetCaseSatisfactionAsync(new GetCaseSatisfactionRequest { CaseId = closed.Id });
        asked.MayRespond.ShouldBeTrue();
        // The close of the tenth day after the answer, in China.
        asked.RespondBy.ToDateTimeOffset().ShouldBe(new DateTimeOffset(2026, 3, 19, 9, 30, 0, TimeSpan.Zero));

        await Refused.AsAsync("OUTSIDE_TERRITORY", Surveys("resident", City, "another").RespondToCaseAsync(Respond(closed, score: 5)));
        await Refused.AsAsync("SATISFACTION_VERDICT_MISSING", own.RespondToCaseAsync(
            new RespondToCaseRequest { RequestId = NewId(), CaseId = closed.Id }));
        var request = Respond(closed, score: 4, "很快");
        var given = await own.RespondToCaseAsync(request);
        given.Review.ShouldBeNull();
        (given.Response.Satisfaction, given.Response.Score, given.Response.Comment).ShouldBe((Satisfaction.Satisfied, 4, "很快"));
        (given.Response.Channel, given.Response.AskedBy).ShouldBe((ResponseChannel.App, ""));
        (await own.RespondToCaseAsync(request)).ShouldBe(given);
        request.Score = 1;
        await Refused.AsAsync("REQUEST_ID_REUSED", own.RespondToCaseAsync(request));
        await Refused.AsAsync("SATISFACTION_GIVEN", own.RespondToCaseAsync(Respond(closed, score: 1)));
        await Refused.AsAsync("SATISFACTION_GIVEN", Officer("caller").RecordCallbackAsync(Callback(closed)));
        var then = await own.GetCaseSatisfactionAsync(new GetCaseSatisfactionRequest { CaseId = closed.Id });
        (then.MayRespond, then.Response).ShouldBe((false, given.Response));

        var late = await grids.ClosedAsync();
        grids.Clock.Set(new DateTimeOffset(2026, 3, 19, 9, 31, 0, TimeSpan.Zero));
        await Refused.AsAsync("SATISFACTION_TOO_LATE", own.RespondToCaseAsync(Respond(late, score: 5)));
        (await own.GetCaseSatisfactionAsync(new GetCaseSatisfactionRequest { CaseId = late.Id })).MayRespond.ShouldBeFalse();
    }

    [Fact]
    public async Task A_reporter_is_called_back_by_somebody_else_than_who_answered()
    {
        var closed = await grids.ClosedAsync();
        // The fixture's officer has given the answer.
        await Refused.AsAsync("SATISFACTION_OWN_ANSWER", Officer("somebody").RecordCallbackAsync(Callback(closed)));
        await Refused.AsAsync("OUTSIDE_TERRITORY", Surveys("officer", OtherCommunity, "caller").RecordCallbackAsync(Callback(closed)));
        await Refused.AsAsync("ROLE_NOT_ALLOWED", Surveys("grid_worker", Here, "caller").RecordCallbackAsync(Callback(closed)));
        await Refused.AsAsync("REQUEST_INVALID", Officer("caller").RecordCallbackAsync(Callback(closed, ResponseChannel.App)));
        var response = (await Officer("caller").RecordCallbackAsync(Callback(closed, ResponseChannel.Hotline, agent: "12345-A7"))).Response;
        (response.Channel, response.AskedBy, response.Agent, response.Satisfaction, response.Score).ShouldBe(
            (ResponseChannel.Hotline, "caller", "12345-A7", Satisfaction.Satisfied, 0));
        // Who called is the staff's to know.
        var ask = new GetCaseSatisfactionRequest { CaseId = closed.Id };
        (await Officer().GetCaseSatisfactionAsync(ask)).Response.ShouldBe(response);
        (await Surveys("resident", City, Reporter).GetCaseSatisfactionAsync(ask)).Response
            .ShouldBe(new SatisfactionResponse(response) { AskedBy = "", Agent = "" });
        await Refused.AsAsync("SATISFACTION_GIVEN", Surveys("resident", City, Reporter).RespondToCaseAsync(Respond(closed, score: 1)));

        var open = await grids.AssessedAsync();
        await Refused.AsAsync("SATISFACTION_CASE_OPEN", Officer("caller").RecordCallbackAsync(Callback(open)));
        await Refused.AsAsync("CASE_NOT_FOUND", Officer("caller").RecordCallbackAsync(Callback(new Case { Id = NewId() })));
        (await Officer().GetCaseSatisfactionAsync(new GetCaseSatisfactionRequest { CaseId = open.Id }))
            .ShouldBe(new GetCaseSatisfactionResponse());
        // A case that was closed elsewhere was given no answer here.
        var elsewhere = await grids.ClosedAsync();
        await ChangeAsync($"delete from case_history where case_id = '{elsewhere.Id}'");
        await Refused.AsAsync("SATISFACTION_NOT_ANSWERED", Officer("caller").RecordCallbackAsync(Callback(elsewhere)));
        grids.Clock.Set(ServiceFixture.Morning.AddDays(-20));
        await Refused.AsAsync("POLICY_MISSING", Officer("caller").RecordCallbackAsync(Callback(await grids.ClosedAsync())));
    }

    [Fact]
    public async Task A_dissatisfied_response_opens_a_review_that_a_level_above_decides()
    {
        var closed = await grids.ClosedAsync();
        var review = (await Surveys("resident", City, Reporter).RespondToCaseAsync(Respond(closed, score: 2, "又不亮了"))).Review;
        (review.State, review.Holder, review.Overdue).ShouldBe((SatisfactionReviewState.Open, Community, false));
        // Two work days from Monday morning: Wednesday at the close.
        review.DueAt.ToDateTimeOffset().ShouldBe(new DateTimeOffset(2026, 3, 11, 9, 30, 0, TimeSpan.Zero));
        await Refused.AsAsync("SATISFACTION_LEVEL_TOO_LOW",
            Surveys("officer", Community).DecideSatisfactionReviewAsync(Decide(review, reopen: true)));
        await Refused.AsAsync("OUTSIDE_TERRITORY",
            Surveys("officer", OtherCommunity).DecideSatisfactionReviewAsync(Decide(review, reopen: true)));
        await Refused.AsAsync("SATISFACTION_REVIEW_NOT_FOUND",
            Officer().DecideSatisfactionReviewAsync(Decide(new SatisfactionReview { Id = NewId() }, reopen: true)));
        // The fixture's officer has given the answer.
        await Refused.AsAsync("SATISFACTION_OWN_ANSWER", Officer("somebody").DecideSatisfactionReviewAsync(Decide(review, reopen: false)));
        await Refused.AsAsync("CASE_DECISION_OWN", Officer(Reporter).DecideSatisfactionReviewAsync(Decide(review, reopen: true)));
        var stale = Decide(review, reopen: true);
        stale.Etag = "v9";
        await Refused.AsAsync("ETAG_STALE", Officer().DecideSatisfactionReviewAsync(stale));

        grids.Clock.Set(new DateTimeOffset(2026, 3, 12, 1, 0, 0, TimeSpan.Zero));
        (await ReviewsAsync(overdue: true)).ShouldContain(r => r.Id == review.Id && r.Overdue);
        var decide = Decide(review, reopen: true);
        var decided = (await Surveys("officer", "340603001", "reviewer").DecideSatisfactionReviewAsync(decide)).Review;
        (decided.State, decided.DecidedBy, decided.Reason, decided.DueAt).ShouldBe(
            (SatisfactionReviewState.Reopened, "reviewer", "复核", review.DueAt));
        (await Surveys("officer", "340603001", "reviewer").DecideSatisfactionReviewAsync(decide)).Review.ShouldBe(decided);
        await Refused.AsAsync("SATISFACTION_REVIEW_DECIDED", Officer().DecideSatisfactionReviewAsync(Decide(decided, reopen: false)));
        (await ReviewsAsync(overdue: true)).ShouldNotContain(r => r.Id == review.Id);
        var again = (await grids.Cases().GetCaseAsync(new GetCaseRequest { Id = closed.Id })).Case;
        (again.State, again.Reopenings).ShouldBe((CaseState.Assessed, 1));
        (await grids.Cases().GetCaseHistoryAsync(new GetCaseHistoryRequest { CaseId = closed.Id })).Entries[^1].Action.ShouldBe("Reopened");

        // Answered anew, it may be asked about anew.
        await CloseAsync(again);
        (await Surveys("resident", City, Reporter).RespondToCaseAsync(Respond(again, score: 5))).Response.Satisfaction
            .ShouldBe(Satisfaction.Satisfied);
        (await grids.ScalarAsync<long>($"select count(*) from satisfaction_responses where case_id = '{closed.Id}'")).ShouldBe(2);
    }

    [Fact]
    public async Task An_answer_that_is_upheld_leaves_the_case_closed()
    {
        var closed = await grids.ClosedAsync();
        var review = (await Officer("caller").RecordCallbackAsync(Callback(closed, satisfaction: Satisfaction.Dissatisfied))).Review;
        (await Officer().DecideSatisfactionReviewAsync(Decide(review, reopen: false))).Review.State
            .ShouldBe(SatisfactionReviewState.Upheld);
        (await grids.Cases().GetCaseAsync(new GetCaseRequest { Id = closed.Id })).Case.State.ShouldBe(CaseState.Closed);

        // The reporter reopens another by itself: nothing is left to be reopened, and the review says so.
        var other = await grids.ClosedAsync();
        review = (await Officer("caller").RecordCallbackAsync(Callback(other, satisfaction: Satisfaction.Dissatisfied))).Review;
        await grids.Cases("resident", City, Reporter).ReopenCaseAsync(
            new ReopenCaseRequest { RequestId = NewId(), CaseId = other.Id, Reason = "又不亮了" });
        (await Officer().DecideSatisfactionReviewAsync(Decide(review, reopen: true))).Review.State
            .ShouldBe(SatisfactionReviewState.Reopened);
        (await grids.Cases().GetCaseAsync(new GetCaseRequest { Id = other.Id })).Case.Reopenings.ShouldBe(1);
    }

    [Fact]
    public async Task Of_responses_at_once_one_is_taken()
    {
        var closed = await grids.ClosedAsync();
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 6).Select(async n =>
        {
            try
            {
                await (n % 2 is 0
                    ? Surveys("resident", City, Reporter).RespondToCaseAsync(Respond(closed, score: 2)).ResponseAsync
                    : (Task)Officer($"caller-{n}")
                        .RecordCallbackAsync(Callback(closed, satisfaction: Satisfaction.Dissatisfied)).ResponseAsync);
                return "";
            }
            catch (RpcException refused)
            {
                return Refused.Of(refused).Reason;
            }
        }));
        outcomes.Order().ShouldBe(["", .. Enumerable.Repeat("SATISFACTION_GIVEN", 5)]);
        (await grids.ScalarAsync<long>($"select count(*) from satisfaction_reviews where case_id = '{closed.Id}'")).ShouldBe(1);
    }

    [Fact]
    public async Task Rates_follow_their_definitions()
    {
        var (satisfied, all) = (await CountAsync("satisfaction = 1"), await CountAsync("true"));
        foreach (var score in (int[])[5, 4, 3])
            await Surveys("resident", City, Reporter).RespondToCaseAsync(Respond(await grids.ClosedAsync(), score));
        var rate = await IndicatorAsync("satisfaction_rate");
        (rate.Numerator, rate.Denominator).ShouldBe((satisfied + 2, all + 3));
        var responses = await IndicatorAsync("survey_response_rate");
        responses.Numerator.ShouldBe(all + 3);
        responses.Denominator.ShouldBe(await grids.ScalarAsync<long>("select count(*) from cases where state = 9"));

        // A past case brings what its reporter said; one that waited when it came is responded to here, which counts once.
        await ChangeAsync($"""
            update cases set import_code = 'past-1', assess_by = null, satisfaction = 2 where id = '{(await grids.ClosedAsync()).Id}'
            """);
        (await IndicatorAsync("satisfaction_rate")).Denominator.ShouldBe(all + 4);
        var waiting = await grids.ClosedAsync();
        await ChangeAsync($"update cases set import_code = 'waiting-1' where id = '{waiting.Id}'");
        await Surveys("resident", City, Reporter).RespondToCaseAsync(Respond(waiting, 5));
        (await IndicatorAsync("satisfaction_rate")).Denominator.ShouldBe(all + 5);
    }

    [Fact]
    public async Task A_draw_is_the_order_of_its_seed()
    {
        var pool = new List<Case>();
        for (var i = 0; i < 7; i++)
            pool.Add(await grids.ClosedAsync());
        var supervisor = (await Officer().AppointSupervisorAsync(Appoint("supervisor-1"))).Supervisor;
        var draw = (await Officer().DrawCasesAsync(DrawFor(supervisor, 5))).Draw;
        draw.Cases.Count.ShouldBe(5);
        var drawable = await RowsAsync($"select id from cases where {Drawable} and reporter <> 'supervisor-1'");
        draw.Population.ShouldBe(drawable.Count);
        draw.Cases.Select(c => c.CaseId).ShouldBe(
            drawable.OrderBy(id => SupervisionRules.RankOf(draw.Seed, id), StringComparer.Ordinal).Take(5).Select(id => id.ToString()));
        draw.Cases.ShouldAllBe(c => c.Answer.EndsWith("已修好") && c.Title == "路灯不亮" && c.Number > 0);
        (await Officer().DrawCasesAsync(DrawFor(supervisor, 5))).Draw.Seed.ShouldNotBe(draw.Seed);

        // The supervisor sees the own draws, and nobody else's.
        var own = Surveys("resident", City, "supervisor-1");
        (await own.GetDrawAsync(new GetDrawRequest { Id = draw.Id })).Draw.ShouldBe(draw);
        (await own.ListDrawsAsync(new ListDrawsRequest())).Draws.Select(d => d.Id).ShouldContain(draw.Id);
        (await Surveys("resident", City, "another").ListDrawsAsync(new ListDrawsRequest())).Draws.ShouldBeEmpty();
        await Refused.AsAsync("OUTSIDE_TERRITORY", Surveys("resident", City, "another").GetDrawAsync(new GetDrawRequest { Id = draw.Id }));
        await Refused.AsAsync("OUTSIDE_TERRITORY", Surveys("officer", OtherCommunity).GetDrawAsync(new GetDrawRequest { Id = draw.Id }));

        var review = Review(draw, draw.Cases[0].CaseId);
        var reviewed = (await own.ReviewDrawnCaseAsync(review)).Case;
        (reviewed.Finding, reviewed.Marks.Sum(m => m.Mark)).ShouldBe(("答复笼统", 7));
        (await own.GetDrawAsync(new GetDrawRequest { Id = draw.Id })).Draw.Cases[0].ShouldBe(reviewed);
        await Refused.AsAsync("SUPERVISION_REVIEWED", own.ReviewDrawnCaseAsync(Review(draw, draw.Cases[0].CaseId)));
        await Refused.AsAsync("SUPERVISION_CASE_NOT_DRAWN", own.ReviewDrawnCaseAsync(Review(draw, NewId())));
        await Refused.AsAsync("OUTSIDE_TERRITORY",
            Surveys("resident", City, "another").ReviewDrawnCaseAsync(Review(draw, draw.Cases[1].CaseId)));
        await Refused.AsAsync("OUTSIDE_TERRITORY", own.ReviewDrawnCaseAsync(Review(new SupervisionDraw { Id = NewId() }, NewId())));
        var incomplete = Review(draw, draw.Cases[1].CaseId);
        incomplete.Marks.RemoveAt(0);
        await Refused.AsAsync("SUPERVISION_MARKS_INVALID", own.ReviewDrawnCaseAsync(incomplete));
        var mean = await IndicatorAsync("supervisor_mean_mark");
        // Another test's supervisor gives the same marks.
        (mean.Numerator * 2).ShouldBe(mean.Denominator * 7);
        mean.Denominator.ShouldBeGreaterThan(0);
        ((await IndicatorAsync("supervisor_reviews")).Numerator * 2).ShouldBe(mean.Denominator);

        var ended = (await Officer().EndSupervisorAsync(
            new EndSupervisorRequest { RequestId = NewId(), SupervisorId = supervisor.Id })).Supervisor;
        ended.Until.ShouldBe("2026-03-09");
        grids.Clock.Set(ServiceFixture.Morning.AddDays(1));
        await Refused.AsAsync("SUPERVISOR_NOT_SERVING", own.ReviewDrawnCaseAsync(Review(draw, draw.Cases[1].CaseId)));
        // What was drawn is nothing to a supervisor any more whose term is over.
        await Refused.AsAsync("OUTSIDE_TERRITORY", own.GetDrawAsync(new GetDrawRequest { Id = draw.Id }));
        (await own.ListDrawsAsync(new ListDrawsRequest())).Draws.ShouldBeEmpty();
        (await Officer().GetDrawAsync(new GetDrawRequest { Id = draw.Id })).Draw.Id.ShouldBe(draw.Id);
        await Refused.AsAsync("SUPERVISOR_NOT_SERVING", Officer().DrawCasesAsync(DrawFor(supervisor, 5)));
    }

    [Fact]
    public async Task Nobody_marks_what_they_had_a_hand_in()
    {
        // A day on which no other test closes anything; the fixture's officer does all that is done.
        grids.Clock.Set(new DateTimeOffset(2026, 3, 17, 2, 0, 0, TimeSpan.Zero));
        var closed = await grids.ClosedAsync();
        var (own, other) = (await DrawAsync("somebody"), await DrawAsync("supervisor-8"));
        await Refused.AsAsync("SUPERVISION_NOTHING_TO_DRAW", own);
        (await other()).Draw.Cases.ShouldHaveSingleItem().CaseId.ShouldBe(closed.Id);

        async Task<Func<Task<DrawCasesResponse>>> DrawAsync(string subject)
        {
            var request = DrawFor((await Officer().AppointSupervisorAsync(Appoint(subject, Community))).Supervisor, 5);
            (request.From, request.Until) = ("2026-03-17", "2026-03-17");
            return () => Officer().DrawCasesAsync(request).ResponseAsync;
        }
    }

    [Fact]
    public async Task Draws_that_cannot_be_are_refused_by_name()
    {
        var supervisor = (await Officer().AppointSupervisorAsync(Appoint("supervisor-2", OtherCommunity))).Supervisor;
        await Refused.AsAsync("SUPERVISOR_EXISTS", Officer().AppointSupervisorAsync(Appoint("supervisor-2", OtherCommunity)));
        var wrong = Appoint("supervisor-3");
        wrong.Until = "2026-01-01";
        await Refused.AsAsync("SUPERVISOR_TERM_INVALID", Officer().AppointSupervisorAsync(wrong));
        await Refused.AsAsync("OUTSIDE_TERRITORY",
            Surveys("officer", Community).AppointSupervisorAsync(Appoint("supervisor-3", OtherCommunity)));
        await Refused.AsAsync("SUPERVISION_NOTHING_TO_DRAW", Officer().DrawCasesAsync(DrawFor(supervisor, 5)));
        await Refused.AsAsync("SUPERVISION_SAMPLE_TOO_LARGE", Officer().DrawCasesAsync(DrawFor(supervisor, 6)));
        var ahead = DrawFor(supervisor, 5);
        ahead.Until = "2026-03-10";
        await Refused.AsAsync("SUPERVISION_PERIOD_INVALID", Officer().DrawCasesAsync(ahead));
        await Refused.AsAsync("SUPERVISOR_NOT_FOUND", Officer().DrawCasesAsync(DrawFor(new CaseSupervisor { Id = NewId() }, 5)));
        await Refused.AsAsync("OUTSIDE_TERRITORY", Surveys("officer", Community).DrawCasesAsync(DrawFor(supervisor, 5)));
        await Refused.AsAsync("SUPERVISION_DRAW_NOT_FOUND", Officer().GetDrawAsync(new GetDrawRequest { Id = NewId() }));
        (await Surveys("auditor", OtherCommunity).ListSupervisorsAsync(new ListSupervisorsRequest())).Supervisors
            .ShouldHaveSingleItem().ShouldBe(supervisor);

        // Neither what the supervisor has reported nor what is confidential is drawn.
        await grids.ClosedAsync();
        await ChangeAsync($"update cases set reporter = 'supervisor-5' where id = '{(await grids.ClosedAsync()).Id}'");
        await ChangeAsync($"update cases set confidential = true where id = '{(await grids.ClosedAsync()).Id}'");
        var reporter = (await Officer().AppointSupervisorAsync(Appoint("supervisor-5", Community))).Supervisor;
        var population = await grids.ScalarAsync<long>($"select count(*) from cases where {Drawable} and reporter <> 'supervisor-5'");
        (await Officer().DrawCasesAsync(DrawFor(reporter, 5))).Draw.Population.ShouldBe((int)population);
    }

    [Fact]
    public async Task Terms_that_overlap_are_given_once_however_many_are_asked_for_at_once()
    {
        var reasons = await Task.WhenAll(Enumerable.Range(10, 6).Select(day =>
        {
            var request = Appoint("supervisor-wanted");
            (request.From, request.Until) = ($"2026-03-{day}", $"2026-06-{day}");
            return Refused.ReasonAsync(Officer().AppointSupervisorAsync(request));
        }));
        reasons.Order().ShouldBe(["", .. Enumerable.Repeat("SUPERVISOR_EXISTS", 5)]);
        (await grids.ScalarAsync<long>("select count(*) from supervisors where subject = 'supervisor-wanted'")).ShouldBe(1);

        var later = Appoint("supervisor-wanted");
        (later.From, later.Until) = ("2026-07-01", "2026-12-31");
        (await Officer().AppointSupervisorAsync(later)).Supervisor.From.ShouldBe("2026-07-01");
    }

    [Fact]
    public async Task Supervisors_are_shown_nobodys_data()
    {
        // The only one that was closed that day.
        grids.Clock.Set(ServiceFixture.Morning.AddDays(-4));
        var reported = (await grids.Cases("resident", City, Reporter).ReportCaseAsync(new ReportCaseRequest
        {
            RequestId = NewId(),
            Point = PointIn(0),
            Title = "路灯不亮",
            Channel = CaseChannel.MiniProgramme,
            Contact = new Person { Name = "王植入", Phone = "13955550001" },
        })).Case;
        await grids.Cases().AssessCaseAsync(new AssessCaseRequest { RequestId = NewId(), CaseId = reported.Id, Category = "street_order" });
        await CloseAsync(reported);
        await ChangeAsync($"update cases set answer = '王植入（139-5555-0001）家已修好' where id = '{reported.Id}'");
        grids.Clock.Set(ServiceFixture.Morning);
        var supervisor = (await Officer().AppointSupervisorAsync(Appoint("supervisor-6"))).Supervisor;
        var request = DrawFor(supervisor, 1);
        (request.From, request.Until) = ("2026-03-05", "2026-03-05");
        var draw = (await Officer().DrawCasesAsync(request)).Draw;
        draw.Cases.ShouldHaveSingleItem().Answer.ShouldBe("***（***）家已修好");
        (await Surveys("resident", City, "supervisor-6").GetDrawAsync(new GetDrawRequest { Id = draw.Id })).Draw.ShouldBe(draw);
    }

    [Fact]
    public async Task Pages_hold_every_response_and_review_once_within_the_territory()
    {
        for (var i = 0; i < 5; i++)
            await Officer("caller").RecordCallbackAsync(Callback(await grids.ClosedAsync(), satisfaction: Satisfaction.Dissatisfied));
        var request = new ListSatisfactionResponsesRequest { Territory = Here, Satisfaction = Satisfaction.Dissatisfied, PageSize = 2 };
        var seen = new List<string>();
        do
        {
            var page = await Officer().ListSatisfactionResponsesAsync(request);
            seen.AddRange(page.Responses.Select(r => r.Id));
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);
        seen.Count.ShouldBe((int)await CountAsync("satisfaction = 2"));
        seen.ShouldBeUnique();
        var reviews = new ListSatisfactionReviewsRequest { Territory = Here, PageSize = 3 };
        var due = new List<SatisfactionReview>();
        do
        {
            var page = await Officer().ListSatisfactionReviewsAsync(reviews);
            due.AddRange(page.Reviews);
            reviews.PageToken = page.NextPageToken;
        }
        while (reviews.PageToken.Length > 0);
        due.Select(r => r.ResponseId).ShouldBe(seen, ignoreOrder: true);
        due.Select(r => r.DueAt.ToDateTimeOffset()).ShouldBeInOrder();
        await Refused.AsAsync("OUTSIDE_TERRITORY", Surveys("officer", OtherCommunity).ListSatisfactionResponsesAsync(
            new ListSatisfactionResponsesRequest { Territory = Here }));
        (await Surveys("auditor", OtherCommunity).ListSatisfactionReviewsAsync(new ListSatisfactionReviewsRequest())).Reviews
            .ShouldBeEmpty();
        await Refused.AsAsync("PAGE_TOKEN_INVALID",
            Officer().ListSatisfactionReviewsAsync(new ListSatisfactionReviewsRequest { PageToken = "bm90aGluZw" }));
    }

    [Fact]
    public async Task An_improvement_has_a_cause_and_is_checked_by_another()
    {
        var closed = await grids.ClosedAsync();
        var response = (await Surveys("resident", City, Reporter).RespondToCaseAsync(Respond(closed, score: 1))).Response;
        var content = (await Surveys("resident", City, Reporter).RespondToCaseAsync(Respond(await grids.ClosedAsync(), score: 5))).Response;
        var supervisor = (await Officer().AppointSupervisorAsync(Appoint("supervisor-7"))).Supervisor;
        var draw = (await Officer().DrawCasesAsync(DrawFor(supervisor, 5))).Draw;
        var finding = new DrawnFinding { DrawId = draw.Id, CaseId = draw.Cases[0].CaseId };

        await Refused.AsAsync("IMPROVEMENT_CAUSE_MISSING", Officer().OpenImprovementAsync(Improve()));
        await Refused.AsAsync("IMPROVEMENT_CAUSE_MISSING", Officer().OpenImprovementAsync(Improve(response: content.Id)));
        await Refused.AsAsync("IMPROVEMENT_CAUSE_MISSING", Officer().OpenImprovementAsync(Improve(finding)));
        await Surveys("resident", City, "supervisor-7").ReviewDrawnCaseAsync(Review(draw, finding.CaseId));
        await Refused.AsAsync("SUPERVISION_CASE_NOT_DRAWN",
            Officer().OpenImprovementAsync(Improve(new DrawnFinding { DrawId = draw.Id, CaseId = NewId() })));
        await Refused.AsAsync("SATISFACTION_RESPONSE_NOT_FOUND", Officer().OpenImprovementAsync(Improve(response: NewId())));
        await Refused.AsAsync("IMPROVEMENT_DUE_PAST", Officer().OpenImprovementAsync(Improve(response: response.Id, days: -1)));
        await Refused.AsAsync("OUTSIDE_TERRITORY",
            Surveys("officer", OtherCommunity).OpenImprovementAsync(Improve(response: response.Id)));
        var reasons = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ =>
            Refused.ReasonAsync(Officer("opener-leaving").OpenImprovementAsync(Improve(response: response.Id)))));
        reasons.Order().ShouldBe(["", "IMPROVEMENT_EXISTS", "IMPROVEMENT_EXISTS", "IMPROVEMENT_EXISTS"]);
        var found = (await Officer().OpenImprovementAsync(Improve(finding, days: 1))).Improvement;
        (found.State, found.DrawId, found.ResponseId, found.Territory).ShouldBe((ImprovementState.Open, draw.Id, "", Here));
        await Refused.AsAsync("IMPROVEMENT_EXISTS", Officer().OpenImprovementAsync(Improve(finding)));
        var all = (await Officer().ListImprovementsAsync(new ListImprovementsRequest { Territory = Here })).Improvements;
        all.Select(i => (i.CaseId, i.OpenedBy)).ShouldBe([(found.CaseId, "officer-9"), (closed.Id, "opener-leaving")]);

        grids.Clock.Advance(TimeSpan.FromDays(1.5));
        var overdue = (await Officer().ListImprovementsAsync(new ListImprovementsRequest { OverdueOnly = true })).Improvements;
        (overdue.ShouldHaveSingleItem().Id, overdue[0].Overdue).ShouldBe((found.Id, true));
        await Refused.AsAsync("IMPROVEMENT_WRONG_STATE", Officer().CheckImprovementAsync(Check(found.Id, accepted: true)));
        var complete = new CompleteImprovementRequest { RequestId = NewId(), ImprovementId = found.Id, Result = "答复写明了做法" };
        var done = (await Officer("doer").CompleteImprovementAsync(complete)).Improvement;
        (done.State, done.DoneBy, done.Overdue).ShouldBe((ImprovementState.Done, "doer", false));
        await Refused.AsAsync("IMPROVEMENT_OWN", Officer("doer").CheckImprovementAsync(Check(found.Id, accepted: true)));
        await Refused.AsAsync("IMPROVEMENT_DUE_PAST", Officer().CheckImprovementAsync(Check(found.Id, accepted: false)));
        var again = (await Officer().CheckImprovementAsync(Check(found.Id, accepted: false, days: 2))).Improvement;
        (again.State, again.CheckedBy, again.CheckNote).ShouldBe((ImprovementState.Open, "officer-9", "看过"));
        complete.RequestId = NewId();
        await Officer("doer").CompleteImprovementAsync(complete);
        (await Officer().CheckImprovementAsync(Check(found.Id, accepted: true))).Improvement.State.ShouldBe(ImprovementState.Checked);
        await Refused.AsAsync("IMPROVEMENT_WRONG_STATE", Officer("doer").CompleteImprovementAsync(new(complete) { RequestId = NewId() }));
        (await Officer().ListImprovementsAsync(new ListImprovementsRequest { State = ImprovementState.Open })).Improvements
            .ShouldHaveSingleItem().ResponseId.ShouldBe(response.Id);

        // Who opened it is forgotten on demand, and it stays open.
        await new Persons.PersonsClient(grids.As("operator", City)).EraseSubjectAsync(
            new EraseSubjectRequest { RequestId = NewId(), Subject = "opener-leaving", Reason = "本人申请" });
        (await grids.ScalarAsync<long>("select count(*) from improvements i where i::text like '%opener-leaving%'")).ShouldBe(0);
        (await grids.ScalarAsync<long>("select count(*) from improvements where state = 1")).ShouldBe(1);
    }

    private OpenImprovementRequest Improve(DrawnFinding? finding = null, string response = "", int days = 5)
    {
        var request = new OpenImprovementRequest
        {
            RequestId = NewId(),
            Text = "答复须说明做法",
            Responsible = "社区居委会",
            DueAt = grids.Clock.GetUtcNow().AddDays(days).ToTimestamp(),
        };
        if (finding is not null)
            request.Finding = finding;
        if (response.Length > 0)
            request.ResponseId = response;
        return request;
    }

    private CheckImprovementRequest Check(string id, bool accepted, int? days = null) => new()
    {
        RequestId = NewId(),
        ImprovementId = id,
        Accepted = accepted,
        Note = "看过",
        DueAt = days is { } later ? grids.Clock.GetUtcNow().AddDays(later).ToTimestamp() : null,
    };

    [Fact]
    public async Task What_a_subject_said_goes_with_the_subject_and_what_was_counted_stays()
    {
        var closed = await grids.ClosedAsync();
        await Surveys("resident", City, Reporter).RespondToCaseAsync(Respond(closed, score: 2, "植入的话"));
        var supervisor = (await Officer().AppointSupervisorAsync(Appoint("supervisor-leaving"))).Supervisor;
        var draw = (await Officer().DrawCasesAsync(DrawFor(supervisor, 5))).Draw;
        var own = Surveys("resident", City, "supervisor-leaving");
        var review = Review(draw, draw.Cases[0].CaseId);
        review.Finding = "植入的发现";
        await own.ReviewDrawnCaseAsync(review);
        var responses = await CountAsync("true");

        var leaving = new Persons.PersonsClient(grids.As("resident", City, "supervisor-leaving"));
        var erase = new EraseSubjectRequest { RequestId = NewId(), Reason = "本人申请" };
        (await Refused.AsAsync("SUBJECT_NEEDED", leaving.EraseSubjectAsync(erase))).Metadata["kind"].ShouldBe("supervisor");
        await Officer().EndSupervisorAsync(new EndSupervisorRequest { RequestId = NewId(), SupervisorId = supervisor.Id });
        grids.Clock.Set(ServiceFixture.Morning.AddDays(1));
        await leaving.EraseSubjectAsync(erase);
        // Cases that other tests leave open are needed still; this one's reporter has none of them.
        await ChangeAsync($"update cases set reporter = 'resident-2' where reporter = '{Reporter}' and id <> '{closed.Id}'");
        var persons = new Persons.PersonsClient(grids.As("resident", City, Reporter));
        using (var export = persons.ExportSubject(new ExportSubjectRequest()))
        {
            var said = new List<string>();
            while (await export.ResponseStream.MoveNext(CancellationToken.None))
                if (export.ResponseStream.Current.Kind is "satisfaction_response")
                    said.AddRange(export.ResponseStream.Current.Fields.Values);
            said.ShouldContain("植入的话");
        }
        await persons.EraseSubjectAsync(new EraseSubjectRequest { RequestId = NewId(), Reason = "本人申请" });

        (await CountAsync("true")).ShouldBe(responses);
        string[] tables = ["satisfaction_responses", "satisfaction_reviews", "supervisors", "supervision_cases", "supervision_draws"];
        foreach (var table in tables)
            foreach (var planted in (string[])["植入的", "supervisor-leaving", Reporter])
                (await grids.ScalarAsync<long>($"select count(*) from {table} t where t::text like '%{planted}%'"))
                    .ShouldBe(0, $"{table}: {planted}");
        (await grids.ScalarAsync<long>($"select count(*) from supervision_cases where draw_id = '{draw.Id}' and mark_sum = 7")).ShouldBe(1);
    }

    private V1.SatisfactionSurveys.SatisfactionSurveysClient Surveys(string role, string territory, string subject = "officer-9") =>
        new(grids.As(role, territory, subject));

    private V1.SatisfactionSurveys.SatisfactionSurveysClient Officer(string subject = "officer-9") => Surveys("officer", City, subject);

    private static RespondToCaseRequest Respond(Case of, int score, string comment = "") =>
        new() { RequestId = NewId(), CaseId = of.Id, Score = score, Comment = comment };

    private static RecordCallbackRequest Callback(
        Case of,
        ResponseChannel channel = ResponseChannel.Telephone,
        Satisfaction satisfaction = Satisfaction.Satisfied,
        string agent = "") =>
        new() { RequestId = NewId(), CaseId = of.Id, Channel = channel, Satisfaction = satisfaction, Agent = agent };

    private static DecideSatisfactionReviewRequest Decide(SatisfactionReview review, bool reopen) =>
        new() { RequestId = NewId(), ReviewId = review.Id, Etag = review.Etag, Reopen = reopen, Reason = "复核" };

    private static AppointSupervisorRequest Appoint(string subject, string territory = City) => new()
    {
        RequestId = NewId(),
        Territory = territory,
        Subject = subject,
        Kind = SupervisorKind.Conduct,
        From = "2026-01-01",
        Until = "2026-12-31",
    };

    private static DrawCasesRequest DrawFor(CaseSupervisor supervisor, int size) =>
        new() { RequestId = NewId(), SupervisorId = supervisor.Id, From = "2026-03-01", Until = "2026-03-09", Size = size };

    private static ReviewDrawnCaseRequest Review(SupervisionDraw draw, string caseId) => new()
    {
        RequestId = NewId(),
        DrawId = draw.Id,
        CaseId = caseId,
        Marks = { new SupervisionMark { Aspect = "timely", Mark = 5 }, new SupervisionMark { Aspect = "result", Mark = 2 } },
        Finding = "答复笼统",
    };

    private async Task CloseAsync(Case of)
    {
        await grids.Cases().DispatchCaseAsync(
            new DispatchCaseRequest { RequestId = NewId(), CaseId = of.Id, Handler = new Handler { OrganisationId = NewId() } });
        await grids.Cases().CompleteHandlingAsync(new CompleteHandlingRequest { RequestId = NewId(), CaseId = of.Id, Result = "换了整灯" });
        await grids.Cases().AnswerCaseAsync(new AnswerCaseRequest { RequestId = NewId(), CaseId = of.Id, Answer = "已修好" });
        await grids.Cases("resident", City, Reporter).ConfirmCaseAsync(
            new ConfirmCaseRequest { RequestId = NewId(), CaseId = of.Id, Satisfaction = Satisfaction.Satisfied });
        await grids.Cases().CloseCaseAsync(new CloseCaseRequest { RequestId = NewId(), CaseId = of.Id });
    }

    private async Task<IReadOnlyList<SatisfactionReview>> ReviewsAsync(bool overdue) =>
        (await Officer().ListSatisfactionReviewsAsync(
            new ListSatisfactionReviewsRequest { OverdueOnly = overdue, PageSize = 500 })).Reviews;

    private Task<long> CountAsync(string where) =>
        grids.ScalarAsync<long>($"select count(*) from satisfaction_responses where {where}");

    private async Task ChangeAsync(string sql)
    {
        await using var command = grids.Database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private async Task<List<Guid>> RowsAsync(string sql)
    {
        await using var command = grids.Database.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<Guid>();
        while (await reader.ReadAsync())
            rows.Add(reader.GetGuid(0));
        return rows;
    }

    private async Task<IndicatorValue> IndicatorAsync(string name) =>
        (await new Indicators.IndicatorsClient(grids.As("officer", City)).GetIndicatorsAsync(
            new GetIndicatorsRequest { Territory = City, Names = { name } })).Indicators.Single().Exact;
}
