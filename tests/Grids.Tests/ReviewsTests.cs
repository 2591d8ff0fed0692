using Governance.Grids.V1;
using Governance.TestKit;
using Shouldly;
using Xunit;
using static Governance.Grids.Tests.GridsFixture;
using Case = Governance.Grids.V1.Case;

namespace Governance.Grids.Tests;

/// <summary>Answers that are not accepted are reviewed by the levels above.</summary>
public sealed class ReviewsTests(GridsFixture grids) : ServiceTest(grids), IClassFixture<GridsFixture>
{
    private const string Subdistrict = "340603001";
    private const string District = "340603";

    [Fact]
    public async Task A_review_is_decided_by_the_level_above_and_its_opinion_is_the_answer()
    {
        var closed = await grids.ClosedAsync();
        var asked = await RequestAsync(closed.Id);
        (asked.State, asked.Holder, asked.Review.Round, asked.Review.From).ShouldBe((CaseState.UnderReview, Subdistrict, 1, Community));
        // Twenty days after the 9th of March is a Sunday: due at the close of the Monday.
        asked.Review.DueAt.ToDateTimeOffset().ShouldBe(new DateTimeOffset(2026, 3, 30, 17, 30, 0, TimeSpan.FromHours(8)));
        (await grids.Cases().ListCasesAsync(new ListCasesRequest { State = CaseState.UnderReview })).Cases.ShouldContain(c => c.Id == closed.Id);

        var decide = Decide(closed.Id, ReviewDecision.Changed, "应当更换灯具");
        await Refused.AsAsync("OUTSIDE_TERRITORY", Reviews("officer", Community).DecideReviewAsync(decide));
        await Refused.AsAsync("CASE_DECISION_OWN", Reviews("officer", Subdistrict, "resident-1").DecideReviewAsync(decide));
        var decided = (await Reviews("officer", Subdistrict, "reviewer").DecideReviewAsync(decide)).Case;
        (decided.State, decided.Answer, decided.Review.DecidedBy).ShouldBe((CaseState.Answered, "应当更换灯具", "reviewer"));
        // The handler is not the way any more: whoever is still dissatisfied asks for the next review.
        var confirmed = (await grids.Cases("resident", City, "resident-1").ConfirmCaseAsync(
            new ConfirmCaseRequest { RequestId = NewId(), CaseId = closed.Id, Satisfaction = Satisfaction.Dissatisfied })).Case;
        (confirmed.State, confirmed.Satisfaction).ShouldBe((CaseState.Confirmed, Satisfaction.Dissatisfied));
        (await RequestAsync(closed.Id)).Holder.ShouldBe(District);
    }

    [Fact]
    public async Task A_remanded_case_is_handled_anew_where_it_was()
    {
        var closed = await grids.ClosedAsync();
        await RequestAsync(closed.Id);
        var remanded = (await Reviews("officer", Subdistrict).DecideReviewAsync(Decide(closed.Id, ReviewDecision.Remanded))).Case;
        (remanded.State, remanded.Holder, remanded.Handler).ShouldBe((CaseState.Assessed, Community, null));
        remanded.Deadlines.HandleBy.ToDateTimeOffset().ShouldBeGreaterThan(grids.Clock.GetUtcNow());
    }

    [Fact]
    public async Task The_second_review_is_final()
    {
        var closed = await grids.ClosedAsync();
        await RequestAsync(closed.Id);
        await Reviews("officer", Subdistrict).DecideReviewAsync(Decide(closed.Id, ReviewDecision.Upheld));
        await RequestAsync(closed.Id);
        var final = (await Reviews("officer", District, "second").DecideReviewAsync(Decide(closed.Id, ReviewDecision.Upheld))).Case;
        (final.Review.Round, final.Review.RequestBy).ShouldBe((2, null));
        await Refused.AsAsync("REVIEW_FINAL", Reviews("resident", City, "resident-1").RequestReviewAsync(Request(closed.Id)));
        await grids.Cases("resident", City, "resident-1").ConfirmCaseAsync(
            new ConfirmCaseRequest { RequestId = NewId(), CaseId = closed.Id, Satisfaction = Satisfaction.Dissatisfied });
        await Refused.AsAsync("REVIEW_FINAL", grids.Cases("resident", City, "resident-1").ReopenCaseAsync(
            new ReopenCaseRequest { RequestId = NewId(), CaseId = closed.Id, Reason = "没有解决" }));
        (await grids.Cases().CloseCaseAsync(new CloseCaseRequest { RequestId = NewId(), CaseId = closed.Id })).Case.State.ShouldBe(CaseState.Closed);
    }

    [Fact]
    public async Task Nobody_decides_about_an_answer_or_an_opinion_of_their_own()
    {
        var closed = await grids.ClosedAsync();
        await RequestAsync(closed.Id);
        // The fixture's officer has given the answer.
        foreach (var decision in (ReviewDecision[])[ReviewDecision.Upheld, ReviewDecision.Changed, ReviewDecision.Remanded])
            await Refused.AsAsync("CASE_CONFIRMATION_OWN", Reviews(subject: "somebody").DecideReviewAsync(Decide(closed.Id, decision)));
        await Reviews("officer", Subdistrict).DecideReviewAsync(Decide(closed.Id, ReviewDecision.Upheld));
        await RequestAsync(closed.Id);
        await Refused.AsAsync("CASE_CONFIRMATION_OWN", Reviews("officer", District).DecideReviewAsync(Decide(closed.Id, ReviewDecision.Upheld)));
        await Reviews("officer", District, "second").DecideReviewAsync(Decide(closed.Id, ReviewDecision.Upheld));
    }

    [Fact]
    public async Task A_review_is_asked_for_by_the_reporter_in_time_and_after_an_answer()
    {
        var assessed = await grids.AssessedAsync();
        await Refused.AsAsync("CASE_WRONG_STATE", Reviews("resident", City, "resident-1").RequestReviewAsync(Request(assessed.Id)));
        await Refused.AsAsync("CASE_WRONG_STATE", Reviews().DecideReviewAsync(Decide(assessed.Id, ReviewDecision.Upheld)));
        var closed = await grids.ClosedAsync();
        await Refused.AsAsync("OUTSIDE_TERRITORY", Reviews("resident", City, "resident-2").RequestReviewAsync(Request(closed.Id)));
        grids.Clock.Set(closed.Review.RequestBy.ToDateTimeOffset().AddMinutes(1));
        await Refused.AsAsync("REVIEW_REQUEST_TOO_LATE", Reviews("resident", City, "resident-1").RequestReviewAsync(Request(closed.Id)));
    }

    [Fact]
    public async Task A_case_is_tagged_with_dimensions_of_governance_until_it_ends()
    {
        var assessed = await grids.AssessedAsync();
        var tag = new TagCaseRequest
        {
            RequestId = NewId(),
            CaseId = assessed.Id,
            Dimensions = { GovernanceDimension.SelfGovernance, GovernanceDimension.RuleOfLaw, GovernanceDimension.SelfGovernance },
        };
        (await grids.Cases().TagCaseAsync(tag)).Case.Dimensions.ShouldBe([GovernanceDimension.RuleOfLaw, GovernanceDimension.SelfGovernance]);
        var tagged = (await grids.Cases().GetCaseAsync(new GetCaseRequest { Id = assessed.Id })).Case;
        tagged.Dimensions.Count.ShouldBe(2);
        // The same again is answered, and leaves no entry.
        tag.RequestId = NewId();
        (await grids.Cases().TagCaseAsync(tag)).Case.ShouldBe(tagged);
        (await grids.Cases().GetCaseAsync(new GetCaseRequest { Id = assessed.Id })).Case.Etag.ShouldBe(tagged.Etag);
        (await grids.ScalarAsync<long>($"select count(*) from case_history where case_id = '{assessed.Id}' and action = 'Tagged'")).ShouldBe(1);
        tag = new TagCaseRequest { RequestId = NewId(), CaseId = (await grids.ClosedAsync()).Id, Dimensions = { GovernanceDimension.RuleOfLaw } };
        await Refused.AsAsync("CASE_ENDED", grids.Cases().TagCaseAsync(tag));
    }

    private async Task<Case> RequestAsync(string id) => (await Reviews("resident", City, "resident-1").RequestReviewAsync(Request(id))).Case;

    private static RequestReviewRequest Request(string id) => new() { RequestId = NewId(), CaseId = id, Reason = "没有解决" };

    private static DecideReviewRequest Decide(string id, ReviewDecision decision, string opinion = "原答复正确") =>
        new() { RequestId = NewId(), CaseId = id, Decision = decision, Opinion = opinion };

    private V1.Reviews.ReviewsClient Reviews(string role = "officer", string territory = City, string subject = "reviewer") =>
        new(grids.As(role, territory, subject));
}
