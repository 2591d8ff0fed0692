using Governance.Contracts.Events;
using Governance.Grids.Cases;
using Governance.Grids.Deadlines;
using Governance.Grids.Dispatch;
using Governance.Grids.Escalations;
using Governance.Grids.Policies;
using Governance.Grids.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Errors;
using Governance.TestKit;
using Shouldly;
using Xunit;
using Candidate = Governance.Grids.Dispatch.Candidate;
using Case = Governance.Grids.Cases.Case;
using DeadlineChange = Governance.Grids.Cases.DeadlineChange;
using TimeLimit = Governance.Grids.V1.TimeLimit;
using TimeUnit = Governance.Grids.V1.TimeUnit;

namespace Governance.Grids.Tests;

/// <summary>Lead, co-handlers, objections and receivers over random histories of a case.</summary>
public sealed class DispatchRulesTests
{
    private const int Histories = 10_000;
    private const int StepsPerHistory = 30;

    private static readonly DateTimeOffset Morning = ServiceFixture.Morning;

    private static readonly TerritoryCode City = TerritoryCode.Parse(GridsFixture.City);

    private static readonly TimeLimit ADay = new() { Unit = TimeUnit.WorkDays, Amount = 1 };

    private static readonly string[] People = ["ann", "ben", "cai"];

    private static readonly CityPolicies Policies = PoliciesWith(GridsFixture.CasePolicy());

    [Fact]
    public void No_assignment_is_left_open_and_none_is_lost_over_random_histories()
    {
        var reached = new HashSet<AssignmentState>();
        var done = new HashSet<string>();
        for (var seed = 0; seed < Histories; seed++)
        {
            var random = new Random(seed);
            var now = Morning;
            var current = Assessed(now);
            for (var i = 0; i < StepsPerHistory; i++)
            {
                now = now.AddMinutes(random.Next(0, 200));
                var outcome = current.EscalateAt <= now ? CaseRules.EscalateOverdue(current, Policies, now) : Act(current, random, now);
                if (outcome.Refusal is not null)
                    continue;
                var step = outcome.OrRefuse();
                step = step with { Next = ReceiverRules.Received(step.Next, People[random.Next(3)], City, now) };
                Check(current, step, $"seed {seed}, {step.Entry.Action}: {current.State} to {step.Next.State}");
                current = step.Next;
                done.Add(step.Entry.Action);
                reached.UnionWith(current.Assignments.Select(a => a.State));
            }
        }
        reached.Count.ShouldBe(5);
        string[] all =
        [
            "ObjectionUpheld", "ObjectionDismissed", "CoHandlerReleased", "ConsultationDecided", "ReceiptAccepted", "Handled",
            "EscalatedOverdue", "DeadlineExtended",
        ];
        all.Except(done).ShouldBeEmpty();
    }

    [Fact]
    public void A_part_is_due_by_its_own_limit_and_never_after_the_case()
    {
        var assessed = Assessed(Morning);
        var dispatched = AssignmentRules.Dispatch(assessed, [Part(), Part(), Part(Hours(3))], "", "ann", Policies, Morning).OrRefuse().Next;
        dispatched.Assignments.Select(a => a.DueAt).ShouldBe([assessed.HandleBy!.Value, Morning.AddHours(2), Morning.AddHours(3)]);
        AssignmentRules.Dispatch(assessed, [Part(), Part(Hours(5))], "", "ann", Policies, Morning)
            .Refusal!.Definition.ShouldBe(DispatchErrors.AssignmentDueTooLate);
        // The usual limit of a co-handler bends to a case that is due sooner.
        var late = Morning.AddHours(2);
        AssignmentRules.Dispatch(assessed, [Part(), Part()], "", "ann", Policies, late).OrRefuse()
            .Next.Assignments[1].DueAt.ShouldBe(assessed.HandleBy.Value);
    }

    [Fact]
    public void Parts_are_as_many_as_the_policy_allows_and_each_organisation_has_one()
    {
        var assessed = Assessed(Morning);
        var twice = Part();
        AssignmentRules.Dispatch(assessed, [Part(), Part(), Part(), Part()], "", "ann", Policies, Morning)
            .Refusal!.Definition.ShouldBe(DispatchErrors.CoHandlersTooMany);
        AssignmentRules.Dispatch(assessed, [twice, twice with { Id = Guid.NewGuid() }], "", "ann", Policies, Morning)
            .Refusal!.Definition.ShouldBe(DispatchErrors.HandlerTwice);
    }

    [Fact]
    public void A_city_without_rules_for_dispatch_has_one_handler_who_may_not_object()
    {
        var silent = GridsFixture.CasePolicy();
        silent.Dispatch = null;
        var policies = PoliciesWith(silent);
        var assessed = Assessed(Morning);
        var alone = AssignmentRules.Dispatch(assessed, [Part()], "", "ann", policies, Morning).OrRefuse().Next;
        alone.Assignments.Single().ObjectBy.ShouldBeNull();
        AssignmentRules.Object(alone, alone.Assignments[0].Id, "不归我管", "ben", Morning)
            .Refusal!.Definition.ShouldBe(DispatchErrors.ObjectionNotAllowed);
        AssignmentRules.Dispatch(assessed, [Part(), Part()], "", "ann", policies, Morning)
            .Refusal!.Definition.ShouldBe(DispatchErrors.CoHandlersTooMany);
    }

    [Fact]
    public void An_objection_is_in_time_until_its_stored_instant()
    {
        var dispatched = AssignmentRules.Dispatch(Assessed(Morning), [Part()], "", "ann", Policies, Morning).OrRefuse().Next;
        var (id, until) = (dispatched.Assignments[0].Id, dispatched.Assignments[0].ObjectBy!.Value);
        // Two work days: the day of the dispatch is not counted, and the second one closes at 17:00.
        until.ShouldBe(new DateTimeOffset(2026, 3, 11, 9, 0, 0, TimeSpan.Zero));
        AssignmentRules.Object(dispatched, id, "不归我管", "ben", until).Refusal.ShouldBeNull();
        var refused = AssignmentRules.Object(dispatched, id, "不归我管", "ben", until.AddTicks(1)).Refusal!;
        refused.Definition.ShouldBe(DispatchErrors.ObjectionTooLate);
        refused.Metadata["until"].Value.ShouldStartWith("2026-03-11T09:00:00");
    }

    [Fact]
    public void An_extension_of_the_case_gives_the_same_to_every_open_part()
    {
        var dispatched = AssignmentRules.Dispatch(Assessed(Morning), [Part(), Part()], "", "ann", Policies, Morning).OrRefuse().Next;
        var change = new DeadlineChange(ADay, null, "等配件", "ben", Morning);
        var asked = DeadlineRules.Request(dispatched, change, Policies, Morning).OrRefuse().Next;
        asked.Assignments.ShouldBe(dispatched.Assignments);
        var extended = DeadlineRules.Decide(asked, grant: true, "同意", "cai", City, Policies, Morning).OrRefuse().Next;
        extended.Assignments[0].DueAt.ShouldBe(extended.HandleBy!.Value);
        extended.Assignments.Select(a => a.DueAt).ShouldBe(dispatched.Assignments.Select(a => Policies.DueAt(a.DueAt, ADay).OrRefuse().At));
    }

    [Fact]
    public void An_extension_leaves_an_overdue_part_overdue()
    {
        var assessed = Assessed(Morning);
        var dispatched = AssignmentRules.Dispatch(assessed, [Part(), Part(Hours(1))], "", "ann", Policies, Morning).OrRefuse().Next;
        var asked = DeadlineRules.Request(dispatched, new DeadlineChange(ADay, null, "等配件", "ben", Morning), Policies, Morning).OrRefuse().Next;
        var extended = DeadlineRules.Decide(asked, grant: true, "同意", "cai", City, Policies, Morning.AddHours(1)).OrRefuse().Next;
        extended.Assignments.Select(a => a.DueAt).ShouldBe([Policies.DueAt(assessed.HandleBy!.Value, ADay).OrRefuse().At, Morning.AddHours(1)]);
    }

    [Fact]
    public void Cases_are_spread_evenly_whatever_the_load_before()
    {
        for (var seed = 0; seed < 2_000; seed++)
        {
            var random = new Random(seed);
            var before = Enumerable.Range(0, random.Next(1, 8)).Select(i => new Candidate(
                $"p{i}", GridsFixture.Community, random.Next(5), random.Next(3) is 0 ? null : Morning.AddMinutes(-random.Next(1000)))).ToList();
            var count = random.Next(1, 40);
            var chosen = Roster.Spread(before, [.. Enumerable.Repeat(GridsFixture.Grid, count)], Morning).OrRefuse();
            chosen.Length.ShouldBe(count);
            var after = before.ToDictionary(c => c.Subject, c => c.Load + chosen.Count(s => s == c.Subject));
            // Nobody is given one while somebody else has two fewer.
            var given = after.Where(a => chosen.Contains(a.Key)).ToList();
            given.Max(a => a.Value).ShouldBeLessThanOrEqualTo(after.Values.Min() + 1, $"seed {seed}");
        }
    }

    [Fact]
    public void Of_equals_whoever_was_given_none_for_longest_is_next()
    {
        List<Candidate> candidates =
        [
            new("recent", GridsFixture.Community, 1, Morning.AddHours(-1)),
            new("long ago", GridsFixture.Community, 1, Morning.AddHours(-9)),
            new("busy", GridsFixture.Community, 2, null),
            new("elsewhere", GridsFixture.OtherCommunity, 0, null),
        ];
        Roster.Spread(candidates, [GridsFixture.Grid, GridsFixture.NextGrid], Morning).OrRefuse().ShouldBe(["long ago", "recent"]);
        Roster.Spread(candidates, ["34060200100101"], Morning).Refusal!.Definition.ShouldBe(DispatchErrors.NobodyOnDuty);
    }

    private static Outcome<CaseStep> Act(Case current, Random random, DateTimeOffset now)
    {
        var by = People[random.Next(3)];
        var id = current.Assignments.Count is 0 ? Guid.NewGuid() : current.Assignments[random.Next(current.Assignments.Count)].Id;
        Part[] parts = [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => Part())];
        switch (random.Next(22))
        {
            case 0 or 1 or 2: return AssignmentRules.Dispatch(current, parts, "", by, Policies, now);
            case 3: return CaseRules.Dispatch(current, new CaseHandler(null, Guid.NewGuid(), null, "", null) { DispatchId = Guid.NewGuid() }, "", now);
            case 4: return AssignmentRules.Accept(current, id, now);
            case 5 or 6: return AssignmentRules.Complete(current, id, "办结", Policies, now);
            case 7: return AssignmentRules.Release(current, id, "已不需要", now);
            case 8 or 9: return AssignmentRules.Object(current, id, "不归我管", by, now);
            case 10 or 11: return AssignmentRules.RuleOn(current, id, random.Next(2) is 0, "裁定", by, now);
            case 12: return CaseRules.StartHandling(current, now);
            case 13: return CaseRules.CompleteHandling(current, "办结", Policies, now);
            case 14:
                return random.Next(3) is 0
                ? CaseRules.Return(current, "不归我管", now)
                : CaseRules.HandlerDeclined(current, current.Handler?.DispatchId, "不修", now);
            case 15:
                return random.Next(3) is 0
                ? CaseRules.Escalate(current, "超出权限", Policies, now)
                : EscalationRules.Bank(current, now.AddDays(9), "待改造", Policies, now);
            case 16: return EscalationRules.Review(current, null, "复核", Policies, now);
            case 17: return AssignmentRules.Redispatch(current, parts, "会商决定", by, Policies, now);
            case 18:
                return current.State is CaseState.Handled
                ? CaseRules.Answer(current, "已办", Policies, now)
                : CaseRules.Confirm(current, Satisfaction.Dissatisfied, "", Policies, now);
            case 19:
                return current.Deadline?.Pending is null
                ? DeadlineRules.Request(current, new DeadlineChange(ADay, null, "等配件", "ann", now), Policies, now)
                : DeadlineRules.Decide(current, grant: true, "同意", "ben", City, Policies, now);
            case 20: return ReceiverRules.Offer(current, by, "调岗", now);
            default: return ReceiverRules.Accept(current, by, now);
        }
    }

    private static void Check(Case before, CaseStep step, string told)
    {
        var after = step.Next;
        var handled = after.State is CaseState.Dispatched or CaseState.Handling;
        if (!handled)
            after.Assignments.ShouldAllBe(a => !a.IsOpen, told);
        if (handled && after.Handler!.OrganisationId is { } leader)
        {
            var lead = after.Assignments.Single(a => a.Role is AssignmentRole.Lead);
            (lead.IsOpen, lead.OrganisationId).ShouldBe((true, leader), told);
        }
        if (step.Entry.Action is "Handled")
            before.Assignments.ShouldAllBe(a => a.Role == AssignmentRole.Lead || !a.IsOpen || before.State == CaseState.Whistled, told);

        foreach (var assignment in before.Assignments)
        {
            var next = after.Assignments.FirstOrDefault(a => a.Id == assignment.Id);
            if (next is null)
                new[] { "Dispatched", "ConsultationDecided" }.ShouldContain(step.Entry.Action, told);
            else if (!assignment.IsOpen)
                next.ShouldBe(assignment, told);
            else if (next.DueAt != assignment.DueAt)
                step.Entry.Action.ShouldBe("DeadlineExtended", told);
            if (next is not null)
                (next.ObjectBy, next.AssignedBy, next.AssignedAt).ShouldBe((assignment.ObjectBy, assignment.AssignedBy, assignment.AssignedAt), told);
            if (assignment.Objection is { } earlier && next is not null)
                (next.Objection!.Reason, next.Objection.RaisedAt).ShouldBe((earlier.Reason, earlier.RaisedAt), told);
        }
        foreach (var assignment in after.Assignments)
        {
            assignment.IsOpen.ShouldBe(assignment.State is not (AssignmentState.Completed or AssignmentState.Withdrawn), told);
            if (assignment.IsOpen)
                assignment.DueAt.ShouldBeLessThanOrEqualTo(after.HandleBy!.Value, told);
            if (assignment.Objection is { } objection)
            {
                objection.RaisedAt.ShouldBeLessThanOrEqualTo(assignment.ObjectBy!.Value, told);
                if (objection.RuledAt is not null)
                    new[] { assignment.AssignedBy, objection.RaisedBy }.ShouldNotContain(objection.RuledBy, told);
            }
        }
        if (step.Entry.Action is "ObjectionUpheld" or "ObjectionDismissed")
            after.HandleBy.ShouldBe(before.HandleBy, told);

        if (before.Receiver is { } receiver)
        {
            (after.Receiver!.First, after.Receiver.ReceivedAt).ShouldBe((receiver.First, receiver.ReceivedAt), told);
            if (after.Receiver.Answerable != receiver.Answerable)
                (step.Entry.Action, after.Receiver.Answerable).ShouldBe(("ReceiptAccepted", receiver.Offer!.To), told);
        }

        // Others hear that they have it no more, before they hear that it is given to somebody again.
        var wasWithOthers = before.State is CaseState.Dispatched or CaseState.Handling;
        var givenToOthers = after.Assignments.Count > 0 && after.Assignments[0].Id != before.Assignments.FirstOrDefault()?.Id;
        var taken = wasWithOthers && (after.Handler is null || givenToOthers);
        if (taken && step.Entry.Action is not "Returned")
            step.Events[0].ShouldBeOfType<DispatchWithdrawn>(told);
        if (!taken)
            step.Events.OfType<DispatchWithdrawn>().ShouldBeEmpty(told);
    }

    private static Case Assessed(DateTimeOffset now) => CaseRules.Assess(
        CaseRules.Report(Guid.NewGuid(), 1, GridsFixture.Grid, new CaseReport("标题", "", CaseChannel.Patrol, null, "somebody"), Policies, now).OrRefuse().Next,
        "street_order", "", Policies, now).OrRefuse().Next;

    private static Part Part(TimeLimit? within = null) => new(Guid.NewGuid(), Guid.NewGuid(), "部门", within);

    private static TimeLimit Hours(int amount) => new() { Unit = TimeUnit.EmergencyHours, Amount = amount };

    private static CityPolicies PoliciesWith(CasePolicy cases) => RulePolicies.With(p => p.Cases = cases);
}
