using Governance.Contracts.Events;
using Governance.Grids.Cases;
using Governance.Grids.Dispatch;
using Governance.Grids.V1;
using Governance.TestKit;
using Grpc.Core;
using Shouldly;
using Xunit;
using static Governance.Grids.Tests.GridsFixture;
using Case = Governance.Grids.V1.Case;

namespace Governance.Grids.Tests;

public sealed class ProvisionalCalendarTests(GridsFixture grids) : ServiceTest(grids), IClassFixture<GridsFixture>
{
    /// <summary>A Sunday: what takes four weeks ends in the next year.</summary>
    private static readonly DateTimeOffset December = new(2026, 12, 20, 1, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task What_is_due_by_a_provisional_calendar_says_so_and_stays_when_the_final_one_comes()
    {
        grids.Clock.Set(December);
        await Refused.AsAsync("CALENDAR_YEAR_MISSING", () => grids.AssessedAsync("illegal_construction"));
        var provisional = (await PutAsync(provisional: true, 1)).Policy;
        provisional.Holidays.Provisional.ShouldBeTrue();

        // Twenty work days: nine until the year's end, and from Monday 4 January on eleven.
        var assessed = await grids.AssessedAsync("illegal_construction");
        assessed.Deadlines.HandleBy.ToDateTimeOffset().ShouldBe(new DateTimeOffset(2027, 1, 18, 9, 30, 0, TimeSpan.Zero));
        assessed.Deadlines.ProvisionalYear.ShouldBe(2027);
        (await QueuedAsync(assessed)).ProvisionalYear.ShouldBe(2027);
        // What ends this year rests on nothing provisional.
        (await grids.AssessedAsync()).Deadlines.ProvisionalYear.ShouldBe(0);
        var order = (await Escalations().IssueSupervisionOrderAsync(Order(assessed))).Order;
        (order.ReplyBy.ToDateTimeOffset().Year, order.ProvisionalYear).ShouldBe((2027, 2027));

        // The notice gives Monday too.
        await PutAsync(provisional: false, 1, 2, 3, 4);
        (await grids.Cases().GetCaseAsync(new GetCaseRequest { Id = assessed.Id })).Case.Deadlines.ShouldBe(assessed.Deadlines);
        var orders = await Escalations().ListSupervisionOrdersAsync(new ListSupervisionOrdersRequest { Territory = City });
        orders.Orders.ShouldContain(order);
        var later = await grids.AssessedAsync("illegal_construction");
        later.Deadlines.HandleBy.ToDateTimeOffset().ShouldBe(new DateTimeOffset(2027, 1, 19, 9, 30, 0, TimeSpan.Zero));
        later.Deadlines.ProvisionalYear.ShouldBe(0);

        // What the law fixes is no word against the notice, and a year of which nothing is known is refused as ever.
        var refused = await Refused.AsAsync("CALENDAR_FINAL", () => PutAsync(provisional: true, 1, 2));
        (refused.Code, refused.Metadata["year"]).ShouldBe((StatusCode.FailedPrecondition, "2027"));
        (await PutAsync(provisional: true, 1)).Unchanged.ShouldBeTrue();
        await Refused.AsAsync("POLICY_INVALID", () => grids.PutPolicyAsync(
            p => p.Holidays = new HolidayYear { Year = 2027, Provisional = true, Days = { Day(1) } }, "2026-12-01"));
        // A mistake in the notice is taken back, and by the words of before.
        (await PutAsync(provisional: false, 1, 2)).Unchanged.ShouldBeFalse();
        (await PutAsync(provisional: false, 1, 2, 3, 4)).Unchanged.ShouldBeFalse();
        (await PutAsync(provisional: false, 1, 2, 3, 4)).Unchanged.ShouldBeTrue();
        (await grids.AssessedAsync("illegal_construction")).Deadlines.ProvisionalYear.ShouldBe(0);
        grids.Clock.Set(December.AddYears(1));
        (await Refused.AsAsync("CALENDAR_YEAR_MISSING", () => grids.AssessedAsync("illegal_construction"))).Metadata["year"].ShouldBe("2028");
    }

    [Fact]
    public void Whoever_is_told_of_a_due_instant_is_told_that_its_calendar_is_provisional()
    {
        var policies = RulePolicies.With(
            p => p.Holidays = new HolidayYear { Year = 2027, Provisional = true, Days = { Day(1) } },
            p => p.Cases = new CasePolicy(CasePolicy()) { ReportWithin = Limit(TimeUnit.WorkDays, 20) });
        var report = new CaseReport("违建", "", CaseChannel.Patrol, null, "resident-1");
        var reported = CaseRules.Report(Guid.NewGuid(), 1, GridsFixture.Grid, report, policies, December).OrRefuse().Next;
        reported.ProvisionalYear.ShouldBe(0);
        var assessed = CaseRules.Assess(reported, "illegal_construction", "", policies, December).OrRefuse().Next;

        var part = new Part(Guid.NewGuid(), Guid.NewGuid(), "执法局", null);
        var dispatched = AssignmentRules.Dispatch(assessed, [part], "", "officer", policies, December).OrRefuse();
        dispatched.Events.OfType<CaseDispatched>().ShouldHaveSingleItem().ProvisionalYear.ShouldBe(2027);
        var escalated = CaseRules.Escalate(assessed, "", policies, December).OrRefuse();
        escalated.Events.OfType<CaseEscalated>().ShouldHaveSingleItem().ProvisionalYear.ShouldBe(2027);

        // The whistle says it of its own instant: one that somebody names rests on no calendar.
        BlownWithin(null).ShouldBe((2027, 2027));
        BlownWithin(TimeSpan.FromHours(2)).ShouldBe((0, 0));

        (int OfWhistle, int OfEvent) BlownWithin(TimeSpan? within)
        {
            var blown = CaseRules.BlowWhistle(escalated.Next, Guid.NewGuid(), [new(Guid.NewGuid(), "公安局")], "", within, policies, December).OrRefuse();
            return (blown.Next.Whistle!.ProvisionalYear, blown.Events.OfType<WhistleBlown>().ShouldHaveSingleItem().ProvisionalYear);
        }
    }

    [Theory]
    [InlineData(TimeUnit.WorkHours, 400, 2027)]
    [InlineData(TimeUnit.WorkDays, 20, 2027)]
    [InlineData(TimeUnit.CalendarDays, 20, 2027)]
    [InlineData(TimeUnit.CalendarDays, 5, 0)]
    [InlineData(TimeUnit.EmergencyHours, 720, 0)] // The clock runs whatever the calendar says.
    public void A_limit_rests_on_a_provisional_calendar_when_it_is_counted_by_it(TimeUnit unit, int amount, int year) =>
        RulePolicies.With(p => p.Holidays = new HolidayYear { Year = 2027, Provisional = true, Days = { Day(1) } })
            .DueAt(December, Limit(unit, amount)).OrRefuse().ProvisionalYear.ShouldBe(year);

    private static TimeLimit Limit(TimeUnit unit, int amount) => new() { Unit = unit, Amount = amount };

    private static HolidayDay Day(int day) => new() { Date = $"2027-01-0{day}", Name = "元旦", Off = true };

    private Task<PutPolicyResponse> PutAsync(bool provisional, params int[] off) => grids.PutPolicyAsync(
        p => p.Holidays = new HolidayYear { Year = 2027, Provisional = provisional, Days = { off.Select(Day) } }, "2027-01-01");

    private V1.Escalations.EscalationsClient Escalations() => new(grids.As("officer", City, "supervisor"));

    private static IssueSupervisionOrderRequest Order(Case of) => new()
    {
        RequestId = NewId(),
        CaseId = of.Id,
        Instruction = "限期报告",
        ReplyWithin = Limit(TimeUnit.WorkDays, 15),
    };

    private async Task<QueueItem> QueuedAsync(Case of)
    {
        var queue = await new V1.Dispatch.DispatchClient(grids.As("officer", City)).ListQueueAsync(
            new ListQueueRequest { View = QueueView.Territory, PageSize = 500 });
        return queue.Items.Single(i => i.CaseId == of.Id);
    }
}
