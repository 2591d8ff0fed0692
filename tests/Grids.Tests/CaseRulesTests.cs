using System.Collections.Concurrent;
using Governance.Contracts.Events;
using Governance.Grids.Cases;
using Governance.Grids.Deadlines;
using Governance.Grids.Dispatch;
using Governance.Grids.Escalations;
using Governance.Grids.Intake;
using Governance.Grids.Mediations;
using Governance.Grids.Policies;
using Governance.Grids.Reviews;
using Governance.Grids.SatisfactionSurveys;
using Governance.Grids.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Errors;
using Governance.TestKit;
using Shouldly;
using Xunit;
using Case = Governance.Grids.Cases.Case;
using DeadlineChange = Governance.Grids.Cases.DeadlineChange;
using TimeLimit = Governance.Grids.V1.TimeLimit;
using TimeUnit = Governance.Grids.V1.TimeUnit;

namespace Governance.Grids.Tests;

/// <summary>The rules of cases over random histories: whatever is done in whatever order, the invariants hold.</summary>
public sealed partial class CaseRulesTests
{
    private const int Histories = 100_000;
    private const int StepsPerHistory = 30;

    private static readonly CityPolicies Policies = RulePolicies.With(p => p.Cases = GridsFixture.CasePolicy());

    /// <summary>Of the year whose holidays are known.</summary>
    private static readonly DateTimeOffset EndOfCalendar = new(2026, 12, 31, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Where each state may lead; anything else is a fault of a rule.</summary>
    private static readonly Dictionary<CaseState, CaseState[]> Allowed = new()
    {
        [CaseState.Reported] = [CaseState.Assessed, CaseState.Rejected, CaseState.Transferred, CaseState.Merged],
        [CaseState.Assessed] =
        [
            CaseState.Dispatched, CaseState.Whistled, CaseState.Assessed, CaseState.Banked, CaseState.Transferred, CaseState.Merged,
            // By an agreement.
            CaseState.Handled,
        ],
        [CaseState.Dispatched] = [CaseState.Handling, CaseState.Handled, CaseState.Assessed, CaseState.Banked],
        // Consultations dispatch anew.
        [CaseState.Handling] = [CaseState.Handled, CaseState.Assessed, CaseState.Banked, CaseState.Dispatched],
        [CaseState.Whistled] = [CaseState.Handled, CaseState.Assessed, CaseState.Banked, CaseState.Dispatched],
        [CaseState.Banked] = [CaseState.Assessed, CaseState.Banked],
        [CaseState.Handled] = [CaseState.Answered],
        [CaseState.Answered] = [CaseState.Confirmed, CaseState.Assessed, CaseState.Closed, CaseState.UnderReview],
        [CaseState.Confirmed] = [CaseState.Closed, CaseState.Assessed, CaseState.UnderReview],
        [CaseState.Closed] = [CaseState.Assessed, CaseState.UnderReview],
        [CaseState.UnderReview] = [CaseState.Answered, CaseState.Assessed],
        [CaseState.Rejected] = [],
        [CaseState.Transferred] = [],
        [CaseState.Merged] = [CaseState.Reported, CaseState.Assessed, CaseState.Answered, CaseState.Rejected, CaseState.Transferred],
    };

    private static readonly Dictionary<string, Type> Announced = new()
    {
        ["Answered"] = typeof(CaseAnswered),
        ["Reopened"] = typeof(CaseReopened),
        ["ReviewRequested"] = typeof(CaseReviewRequested),
        ["Banked"] = typeof(CaseBanked),
        ["BankedAgain"] = typeof(CaseBanked),
        ["SupervisionOrdered"] = typeof(SupervisionOrdered),
    };

    private static readonly Dictionary<CaseState, Type> Ends = new()
    {
        [CaseState.Closed] = typeof(CaseClosed),
        [CaseState.Rejected] = typeof(CaseRejected),
        [CaseState.Transferred] = typeof(CaseTransferred),
        [CaseState.Merged] = typeof(CaseMerged),
    };

    [Fact]
    public void Invariants_hold_over_random_histories()
    {
        var reached = new ConcurrentDictionary<CaseState, bool>();
        var done = new ConcurrentDictionary<string, bool>();
        Parallel.For(0, Histories, seed =>
        {
            var random = new Random(seed);
            var now = ServiceFixture.Morning;
            var current = CaseRules.Report(
                Guid.NewGuid(), seed, GridsFixture.Grid, new CaseReport("标题", "", CaseChannel.Patrol, null, "somebody"), Policies, now).OrRefuse().Next;
            // Those that were merged into it.
            var waiting = new List<Case>();
            for (var i = 0; i < StepsPerHistory; i++)
            {
                now = now.AddMinutes(random.Next(0, 600));
                // What is overdue goes up before anybody acts, as it does in the service.
                var outcome = current.EscalateAt <= now ? CaseRules.EscalateOverdue(current, Policies, now) : Act(current, waiting, random, now);
                if (outcome.Refusal is not null)
                    continue;
                var step = outcome.OrRefuse();
                Check(current, step, now, seed);
                current = Told(step, waiting, now, seed);
                done[step.Entry.Action] = true;
                reached[current.State] = true;
            }
            CheckLeftAlone(current, seed);
        });
        reached.Keys.ShouldBe(Allowed.Keys, ignoreOrder: true);
        string[] rare =
        [
            "MediationAgreed", "MediationFailed", "ConsultationDecided", "SupervisionOrdered", "FollowerMerged", "FollowerSplit", "Reopened",
            "HandlerReported", "DeadlinePaused", "DeadlineResumed",
        ];
        rare.Except(done.Keys).ShouldBeEmpty();
    }

    [Fact]
    public void A_dissatisfied_reporter_reopens_the_case_with_a_new_due_instant()
    {
        var now = ServiceFixture.Morning;
        var answered = Walk(now,
            (c, at) => CaseRules.Assess(c, "street_order", "", Policies, at),
            (c, at) => CaseRules.Dispatch(c, new CaseHandler(Guid.NewGuid(), null, null, "城管", null), "", at),
            (c, at) => CaseRules.CompleteHandling(c, "清理", Policies, at),
            (c, at) => CaseRules.Answer(c, "已清理", Policies, at));
        var reopened = CaseRules.Confirm(answered, Satisfaction.Dissatisfied, "还在", Policies, now.AddDays(1)).OrRefuse().Next;
        reopened.State.ShouldBe(CaseState.Assessed);
        reopened.Handler.ShouldBeNull();
        reopened.HandleBy.ShouldNotBeNull().ShouldBeGreaterThan(now.AddDays(1));
    }

    [Fact]
    public void An_answer_is_taken_back_only_until_the_time_to_confirm_and_only_so_often()
    {
        var now = ServiceFixture.Morning;
        var answered = Answered(Walk(now, (c, at) => CaseRules.Assess(c, "street_order", "", Policies, at)), now);
        var until = answered.ConfirmBy!.Value;
        foreach (var said in new[] { Satisfaction.Satisfied, Satisfaction.Dissatisfied })
            CaseRules.Confirm(answered, said, "", Policies, until.AddTicks(1)).Refusal!.Definition.ShouldBe(CaseErrors.ConfirmTooLate);

        for (var times = 1; times <= 2; times++)
        {
            var again = CaseRules.Confirm(answered, Satisfaction.Dissatisfied, "还在", Policies, now).OrRefuse().Next;
            (again.State, again.Reopenings).ShouldBe((CaseState.Assessed, times));
            answered = Answered(again, now);
        }
        // What the reporter says is kept all the same; from here on a review is the way.
        var last = CaseRules.Confirm(answered, Satisfaction.Dissatisfied, "还在", Policies, now).OrRefuse().Next;
        (last.State, last.Satisfaction, last.Reopenings).ShouldBe((CaseState.Confirmed, Satisfaction.Dissatisfied, 2));
        CaseRules.Reopen(last, "还在", Policies, now).Refusal!.Definition.ShouldBe(CaseErrors.ReopenedTooOften);
        ReviewRules.Request(last, "还在", Policies, now).OrRefuse().Next.State.ShouldBe(CaseState.UnderReview);

        static Case Answered(Case assessed, DateTimeOffset at)
        {
            var dispatched = CaseRules.Dispatch(assessed, new CaseHandler(Guid.NewGuid(), null, null, "城管", null), "", at).OrRefuse().Next;
            var handled = CaseRules.CompleteHandling(dispatched, "清理", Policies, at).OrRefuse().Next;
            return CaseRules.Answer(handled, "已清理", Policies, at).OrRefuse().Next;
        }
    }

    [Fact]
    public void A_case_is_reopened_only_within_its_time_from_the_answer_and_only_so_often()
    {
        var now = ServiceFixture.Morning;
        var closed = Close(Walk(now, (c, at) => CaseRules.Assess(c, "street_order", "", Policies, at)), now);
        var until = closed.ReopenBy.ShouldNotBeNull();
        until.ShouldBe(Policies.DueAt(now, Policies.InForce(CityPolicies.CasesKind, now).OrRefuse().Cases.ReopenWithin).OrRefuse().At);
        CaseRules.Reopen(closed, "又坏了", Policies, until.AddSeconds(1)).Refusal!.Definition.ShouldBe(CaseErrors.ReopenTooLate);

        var again = CaseRules.Reopen(closed, "又坏了", Policies, until).OrRefuse().Next;
        (again.State, again.Reopenings, again.ReopenBy, again.Satisfaction).ShouldBe((CaseState.Assessed, 1, null, Satisfaction.Dissatisfied));
        again.HandleBy.ShouldNotBeNull().ShouldBeGreaterThan(until);
        var twice = CaseRules.Reopen(Close(again, until), "又坏了", Policies, until).OrRefuse().Next;
        CaseRules.Reopen(Close(twice, until), "又坏了", Policies, until).Refusal!.Definition.ShouldBe(CaseErrors.ReopenedTooOften);

        static Case Close(Case assessed, DateTimeOffset at)
        {
            var dispatched = CaseRules.Dispatch(assessed, new CaseHandler(Guid.NewGuid(), null, null, "城管", null), "", at).OrRefuse().Next;
            var handled = CaseRules.CompleteHandling(dispatched, "清理", Policies, at).OrRefuse().Next;
            var answered = CaseRules.Answer(handled, "已清理", Policies, at).OrRefuse().Next;
            return CaseRules.Close(CaseRules.Confirm(answered, Satisfaction.Satisfied, "", Policies, at).OrRefuse().Next, Policies, at).OrRefuse().Next;
        }
    }

    [Fact]
    public void An_unconfirmed_answer_can_be_closed_only_after_the_time_to_confirm()
    {
        var now = ServiceFixture.Morning;
        var answered = Walk(now,
            (c, at) => CaseRules.Assess(c, "street_order", "", Policies, at),
            (c, at) => CaseRules.Dispatch(c, new CaseHandler(Guid.NewGuid(), null, null, "城管", null), "", at),
            (c, at) => CaseRules.CompleteHandling(c, "清理", Policies, at),
            (c, at) => CaseRules.Answer(c, "已清理", Policies, at));
        CaseRules.Close(answered, Policies, answered.ConfirmBy!.Value.AddSeconds(-1)).Refusal!.Definition.ShouldBe(CaseErrors.ConfirmationPending);
        CaseRules.Close(answered, Policies, answered.ConfirmBy!.Value).OrRefuse().Next.State.ShouldBe(CaseState.Closed);
    }

    [Fact]
    public void An_overdue_case_goes_up_level_by_level_and_ends_with_the_city()
    {
        var current = Walk(ServiceFixture.Morning);
        var holders = new List<string> { current.Holder };
        while (current.EscalateAt is { } at)
        {
            current = CaseRules.EscalateOverdue(current, Policies, at).OrRefuse().Next;
            current.State.ShouldBe(CaseState.Reported);
            holders.Add(current.Holder);
        }
        holders.ShouldBe(["340603001001", "340603001", "340603", "3406"]);
        current.AssessBy!.Value.ShouldBeGreaterThan(ServiceFixture.Morning);
    }

    [Fact]
    public void A_level_with_a_limit_of_its_own_has_that_and_others_the_category_s()
    {
        var now = ServiceFixture.Morning;
        var subdistrict = CaseRules.EscalateOverdue(Walk(now, (c, at) => CaseRules.Assess(c, "street_order", "", Policies, at)), Policies, now).OrRefuse().Next;
        // 08:00 to 17:00 without a break: four hours of work, then two work days.
        subdistrict.HandleBy.ShouldBe(Policies.DueAt(now, new TimeLimit { Unit = TimeUnit.WorkHours, Amount = 4 }).OrRefuse().At);
        var district = CaseRules.EscalateOverdue(subdistrict, Policies, now).OrRefuse().Next;
        district.HandleBy.ShouldBe(Policies.DueAt(now, new TimeLimit { Unit = TimeUnit.WorkDays, Amount = 2 }).OrRefuse().At);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_case_whose_category_was_divided_or_dropped_since_goes_on_by_the_last_limit_that_it_had(bool divided)
    {
        var now = ServiceFixture.Morning;
        var then = GridsFixture.CasePolicy();
        var since = then.Clone();
        var noise = since.Categories.Single(c => c.Code == "street_order");
        var others = since.Categories.Where(c => c != noise).ToList();
        if (divided)
        {
            noise.HandleWithin = null;
            others = [noise, .. others, new CaseCategory { Code = "stalls", Name = "占道", Parent = noise.Code, HandleWithin = Hours(9) }];
        }
        since.Categories.Clear();
        since.Categories.Add(others);
        CategoryTree.ProblemOf(since).ShouldBeNull();
        var policies = RulePolicies.With(p => p.Cases = then, p => p.Cases = since);
        var due = policies.DueAt(now, Hours(4)).OrRefuse().At;

        var assessed = Walk(now, (c, at) => CaseRules.Assess(c, "street_order", "", Policies, at));
        CaseRules.EscalateOverdue(assessed, policies, now).OrRefuse().Next.HandleBy.ShouldBe(due);
        var subdistrict = CaseRules.Escalate(assessed, "超出权限", policies, now).OrRefuse().Next;
        (subdistrict.Holder, subdistrict.HandleBy).ShouldBe(("340603001", due));
        var banked = EscalationRules.Bank(subdistrict, now.AddDays(9), "待改造", policies, now).OrRefuse().Next;
        EscalationRules.Review(banked, null, "复核", policies, now).OrRefuse().Next.HandleBy.ShouldBe(due);
        var handled = CaseRules.Dispatch(assessed, new CaseHandler(Guid.NewGuid(), null, null, "城管", null), "", now)
            .Then(c => CaseRules.CompleteHandling(c.Next, "清理", policies, now)).OrRefuse().Next;
        var answered = CaseRules.Answer(handled, "已清理", policies, now).OrRefuse().Next;
        CaseRules.Confirm(answered, Satisfaction.Dissatisfied, "还在", policies, now).OrRefuse().Next.HandleBy.ShouldBe(due);
        var asked = ReviewRules.Request(answered, "还在", policies, now).OrRefuse().Next;
        ReviewRules.Decide(asked, ReviewDecision.Remanded, "重办", "reviewer", policies, now).OrRefuse().Next.HandleBy.ShouldBe(due);

        // It may stand still, too, and no other case is given the category.
        var pause = new DeadlineChange(null, now.AddHours(1), "大雨", "somebody", now);
        var paused = DeadlineRules.Request(subdistrict, pause, policies, now)
            .Then(c => DeadlineRules.Decide(c.Next, grant: true, "同意", "else", City, policies, now)).OrRefuse().Next;
        paused.HandleBy!.Value.ShouldBeGreaterThan(due);
        CaseRules.Assess(Reported(now), "street_order", "", policies, now).Refusal!.Definition
            .ShouldBe(divided ? CaseErrors.CategoryNotLeaf : CaseErrors.CategoryUnknown);

        static TimeLimit Hours(int amount) => new() { Unit = TimeUnit.WorkHours, Amount = amount };
    }

    [Fact]
    public void A_level_with_a_limit_of_its_own_needs_none_of_the_category()
    {
        var now = ServiceFixture.Morning;
        var district = Walk(now, (c, at) => CaseRules.Assess(c, "street_order", "", Policies, at)) with { Holder = "340603001", Category = "of before" };
        CaseRules.Escalate(district, "超出权限", Policies, now).OrRefuse().Next.HandleBy
            .ShouldBe(Policies.DueAt(now, new TimeLimit { Unit = TimeUnit.WorkDays, Amount = 2 }).OrRefuse().At);
        CaseRules.Escalate(district with { Holder = GridsFixture.Community }, "超出权限", Policies, now)
            .Refusal!.Definition.ShouldBe(CaseErrors.CategoryUnknown);
    }

    [Fact]
    public void A_new_answer_is_judged_by_what_is_said_of_it_alone()
    {
        var now = ServiceFixture.Morning;
        var answered = Answered(Walk(now, (c, at) => CaseRules.Assess(c, "street_order", "", Policies, at)));
        var confirmed = CaseRules.Confirm(answered, Satisfaction.Satisfied, "", Policies, now).OrRefuse().Next;
        var asked = ReviewRules.Request(confirmed, "没有解决", Policies, now).OrRefuse().Next;
        foreach (var decision in (ReviewDecision[])[ReviewDecision.Remanded, ReviewDecision.Changed])
        {
            var decided = ReviewRules.Decide(asked, decision, "经复查", "reviewer", Policies, now).OrRefuse().Next;
            var anew = decision is ReviewDecision.Remanded ? Answered(decided) : decided;
            anew.Satisfaction.ShouldBe(Satisfaction.Unspecified);
            var closed = CaseRules.Close(anew, Policies, anew.ConfirmBy!.Value).OrRefuse();
            closed.Events.OfType<CaseClosed>().Single().Satisfied.ShouldBeFalse();
        }

        Case Answered(Case assessed) => CaseRules.Dispatch(assessed, new CaseHandler(Guid.NewGuid(), null, null, "城管", null), "", now)
            .Then(c => CaseRules.CompleteHandling(c.Next, "清理", Policies, now))
            .Then(c => CaseRules.Answer(c.Next, "已清理", Policies, now)).OrRefuse().Next;
    }

    [Fact]
    public void An_escalation_into_a_year_without_calendar_is_tried_again_and_its_history_says_why()
    {
        var current = Walk(ServiceFixture.Morning, (c, at) => CaseRules.Assess(c, "street_order", "", Policies, at));
        var newYear = new DateTimeOffset(2027, 1, 4, 0, 0, 0, TimeSpan.Zero);
        var step = CaseRules.EscalateOverdue(current, Policies, newYear).OrRefuse();
        (step.Entry.Action, step.Next.Holder, step.Next.HandleBy).ShouldBe(("EscalationPostponed", current.Holder, current.HandleBy));
        step.Entry.Note.ShouldContain("2027");
        step.Next.EscalateAt.ShouldBe(newYear.AddDays(1));
    }

    [Fact]
    public void An_extension_moves_the_due_instant_only_when_a_level_above_grants_it()
    {
        var now = ServiceFixture.Morning;
        var assessed = Walk(now, (c, at) => CaseRules.Assess(c, "street_order", "", Policies, at));
        var asked = DeadlineRules.Request(assessed, Extension(2, now), Policies, now).OrRefuse().Next;
        (asked.HandleBy, asked.EscalateAt).ShouldBe((assessed.HandleBy, assessed.EscalateAt));
        DeadlineRules.Request(asked, Extension(2, now), Policies, now).Refusal!.Definition.ShouldBe(DeadlineErrors.ChangePending);

        Decide("somebody", GridsFixture.City).Refusal!.Definition.ShouldBe(DeadlineErrors.DecisionOwn);
        Decide("else", GridsFixture.Community).Refusal!.Definition.ShouldBe(DeadlineErrors.DecisionTooLow);
        var extended = Decide("else", "340603001").OrRefuse().Next;
        var due = Policies.DueAt(assessed.HandleBy!.Value, new TimeLimit { Unit = TimeUnit.WorkDays, Amount = 2 }).OrRefuse().At;
        extended.HandleBy.ShouldBe(due);
        extended.EscalateAt.ShouldBe(assessed.EscalateAt + (due - assessed.HandleBy));
        DeadlineRules.Request(extended, Extension(1, now), Policies, now).Refusal!.Definition.ShouldBe(DeadlineErrors.ChangeNotAllowed);

        Outcome<CaseStep> Decide(string subject, string reach) =>
            DeadlineRules.Decide(asked, grant: true, "同意", subject, TerritoryCode.Parse(reach), Policies, now);
    }

    [Fact]
    public void A_pause_that_ends_early_gives_back_what_is_left_of_it()
    {
        var now = ServiceFixture.Morning;
        var assessed = Walk(now, (c, at) => CaseRules.Assess(c, "street_order", "", Policies, at));
        var asked = DeadlineRules.Request(assessed, new DeadlineChange(null, now.AddDays(3), "天气", "somebody", now), Policies, now).OrRefuse().Next;
        var paused = DeadlineRules.Decide(asked, grant: true, "同意", "else", TerritoryCode.Parse(GridsFixture.City), Policies, now).OrRefuse().Next;
        paused.HandleBy.ShouldBe(assessed.HandleBy + TimeSpan.FromDays(3));
        DeadlineRules.Request(paused, Extension(1, now), Policies, now).Refusal!.Definition.ShouldBe(DeadlineErrors.Paused);
        DeadlineRules.Resume(paused, "放晴", Policies, now.AddDays(1)).OrRefuse().Next.HandleBy.ShouldBe(assessed.HandleBy + TimeSpan.FromDays(1));
        DeadlineRules.Resume(paused, "放晴", Policies, now.AddDays(3)).Refusal!.Definition.ShouldBe(DeadlineErrors.NotPaused);
    }

    [Fact]
    public void A_pause_gives_the_working_time_that_it_takes_and_of_a_limit_by_the_clock_the_clock_s()
    {
        // A Friday, four hours of work before the limit: one until 17:00, three on Monday.
        var friday = new DateTimeOffset(2026, 3, 13, 16, 0, 0, TimeSpan.FromHours(8));
        var (evening, monday) = (friday.AddHours(1.5), new DateTimeOffset(2026, 3, 16, 8, 0, 0, TimeSpan.FromHours(8)));
        var assessed = Walk(friday, (c, at) => CaseRules.Assess(c, "street_order", "", Policies, at));
        Part[] parts = [new(Guid.NewGuid(), Guid.NewGuid(), "主办", null), new(Guid.NewGuid(), Guid.NewGuid(), "协办", null)];
        var dispatched = AssignmentRules.Dispatch(assessed, parts, "", "ann", Policies, friday).OrRefuse().Next;
        (dispatched.HandleBy, dispatched.Assignments[1].DueAt).ShouldBe((monday.AddHours(3), monday.AddHours(1)));

        // Nobody works between Friday evening and Monday morning.
        Times(Paused(dispatched, evening, monday, Policies)).ShouldBe(Times(dispatched));
        var paused = Paused(dispatched, evening, monday.AddHours(5), Policies);
        Times(paused).ShouldBe((monday.AddHours(8), monday.AddHours(32), monday.AddHours(6)));
        Times(DeadlineRules.Resume(paused, "放晴", Policies, monday.AddHours(2)).OrRefuse().Next)
            .ShouldBe((monday.AddHours(5), monday.AddHours(29), monday.AddHours(3)));
        Times(DeadlineRules.Resume(paused, "放晴", Policies, evening.AddHours(20)).OrRefuse().Next).ShouldBe(Times(dispatched));

        var clock = GridsFixture.CasePolicy();
        clock.Categories[0].HandleWithin = new TimeLimit { Unit = TimeUnit.EmergencyHours, Amount = 4 };
        var byTheClock = RulePolicies.With(p => p.Cases = clock);
        var urgent = CaseRules.Assess(Walk(friday), "street_order", "", byTheClock, friday).OrRefuse().Next;
        Paused(urgent, evening, evening.AddHours(10), byTheClock).HandleBy.ShouldBe(friday.AddHours(14));

        static (DateTimeOffset?, DateTimeOffset?, DateTimeOffset) Times(Case of) => (of.HandleBy, of.EscalateAt, of.Assignments[1].DueAt);

        static Case Paused(Case current, DateTimeOffset from, DateTimeOffset until, CityPolicies policies)
        {
            var asked = DeadlineRules.Request(current, new DeadlineChange(null, until, "大雨", "somebody", from), policies, from).OrRefuse().Next;
            return DeadlineRules.Decide(asked, grant: true, "同意", "else", TerritoryCode.Parse(GridsFixture.City), policies, from).OrRefuse().Next;
        }
    }

    [Fact]
    public void What_was_asked_for_is_not_decided_once_the_case_is_over()
    {
        var now = ServiceFixture.Morning;
        var assessed = Walk(now, (c, at) => CaseRules.Assess(c, "street_order", "", Policies, at));
        var asked = DeadlineRules.Request(assessed, Extension(2, now), Policies, now).OrRefuse().Next;
        var over = CaseRules.Transfer(asked, "供电公司", "供电设施", Policies, now).OrRefuse().Next;
        over.Deadline.ShouldBeNull();
        // As one of before that kept it, and one that waits for another's answer.
        Case[] cases = [over with { Deadline = asked.Deadline }, MergeRules.Merge(asked, Primary, "", now).OrRefuse().Follower.Next];
        foreach (var of in cases)
        {
            DeadlineRules.Decide(of, grant: true, "同意", "else", TerritoryCode.Parse(GridsFixture.City), Policies, now)
                .Refusal!.Definition.ShouldBe(CaseErrors.WrongState);
            DeadlineRules.Resume(of with { Deadline = new CaseDeadline(null, 0, now.AddDays(1)) }, "放晴", Policies, now)
                .Refusal!.Definition.ShouldBe(CaseErrors.WrongState);
        }
    }

    [Fact]
    public void What_is_overdue_is_neither_paused_nor_extended_by_a_late_decision()
    {
        var now = ServiceFixture.Morning;
        var assessed = Walk(now, (c, at) => CaseRules.Assess(c, "street_order", "", Policies, at));
        var late = assessed.HandleBy!.Value;
        foreach (var change in (DeadlineChange[])[new(null, now.AddDays(3), "天气", "somebody", now), Extension(2, now)])
        {
            var asked = DeadlineRules.Request(assessed, change, Policies, now).OrRefuse().Next;
            Decide(asked, grant: true).Refusal!.Definition.ShouldBe(DeadlineErrors.Passed);
            Decide(asked, grant: false).OrRefuse().Next.HandleBy.ShouldBe(late);
        }

        Outcome<CaseStep> Decide(Case asked, bool grant) =>
            DeadlineRules.Decide(asked, grant, "同意", "else", TerritoryCode.Parse(GridsFixture.City), Policies, late);
    }

    [Fact]
    public void Nobody_asks_for_more_than_the_policy_allows_or_when_it_is_too_late()
    {
        var now = ServiceFixture.Morning;
        var assessed = Walk(now, (c, at) => CaseRules.Assess(c, "street_order", "", Policies, at));
        DeadlineRules.Request(assessed, Extension(6, now), Policies, now).Refusal!.Definition.ShouldBe(DeadlineErrors.ChangeTooLong);
        var pause = new DeadlineChange(null, now.AddDays(31), "天气", "somebody", now);
        DeadlineRules.Request(assessed, pause, Policies, now).Refusal!.Definition.ShouldBe(DeadlineErrors.ChangeTooLong);
        DeadlineRules.Request(assessed, Extension(1, now), Policies, assessed.HandleBy!.Value).Refusal!.Definition.ShouldBe(DeadlineErrors.Passed);
        DeadlineRules.Decide(assessed, grant: true, "", "else", TerritoryCode.Parse(GridsFixture.City), Policies, now)
            .Refusal!.Definition.ShouldBe(DeadlineErrors.ChangeMissing);
    }

    private static DeadlineChange Extension(int workDays, DateTimeOffset now) =>
        new(new TimeLimit { Unit = TimeUnit.WorkDays, Amount = workDays }, null, "等配件", "somebody", now);

    private static Case Walk(DateTimeOffset now, params Func<Case, DateTimeOffset, Outcome<CaseStep>>[] steps)
    {
        var current = CaseRules.Report(
            Guid.NewGuid(), 1, GridsFixture.Grid, new CaseReport("标题", "", CaseChannel.Patrol, null, "somebody"), Policies, now).OrRefuse().Next;
        foreach (var step in steps)
            current = step(current, now).OrRefuse().Next;
        return current;
    }

    /// <summary>The case after a step, once those who waited for it have heard.</summary>
    private static Case Told(CaseStep step, List<Case> waiting, DateTimeOffset now, int seed)
    {
        step.Next.Followers.ShouldBe(waiting.Count, $"seed {seed}, {step.Entry.Action}");
        if (!MergeRules.Concerns(step))
            return step.Next;
        foreach (var follower in waiting)
        {
            var followed = MergeRules.Follow(follower, step.Next, Policies, now).OrRefuse();
            Check(follower, followed, now, seed);
            followed.Next.State.ShouldBe(step.Next.State);
        }
        waiting.Clear();
        return step.Next with { Followers = 0 };
    }

    private static Outcome<CaseStep> Act(Case current, List<Case> waiting, Random random, DateTimeOffset now)
    {
        var handler = random.Next(3) switch
        {
            0 => new CaseHandler(Guid.NewGuid(), null, null, "部门", null),
            1 => new CaseHandler(null, Guid.NewGuid(), null, "", null),
            _ => new CaseHandler(null, null, new Contracts.Events.VolunteerNeed("repair", 2, now, 60), "", null),
        };
        handler = handler with { DispatchId = Guid.NewGuid() };
        // Now and then from somebody who had the case before.
        var dispatch = random.Next(8) is 0 ? Guid.NewGuid() : current.Handler?.DispatchId;
        return random.Next(38) switch
        {
            0 => CaseRules.Assess(current, "street_order", "", Policies, now),
            1 => random.Next(10) is 0 ? CaseRules.Reject(current, "不属实", Policies, now) : CaseRules.Assess(current, "street_order", "", Policies, now),
            2 or 3 => CaseRules.Dispatch(current, handler, "", now),
            4 => CaseRules.StartHandling(current, now),
            5 => CaseRules.CompleteHandling(current, "办结", Policies, now),
            6 => CaseRules.Return(current, "不归我管", now),
            7 => CaseRules.Escalate(current, "超出权限", Policies, now),
            8 => CaseRules.BlowWhistle(current, Guid.NewGuid(), [new(Guid.NewGuid(), "城管")], "需要部门", null, Policies, now),
            9 => CaseRules.Answer(current, "已办", Policies, now),
            10 => CaseRules.Confirm(current, random.Next(2) is 0 ? Satisfaction.Satisfied : Satisfaction.Dissatisfied, "", Policies, now),
            11 => CaseRules.Close(current, Policies, now),
            12 => CaseRules.HandlerOpened(current, dispatch, Guid.NewGuid(), "物业", now),
            13 => CaseRules.HandlerCompleted(current, dispatch, "修好", Policies, now),
            14 => CaseRules.HandlerDeclined(current, dispatch, "不修", now),
            15 => DeadlineRules.Request(current, Extension(2, now), Policies, now),
            16 => DeadlineRules.Request(current, new DeadlineChange(null, now.AddDays(3), "天气", "somebody", now), Policies, now),
            17 => DeadlineRules.Decide(current, random.Next(4) > 0, "同意", "somebody else", TerritoryCode.Parse(GridsFixture.City), Policies, now),
            18 => DeadlineRules.Resume(current, "放晴", Policies, now),
            19 => EscalationRules.Bank(current, now.AddDays(random.Next(1, 60)), "待拆迁", Policies, now),
            22 => VerificationRules.Ask(current, "是否属实", "officer", Policies, now),
            23 => VerificationRules.Verify(current, VerificationFinding.Confirmed, "属实", "worker", now),
            24 => random.Next(10) is 0 ? CaseRules.Transfer(current, "供电公司", "供电设施", Policies, now) : CaseRules.Assess(current, "street_order", "", Policies, now),
            25 => MergeRules.Merge(current, Primary, "同一处", now).Then<CaseStep>(both => both.Follower),
            26 => MergeRules.Split(current, Primary, "不是同一处", Policies, now).Then<CaseStep>(both => both.Follower),
            27 when current.State is CaseState.Merged => MergeRules.Follow(current, Ended(random), Policies, now),
            28 => ReviewRules.Request(current, "没有解决", Policies, now),
            29 => ReviewRules.Decide(current, (ReviewDecision)random.Next(1, 4), "经复查", "reviewer", Policies, now),
            30 => MediationRules.Conclude(Dispute, current, (MediationOutcome)random.Next(1, 4), "双方同意", null, Policies, now)
                .Then<CaseStep>(concluded => concluded.Step is { } step ? step : CaseErrors.Ended.With()),
            31 => ConsultationRules.Decide(Consultation, current, "会商决定", random.Next(2) is 0 ? [] : [APart()], "convener", City, Policies, now)
                .Then<CaseStep>(decided => decided.Step),
            32 => EscalationRules.Supervise(Guid.NewGuid(), current, "说明进展", new TimeLimit { Unit = TimeUnit.WorkHours, Amount = 4 },
                "supervisor", City, Policies, now).Then<CaseStep>(ordered => ordered.Step),
            33 => SatisfactionRules.Decide(Dissatisfied(current, now), current, new GivenAnswer(1, now, "answerer"), City, reopen: true, "经复核", "reviewer", Policies, now)
                .Then<CaseStep>(decided => decided.Step is { } step ? step : CaseErrors.Ended.With()),
            34 or 35 => MergeRules.Merge(Reported(now), current, "同一处", now).Then<CaseStep>(both =>
            {
                waiting.Add(both.Follower.Next);
                return both.Primary;
            }),
            36 when waiting.Count > 0 => MergeRules.Split(waiting[^1], current, "不是同一处", Policies, now).Then<CaseStep>(both =>
            {
                waiting.RemoveAt(waiting.Count - 1);
                return both.Primary;
            }),
            37 => AssignmentRules.Dispatch(current, [APart(), APart()], "", "ann", Policies, now),
            21 => CaseRules.Reopen(current, "又坏了", Policies, now),
            20 => EscalationRules.Review(current, random.Next(2) is 0 ? null : now.AddDays(30), "复核", Policies, now),
            _ => CaseRules.ResponderReported(current, current.Whistle?.Id ?? Guid.NewGuid(), current.Whistle?.Responders[0].OrganisationId ?? Guid.NewGuid(), now, now),
        };
    }

    private static readonly TerritoryCode City = TerritoryCode.Parse(GridsFixture.City);

    private static readonly Dispute Dispute = new()
    {
        Id = Guid.NewGuid(),
        CaseId = Guid.NewGuid(),
        Territory = GridsFixture.Grid,
        About = "楼上漏水",
        Parties = ["楼上", "楼下"],
        Mediators = ["mediator"],
        State = MediationState.Open,
        DueAt = ServiceFixture.Morning,
        OpenedBy = "somebody",
        OpenedAt = ServiceFixture.Morning,
        PolicyVersion = 1,
        Version = 1,
    };

    private static readonly Dispatch.Consultation Consultation = new(
        Guid.NewGuid(), Guid.NewGuid(), GridsFixture.Grid, "convener", GridsFixture.Community, "由谁主办", ServiceFixture.Morning, ServiceFixture.Morning,
        [], [], "", "", null, null);

    private static Review Dissatisfied(Case with, DateTimeOffset now) => new()
    {
        Id = Guid.NewGuid(),
        CaseId = with.Id,
        AnswerStep = 1,
        ResponseId = Guid.NewGuid(),
        Territory = with.Territory,
        Holder = with.Holder,
        State = SatisfactionReviewState.Open,
        OpenedAt = now,
        DueAt = now,
        PolicyVersion = 1,
        Version = 1,
    };

    private static Part APart() => new(Guid.NewGuid(), Guid.NewGuid(), "部门", null);

    private static Case Reported(DateTimeOffset now) => CaseRules.Report(
        Guid.NewGuid(), 1, GridsFixture.Grid, new CaseReport("标题", "", CaseChannel.Patrol, null, "another"), Policies, now).OrRefuse().Next;

    /// <summary>One that takes others in.</summary>
    private static readonly Case Primary = Walk(ServiceFixture.Morning, (c, at) => CaseRules.Assess(c, "street_order", "", Policies, at));

    private static Case Ended(Random random) => random.Next(3) switch
    {
        0 => Primary with { State = CaseState.Answered, Answer = "已办" },
        1 => Primary with { State = CaseState.Rejected, Answer = "不属实" },
        _ => Primary with { State = CaseState.Transferred, TransferredTo = "供电公司", Answer = "供电设施" },
    };

    /// <summary>Whatever nobody touches any more ends by the service's own acts, or stands overdue for everybody to see.</summary>
    private static void CheckLeftAlone(Case current, int seed)
    {
        while ((current.EscalateAt ?? current.CloseAt) is { } at && at < EndOfCalendar)
        {
            var outcome = current.CloseAt is null ? CaseRules.EscalateOverdue(current, Policies, at) : CaseRules.Close(current, Policies, at);
            current = outcome.OrRefuse().Next;
        }
        (current.HasEnded || current.DueAt < EndOfCalendar.AddYears(1)).ShouldBeTrue($"seed {seed}, left alone: {current.State}");
    }

    private static void Check(Case before, CaseStep step, DateTimeOffset now, int seed)
    {
        var after = step.Next;
        var told = $"seed {seed}, {step.Entry.Action}: {before.State} to {after.State}";
        if (after.State != before.State)
            Allowed[before.State].ShouldContain(after.State, told);
        after.Late.ShouldBe(before.Late || before.DueAt < now, told);
        // Somebody must act by a stored instant, or the service closes it at one, or the case is over; never two of them.
        new[] { after.HasEnded, after.DueAt is not null, after.CloseAt is not null }.Count(holds => holds).ShouldBe(1, told);
        // What is over has no limit that could be changed.
        if (before.HasEnded && after.HasEnded)
            (after.HandleBy, after.EscalateAt, after.Deadline).ShouldBe((before.HandleBy, before.EscalateAt, before.Deadline), told);
        if (after.HasEnded)
            after.Deadline.ShouldBeNull(told);
        // Due instants move only where a limit starts anew.
        if (after.AssessBy != before.AssessBy)
            step.Entry.Action.ShouldBe("EscalatedOverdue", told);
        if (after.HandleBy != before.HandleBy)
            new[] { "Assessed", "Escalated", "EscalatedOverdue", "Reopened", "DeadlineExtended", "DeadlinePaused", "DeadlineResumed", "Banked", "BankedAgain", "TakenUpAgain", "ReviewRemanded" }
                .ShouldContain(step.Entry.Action, told);
        // What was promised before stands beside what is promised now.
        if (step.Entry.Action is "DeadlineExtended" or "DeadlinePaused" or "DeadlineResumed")
            step.Entry.Note.ShouldStartWith($"{before.HandleBy:O} -> {after.HandleBy:O}", Shouldly.Case.Sensitive, told);
        // A pause gives, and its early end takes back of that alone: what was given out since is due when it was, or with the case.
        if (step.Entry.Action is "DeadlinePaused")
            after.Assignments.Zip(before.Assignments).ShouldAllBe(part => part.First.DueAt >= part.Second.DueAt, told);
        if (step.Entry.Action is "DeadlineResumed")
        {
            var stood = before.Deadline!.Pause!;
            (after.HandleBy >= stood.HandleBy && after.HandleBy <= before.HandleBy).ShouldBeTrue(told);
            foreach (var (part, was) in after.Assignments.Zip(before.Assignments))
            {
                part.DueAt.ShouldBeLessThanOrEqualTo(was.DueAt, told);
                part.DueAt.ShouldBeGreaterThanOrEqualTo(
                    stood.Parts.TryGetValue(part.Id, out var due) ? due : was.DueAt < after.HandleBy ? was.DueAt : after.HandleBy!.Value, told);
            }
        }
        if (after.AnswerBy != before.AnswerBy)
            new[] { "Handled", "EscalatedOverdue" }.ShouldContain(step.Entry.Action, told);
        // Whatever is due goes up by itself in the end, as long as there is somebody above.
        // What was merged goes up with its primary; a level that reviews is above already.
        (after.EscalateAt is not null).ShouldBe(after.DueAt is not null && after.Holder.Length > 4 && after.State is not (CaseState.Merged or CaseState.UnderReview), told);
        if (after.EscalateAt is not null)
            after.EscalateAt.Value.ShouldBeGreaterThan(after.DueAt!.Value, told);
        if (step.Entry.Action is "EscalatedOverdue")
            (before.EscalateAt <= now && after.Holder.Length < before.Holder.Length).ShouldBeTrue(told);
        if (step.Entry.Action is "Reopened")
            (before.Reopenings < 2 && now <= (before.State is CaseState.Answered ? before.ConfirmBy : before.ReopenBy)).ShouldBeTrue(told);
        // After the second review nothing is done about it but to confirm and close.
        if (ReviewRules.Finality(before) is not null)
            after.State.ShouldBeOneOf(CaseState.Answered, CaseState.Confirmed, CaseState.Closed);
        // Whoever integrates hears of every end, and of whatever is taken back of it.
        if (after.State != before.State && Ends.TryGetValue(after.State, out var ended))
            step.Events.Select(e => e.GetType()).ShouldContain(ended, told);
        if (Announced.TryGetValue(step.Entry.Action, out var happened))
            step.Events.Select(e => e.GetType()).ShouldContain(happened, told);
        // Departments are waited for as long as the case is whistled for, and hear when that is over, however it ends.
        step.Events.OfType<WhistleClosed>().ShouldBe(
            before.State is CaseState.Whistled && after.State is not CaseState.Whistled
                ? [new WhistleClosed(before.Id, before.Whistle!.Id, before.Territory, step.Entry.Action, now)]
                : [],
            told);
        if (after.Whistle is not null)
            (after.Whistle.ClosedAt is null).ShouldBe(after.State is CaseState.Whistled, told);
        // Nothing is lost: one entry a step, who and where never change.
        after.Steps.ShouldBe(before.Steps + 1, told);
        after.Version.ShouldBe(before.Version + 1, told);
        (after.Id, after.Territory, after.Reporter, after.ReportedAt).ShouldBe((before.Id, before.Territory, before.Reporter, before.ReportedAt), told);
        after.Territory.ShouldStartWith(after.Holder);
        // What comes in after the end does not move it.
        after.UpdatedAt.ShouldBe(before.HasEnded && after.HasEnded ? before.UpdatedAt : now, told);
    }
}
