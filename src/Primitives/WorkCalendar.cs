namespace Governance.Primitives;

/// <summary>
/// A city's working time: adds limits to instants and measures working time between instants. Immutable; instants are UTC whatever offset
/// they carry, and so are the results.
/// </summary>
/// <remarks>
/// A computation that needs a day of a year without data answers <see cref="CalendarYearMissing"/>. The data of a year is enough for all of
/// its days; where the notice of the next year names days of this December, it is the later word, so load it as soon as it is out.
/// Provisional data of a year serve until then, and <see cref="Due"/> says that they did.
/// Sums over all days are made once, so a computation is one binary search at most.
/// </remarks>
public sealed class WorkCalendar
{
    private readonly long offsetTicks;
    private readonly int firstYear;
    private readonly WorkRun?[] runs;
    private readonly int[] provisional;

    /// <exception cref="ArgumentException">Names every problem of the data.</exception>
    public WorkCalendar(WorkCalendarData data)
    {
        ArgumentNullException.ThrowIfNull(data);
        var problems = data.Problems();
        if (problems.Count > 0)
            throw new ArgumentException(string.Join("; ", problems.Select(p => p.English)), nameof(data));

        offsetTicks = data.UtcOffset.Ticks;
        Years = [.. data.Years.Select(y => y.Year).Order()];
        firstYear = Years[0];
        provisional = [.. data.Years.Where(y => y.Provisional).Select(y => y.Year)];
        runs = new WorkRun?[Years[^1] - firstYear + 1];

        var named = new Dictionary<DateOnly, bool>();
        foreach (var day in data.Years.OrderBy(y => y.Year).SelectMany(y => y.Days))
            named[day.Date] = day.IsOff;
        var hoursOn = Seasons(data.Seasons);

        for (var i = 0; i < Years.Count;)
        {
            var first = i++;
            while (i < Years.Count && Years[i] == Years[i - 1] + 1)
                i++;
            var run = new WorkRun(Years[first], Years[i - 1], date => IsWorkday(date) ? hoursOn(date) : null);
            foreach (var year in Years.Skip(first).Take(i - first))
                runs[year - firstYear] = run;
        }

        bool IsWorkday(DateOnly date) => named.TryGetValue(date, out var isOff) ? !isOff : !data.RestDays.Contains(date.DayOfWeek);
    }

    /// <summary>The years with data, ascending.</summary>
    public IReadOnlyList<int> Years { get; }

    public CalendarAnswer<bool> IsWorkday(DateOnly date) =>
        RunOf(date.Year) is { } run ? run.IsWorkday(date.DayNumber - run.FirstDay) : new CalendarYearMissing(date.Year);

    /// <summary>The local date of an instant: what a resident calls today.</summary>
    public DateOnly LocalDate(DateTimeOffset instant) => DateOnly.FromDayNumber((int)(LocalTicks(instant) / TimeSpan.TicksPerDay));

    /// <summary>When the limit ends that starts at that instant, and whether that rests on provisional data.</summary>
    public CalendarAnswer<Due> Due(DateTimeOffset start, TimeLimit limit)
    {
        if (!DueAt(start, limit).TryGet(out var at, out var missing))
            return missing;
        return limit.Unit is TimeUnit.EmergencyHours ? new Due(at) : new Due(at, ProvisionalYear(start, at));
    }

    /// <summary>The last year from one instant to another whose data are provisional; 0 when there is none.</summary>
    public int ProvisionalYear(DateTimeOffset from, DateTimeOffset to) =>
        provisional.Where(year => year >= LocalDate(from).Year && year <= LocalDate(to).Year).DefaultIfEmpty().Max();

    /// <summary>When the limit ends that starts at that instant.</summary>
    public CalendarAnswer<DateTimeOffset> DueAt(DateTimeOffset start, TimeLimit limit)
    {
        ArgumentNullException.ThrowIfNull(limit);
        return limit.Unit switch
        {
            TimeUnit.EmergencyHours => AddClockHours(start, limit.Amount),
            TimeUnit.WorkHours => AddWorkHours(start, limit.Amount),
            TimeUnit.WorkDays => AddWorkDays(start, limit.Amount),
            TimeUnit.CalendarDays => AddCalendarDays(start, limit.Amount),
            _ => throw new ArgumentOutOfRangeException(nameof(limit)),
        };
    }

    /// <summary>Hours of the clock; needs no calendar and is never refused.</summary>
    public static DateTimeOffset AddClockHours(DateTimeOffset start, int hours)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(hours);
        return start.ToUniversalTime().AddHours(hours);
    }

    public CalendarAnswer<DateTimeOffset> AddWorkHours(DateTimeOffset start, int hours) => AddWorkTime(start, TimeSpan.FromHours(hours));

    /// <summary>
    /// The first instant at which that much working time has passed since start. An interval used up to the end is due at its close
    /// (12:00), not at the next opening; a start outside working time counts from the next opening; nothing added is start itself.
    /// </summary>
    public CalendarAnswer<DateTimeOffset> AddWorkTime(DateTimeOffset start, TimeSpan amount)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(amount, TimeSpan.Zero);
        if (amount == TimeSpan.Zero)
            return start.ToUniversalTime();
        var (year, day, time) = Local(start);
        if (RunOf(year) is not { } run)
            return new CalendarYearMissing(year);
        var passed = run.WorkBefore(day - run.FirstDay, time);
        if (amount.Ticks > run.TotalWork - passed)
            return new CalendarYearMissing(run.LastYear + 1);
        return Instant(run.FirstDay * TimeSpan.TicksPerDay + run.WhenWorked(passed + amount.Ticks));
    }

    /// <summary>
    /// The close of business of the n-th workday after the day of start, which is not counted whether or not it is a workday and however
    /// early start is (Civil Code, art. 201 and 203).
    /// </summary>
    public CalendarAnswer<DateTimeOffset> AddWorkDays(DateTimeOffset start, int days)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(days, 1);
        var (year, day, _) = Local(start);
        if (RunOf(year) is not { } run)
            return new CalendarYearMissing(year);
        return CloseOf(run, (long)run.WorkdaysBefore(day - run.FirstDay + 1) + days - 1);
    }

    /// <summary>
    /// The close of business of the n-th day after the day of start, which is not counted; when that day is off, of the next workday
    /// (Civil Code, art. 201 and 203).
    /// </summary>
    public CalendarAnswer<DateTimeOffset> AddCalendarDays(DateTimeOffset start, int days)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(days, 1);
        return CloseFrom((long)Local(start).Day + days);
    }

    /// <summary>
    /// When a limit in calendar days ends that was to end at due, if it stands still from one instant on and goes on at another: the days
    /// that were left are counted as <see cref="AddCalendarDays"/> counts them. Where none was left but the rest of its day, there is the
    /// rest of the day on which it goes on, or the next workday. Within one day nothing moves.
    /// </summary>
    public CalendarAnswer<DateTimeOffset> CalendarDaysGoOn(DateTimeOffset due, DateTimeOffset from, DateTimeOffset at)
    {
        var (stood, goesOn) = (Local(from).Day, Local(at).Day);
        if (stood == goesOn && due > at)
            return due.ToUniversalTime();
        if (Local(due).Day - stood is > 0 and var left)
            return AddCalendarDays(at, left);
        return CloseFrom(goesOn).TryGet(out var close, out var missing)
            ? close > at ? close : AddCalendarDays(at, 1)
            : missing;
    }

    /// <summary>Working time from one instant to another; negative when the second is earlier.</summary>
    public CalendarAnswer<TimeSpan> WorkTimeBetween(DateTimeOffset from, DateTimeOffset to)
    {
        if (to < from)
            return WorkTimeBetween(to, from).TryGet(out var back, out var missing) ? -back : missing;
        var (year, day, time) = Local(from);
        if (RunOf(year) is not { } run)
            return new CalendarYearMissing(year);
        var (_, lastDay, lastTime) = Local(to);
        // The midnight that ends the run needs no day beyond it.
        if (lastDay - run.FirstDay > run.Days || (lastDay - run.FirstDay == run.Days && lastTime > 0))
            return new CalendarYearMissing(run.LastYear + 1);
        return TimeSpan.FromTicks(run.WorkBefore(lastDay - run.FirstDay, lastTime) - run.WorkBefore(day - run.FirstDay, time));
    }

    /// <summary>
    /// Whole working minutes from one instant to another, a started minute not counted; negative when the second is earlier.
    /// </summary>
    public CalendarAnswer<long> WorkMinutesBetween(DateTimeOffset from, DateTimeOffset to) =>
        WorkTimeBetween(from, to).TryGet(out var time, out var missing) ? time.Ticks / TimeSpan.TicksPerMinute : missing;

    /// <summary>The close of business of a day, or of the next workday when it is off.</summary>
    private CalendarAnswer<DateTimeOffset> CloseFrom(long day)
    {
        var date = DateOnly.FromDayNumber((int)Math.Min(day, DateOnly.MaxValue.DayNumber));
        return RunOf(date.Year) is { } run
            ? CloseOf(run, run.WorkdaysBefore(date.DayNumber - run.FirstDay))
            : new CalendarYearMissing(date.Year);
    }

    private CalendarAnswer<DateTimeOffset> CloseOf(WorkRun run, long workday) => workday < run.WorkdayCount
        ? Instant(run.FirstDay * TimeSpan.TicksPerDay + run.CloseOf((int)workday))
        : new CalendarYearMissing(run.LastYear + 1);

    private WorkRun? RunOf(int year) => year >= firstYear && year - firstYear < runs.Length ? runs[year - firstYear] : null;

    private (int Year, int Day, long Time) Local(DateTimeOffset instant)
    {
        var ticks = LocalTicks(instant);
        return (new DateTime(ticks).Year, (int)(ticks / TimeSpan.TicksPerDay), ticks % TimeSpan.TicksPerDay);
    }

    private long LocalTicks(DateTimeOffset instant) => Math.Clamp(instant.UtcTicks + offsetTicks, 0, DateTime.MaxValue.Ticks);

    private DateTimeOffset Instant(long localTicks) => new(localTicks - offsetTicks, TimeSpan.Zero);

    private static Func<DateOnly, DayHours> Seasons(IReadOnlyList<WorkSeason> seasons)
    {
        var ordered = seasons.Select(s => (From: (s.FromMonth, s.FromDay), Hours: new DayHours(s.Hours))).OrderBy(s => s.From).ToArray();
        return date =>
        {
            var last = Array.FindLastIndex(ordered, s => s.From.CompareTo((date.Month, date.Day)) <= 0);
            return ordered[last < 0 ? ordered.Length - 1 : last].Hours;
        };
    }
}
