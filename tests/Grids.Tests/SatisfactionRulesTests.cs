using FsCheck;
using FsCheck.Fluent;
using Governance.Grids.Cases;
using Governance.Grids.Policies;
using Governance.Grids.SatisfactionSurveys;
using Governance.Grids.V1;
using Governance.Primitives;
using Governance.TestKit;
using Shouldly;
using Xunit;
using Case = Governance.Grids.Cases.Case;
using TimeLimit = Governance.Grids.V1.TimeLimit;
using TimeUnit = Governance.Grids.V1.TimeUnit;

namespace Governance.Grids.Tests;

/// <summary>Responses, their reviews and the marks of supervisors, over random histories.</summary>
public sealed class SatisfactionRulesTests
{
    private static readonly CityPolicies Policies = RulePolicies.With(p => p.Satisfaction = Policy(), p => p.Cases = CasePolicy());

    private static readonly DateTimeOffset AnsweredAt = ServiceFixture.Morning;

    private static readonly GivenAnswer Answer = new(7, AnsweredAt, "officer-1");

    public static SatisfactionPolicy Policy() => new()
    {
        RespondWithin = Hours(240),
        SatisfiedFrom = 4,
        ReviewWithin = Hours(48),
        SampleAtMost = 5,
        Aspects = { new SupervisionAspect { Code = "timely", Name = "及时" }, new SupervisionAspect { Code = "result", Name = "结果" } },
    };

    [Fact]
    public void An_improvement_is_over_when_another_has_seen_it_over_random_histories()
    {
        var ended = 0;
        Prop.ForAll(Gen.ArrayOf(Gen.Choose(0, 999_999), 30).ToArbitrary(), acts =>
        {
            var now = AnsweredAt;
            var current = new Betterment
            {
                Id = Guid.NewGuid(),
                CaseId = Guid.NewGuid(),
                Territory = GridsFixture.Grid,
                Text = "改",
                Responsible = "社区",
                DueAt = now.AddDays(1),
                OpenedBy = "a",
                OpenedAt = now,
            };
            foreach (var act in acts)
            {
                now = now.AddHours(act % 10);
                var by = $"officer-{act / 10 % 3}";
                DateTimeOffset? due = act / 30 % 3 is 0 ? null : now.AddHours((act / 90 % 20) - 5);
                var outcome = act % 2 is 0
                    ? ImprovementRules.Complete(current, "改了", by, now)
                    : ImprovementRules.Check(current, act / 2 % 2 is 0, "看过", due, by, now);
                if (outcome.Refusal is not null)
                    continue;
                var (before, after) = (current, outcome.OrRefuse());
                before.State.ShouldNotBe(ImprovementState.Checked);
                after.Version.ShouldBe(before.Version + 1);
                // It is due anew only where somebody has seen that it is not done.
                if (after.DueAt != before.DueAt)
                    (before.State, after.State, after.DueAt > now).ShouldBe((ImprovementState.Done, ImprovementState.Open, true));
                if (after.State is ImprovementState.Checked)
                {
                    (before.State, after.CheckedAt).ShouldBe((ImprovementState.Done, now));
                    after.CheckedBy.ShouldNotBe(after.DoneBy);
                    ended++;
                }
                current = after;
            }
            current.IsOverdue(current.DueAt.AddSeconds(1)).ShouldBe(current.State is ImprovementState.Open);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));
        ended.ShouldBeGreaterThan(0);
    }

    [Fact]
    public void Responses_are_taken_once_in_time_over_random_histories()
    {
        var taken = 0;
        Prop.ForAll(Gen.ArrayOf(Gen.Choose(0, 999_999), 30).ToArbitrary(), acts =>
        {
            var given = false;
            foreach (var act in acts)
            {
                var now = AnsweredAt.AddHours(act % 300);
                var state = (CaseState)((act / 300 % 10) + 1);
                var asker = (act / 3000 % 3) switch { 0 => "", 1 => "officer-1", _ => "officer-2" };
                int? score = act % 2 is 0 ? (act % 5) + 1 : null;
                var said = SatisfactionRules.Respond(
                    CaseOf(state), Answer, given, SayingOf(score, asker), asker is "" ? "resident-1" : asker, (Guid.CreateVersion7(), Guid.CreateVersion7()), Policies, now);
                var may = state is CaseState.Confirmed or CaseState.Closed
                    && !given && asker is not "officer-1" && now <= AnsweredAt.AddHours(240);
                (said.Refusal is null).ShouldBe(may, $"{said.Refusal}");
                if (!may)
                    continue;
                (given, taken) = (true, taken + 1);
                var (response, review) = said.OrRefuse();
                (response.Satisfaction is Satisfaction.Satisfied).ShouldBe(score is null or >= 4);
                (review is null).ShouldBe(response.Satisfaction is Satisfaction.Satisfied);
                review?.DueAt.ShouldBe(now.AddHours(48));
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));
        taken.ShouldBeGreaterThan(50);
    }

    [Fact]
    public void What_is_missing_or_cannot_be_is_named()
    {
        Reason(SayingOf(null, "") with { Satisfaction = null }, Answer).ShouldBe(SatisfactionErrors.VerdictMissing);
        Reason(SayingOf(null, "") with { Satisfaction = Satisfaction.Unspecified }, Answer).ShouldBe(SatisfactionErrors.VerdictMissing);
        Reason(SayingOf(3, ""), null).ShouldBe(SatisfactionErrors.NotAnswered);
        Reason(SayingOf(3, "officer-1"), Answer, by: "officer-1").ShouldBe(SatisfactionErrors.OwnAnswer);

        static ServiceDefaults.Errors.ErrorDefinition Reason(Saying saying, GivenAnswer? answer, string by = "resident-1") => SatisfactionRules.Respond(
            CaseOf(CaseState.Closed), answer, false, saying, by, (Guid.Empty, Guid.Empty), Policies, AnsweredAt).Refusal!.Definition;
    }

    [Theory]
    [InlineData("340603001001", "340603001001", false)]
    [InlineData("340603001001", "340603001", true)]
    [InlineData("340603001001", "3406", true)]
    [InlineData("340603001001", "340603002", false)]
    [InlineData("340603", "340603", false)]
    [InlineData("340603", "3406", true)]
    [InlineData("3406", "3406", true)]
    public void A_level_above_the_one_that_answered_decides(string holder, string reach, bool may)
    {
        var decided = SatisfactionRules.Decide(
            ReviewOf(holder), CaseOf(CaseState.Closed), Answer, TerritoryCode.Parse(reach), false, "答复属实", "o", Policies, AnsweredAt);
        (decided.Refusal is null).ShouldBe(may);
        if (!may)
            decided.Refusal!.Definition.ShouldBe(SatisfactionErrors.LevelTooLow);
    }

    [Fact]
    public void Whoever_gave_an_answer_does_not_decide_its_review()
    {
        foreach (var reopen in (bool[])[true, false])
            Decide(CaseOf(CaseState.Closed), AnsweredAt, reopen, Answer with { By = "officer-2" })
                .Refusal!.Definition.ShouldBe(SatisfactionErrors.OwnAnswer);
    }

    [Fact]
    public void The_time_that_a_review_takes_is_not_held_against_the_reporter()
    {
        // Said an hour before the time to reopen ends, decided a month after.
        var late = AnsweredAt.AddDays(30);
        var of = CaseOf(CaseState.Closed) with { ReopenBy = AnsweredAt.AddHours(1) };
        var (review, step) = Decide(of, late, reopen: true).OrRefuse();
        (review.State, review.DecidedAt, step!.Next.State).ShouldBe((SatisfactionReviewState.Reopened, late, CaseState.Assessed));
        // Whoever said it after the time, or where nothing is reopened, waits in vain.
        Decide(of with { ReopenBy = AnsweredAt.AddHours(-1) }, late, reopen: true).Refusal!.Definition.ShouldBe(CaseErrors.ReopenTooLate);
        Decide(of with { ReopenBy = null }, late, reopen: true).Refusal!.Definition.ShouldBe(CaseErrors.ReopenTooLate);
        // What was reopened meanwhile is left as it is.
        Decide(of with { State = CaseState.Handling }, late, reopen: true).OrRefuse().Step.ShouldBeNull();
        Decide(of, late, reopen: true, Answer with { Step = 12 }).OrRefuse().Step.ShouldBeNull();
        Decide(of, late, reopen: false).OrRefuse().Review.State.ShouldBe(SatisfactionReviewState.Upheld);
    }

    [Fact]
    public void Each_aspect_is_marked_once_and_a_case_once()
    {
        var drawn = new Drawn { DrawId = Guid.Empty, CaseId = Guid.Empty, Territory = GridsFixture.Grid, Version = 1 };
        Mark[] marks = [new("result", 3), new("timely", 5)];
        var reviewed = SupervisionRules.Review(drawn, marks, "尚可", Policies, AnsweredAt).OrRefuse();
        (reviewed.ReviewedAt, reviewed.Version).ShouldBe((AnsweredAt, 2));
        SupervisionRules.Review(reviewed, marks, "", Policies, AnsweredAt).Refusal!.Definition.ShouldBe(SupervisionErrors.Reviewed);
        foreach (var wrong in (Mark[][])[[marks[0]], [.. marks, marks[0]], [marks[0], marks[0]], [marks[0], new("smile", 5)]])
            SupervisionRules.Review(drawn, wrong, "", Policies, AnsweredAt).Refusal!.Definition.ShouldBe(SupervisionErrors.MarksInvalid);
    }

    [Fact]
    public void Terms_and_periods_have_their_bounds()
    {
        var today = new DateOnly(2026, 3, 9);
        var term = new Supervisor(Guid.Empty, "3406", "s", SupervisorKind.Conduct, today, today, 0);
        SupervisionRules.Appoint(term, today).OrRefuse().Version.ShouldBe(1);
        SupervisionRules.Appoint(term with { Until = today.AddDays(-1) }, today).Refusal.ShouldNotBeNull();
        SupervisionRules.Appoint(term with { From = today.AddDays(-9), Until = today.AddDays(-1) }, today).Refusal.ShouldNotBeNull();
        SupervisionRules.Appoint(term with { Until = today.AddYears(5).AddDays(-1) }, today).Refusal.ShouldBeNull();
        SupervisionRules.Appoint(term with { Until = today.AddYears(5) }, today).Refusal.ShouldNotBeNull();
        SupervisionRules.End(term with { From = today.AddDays(1), Until = today.AddDays(2) }, today).Refusal!.Definition
            .ShouldBe(SupervisionErrors.NotServing);
        SupervisionRules.MayDraw(today.AddDays(-365), today, 5, Policies, AnsweredAt).OrRefuse().ShouldBe(5);
        SupervisionRules.MayDraw(today.AddDays(-366), today, 5, Policies, AnsweredAt).Refusal!.Definition
            .ShouldBe(SupervisionErrors.PeriodInvalid);
        SupervisionRules.MayDraw(today, today.AddDays(1), 5, Policies, AnsweredAt).Refusal!.Definition
            .ShouldBe(SupervisionErrors.PeriodInvalid);
        SupervisionRules.MayDraw(today, today, 6, Policies, AnsweredAt).Refusal!.Definition.ShouldBe(SupervisionErrors.SampleTooLarge);
    }

    private static ServiceDefaults.Errors.Outcome<(Review Review, CaseStep? Step)> Decide(
        Case of, DateTimeOffset now, bool reopen, GivenAnswer? last = null) =>
        SatisfactionRules.Decide(
            ReviewOf(GridsFixture.Community), of, last ?? Answer, TerritoryCode.Parse("3406"), reopen, "没有修好", "officer-2", Policies, now);

    private static Saying SayingOf(int? score, string asker) => new(
        score is null ? Satisfaction.Satisfied : null, score, "", asker.Length is 0 ? ResponseChannel.App : ResponseChannel.Telephone,
        asker.Length is 0 ? "resident-1" : "", asker, "");

    private static Review ReviewOf(string holder) => new()
    {
        Id = Guid.CreateVersion7(),
        CaseId = Guid.CreateVersion7(),
        AnswerStep = Answer.Step,
        ResponseId = Guid.CreateVersion7(),
        Territory = GridsFixture.Grid,
        Holder = holder,
        State = SatisfactionReviewState.Open,
        OpenedAt = AnsweredAt,
        DueAt = AnsweredAt.AddHours(48),
        PolicyVersion = 1,
        Version = 1,
    };

    private static Case CaseOf(CaseState state) => new()
    {
        Id = Guid.CreateVersion7(),
        Number = 1,
        Territory = GridsFixture.Grid,
        Holder = GridsFixture.Community,
        Title = "路灯不亮",
        Description = "",
        Place = null,
        Channel = CaseChannel.MiniProgramme,
        Reporter = "resident-1",
        State = state,
        Category = "street_order",
        AssessBy = AnsweredAt,
        PolicyVersion = 2,
        Steps = 8,
        ReportedAt = AnsweredAt.AddDays(-1),
        UpdatedAt = AnsweredAt,
        Version = 8,
    };

    // By the clock only: these histories leave the year whose holidays are known.
    private static CasePolicy CasePolicy()
    {
        var policy = GridsFixture.CasePolicy();
        policy.ReopenWithin = Hours(240);
        policy.ReopenAtMost = 2;
        policy.Escalation = null;
        foreach (var category in policy.Categories)
            category.HandleWithin = Hours(24);
        return policy;
    }

    private static TimeLimit Hours(int amount) => new() { Unit = TimeUnit.EmergencyHours, Amount = amount };
}
