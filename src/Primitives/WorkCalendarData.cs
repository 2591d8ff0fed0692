using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Governance.Primitives;

/// <summary>
/// Hours of the local day in which work is done, such as 08:30-12:00. Closing at 00:00 means the midnight that ends the day.
/// </summary>
public sealed record WorkInterval(TimeOnly Opens, TimeOnly Closes)
{
    internal long OpensTicks => Opens.Ticks;

    internal long ClosesTicks => Closes == TimeOnly.MinValue ? TimeSpan.TicksPerDay : Closes.Ticks;

    /// <summary>Reads "08:30-12:00"; "24:00" ends the day.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out WorkInterval? interval)
    {
        interval = null;
        if (text?.Split('-', StringSplitOptions.TrimEntries) is not [var opens, var closes])
            return false;
        if (!TryTime(opens, out var from) || !TryTime(closes == "24:00" ? "00:00" : closes, out var to))
            return false;
        var read = new WorkInterval(from, to);
        if (read.OpensTicks >= read.ClosesTicks)
            return false;
        interval = read;
        return true;
    }

    public override string ToString() => $"{Text(Opens)}-{(Closes == TimeOnly.MinValue ? "24:00" : Text(Closes))}";

    private static string Text(TimeOnly time) => time.ToString("HH:mm", CultureInfo.InvariantCulture);

    private static bool TryTime(string text, out TimeOnly time) =>
        TimeOnly.TryParseExact(text, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out time);
}

/// <summary>
/// The working hours of a workday from that day of each year on, until the next season; the year's last season also holds in January until
/// its first. A city with the same hours all year has one season.
/// </summary>
public sealed record WorkSeason(int FromMonth, int FromDay, IReadOnlyList<WorkInterval> Hours);

/// <summary>A day that a notice names: off, or a make-up workday.</summary>
public sealed record NamedDay(DateOnly Date, string Name, bool IsOff);

/// <summary>
/// The days that the State Council's notice for a year names; it may name days of the December before. Provisional: the notice is not
/// out yet, and these are the days that the law itself fixes.
/// </summary>
public sealed record HolidayYear(int Year, string Source, IReadOnlyList<NamedDay> Days, bool Provisional = false);

/// <summary>
/// What makes a city's calendar. The offset from UTC is data because a machine may have no time zone database; China has one offset and
/// no summer time.
/// </summary>
public sealed record WorkCalendarData(
    TimeSpan UtcOffset,
    IReadOnlySet<DayOfWeek> RestDays,
    IReadOnlyList<WorkSeason> Seasons,
    IReadOnlyList<HolidayYear> Years)
{
    public const int MaxYears = 101;

    public static readonly TimeSpan ChinaOffset = TimeSpan.FromHours(8);

    public static readonly IReadOnlySet<DayOfWeek> Weekend = new HashSet<DayOfWeek> { DayOfWeek.Saturday, DayOfWeek.Sunday };

    /// <summary>Everything that keeps this from being a calendar; empty when nothing does.</summary>
    public IReadOnlyList<Words> Problems() =>
        [.. GeneralProblems(), .. Seasons.SelectMany(SeasonProblems), .. Years.SelectMany(YearProblems)];

    private IEnumerable<Words> GeneralProblems()
    {
        if (UtcOffset.Duration() > TimeSpan.FromHours(14))
            yield return new($"the offset from UTC is within 14 hours, not {UtcOffset}", $"与协调世界时的时差应在 14 小时以内，而非 {UtcOffset}");
        if (RestDays.Count == 7)
            yield return new("at least one day of the week is a workday", "每周至少有一个工作日");
        if (Seasons.Count == 0)
            yield return new("at least one season of working hours is required", "至少需要一个时令的工作时间");
        foreach (var twice in Seasons.GroupBy(s => (s.FromMonth, s.FromDay)).Where(g => g.Count() > 1))
            yield return new(
                $"two seasons start on {twice.Key.FromMonth:00}-{twice.Key.FromDay:00}",
                $"有两个时令从 {twice.Key.FromMonth} 月 {twice.Key.FromDay} 日开始");
        if (Years.Count is 0 or > MaxYears)
            yield return new($"1 to {MaxYears} years are required", $"应有 1 至 {MaxYears} 个年份");
        foreach (var twice in Years.GroupBy(y => y.Year).Where(g => g.Count() > 1))
            yield return new($"the year {twice.Key} is given twice", $"{twice.Key} 年重复");
    }

    private static IEnumerable<Words> SeasonProblems(WorkSeason season)
    {
        var name = new Words(
            $"the season from {season.FromMonth:00}-{season.FromDay:00}", $"{season.FromMonth} 月 {season.FromDay} 日开始的时令");
        // A season cannot start on 29 February, which most years lack.
        if (season.FromMonth is < 1 or > 12 || season.FromDay < 1 || season.FromDay > DateTime.DaysInMonth(2023, season.FromMonth))
            yield return new($"{name.English} does not start on a day of every year", $"{name.Chinese}，开始日并非每年都有");
        if (season.Hours.Count == 0)
            yield return new($"{name.English} has no working hours", $"{name.Chinese}没有工作时间");
        var closed = 0L;
        foreach (var hours in season.Hours)
        {
            if (hours.OpensTicks >= hours.ClosesTicks)
                yield return new($"{name.English}: {hours} closes before it opens", $"{name.Chinese}：{hours} 的结束早于开始");
            else if (hours.OpensTicks < closed)
                yield return new(
                    $"{name.English}: {hours} starts before the hours ahead of it end", $"{name.Chinese}：{hours} 早于前一时段的结束");
            closed = Math.Max(closed, hours.ClosesTicks);
        }
    }

    private static IEnumerable<Words> YearProblems(HolidayYear year)
    {
        if (year.Year is < 1950 or > 9000)
        {
            yield return new($"{year.Year} is not a year of this calendar", $"{year.Year} 年不在本日历范围内");
            yield break;
        }
        foreach (var day in year.Days.Where(d => d.Date.Year != year.Year && (d.Date.Year != year.Year - 1 || d.Date.Month != 12)))
            yield return new(
                $"{day.Date:yyyy-MM-dd} is neither in {year.Year} nor in the December before",
                $"{day.Date:yyyy-MM-dd} 既不在 {year.Year} 年，也不在上一年 12 月");
        foreach (var twice in year.Days.GroupBy(d => d.Date).Where(g => g.Count() > 1))
            yield return new($"{twice.Key:yyyy-MM-dd} is given twice in {year.Year}", $"{twice.Key:yyyy-MM-dd} 在 {year.Year} 年中重复");
    }
}
