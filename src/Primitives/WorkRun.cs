namespace Governance.Primitives;

/// <summary>
/// Years in a row with data, as sums over their days. Positions are ticks of local time since the run's first midnight; days are indexes
/// from it.
/// </summary>
internal sealed class WorkRun
{
    private readonly DayHours?[] hours;
    private readonly long[] workBefore;
    private readonly int[] workdaysBefore;
    private readonly int[] workdays;

    public WorkRun(int firstYear, int lastYear, Func<DateOnly, DayHours?> hoursOf)
    {
        FirstDay = new DateOnly(firstYear, 1, 1).DayNumber;
        LastYear = lastYear;
        Days = new DateOnly(lastYear, 12, 31).DayNumber - FirstDay + 1;
        hours = new DayHours?[Days];
        workBefore = new long[Days + 1];
        workdaysBefore = new int[Days + 1];
        var worked = new List<int>();
        for (var day = 0; day < Days; day++)
        {
            hours[day] = hoursOf(DateOnly.FromDayNumber(FirstDay + day));
            if (hours[day] is not null)
                worked.Add(day);
            workBefore[day + 1] = workBefore[day] + (hours[day]?.Total ?? 0);
            workdaysBefore[day + 1] = worked.Count;
        }
        workdays = [.. worked];
    }

    /// <summary>The day number of the first day.</summary>
    public int FirstDay { get; }

    public int LastYear { get; }

    public int Days { get; }

    public long TotalWork => workBefore[Days];

    public int WorkdayCount => workdays.Length;

    public bool IsWorkday(int day) => hours[day] is not null;

    /// <summary>Workdays before that day; also the index of the first workday on or after it.</summary>
    public int WorkdaysBefore(int day) => workdaysBefore[day];

    /// <summary>When the n-th workday of the run closes.</summary>
    public long CloseOf(int workday) => workdays[workday] * TimeSpan.TicksPerDay + hours[workdays[workday]]!.Close;

    /// <summary>Working time from the start of the run to that time of that day.</summary>
    public long WorkBefore(int day, long time) => workBefore[day] + (day < Days ? hours[day]?.WorkBefore(time) ?? 0 : 0);

    /// <summary>The first position at which that much has been worked; more than zero and at most <see cref="TotalWork"/>.</summary>
    public long WhenWorked(long work)
    {
        var (low, high) = (0, Days - 1);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (workBefore[middle + 1] >= work)
                high = middle;
            else
                low = middle + 1;
        }
        return low * TimeSpan.TicksPerDay + hours[low]!.WhenWorked(work - workBefore[low]);
    }
}

/// <summary>The working hours of one day, in ticks since its midnight.</summary>
internal sealed class DayHours(IReadOnlyList<WorkInterval> intervals)
{
    private readonly (long Opens, long Closes)[] intervals = [.. intervals.Select(i => (i.OpensTicks, i.ClosesTicks))];

    public long Total { get; } = intervals.Sum(i => i.ClosesTicks - i.OpensTicks);

    public long Close => intervals[^1].Closes;

    public long WorkBefore(long time)
    {
        var work = 0L;
        foreach (var (opens, closes) in intervals)
            work += Math.Clamp(time - opens, 0, closes - opens);
        return work;
    }

    public long WhenWorked(long work)
    {
        foreach (var (opens, closes) in intervals)
        {
            if (work <= closes - opens)
                return opens + work;
            work -= closes - opens;
        }
        throw new ArgumentOutOfRangeException(nameof(work), "more than the day has");
    }
}
