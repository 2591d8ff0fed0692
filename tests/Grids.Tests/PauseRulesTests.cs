using System.Text.Json;
using Governance.Grids.Cases;
using Governance.Grids.Deadlines;
using Governance.Grids.Dispatch;
using Governance.Grids.Policies;
using Governance.Grids.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Events;
using Shouldly;
using Xunit;
using Case = Governance.Grids.Cases.Case;
using DeadlineChange = Governance.Grids.Cases.DeadlineChange;
using HolidayYear = Governance.Grids.V1.HolidayYear;
using TimeLimit = Governance.Grids.V1.TimeLimit;
using TimeUnit = Governance.Grids.V1.TimeUnit;

namespace Governance.Grids.Tests;

/// <summary>What a pause does to the instants that were set, in every unit of a limit.</summary>
public sealed class PauseRulesTests
{
    private static readonly TerritoryCode City = TerritoryCode.Parse(GridsFixture.City);

    [Fact]
    public void A_pause_over_holidays_leaves_a_limit_in_calendar_days_the_days_that_it_had()
    {
        var policies = Of(TimeUnit.CalendarDays, 15);
        // The 15th day is 6 October, a day off.
        var assessed = Assessed(At(9, 21, 10), policies);
        assessed.HandleBy.ShouldBe(At(10, 8, 17));
        var paused = Paused(assessed, At(9, 30, 17), At(10, 8, 8), policies);
        paused.HandleBy.ShouldBe(At(10, 16, 17));
        // Ended early, it takes back no more than it gave: on its own day everything, and later what was left from there.
        Resumed(paused, At(9, 30, 18), policies).HandleBy.ShouldBe(At(10, 8, 17));
        Resumed(paused, At(10, 1, 9), policies).HandleBy.ShouldBe(At(10, 9, 17));
        // A weekend counts as its days.
        var brief = Assessed(At(3, 10, 10), Of(TimeUnit.CalendarDays, 7));
        brief.HandleBy.ShouldBe(At(3, 17, 17));
        Paused(brief, At(3, 13, 17), At(3, 16, 8), Of(TimeUnit.CalendarDays, 7)).HandleBy.ShouldBe(At(3, 20, 17));
    }

    [Fact]
    public void A_part_that_was_given_out_in_a_pause_loses_nothing_when_it_ends_early()
    {
        var policies = Of(TimeUnit.WorkDays, 12);
        var monday = At(3, 9, 9);
        var assessed = Assessed(monday, policies);
        var paused = Paused(assessed, monday, At(3, 13, 17), policies);
        Part[] parts =
        [
            new(Guid.NewGuid(), Guid.NewGuid(), "主办", null),
            new(Guid.NewGuid(), Guid.NewGuid(), "协办", new TimeLimit { Unit = TimeUnit.WorkDays, Amount = 5 }),
        ];
        var dispatched = AssignmentRules.Dispatch(paused, parts, "", "ann", policies, At(3, 10, 9)).OrRefuse().Next;
        dispatched.Assignments.Select(a => a.DueAt).ShouldBe([paused.HandleBy!.Value, At(3, 17, 17)]);

        var resumed = Resumed(dispatched, At(3, 11, 9), policies);
        resumed.HandleBy.ShouldBe(assessed.HandleBy!.Value.AddDays(2));
        resumed.Assignments.Select(a => a.DueAt).ShouldBe([resumed.HandleBy!.Value, At(3, 17, 17)]);
        (resumed.Deadline!.PausedUntil, resumed.Deadline.Pause).ShouldBe((null, null));
    }

    [Fact]
    public void A_pause_of_before_its_beginning_was_kept_is_read_and_taken_back_from_its_end()
    {
        var policies = Of(TimeUnit.WorkDays, 12);
        var monday = At(3, 9, 9);
        var assessed = Assessed(monday, policies);
        var paused = Paused(assessed, monday, At(3, 13, 9), policies);
        var kept = JsonSerializer.Deserialize<CaseDeadline>(
            $$"""{"pending":null,"extensions":1,"pausedUntil":"{{paused.Deadline!.PausedUntil:O}}"}""", EventJson.Options)!;
        kept.ShouldBe(new CaseDeadline(null, 1, At(3, 13, 9)));
        Resumed(paused with { Deadline = kept }, At(3, 10, 9), policies).HandleBy.ShouldBe(assessed.HandleBy!.Value.AddDays(1));
        // What is kept today is read as it was written.
        var written = JsonSerializer.Deserialize<CaseDeadline>(JsonSerializer.Serialize(paused.Deadline, EventJson.Options), EventJson.Options)!;
        (written.Pause!.From, written.Pause.HandleBy, written.PausedUntil).ShouldBe((monday, assessed.HandleBy.Value, paused.Deadline.PausedUntil));
    }

    [Theory]
    [InlineData(TimeUnit.EmergencyHours, 400)]
    [InlineData(TimeUnit.WorkHours, 90)]
    [InlineData(TimeUnit.WorkDays, 10)]
    [InlineData(TimeUnit.CalendarDays, 15)]
    public void A_pause_never_takes_time_whenever_it_begins_and_ends(TimeUnit unit, int amount)
    {
        var policies = Of(unit, amount);
        var calendar = Calendar();
        for (var seed = 0; seed < 2_000; seed++)
        {
            var random = new Random(seed);
            var now = At(1, 5, 0).AddMinutes(random.Next(0, 300 * 24 * 60));
            var assessed = Assessed(now, policies);
            Part[] parts = [APart(), APart(), new(Guid.NewGuid(), Guid.NewGuid(), "协办", new TimeLimit { Unit = TimeUnit.WorkHours, Amount = 3 })];
            var before = AssignmentRules.Dispatch(assessed, parts, "", "ann", policies, now).OrRefuse().Next;
            var from = now.AddMinutes(random.Next(1, (int)(before.HandleBy!.Value - now).TotalMinutes));
            var until = from.AddMinutes(random.Next(1, 12 * 24 * 60));
            var at = from + random.NextDouble() * (until - from);

            var paused = Paused(before, from, until, policies);
            var resumed = Resumed(paused, at, policies);
            foreach (var (after, end) in ((Case, DateTimeOffset)[])[(paused, until), (resumed, at)])
            {
                var told = $"seed {seed}: {before.HandleBy:O}, from {from:O} until {end:O}, {after.HandleBy:O}";
                Passed(before.HandleBy.Value, after.HandleBy!.Value).ShouldBeGreaterThanOrEqualTo(Passed(from, end), told);
                after.HandleBy.Value.ShouldBeGreaterThanOrEqualTo(before.HandleBy.Value, told);
                foreach (var (part, was) in after.Assignments.Zip(before.Assignments))
                {
                    part.DueAt.ShouldBeLessThanOrEqualTo(after.HandleBy.Value, told);
                    if (was.DueAt <= from)
                        part.DueAt.ShouldBe(was.DueAt, told);
                    else
                        Passed(was.DueAt, part.DueAt).ShouldBeGreaterThanOrEqualTo(Passed(from, end), told);
                }
            }
            resumed.HandleBy!.Value.ShouldBeLessThanOrEqualTo(paused.HandleBy!.Value);
            // Ended at once, it was nothing.
            var atOnce = Resumed(paused, from, policies);
            (atOnce.HandleBy, atOnce.EscalateAt).ShouldBe((before.HandleBy, before.EscalateAt));
            atOnce.Assignments.Select(a => a.DueAt).ShouldBe(before.Assignments.Select(a => a.DueAt));
        }

        // In the limit's own unit.
        double Passed(DateTimeOffset start, DateTimeOffset end) => unit switch
        {
            TimeUnit.EmergencyHours => (end - start).TotalMinutes,
            TimeUnit.CalendarDays => calendar.LocalDate(end).DayNumber - calendar.LocalDate(start).DayNumber,
            _ => calendar.WorkTimeBetween(start, end).Value.TotalMinutes,
        };
    }

    private static Part APart() => new(Guid.NewGuid(), Guid.NewGuid(), "部门", null);

    private static DateTimeOffset At(int month, int day, int hour) => new(2026, month, day, hour, 0, 0, TimeSpan.FromHours(8));

    private static Case Assessed(DateTimeOffset now, CityPolicies policies) => CaseRules
        .Report(Guid.NewGuid(), 1, GridsFixture.Grid, new CaseReport("标题", "", CaseChannel.Patrol, null, "somebody"), policies, now)
        .Then(c => CaseRules.Assess(c.Next, "street_order", "", policies, now)).OrRefuse().Next;

    private static Case Paused(Case current, DateTimeOffset from, DateTimeOffset until, CityPolicies policies)
    {
        var asked = DeadlineRules.Request(current, new DeadlineChange(null, until, "大雨", "somebody", from), policies, from).OrRefuse().Next;
        return DeadlineRules.Decide(asked, grant: true, "同意", "else", City, policies, from).OrRefuse().Next;
    }

    private static Case Resumed(Case paused, DateTimeOffset at, CityPolicies policies) =>
        DeadlineRules.Resume(paused, "放晴", policies, at).OrRefuse().Next;

    /// <summary>Working hours from 8 to 17, and the National Day holidays of 2026 with their make-up workdays.</summary>
    private static CityPolicies Of(TimeUnit unit, int amount)
    {
        var cases = GridsFixture.CasePolicy();
        cases.Categories[0].HandleWithin = new TimeLimit { Unit = unit, Amount = amount };
        return RulePolicies.With(p => p.Cases = cases, p => p.Holidays = Holidays(2026), p => p.Holidays = Holidays(2027));
    }

    private static HolidayYear Holidays(int year) => new()
    {
        Year = year,
        Days =
        {
            Enumerable.Range(1, 7).Select(day => new HolidayDay { Date = $"{year}-10-0{day}", Name = "国庆节", Off = true }),
            new HolidayDay { Date = $"{year}-10-10", Name = "国庆节", Off = false },
        },
    };

    private static WorkCalendar Calendar() => new(new WorkCalendarData(
        TimeSpan.FromHours(8), WorkCalendarData.Weekend, [new WorkSeason(1, 1, [new WorkInterval(new TimeOnly(8, 0), new TimeOnly(17, 0))])],
        [.. ((int[])[2026, 2027]).Select(year => new Primitives.HolidayYear(
            year, "", [.. Holidays(year).Days.Select(d => new NamedDay(DateOnly.Parse(d.Date), d.Name, d.Off))]))]));
}
