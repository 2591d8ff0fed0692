using System.Globalization;
using Governance.Grids.Policies;
using Governance.Grids.V1;
using Shouldly;
using Xunit;

namespace Governance.Grids.Tests;

/// <summary>Due instants by a city whose hours change with the time of year: as in Hetian, from May and from October.</summary>
public sealed class CityCalendarTests
{
    private static readonly CityPolicies Policies = new(
        GridsFixture.City,
        [
            new Policy { City = GridsFixture.City, EffectiveFrom = "2025-01-01", Version = 1, WorkingHours = Hours() },
            new Policy { City = GridsFixture.City, EffectiveFrom = "2026-01-01", Version = 2, Holidays = new HolidayYear { Year = 2026 } },
        ]);

    [Theory]
    // Thursday 30 April 2026 by winter hours, Friday 1 May by summer hours: one hour before the evening, the others on the next morning.
    [InlineData("2026-04-30T18:30", TimeUnit.WorkHours, 3, "2026-05-01T11:30")]
    [InlineData("2026-04-30T18:30", TimeUnit.WorkDays, 1, "2026-05-01T20:00")]
    [InlineData("2026-04-29T18:30", TimeUnit.WorkDays, 1, "2026-04-30T19:30")]
    // Wednesday 30 September by summer hours, Thursday 1 October by winter hours.
    [InlineData("2026-09-30T19:00", TimeUnit.WorkHours, 3, "2026-10-01T12:00")]
    [InlineData("2026-09-30T19:00", TimeUnit.CalendarDays, 1, "2026-10-01T19:30")]
    // The last season of a year goes on in January.
    [InlineData("2026-01-05T08:00", TimeUnit.WorkHours, 1, "2026-01-05T11:00")]
    public void A_limit_counts_each_day_by_the_hours_of_its_season(string from, TimeUnit unit, int amount, string due) =>
        Policies.DueAt(Local(from), new TimeLimit { Unit = unit, Amount = amount }).OrRefuse().At.ShouldBe(Local(due));

    [Fact]
    public void Hours_are_of_the_whole_year_or_of_seasons_that_can_be()
    {
        ProblemOf(_ => { }).ShouldBeNull();
        ProblemOf(h => h.Spans.Add(h.Seasons[0].Spans)).ShouldBe("working hours are spans of the whole year, or seasons");
        ProblemOf(h => h.Seasons.Clear()).ShouldBe("working hours are spans of the whole year, or seasons");
        ProblemOf(h => (h.Seasons[1].FromMonth, h.Seasons[1].FromDay) = (5, 1)).ShouldBe("two seasons start on 05-01");
        ProblemOf(h => (h.Seasons[1].FromMonth, h.Seasons[1].FromDay) = (2, 29)).ShouldNotBeNull();
    }

    private static string? ProblemOf(Action<WorkingHours> change)
    {
        var hours = Hours();
        change(hours);
        return CityPolicies.ProblemOf(new Policy { City = GridsFixture.City, WorkingHours = hours })?.English;
    }

    private static WorkingHours Hours() => new()
    {
        UtcOffsetMinutes = 480,
        Seasons =
        {
            new WorkingSeason { FromMonth = 5, FromDay = 1, Spans = { Span("09:30", "13:30"), Span("16:00", "20:00") } },
            new WorkingSeason { FromMonth = 10, FromDay = 1, Spans = { Span("10:00", "14:00"), Span("15:30", "19:30") } },
        },
    };

    private static WorkingSpan Span(string from, string to) => new() { FromMinute = Minute(from), ToMinute = Minute(to) };

    private static int Minute(string time) => (int)TimeOnly.Parse(time, CultureInfo.InvariantCulture).ToTimeSpan().TotalMinutes;

    private static DateTimeOffset Local(string time) =>
        DateTimeOffset.Parse($"{time}+08:00", CultureInfo.InvariantCulture).ToUniversalTime();
}
