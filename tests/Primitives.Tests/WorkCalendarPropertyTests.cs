using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using Xunit;
using static Governance.Primitives.Tests.Calendars;

namespace Governance.Primitives.Tests;

public sealed class WorkCalendarPropertyTests
{
    // Starts leave a quarter of a year of room, so that no amount below runs into 2027.
    private static readonly DateTimeOffset First = At("2024-01-01 00:00");
    private static readonly int Seconds = (int)(At("2026-09-15 00:00") - First).TotalSeconds;

    private static readonly Gen<DateTimeOffset> Starts = Gen.Choose(0, Seconds).Select(s => First.AddSeconds(s).AddTicks(s % 9_999_999));
    private static readonly Gen<DateTimeOffset> Minutes = Gen.Choose(0, Seconds / 60).Select(m => First.AddMinutes(m));
    private static readonly Gen<TimeSpan> Amounts = Gen.Choose(1, 60 * 3600).Select(s => TimeSpan.FromSeconds(s));
    private static readonly Gen<TimeUnit> Units = Gen.Elements(Enum.GetValues<TimeUnit>());

    [Fact]
    public void A_later_start_is_never_due_earlier() => Property.Holds(
        Property.Three(Starts, Starts, Gen.Zip(Units, Gen.Choose(1, 30))),
        t =>
        {
            var (a, b, limit) = (t.Item1, t.Item2, new TimeLimit(t.Item3.Item1, t.Item3.Item2));
            var (early, late) = a <= b ? (a, b) : (b, a);
            return Huaibei.DueAt(early, limit).Value <= Huaibei.DueAt(late, limit).Value;
        },
        2000);

    [Fact]
    public void A_larger_amount_is_never_due_earlier_and_nothing_is_due_before_its_start() => Property.Holds(
        Property.Three(Starts, Units, Gen.Choose(1, 30)),
        t => Huaibei.DueAt(t.Item1, new(t.Item2, t.Item3)).Value <= Huaibei.DueAt(t.Item1, new(t.Item2, t.Item3 + 1)).Value
            && Huaibei.DueAt(t.Item1, new(t.Item2, t.Item3)).Value > t.Item1,
        2000);

    [Fact]
    public void Work_time_added_in_two_steps_is_the_sum() => Property.Holds(
        Property.Three(Starts, Amounts, Amounts),
        t => Huaibei.AddWorkTime(Huaibei.AddWorkTime(t.Item1, t.Item2).Value, t.Item3) == Huaibei.AddWorkTime(t.Item1, t.Item2 + t.Item3),
        2000);

    [Fact]
    public void Work_time_added_is_the_work_time_between() => Property.Holds(
        Gen.Zip(Starts, Amounts),
        t =>
        {
            var due = Huaibei.AddWorkTime(t.Item1, t.Item2).Value;
            return Huaibei.WorkTimeBetween(t.Item1, due).Value == t.Item2
                && Huaibei.WorkMinutesBetween(t.Item1, due).Value == (long)t.Item2.TotalMinutes
                && Huaibei.WorkTimeBetween(due, t.Item1).Value == -t.Item2;
        },
        2000);

    [Fact]
    public void A_due_instant_lies_in_working_time() => Property.Holds(
        Gen.Zip(Starts, Amounts),
        t =>
        {
            var due = Huaibei.AddWorkTime(t.Item1, t.Item2).Value.ToOffset(WorkCalendarData.ChinaOffset);
            var time = TimeOnly.FromTimeSpan(due.TimeOfDay);
            return Huaibei.IsWorkday(DateOnly.FromDateTime(due.DateTime)).Value
                && OfficeHours.Hours.Any(h => h.Opens < time && time <= h.Closes);
        },
        2000);

    [Fact]
    public void Work_time_is_additive_over_any_three_instants() => Property.Holds(
        Property.Three(Starts, Starts, Starts),
        t => Huaibei.WorkTimeBetween(t.Item1, t.Item2).Value + Huaibei.WorkTimeBetween(t.Item2, t.Item3).Value
            == Huaibei.WorkTimeBetween(t.Item1, t.Item3).Value);

    [Fact]
    public void Work_days_are_the_nth_workday_of_a_count_day_by_day() => Property.Holds(
        Gen.Zip(Starts, Gen.Choose(1, 40)),
        t =>
        {
            var day = Huaibei.LocalDate(t.Item1);
            for (var counted = 0; counted < t.Item2;)
                counted += MinuteModel.IsWorkday(day = day.AddDays(1)) ? 1 : 0;
            return Huaibei.AddWorkDays(t.Item1, t.Item2).Value == At($"{day:yyyy-MM-dd} 17:30");
        },
        1000);

    [Fact]
    public void Calendar_days_are_a_count_day_by_day() => Property.Holds(
        Gen.Zip(Starts, Gen.Choose(1, 90)),
        t =>
        {
            var day = Huaibei.LocalDate(t.Item1).AddDays(t.Item2);
            while (!MinuteModel.IsWorkday(day))
                day = day.AddDays(1);
            return Huaibei.AddCalendarDays(t.Item1, t.Item2).Value == At($"{day:yyyy-MM-dd} 17:30");
        },
        1000);

    [Fact]
    public void Work_minutes_agree_with_a_count_minute_by_minute() => Property.Holds(
        Gen.Zip(Minutes, Gen.Choose(1, 3000)),
        t => Huaibei.AddWorkTime(t.Item1, TimeSpan.FromMinutes(t.Item2)).Value == MinuteModel.Add(t.Item1, t.Item2),
        300);

    [Fact]
    public void A_hundred_thousand_limits_take_a_moment()
    {
        // Far more room than it takes, so that a busy machine does not fail it: what it catches is a walk over days.
        var started = TimeProvider.System.GetTimestamp();
        for (var i = 0; i < 100_000; i++)
            Huaibei.DueAt(First.AddMinutes(i), new(TimeUnit.WorkHours, 1 + i % 1000)).IsRefused.ShouldBeFalse();

        TimeProvider.System.GetElapsedTime(started).ShouldBeLessThan(TimeSpan.FromSeconds(2));
    }

    /// <summary>Slow and obvious: the notices' days typed a second time, the hours asked minute by minute.</summary>
    private static class MinuteModel
    {
        private static readonly HashSet<DateOnly> Off =
        [
            .. Days("2024-01-01", 1), .. Days("2024-02-10", 8), .. Days("2024-04-04", 3),
            .. Days("2024-05-01", 5), .. Days("2024-06-10", 1), .. Days("2024-09-15", 3), .. Days("2024-10-01", 7),
            .. Days("2025-01-01", 1), .. Days("2025-01-28", 8), .. Days("2025-04-04", 3),
            .. Days("2025-05-01", 5), .. Days("2025-05-31", 3), .. Days("2025-10-01", 8),
            .. Days("2026-01-01", 3), .. Days("2026-02-15", 9), .. Days("2026-04-04", 3),
            .. Days("2026-05-01", 5), .. Days("2026-06-19", 3), .. Days("2026-09-25", 3), .. Days("2026-10-01", 7),
        ];

        private static readonly HashSet<DateOnly> MakeUp =
        [
            .. new[]
            {
                "2024-02-04", "2024-02-18", "2024-04-07", "2024-04-28", "2024-05-11", "2024-09-14", "2024-09-29", "2024-10-12",
                "2025-01-26", "2025-02-08", "2025-04-27", "2025-09-28", "2025-10-11",
                "2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10",
            }.Select(DateOnly.Parse),
        ];

        public static bool IsWorkday(DateOnly day) =>
            MakeUp.Contains(day) || (!Off.Contains(day) && day.DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday));

        public static DateTimeOffset Add(DateTimeOffset start, int minutes)
        {
            var local = start.UtcDateTime.AddHours(8);
            while (minutes > 0)
            {
                var minute = local.Hour * 60 + local.Minute;
                if (minute is (>= 510 and < 720) or (>= 840 and < 1050) && IsWorkday(DateOnly.FromDateTime(local)))
                    minutes--;
                local = local.AddMinutes(1);
            }
            return new(local.AddHours(-8), TimeSpan.Zero);
        }

        private static IEnumerable<DateOnly> Days(string first, int count) =>
            Enumerable.Range(0, count).Select(DateOnly.Parse(first).AddDays);
    }
}
