using Governance.Grids.Boundaries;
using Governance.Grids.Bulletins;
using Governance.Grids.Councils;
using Governance.Grids.Meetings;
using Governance.Grids.Staffing;
using Governance.Grids.V1;
using Governance.Grids.Visits;
using Governance.Primitives;
using Governance.ServiceDefaults.Errors;
using Grpc.Core;
using Policy = Governance.Grids.V1.Policy;
using TimeLimit = Governance.Grids.V1.TimeLimit;
using TimeUnit = Governance.Grids.V1.TimeUnit;
using HolidayYear = Governance.Primitives.HolidayYear;

namespace Governance.Grids.Policies;

public static class PolicyErrors
{
    public static readonly ErrorDefinition Invalid = new("POLICY_INVALID", StatusCode.InvalidArgument,
        "The policy contradicts itself: {problem}", "政策内容自相矛盾：{problem}");

    public static readonly ErrorDefinition DateTaken = new("POLICY_DATE_TAKEN", StatusCode.AlreadyExists,
        "A different {kind} policy is already in force from {date}; a new one needs a later date.",
        "自 {date} 起已有另一项{kind}政策生效，新政策须使用更晚的日期。");

    public static readonly ErrorDefinition Missing = new("POLICY_MISSING", StatusCode.FailedPrecondition,
        "{city} has no {kind} policy in force on {date}.", "{city} 在 {date} 没有生效的{kind}政策。");

    public static readonly ErrorDefinition CalendarYearMissing = new("CALENDAR_YEAR_MISSING", StatusCode.FailedPrecondition,
        "The calendar of {city} has no holidays for {year}, so the due instant can't be set.", "{city} 缺少 {year} 年的节假日安排，无法确定办理时限。");

    public static readonly ErrorDefinition CalendarFinal = new("CALENDAR_FINAL", StatusCode.FailedPrecondition,
        "The holidays of {year} are final; provisional ones don't take their place.", "{year} 年的节假日安排已正式公布，不能再改为暂定。");
}

/// <summary>The policies of one city as rules use them. Pure: made from its records, asked with instants.</summary>
public sealed class CityPolicies
{
    public const string CasesKind = "cases";
    public const string CouncilsKind = "councils";
    public const string WorkingHoursKind = "working_hours";
    public const string HolidaysKind = "holidays";
    public const string GridsKind = "grids";
    public const string StaffingKind = "staffing";
    public const string VisitsKind = "visits";
    public const string BulletinsKind = "bulletins";
    public const string SatisfactionKind = "satisfaction";
    public const string MeetingsKind = "meetings";
    public const string BudgetsKind = "budgets";

    private readonly string city;
    private readonly IReadOnlyList<Policy> policies;
    private readonly Dictionary<long, WorkCalendar> calendars = [];
    private readonly Dictionary<long, CategoryTree> categories;

    public CityPolicies(string city, IReadOnlyList<Policy> policies)
    {
        this.city = city;
        this.policies = policies;
        HolidayYear[] years = [.. policies
            .Where(p => p.ContentCase is Policy.ContentOneofCase.Holidays)
            .GroupBy(p => p.Holidays.Year)
            .Select(y => ToPrimitive(y.MaxBy(p => p.Version)!.Holidays))];
        categories = policies.Where(p => p.ContentCase is Policy.ContentOneofCase.Cases).ToDictionary(p => p.Version, p => new CategoryTree(p.Cases));
        // Without any year there is no calendar to make; limits by the clock need none.
        foreach (var hours in policies.Where(p => p.ContentCase is Policy.ContentOneofCase.WorkingHours && years.Length > 0))
            calendars.Add(hours.Version, new WorkCalendar(CalendarData(hours.WorkingHours, years)));
    }

    public static string KindOf(Policy policy) => policy.ContentCase switch
    {
        Policy.ContentOneofCase.Cases => CasesKind,
        Policy.ContentOneofCase.Councils => CouncilsKind,
        Policy.ContentOneofCase.WorkingHours => WorkingHoursKind,
        Policy.ContentOneofCase.Holidays => HolidaysKind,
        Policy.ContentOneofCase.Grids => GridsKind,
        Policy.ContentOneofCase.Staffing => StaffingKind,
        Policy.ContentOneofCase.Visits => VisitsKind,
        Policy.ContentOneofCase.Bulletins => BulletinsKind,
        Policy.ContentOneofCase.Satisfaction => SatisfactionKind,
        Policy.ContentOneofCase.Meetings => MeetingsKind,
        Policy.ContentOneofCase.Budgets => BudgetsKind,
        _ => "",
    };

    /// <summary>The newest of the kind whose first day has come; of two with the same day, the later version.</summary>
    public Outcome<Policy> InForce(string kind, DateTimeOffset now) =>
        InForceOrNone(kind, now) is { } found
            ? found
            : PolicyErrors.Missing.With(("city", city), ("kind", PolicyLabels.Told(kind)), ("date", IsoDate.Text(LocalDate(now))));

    /// <summary>As <see cref="InForce"/>, of a kind that a city may do without.</summary>
    public Policy? InForceOrNone(string kind, DateTimeOffset now)
    {
        var today = LocalDate(now);
        return policies.Where(p => KindOf(p) == kind && DateOf(p) <= today).MaxBy(OrderOf);
    }

    /// <summary>The categories of one of its policies.</summary>
    public CategoryTree CategoriesOf(Policy policy) => categories[policy.Version];

    /// <summary>
    /// The limit of a category under a policy. A case keeps its category, whatever later policies make of that: where this one has no
    /// limit for it, the newest earlier one that has says it; null when none has.
    /// </summary>
    public TimeLimit? LimitOf(string category, Policy policy) =>
        CategoriesOf(policy).FindLimit(category) ?? policies
            .Where(p => KindOf(p) is CasesKind && OrderOf(p).CompareTo(OrderOf(policy)) < 0)
            .OrderByDescending(OrderOf)
            .Select(p => CategoriesOf(p).FindLimit(category))
            .FirstOrDefault(limit => limit is not null);

    /// <summary>The instant at which a limit that starts now ends, with the year whose provisional holidays it rests on.</summary>
    public Outcome<Due> DueAt(DateTimeOffset start, TimeLimit limit)
    {
        if (limit.Unit is TimeUnit.EmergencyHours)
            return new Due(WorkCalendar.AddClockHours(start, limit.Amount));
        var hours = InForce(WorkingHoursKind, start);
        if (hours.Refusal is { } missing)
            return missing;
        if (!calendars.TryGetValue(hours.OrRefuse().Version, out var calendar))
            return PolicyErrors.CalendarYearMissing.With(("city", city), ("year", LocalDate(start).Year));
        return calendar.Due(start, ToPrimitive(limit)).TryGet(out var due, out var refusal)
            ? due
            : PolicyErrors.CalendarYearMissing.With(("city", city), ("year", refusal.Year));
    }

    /// <summary>The policy by which something was decided.</summary>
    public Policy OfVersion(long version) => policies.First(p => p.Version == version);

    /// <summary>
    /// When a limit that was to end at <paramref name="due"/> ends, if it stands still at one instant and goes on at another: what was left
    /// of it runs from there, by the clock, in calendar days or in working time, as its unit says. Going on later never brings it nearer.
    /// </summary>
    public Outcome<Due> GoesOn(DateTimeOffset due, TimeUnit unit, DateTimeOffset from, DateTimeOffset at)
    {
        if (unit is TimeUnit.EmergencyHours)
            return new Due(due + (at - from));
        return InForce(WorkingHoursKind, from).Then<Due>(hours =>
        {
            if (!calendars.TryGetValue(hours.Version, out var calendar))
                return PolicyErrors.CalendarYearMissing.With(("city", city), ("year", LocalDate(from).Year));
            var goesOn = unit is TimeUnit.CalendarDays
                ? calendar.CalendarDaysGoOn(due, from, at)
                : calendar.WorkTimeBetween(from, due).TryGet(out var left, out var unknown) ? calendar.AddWorkTime(at, left) : unknown;
            if (!goesOn.TryGet(out var end, out var missing))
                return PolicyErrors.CalendarYearMissing.With(("city", city), ("year", missing.Year));
            // Of a limit that ends outside working time, none of that may be left.
            if (at >= from && end < due)
                end = due;
            return new Due(end, calendar.ProvisionalYear(at, end));
        });
    }

    /// <summary>What is wrong with a policy in itself; null when nothing is.</summary>
    public static Words? ProblemOf(Policy policy)
    {
        switch (policy.ContentCase)
        {
            case Policy.ContentOneofCase.Cases:
                if (CategoryTree.ProblemOf(policy.Cases) is { } wrong)
                    return wrong;
                if (policy.Cases.FirstLevel is not (EscalationLevel.Unspecified or EscalationLevel.Grid or EscalationLevel.Community))
                    return new(
                        $"a case begins with its grid or its community, not with level {policy.Cases.FirstLevel}",
                        $"事项从网格或社区开始办理，而非{policy.Cases.FirstLevel.Told().Chinese}");
                return policy.Cases.Escalation?.Levels.GroupBy(l => l.Level).FirstOrDefault(g => g.Count() > 1) is { } level
                    ? new($"level {level.Key} stands twice", $"层级“{level.Key.Told().Chinese}”重复")
                    : WorkflowSteps.ProblemOf(policy.Cases.Steps);
            case Policy.ContentOneofCase.Councils:
                return policy.Councils.VotingRules.GroupBy(r => r.Code).FirstOrDefault(g => g.Count() > 1) is { } again
                    ? new($"voting rule {again.Key} stands twice", $"表决规则 {again.Key} 重复")
                    : policy.Councils.VotingRules.FirstOrDefault(r => !Fraction.Of(r.Passes).IsReachable) is { } beyond
                        ? new($"nobody can win a vote under {beyond.Code}", $"按表决规则 {beyond.Code} 无法通过任何表决")
                        : null;
            case Policy.ContentOneofCase.WorkingHours:
                if (policy.WorkingHours.Spans.Count > 0 == policy.WorkingHours.Seasons.Count > 0)
                    return new("working hours are spans of the whole year, or seasons", "工作时间须为全年时段或分时令设置，二者择一");
                return CalendarData(policy.WorkingHours, [AnyYear]).Problems().FirstOrDefault();
            case Policy.ContentOneofCase.Holidays:
                return DateOf(policy) != new DateOnly(policy.Holidays.Year, 1, 1)
                    ? new(
                        $"the holidays of {policy.Holidays.Year} are in force from 1 January of that year",
                        $"{policy.Holidays.Year} 年的节假日须自当年 1 月 1 日起生效")
                    : CalendarData(AnyHours, [ToPrimitive(policy.Holidays)]).Problems().FirstOrDefault();
            case Policy.ContentOneofCase.Grids:
                if (policy.Grids.Sizes.GroupBy(s => s.Kind).FirstOrDefault(g => g.Count() > 1) is { } repeated)
                    return new($"the size of {repeated.Key} grids stands twice", $"“{repeated.Key.Told().Chinese}”网格的规模重复");
                if (policy.Grids.LocateOrder.GroupBy(k => k).FirstOrDefault(g => g.Count() > 1) is { } placed)
                    return new($"the kind {placed.Key} stands twice in the order", $"“{placed.Key.Told().Chinese}”在定位顺序中重复");
                return policy.Grids.Sizes.FirstOrDefault(s => s.MinHouseholds > s.MaxHouseholds) is { } turned
                    ? new(
                        $"the most households of {turned.Kind} grids are fewer than the fewest",
                        $"“{turned.Kind.Told().Chinese}”网格的户数上限小于下限")
                    : null;
            case Policy.ContentOneofCase.Staffing:
                if (policy.Staffing.Duties.GroupBy(d => (d.Role, d.Code)).FirstOrDefault(g => g.Count() > 1) is { } duty)
                    return new($"duty {duty.Key.Code} of {duty.Key.Role} stands twice", $"{duty.Key.Role.Told().Chinese}的职责 {duty.Key.Code} 重复");
                return policy.Staffing.MinBuildings > policy.Staffing.MaxBuildings
                    ? new("the most buildings are fewer than the fewest", "楼栋数上限小于下限")
                    : null;
            case Policy.ContentOneofCase.Visits:
                if (policy.Visits.Frequencies.GroupBy(f => f.Need).FirstOrDefault(g => g.Count() > 1) is { } need)
                    return new($"the need {need.Key} stands twice", $"走访对象“{need.Key.Told().Chinese}”重复");
                return policy.Visits.Hazards.GroupBy(h => h.Category).FirstOrDefault(g => g.Count() > 1) is { } hazard
                    ? new($"the category {hazard.Key} stands twice", $"隐患类别“{hazard.Key.Told().Chinese}”重复")
                    : null;
            case Policy.ContentOneofCase.Bulletins:
                return BulletinRules.ProblemOf(policy.Bulletins);
            case Policy.ContentOneofCase.Satisfaction:
                return policy.Satisfaction.Aspects.GroupBy(a => a.Code).FirstOrDefault(g => g.Count() > 1) is { } aspect
                    ? new($"the aspect {aspect.Key} stands twice", $"评价项 {aspect.Key} 重复")
                    : null;
            case Policy.ContentOneofCase.Meetings:
                return policy.Meetings.Frequencies.GroupBy(f => f.Kind).FirstOrDefault(g => g.Count() > 1) is { } meeting
                    ? new($"meetings of the kind {meeting.Key} stand twice", $"会议“{meeting.Key.Told().Chinese}”重复")
                    : null;
            case Policy.ContentOneofCase.Budgets:
                return null;
            default:
                return new("it has no content", "没有内容");
        }
    }

    // Each half of a calendar is checked beside a harmless other half.
    private static readonly WorkingHours AnyHours = new() { UtcOffsetMinutes = 480, Spans = { new WorkingSpan { FromMinute = 540, ToMinute = 1020 } } };
    private static readonly HolidayYear AnyYear = new(2026, "", []);

    private static WorkCalendarData CalendarData(WorkingHours hours, IReadOnlyList<HolidayYear> years) => new(
        TimeSpan.FromMinutes(hours.UtcOffsetMinutes),
        WorkCalendarData.Weekend,
        hours.Seasons.Count is 0
            ? [new WorkSeason(1, 1, Intervals(hours.Spans))]
            : [.. hours.Seasons.Select(s => new WorkSeason(s.FromMonth, s.FromDay, Intervals(s.Spans)))],
        years);

    private static IReadOnlyList<WorkInterval> Intervals(IEnumerable<WorkingSpan> spans) =>
        [.. spans.Select(s => new WorkInterval(TimeAt(s.FromMinute), TimeAt(s.ToMinute)))];

    // Minute 1440 is the midnight that ends the day.
    private static TimeOnly TimeAt(int minute) => TimeOnly.MinValue.AddMinutes(minute);

    /// <summary>What people of the city call the day of an instant.</summary>
    public DateOnly LocalDate(DateTimeOffset instant) => DateOnly.FromDateTime(LocalTime(instant).DateTime);

    /// <summary>The instant as the clocks of the city show it.</summary>
    public DateTimeOffset LocalTime(DateTimeOffset instant)
    {
        var offset = policies.LastOrDefault(p => p.ContentCase is Policy.ContentOneofCase.WorkingHours)?.WorkingHours.UtcOffsetMinutes ?? 0;
        return instant.ToOffset(TimeSpan.FromMinutes(offset));
    }

    private static DateOnly DateOf(Policy policy) => IsoDate.Parse(policy.EffectiveFrom);

    /// <summary>Of two policies of a kind that are in force, the later one holds.</summary>
    private static (DateOnly From, long Version) OrderOf(Policy policy) => (DateOf(policy), policy.Version);

    private static HolidayYear ToPrimitive(V1.HolidayYear year) => new(
        year.Year,
        "",
        [.. year.Days.Select(d => new NamedDay(IsoDate.Parse(d.Date), d.Name, d.Off))],
        year.Provisional);

    private static Primitives.TimeLimit ToPrimitive(TimeLimit limit) => new(
        limit.Unit switch
        {
            TimeUnit.EmergencyHours => Primitives.TimeUnit.EmergencyHours,
            TimeUnit.WorkHours => Primitives.TimeUnit.WorkHours,
            TimeUnit.WorkDays => Primitives.TimeUnit.WorkDays,
            TimeUnit.CalendarDays => Primitives.TimeUnit.CalendarDays,
            _ => throw new ArgumentOutOfRangeException(nameof(limit), limit.Unit, null),
        },
        limit.Amount);
}
