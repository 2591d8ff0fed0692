using System.Collections.Concurrent;
using Governance.Grids.Cases;
using Governance.Grids.Deadlines;
using Governance.Grids.Dispatch;
using Governance.Grids.Escalations;
using Governance.Grids.Intake;
using Governance.Grids.Policies;
using Governance.Grids.Reviews;
using Governance.Grids.V1;
using Governance.ServiceDefaults.Errors;
using Governance.TestKit;
using Shouldly;
using Xunit;
using AssignmentState = Governance.Grids.V1.AssignmentState;
using Case = Governance.Grids.Cases.Case;

namespace Governance.Grids.Tests;

/// <summary>What the rules do when a history is nearly full.</summary>
public sealed partial class CaseRulesTests
{
    private const int NearlyFull = 20_000;

    [Fact]
    public void Whatever_is_done_to_a_case_its_history_keeps_room_for_its_end()
    {
        var ends = new ConcurrentDictionary<CaseState, bool>();
        var refused = new ConcurrentDictionary<string, bool>();
        Parallel.For(0, NearlyFull, seed =>
        {
            var random = new Random(seed);
            var now = ServiceFixture.Morning;
            var waiting = new List<Case>();
            var current = Reported(now) with { Steps = random.Next(900, CaseRoom.MaxSteps - 16) };
            for (var i = 0; i < 60; i++)
            {
                now = now.AddMinutes(random.Next(0, 200));
                if (current.EscalateAt <= now)
                {
                    Took(CaseRules.EscalateOverdue(current, Policies, now).OrRefuse());
                    continue;
                }
                var outcome = random.Next(2) is 0 ? Act(current, waiting, random, now) : Aside(current, random, now);
                if (outcome.Refusal is null)
                    Took(outcome.OrRefuse());
                else if (outcome.Refusal.Definition == CaseErrors.HistoryFull)
                    refused[$"{current.State}"] = true;
            }
            CheckLeftAlone(current, seed);
            while (current.State is not CaseState.Closed and not CaseState.Rejected and not CaseState.Transferred)
            {
                // However often it goes up in between.
                now = random.Next(3) is 0 ? current.EscalateAt ?? now : now.AddMinutes(1);
                Took((current.EscalateAt <= now ? CaseRules.EscalateOverdue(current, Policies, now) : Onwards(current, random, ref now)).OrRefuse());
            }
            ends[current.State] = true;

            void Took(CaseStep step)
            {
                Check(current, step, now, seed);
                current = Told(step, waiting, now, seed);
                (current.Steps + CaseRoom.ToEnd(current)).ShouldBeLessThanOrEqualTo(CaseRoom.MaxSteps, $"seed {seed}, {step.Entry.Action}: {current.State}");
            }
        });
        ends.Keys.ShouldBe([CaseState.Closed, CaseState.Rejected, CaseState.Transferred], ignoreOrder: true);
        refused.Count.ShouldBeGreaterThan(8);
    }

    [Fact]
    public void What_leads_nowhere_is_refused_before_the_room_for_the_end_is_used_up()
    {
        var now = ServiceFixture.Morning;
        var assessed = Walk(now, (c, at) => CaseRules.Assess(c, "street_order", "", Policies, at)) with { Steps = CaseRoom.MaxSteps - 50 };
        Outcome<CaseStep>[] leadNowhere =
        [
            CaseRules.Tag(assessed, [GovernanceDimension.RuleOfLaw], now),
            DeadlineRules.Request(assessed, Extension(2, now), Policies, now),
            EscalationRules.Supervise(Guid.NewGuid(), assessed, "说明进展", Hours(4), "supervisor", City, Policies, now).Then<CaseStep>(ordered => ordered.Step),
            ReceiverRules.Offer(ReceiverRules.Received(assessed, "ann", City, now), "ben", "休假", now),
        ];
        foreach (var step in leadNowhere)
        {
            step.Refusal!.Definition.ShouldBe(CaseErrors.HistoryFull);
            step.Refusal.ToString().ShouldContain("950 of at most 1000");
        }
        CaseRules.Tag(assessed with { Steps = CaseRoom.MaxSteps - 51 }, [GovernanceDimension.RuleOfLaw], now).Refusal.ShouldBeNull();

        // It still goes on, and back, until only the way to the end is left; then onwards only.
        CaseRules.Dispatch(assessed, new CaseHandler(Guid.NewGuid(), null, null, "城管", null), "", now)
            .Then(c => CaseRules.Return(c.Next, "不归我管", now)).Refusal.ShouldBeNull();
        var last = assessed with { Steps = CaseRoom.MaxSteps - CaseRoom.ToEnd(assessed) };
        var dispatched = CaseRules.Dispatch(last, new CaseHandler(Guid.NewGuid(), null, null, "城管", null), "", now).OrRefuse().Next;
        CaseRules.Return(dispatched, "不归我管", now).Refusal!.Definition.ShouldBe(CaseErrors.HistoryFull);
        var answered = CaseRules.CompleteHandling(dispatched, "清理", Policies, now).Then(c => CaseRules.Answer(c.Next, "已清理", Policies, now)).OrRefuse().Next;

        // The reporter is heard also where the case can't go round once more.
        var confirmed = CaseRules.Confirm(answered with { Steps = CaseRoom.MaxSteps - 2 }, Satisfaction.Dissatisfied, "还在", Policies, now).OrRefuse().Next;
        (confirmed.State, confirmed.Satisfaction).ShouldBe((CaseState.Confirmed, Satisfaction.Dissatisfied));
        var closed = CaseRules.Close(confirmed, Policies, now).OrRefuse().Next;
        (closed.State, closed.Steps).ShouldBe((CaseState.Closed, CaseRoom.MaxSteps));
    }

    [Fact]
    public void An_escalation_that_is_put_off_for_weeks_leaves_room_for_the_end()
    {
        var current = Walk(ServiceFixture.Morning, (c, at) => CaseRules.Assess(c, "street_order", "", Policies, at)) with { Steps = CaseRoom.MaxSteps - 51 };
        var newYear = new DateTimeOffset(2027, 1, 4, 0, 0, 0, TimeSpan.Zero);
        current = CaseRules.EscalateOverdue(current, Policies, newYear).OrRefuse().Next;
        current.Steps.ShouldBe(CaseRoom.MaxSteps - 50);
        // From then on the log says why.
        CaseRules.EscalateOverdue(current, Policies, newYear.AddDays(1)).Refusal!.Definition.ShouldBe(PolicyErrors.CalendarYearMissing);
    }

    private static V1.TimeLimit Hours(int amount) => new() { Unit = V1.TimeUnit.WorkHours, Amount = amount };

    /// <summary>What is done about a case beside its way.</summary>
    private static Outcome<CaseStep> Aside(Case current, Random random, DateTimeOffset now)
    {
        var part = current.Assignments.Count is 0 ? null : current.Assignments[random.Next(current.Assignments.Count)];
        return random.Next(8) switch
        {
            0 => CaseRules.Tag(current, [(GovernanceDimension)random.Next(1, 6)], now),
            1 => ReceiverRules.Offer(ReceiverRules.Received(current, "ann", City, now), "ben", "休假", now),
            2 => ReceiverRules.Accept(current, "ben", now),
            3 => VerificationRules.Ask(current, "是否属实", "officer", Policies, now),
            4 when part is not null => AssignmentRules.Object(current, part.Id, "不归我管", "them", now),
            5 when part is not null => AssignmentRules.RuleOn(current, part.Id, random.Next(2) is 0, "经研究", "ruler", now),
            6 when part is not null => AssignmentRules.Accept(current, part.Id, now),
            7 when part is not null => AssignmentRules.Complete(current, part.Id, "办结", Policies, now),
            _ => CaseRules.HandlerOpened(current, current.Handler?.DispatchId, Guid.NewGuid(), "物业", now),
        };
    }

    /// <summary>What brings a case nearer to its end, whatever state it is in.</summary>
    private static Outcome<CaseStep> Onwards(Case current, Random random, ref DateTimeOffset now)
    {
        var at = now;
        switch (current.State)
        {
            case CaseState.Reported:
                return current.Verification switch
                {
                    { Finding: VerificationFinding.Unspecified } => VerificationRules.Verify(
                        current, random.Next(2) is 0 ? VerificationFinding.Confirmed : VerificationFinding.NotFound, "现场核实", "worker", at),
                    { Finding: VerificationFinding.NotFound } => CaseRules.Reject(current, "不属实", Policies, at),
                    _ => CaseRules.Assess(current, "street_order", "", Policies, at),
                };
            case CaseState.Assessed:
                return random.Next(10) is 0
                    ? CaseRules.Transfer(current, "供电公司", "供电设施", Policies, at)
                    : CaseRules.Dispatch(current, new CaseHandler(Guid.NewGuid(), null, null, "部门", null), "", at);
            case CaseState.Dispatched or CaseState.Handling:
                if (current.Handler is { OrganisationId: null, DispatchId: { } own })
                    return random.Next(2) is 0
                        ? CaseRules.HandlerDeclined(current, own, "不修", at)
                        : CaseRules.HandlerCompleted(current, own, "修好", Policies, at);
                if (current.Assignments.FirstOrDefault(a => a is { Role: AssignmentRole.Lead, State: AssignmentState.Objected }) is { } disputed)
                    return AssignmentRules.RuleOn(current, disputed.Id, random.Next(2) is 0, "经研究", "ruler", at);
                return current.Assignments.FirstOrDefault(a => a is { Role: AssignmentRole.CoHandler, IsOpen: true }) is { } open
                    ? AssignmentRules.Release(current, open.Id, "不再需要", at)
                    : CaseRules.CompleteHandling(current, "办结", Policies, at);
            case CaseState.Whistled:
                return CaseRules.CompleteHandling(current, "办结", Policies, at);
            case CaseState.Banked:
                return EscalationRules.Review(current, null, "复核", Policies, at);
            case CaseState.Merged:
                return random.Next(2) is 0
                    ? MergeRules.Follow(current, Ended(random), Policies, at)
                    : MergeRules.Split(current, Primary with { Followers = 1 }, "不是同一处", Policies, at).Then<CaseStep>(both => both.Follower);
            case CaseState.Handled:
                return CaseRules.Answer(current, "已办", Policies, at);
            case CaseState.UnderReview:
                return ReviewRules.Decide(current, (ReviewDecision)random.Next(1, 4), "经复查", "reviewer", Policies, at);
            case CaseState.Answered when at <= current.ConfirmBy && random.Next(2) is 0:
                return CaseRules.Confirm(current, random.Next(3) is 0 ? Satisfaction.Satisfied : Satisfaction.Dissatisfied, "", Policies, at);
            default:
                now = current.ConfirmBy > at ? current.ConfirmBy.Value : at;
                return CaseRules.Close(current, Policies, now);
        }
    }
}
