using System.Globalization;
using Shouldly;
using Xunit;
using static Governance.Primitives.Tests.Calendars;

namespace Governance.Primitives.Tests;

public sealed class WorkCalendarTests
{
    [Theory]
    [InlineData("2026-01-01", false)]
    [InlineData("2026-01-02", false)]
    [InlineData("2026-01-04", true)]
    [InlineData("2026-02-14", true)]
    [InlineData("2026-02-15", false)]
    [InlineData("2026-02-23", false)]
    [InlineData("2026-02-24", true)]
    [InlineData("2026-02-28", true)]
    [InlineData("2026-04-06", false)]
    [InlineData("2026-05-09", true)]
    [InlineData("2026-06-19", false)]
    [InlineData("2026-09-20", true)]
    [InlineData("2026-09-25", false)]
    [InlineData("2026-10-07", false)]
    [InlineData("2026-10-08", true)]
    [InlineData("2026-10-10", true)]
    [InlineData("2026-10-11", false)]
    [InlineData("2026-12-31", true)]
    public void Days_of_2026_follow_the_notice(string date, bool workday) =>
        Huaibei.IsWorkday(DateOnly.Parse(date)).Value.ShouldBe(workday);

    [Theory]
    [InlineData(2024, 28, 8, 251)]
    [InlineData(2025, 28, 5, 248)]
    [InlineData(2026, 33, 6, 248)]
    public void A_year_has_the_published_number_of_days_off_and_workdays(int year, int off, int makeUp, int workdays)
    {
        var holidays = Read(year);
        var first = new DateOnly(year, 1, 1);

        holidays.Days.Count(d => d.IsOff).ShouldBe(off);
        holidays.Days.Count(d => !d.IsOff).ShouldBe(makeUp);
        holidays.Days.Where(d => !d.IsOff).ShouldAllBe(d => d.Date.DayOfWeek == DayOfWeek.Saturday || d.Date.DayOfWeek == DayOfWeek.Sunday);
        var days = Enumerable.Range(0, first.AddYears(1).DayNumber - first.DayNumber).Select(first.AddDays);
        days.Count(d => Huaibei.IsWorkday(d).Value).ShouldBe(workdays);
    }

    [Theory]
    [InlineData("2026-03-02 09:00", 1, "2026-03-02 10:00")]
    [InlineData("2026-03-02 11:30", 1, "2026-03-02 14:30")]
    [InlineData("2026-03-02 08:30", 7, "2026-03-02 17:30")]
    [InlineData("2026-03-02 10:00", 7, "2026-03-03 10:00")]
    [InlineData("2026-03-02 12:30", 1, "2026-03-02 15:00")]
    [InlineData("2026-03-02 20:00", 4, "2026-03-03 14:30")]
    [InlineData("2026-02-14 17:00", 1, "2026-02-24 09:00")]
    [InlineData("2026-01-03 10:00", 2, "2026-01-04 10:30")]
    [InlineData("2025-12-31 17:00", 1, "2026-01-04 09:00")]
    public void Work_hours_pass_only_in_working_time(string start, int hours, string due) =>
        Huaibei.AddWorkHours(At(start), hours).Value.ShouldBe(At(due));

    [Theory]
    [InlineData("2026-03-02 00:00", 1, "2026-03-03 17:30")]
    [InlineData("2026-03-02 23:59", 1, "2026-03-03 17:30")]
    [InlineData("2026-03-07 10:00", 1, "2026-03-09 17:30")]
    [InlineData("2026-02-13 10:00", 1, "2026-02-14 17:30")]
    [InlineData("2026-02-13 10:00", 2, "2026-02-24 17:30")]
    [InlineData("2026-09-30 10:00", 3, "2026-10-10 17:30")]
    [InlineData("2025-12-31 10:00", 1, "2026-01-04 17:30")]
    public void Work_days_exclude_the_day_of_start_and_end_at_close_of_business(string start, int days, string due) =>
        Huaibei.AddWorkDays(At(start), days).Value.ShouldBe(At(due));

    [Theory]
    [InlineData("2026-03-02 10:00", 1, "2026-03-03 17:30")]
    [InlineData("2026-03-02 10:00", 5, "2026-03-09 17:30")]
    [InlineData("2026-09-24 10:00", 7, "2026-10-08 17:30")]
    [InlineData("2026-02-07 10:00", 7, "2026-02-14 17:30")]
    [InlineData("2025-12-25 10:00", 7, "2026-01-04 17:30")]
    public void Calendar_days_move_a_last_day_off_to_the_next_workday(string start, int days, string due) =>
        Huaibei.AddCalendarDays(At(start), days).Value.ShouldBe(At(due));

    [Theory]
    // Over 1 to 7 October: eight days were left, and they are there afterwards.
    [InlineData("2026-10-08 17:30", "2026-09-30 17:30", "2026-10-08 08:00", "2026-10-16 17:30")]
    [InlineData("2026-10-08 17:30", "2026-09-30 10:00", "2026-10-03 10:00", "2026-10-12 17:30")]
    // Over a weekend, to one.
    [InlineData("2026-03-16 17:30", "2026-03-13 17:30", "2026-03-16 08:30", "2026-03-19 17:30")]
    [InlineData("2026-03-10 17:30", "2026-03-06 10:00", "2026-03-10 10:00", "2026-03-16 17:30")]
    // Within a day nothing moves, whenever in it the limit ends.
    [InlineData("2026-03-10 09:00", "2026-03-06 10:00", "2026-03-06 23:00", "2026-03-10 09:00")]
    // On its last day what is left is the rest of a day.
    [InlineData("2026-03-10 17:30", "2026-03-10 09:00", "2026-03-11 09:00", "2026-03-11 17:30")]
    [InlineData("2026-03-10 17:30", "2026-03-10 09:00", "2026-03-10 18:00", "2026-03-11 17:30")]
    [InlineData("2026-03-13 17:30", "2026-03-13 09:00", "2026-03-14 09:00", "2026-03-16 17:30")]
    [InlineData("2026-03-10 17:30", "2026-03-10 09:00", "2026-03-13 20:00", "2026-03-16 17:30")]
    public void Calendar_days_that_stood_still_go_on_as_many_as_were_left(string due, string from, string at, string end) =>
        Huaibei.CalendarDaysGoOn(At(due), At(from), At(at)).Value.ShouldBe(At(end));

    [Fact]
    public void Every_year_that_a_policy_may_name_fits_into_one_calendar() =>
        (Calendars.Data(2025) with { Years = [.. Enumerable.Range(2000, 101).Select(year => new HolidayYear(year, "", [], false))] }).Problems()
            .ShouldBeEmpty();

    [Fact]
    public void Calendar_days_that_go_on_into_a_year_without_data_are_refused_with_that_year()
    {
        Huaibei.CalendarDaysGoOn(At("2026-12-28 17:30"), At("2026-12-23 09:00"), At("2026-12-28 09:00")).Refusal.ShouldBe(new CalendarYearMissing(2027));
        Huaibei.CalendarDaysGoOn(At("2026-12-31 17:30"), At("2026-12-31 09:00"), At("2027-01-04 09:00")).Refusal.ShouldBe(new CalendarYearMissing(2027));
    }

    [Fact]
    public void An_evening_in_utc_belongs_to_the_next_local_day()
    {
        var start = new DateTimeOffset(2026, 3, 2, 16, 30, 0, TimeSpan.Zero);

        Huaibei.LocalDate(start).ShouldBe(new DateOnly(2026, 3, 3));
        Huaibei.AddWorkDays(start, 1).Value.ShouldBe(At("2026-03-04 17:30"));
        Huaibei.AddWorkDays(start.ToOffset(TimeSpan.FromHours(-9)), 1).Value.ShouldBe(At("2026-03-04 17:30"));
    }

    [Fact]
    public void Each_unit_of_a_limit_has_its_own_reckoning()
    {
        var start = At("2026-02-13 16:30");

        Huaibei.DueAt(start, new(TimeUnit.EmergencyHours, 24)).Value.ShouldBe(At("2026-02-14 16:30"));
        Huaibei.DueAt(start, new(TimeUnit.WorkHours, 2)).Value.ShouldBe(At("2026-02-14 09:30"));
        Huaibei.DueAt(start, new(TimeUnit.WorkDays, 2)).Value.ShouldBe(At("2026-02-24 17:30"));
        Huaibei.DueAt(start, new(TimeUnit.CalendarDays, 2)).Value.ShouldBe(At("2026-02-24 17:30"));
        Huaibei.DueAt(start, new(TimeUnit.WorkHours, 2)).Value.Offset.ShouldBe(TimeSpan.Zero);
    }

    [Theory]
    [InlineData(TimeUnit.WorkHours, 0)]
    [InlineData(TimeUnit.WorkDays, -1)]
    [InlineData(TimeUnit.CalendarDays, TimeLimit.MaxAmount + 1)]
    [InlineData((TimeUnit)0, 1)]
    public void A_limit_without_a_sensible_amount_or_unit_is_refused(TimeUnit unit, int amount) =>
        Should.Throw<ArgumentOutOfRangeException>(() => new TimeLimit(unit, amount));

    [Theory]
    [InlineData("2026-12-31 10:00", TimeUnit.WorkDays, 1, 2027)]
    [InlineData("2026-12-31 17:00", TimeUnit.WorkHours, 1, 2027)]
    [InlineData("2026-12-25 10:00", TimeUnit.CalendarDays, 7, 2027)]
    [InlineData("2027-01-01 00:00", TimeUnit.WorkHours, 1, 2027)]
    [InlineData("2030-06-01 00:00", TimeUnit.WorkDays, 1, 2030)]
    [InlineData("2023-06-01 00:00", TimeUnit.WorkHours, 1, 2023)]
    [InlineData("2026-06-01 00:00", TimeUnit.CalendarDays, 10_000, 2053)]
    public void A_limit_that_needs_a_year_without_data_is_refused_with_that_year(string start, TimeUnit unit, int amount, int year)
    {
        var answer = Huaibei.DueAt(At(start), new(unit, amount));

        answer.IsRefused.ShouldBeTrue();
        answer.Refusal.ShouldBe(new CalendarYearMissing(year));
        answer.TryGet(out _, out var missing).ShouldBeFalse();
        missing!.Year.ShouldBe(year);
        Should.Throw<CalendarYearMissingException>(() => answer.Value).Year.ShouldBe(year);
        answer.ToString().ShouldContain($"{year}");
    }

    [Fact]
    public void Emergency_hours_need_no_calendar() =>
        Huaibei.DueAt(At("2026-12-31 23:00"), new(TimeUnit.EmergencyHours, 2)).Value.ShouldBe(At("2027-01-01 01:00"));

    [Fact]
    public void A_gap_between_years_is_not_bridged_by_guessing()
    {
        var calendar = Of(2024, 2026);

        calendar.AddWorkDays(At("2024-12-31 10:00"), 1).Refusal.ShouldBe(new CalendarYearMissing(2025));
        calendar.WorkTimeBetween(At("2024-12-31 10:00"), At("2026-03-02 10:00")).Refusal.ShouldBe(new CalendarYearMissing(2025));
        calendar.WorkTimeBetween(At("2026-03-02 10:00"), At("2024-12-31 10:00")).Refusal.ShouldBe(new CalendarYearMissing(2025));
        calendar.IsWorkday(new(2025, 6, 2)).Refusal.ShouldBe(new CalendarYearMissing(2025));
        calendar.AddWorkHours(At("2026-03-02 09:00"), 1).Value.ShouldBe(At("2026-03-02 10:00"));
        calendar.Years.ShouldBe([2024, 2026]);
    }

    [Fact]
    public void The_last_midnight_of_the_data_can_be_measured_to_and_nothing_after_it()
    {
        Huaibei.WorkMinutesBetween(At("2026-12-31 17:00"), At("2027-01-01 00:00")).Value.ShouldBe(30);
        Huaibei.WorkMinutesBetween(At("2026-12-31 17:00"), At("2027-01-01 00:01")).Refusal.ShouldBe(new CalendarYearMissing(2027));
    }

    [Fact]
    public void The_next_years_notice_has_the_last_word_on_december()
    {
        // The notice for 2023 gave Saturday 31 December 2022; here a made-up one takes a Wednesday.
        HolidayYear next = new(2026, "made up", [new(new(2025, 12, 31), "元旦", true), new(new(2025, 12, 27), "元旦", false)]);
        HolidayYear own = new(2025, "made up", [new(new(2025, 12, 31), "", false)]);
        var calendar = new WorkCalendar(Data(2025) with { Years = [next, own] });

        calendar.IsWorkday(new(2025, 12, 31)).Value.ShouldBeFalse();
        calendar.IsWorkday(new(2025, 12, 27)).Value.ShouldBeTrue();
        Of(2025).IsWorkday(new(2025, 12, 31)).Value.ShouldBeTrue();
    }

    [Fact]
    public void Instants_at_the_ends_of_time_are_refused_and_do_not_overflow()
    {
        Huaibei.AddWorkHours(DateTimeOffset.MaxValue, 1).Refusal.ShouldBe(new CalendarYearMissing(9999));
        Huaibei.AddWorkDays(DateTimeOffset.MinValue, int.MaxValue).Refusal.ShouldBe(new CalendarYearMissing(1));
        Huaibei.AddCalendarDays(At("2026-01-01 00:00"), int.MaxValue).Refusal.ShouldBe(new CalendarYearMissing(9999));
        Huaibei.AddWorkTime(At("2026-01-01 00:00"), TimeSpan.MaxValue).Refusal.ShouldBe(new CalendarYearMissing(2027));
        Huaibei.WorkTimeBetween(DateTimeOffset.MinValue, DateTimeOffset.MaxValue).Refusal.ShouldBe(new CalendarYearMissing(1));
    }

    [Fact]
    public void Summer_hours_start_on_their_day_of_every_year()
    {
        WorkSeason summer = new(6, 1, [new(new(8, 0), new(12, 0)), new(new(15, 30), new(18, 30))]);
        WorkSeason winter = new(10, 1, [new(new(9, 0), new(13, 0)), new(new(14, 0), default)]);
        var calendar = new WorkCalendar(Data(2026) with { Seasons = [summer, winter] });

        calendar.AddWorkDays(At("2026-05-28 10:00"), 1).Value.ShouldBe(At("2026-05-30 00:00"));
        calendar.AddWorkDays(At("2026-05-29 10:00"), 1).Value.ShouldBe(At("2026-06-01 18:30"));
        calendar.AddWorkHours(At("2026-06-01 11:00"), 2).Value.ShouldBe(At("2026-06-01 16:30"));
        calendar.AddWorkHours(At("2026-01-05 09:00"), 14).Value.ShouldBe(At("2026-01-06 00:00"));
    }

    [Theory]
    [InlineData("08:30-12:00", "08:30-12:00")]
    [InlineData("14:00 - 24:00", "14:00-24:00")]
    public void Working_hours_are_read_from_text(string text, string expected)
    {
        WorkInterval.TryParse(text, out var interval).ShouldBeTrue();
        interval!.ToString().ShouldBe(expected);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("08:30")]
    [InlineData("12:00-08:30")]
    [InlineData("08:30-08:30")]
    [InlineData("8:30-12:00")]
    [InlineData("08:30-25:00")]
    [InlineData("08:30-12:00-13:00")]
    public void Other_working_hours_are_refused(string? text) => WorkInterval.TryParse(text, out _).ShouldBeFalse();

    [Fact]
    public void The_provisional_year_of_the_packs_has_the_days_that_the_law_fixes_and_no_others()
    {
        var year = Read(2027);
        var lunar = new ChineseLunisolarCalendar();
        year.Provisional.ShouldBeTrue();
        DateOnly newYear = Lunar(1, 1);
        year.Days.Select(d => d.Date).ShouldBe(
        [
            new(2027, 1, 1), newYear.AddDays(-1), newYear, newYear.AddDays(1), newYear.AddDays(2), new(2027, 4, 5), new(2027, 5, 1),
            new(2027, 5, 2), Lunar(5, 5), Lunar(8, 15), new(2027, 10, 1), new(2027, 10, 2), new(2027, 10, 3),
        ]);
        year.Days.ShouldAllBe(d => d.IsOff);

        // The months of a lunar year with a leap month are counted with it; 2027 has none.
        DateOnly Lunar(int month, int day)
        {
            lunar.GetLeapMonth(2027).ShouldBe(0);
            return DateOnly.FromDateTime(lunar.ToDateTime(2027, month, day, 0, 0, 0, 0));
        }
    }

    [Theory]
    [InlineData("2026-12-28 10:00", TimeUnit.WorkDays, 3, 0)]
    [InlineData("2026-12-28 10:00", TimeUnit.WorkDays, 4, 2027)]
    [InlineData("2026-12-28 10:00", TimeUnit.WorkHours, 40, 2027)]
    [InlineData("2026-12-28 10:00", TimeUnit.CalendarDays, 10, 2027)]
    [InlineData("2026-12-28 10:00", TimeUnit.EmergencyHours, 240, 0)]
    [InlineData("2027-03-01 10:00", TimeUnit.WorkHours, 1, 2027)]
    [InlineData("2026-03-02 10:00", TimeUnit.WorkDays, 20, 0)]
    public void What_is_counted_by_a_provisional_year_names_it(string start, TimeUnit unit, int amount, int year)
    {
        var notice = new HolidayYear(2027, "", [new(new(2027, 1, 1), "元旦", true)]);
        var limit = new TimeLimit(unit, amount);
        var provisional = new WorkCalendar(Data(2026) with { Years = [Read(2026), notice with { Provisional = true }] }).Due(At(start), limit).Value;
        var final = new WorkCalendar(Data(2026) with { Years = [Read(2026), notice] }).Due(At(start), limit).Value;
        provisional.ShouldBe(new Due(final.At, year));
        final.ProvisionalYear.ShouldBe(0);
    }

    [Fact]
    public void A_year_without_any_data_is_refused_beside_a_provisional_one() =>
        new WorkCalendar(Data(2026) with { Years = [Read(2026) with { Provisional = true }] })
            .Due(At("2026-12-31 10:00"), new TimeLimit(TimeUnit.WorkDays, 1)).Refusal!.Year.ShouldBe(2027);

    [Fact]
    public void Bad_data_is_refused_with_all_its_problems()
    {
        WorkCalendarData data = new(
            TimeSpan.FromHours(15),
            new HashSet<DayOfWeek>(Enum.GetValues<DayOfWeek>()),
            [
                new(2, 29, []),
                new(13, 1, [new(new(12, 0), new(8, 0))]),
                new(13, 1, [new(new(8, 0), new(12, 0)), new(new(11, 0), new(13, 0))]),
            ],
            [
                new(2026, "", [new(new(2025, 11, 30), "", true), new(new(2026, 1, 1), "", true), new(new(2026, 1, 1), "", false)]),
                new(2026, "", []),
                new(0, "", []),
            ]);

        data.Problems().Count.ShouldBe(13);
        Should.Throw<ArgumentException>(() => new WorkCalendar(data)).Message.ShouldContain("2026-01-01 is given twice in 2026");
        (Data(2026) with { Seasons = [], Years = [] }).Problems().Count.ShouldBe(2);
        Data(2026).Problems().ShouldBeEmpty();
    }
}
