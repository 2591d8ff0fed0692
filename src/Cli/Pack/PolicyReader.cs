using System.Globalization;
using System.Text.RegularExpressions;
using Governance.Cli.Output;
using Governance.Grids.V1;
using YamlDotNet.RepresentationModel;

namespace Governance.Cli.Pack;

/// <summary>
/// Reads policies.yaml and holidays/*.yaml. Time limits are written as texts, as in `4 work_hours`;
/// times of a day as `08:30` or as minutes.
/// </summary>
internal sealed partial class PolicyReader(string city, PackProblems problems)
{
    private const int LongestLimit = 1000;
    private const int MostHouseholds = 100_000;

    private static readonly IReadOnlyDictionary<string, TimeUnit> Units = EnumWords.All<TimeUnit>();

    private static readonly IReadOnlyDictionary<string, EscalationLevel> EscalationLevels = EnumWords.All<EscalationLevel>();
    private static readonly IReadOnlyDictionary<string, GridKind> GridKinds = EnumWords.All<GridKind>();

    private static readonly IReadOnlyDictionary<string, VotingBasis> Bases = EnumWords.All<VotingBasis>();

    private readonly HashSet<(string Kind, DateOnly From)> taken = [];

    private readonly List<Policy> all = [];

    private readonly HashSet<string> categories = [];

    public IReadOnlyList<Policy> All => all;

    /// <summary>Codes of all categories of cases, of any date.</summary>
    public IReadOnlySet<string> Categories => categories;

    public void ReadPolicies(string file, YamlNode root)
    {
        if (root is not YamlSequenceNode entries)
        {
            problems.Add(
                PackNode.SpotOf(file, root),
                $"the file takes a list of policies, each with effective_from and {Kinds}");
            return;
        }

        foreach (var entry in entries.Children)
        {
            if (entry is YamlMappingNode map)
                ReadPolicy(new PackNode(file, map, problems));
            else
                problems.Add(
                    PackNode.SpotOf(file, entry),
                    $"a policy takes keys with values: effective_from, and {Kinds}");
        }

        foreach (var needed in new[] { "cases", "working_hours" })
        {
            if (!taken.Any(policy => policy.Kind == needed))
                problems.Add(new Spot(file, 1, 1), $"there is no policy of the kind '{needed}'");
        }
    }

    public void ReadHolidays(string file, YamlNode root, string yearOfName)
    {
        if (root is not YamlMappingNode map)
        {
            problems.Add(PackNode.SpotOf(file, root), "the file takes keys with values: year, days");
            return;
        }

        var node = new PackNode(file, map, problems);
        var year = node.Number("year", 2000, 2100);
        if (yearOfName != year.ToString(CultureInfo.InvariantCulture))
            node.Problem("year", $"the year is {year}, but the file is named {yearOfName}.yaml");
        var holidays = new HolidayYear { Year = year, Provisional = node.Flag("provisional", fallback: false) };
        var dates = new HashSet<DateOnly>();
        var days = node.Maps("days");
        foreach (var day in days)
        {
            var date = day.Date("date");
            holidays.Days.Add(new HolidayDay
            {
                Date = date?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? "",
                Name = day.Text("name", 30),
                Off = day.Flag("off"),
            });
            // A notice may name the last days of December before its year.
            if (date is { } known && (known.Year > year || known < new DateOnly(year - 1, 12, 1)))
                day.Problem("date", $"{known:yyyy-MM-dd} does not belong to the notice of {year}");
            if (date is { } once && !dates.Add(once))
                day.Problem("date", $"{once:yyyy-MM-dd} is there twice");
            day.Finish();
        }

        Count(node, "days", days.Count, 100);
        node.Finish();
        all.Add(new Policy { City = city, EffectiveFrom = $"{year:0000}-01-01", Holidays = holidays });
    }

    private void ReadPolicy(PackNode node)
    {
        var from = node.Date("effective_from");
        if (Kinds.Where(known => node.Has(known.Kind)).ToList() is not [var (kind, read)])
        {
            problems.Add(node.At, $"a policy has one of {string.Join(", ", Kinds.Select(known => known.Kind))}");
            return;
        }

        var content = node.Map(kind, required: true);
        node.Finish();
        if (from is { } date && !taken.Add((kind, date)))
            node.Problem("effective_from", $"there is another policy of the kind '{kind}' from {date:yyyy-MM-dd}");
        var policy = new Policy { City = city, EffectiveFrom = from?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? "" };
        if (content is not null)
            read(policy, content);
        all.Add(policy);
    }

    /// <summary>What a policy may be about; holidays have files of their own.</summary>
    private (string Kind, Action<Policy, PackNode> Read)[] Kinds =>
    [
        ("cases", (policy, node) => policy.Cases = Cases(node)),
        ("councils", (policy, node) => policy.Councils = Councils(node)),
        ("working_hours", (policy, node) => policy.WorkingHours = Hours(node)),
        ("grids", (policy, node) => policy.Grids = Sizes(node)),
        ("staffing", (policy, node) => policy.Staffing = Staffing(node)),
        ("visits", (policy, node) => policy.Visits = Visits(node)),
        ("bulletins", (policy, node) => policy.Bulletins = Bulletins(node)),
        ("satisfaction", (policy, node) => policy.Satisfaction = Satisfaction(node)),
        ("meetings", (policy, node) => policy.Meetings = Meetings(node)),
        ("budgets", (policy, node) => policy.Budgets = Budgets(node)),
    ];

    private CasePolicy Cases(PackNode node)
    {
        var policy = new CasePolicy
        {
            AssessWithin = Limit(node, "assess_within"),
            AnswerWithin = Limit(node, "answer_within"),
            ConfirmWithin = Limit(node, "confirm_within"),
            KeepPeopleDays = node.Number("keep_people_days", 1, 3650),
            ReportWithin = Limit(node, "report_within"),
            BankAtMost = LimitOrNone(node, "bank_at_most"),
            ReopenWithin = LimitOrNone(node, "reopen_within"),
            MediateWithin = LimitOrNone(node, "mediate_within"),
            VerifyWithin = LimitOrNone(node, "verify_within"),
        };
        if (node.Map("escalation", required: false) is { } escalation)
            policy.Escalation = Escalation(escalation);
        policy.FirstLevel = node.Word("first_level", EscalationLevels, EscalationLevel.Unspecified, required: false);
        if (node.Map("deadline_changes", required: false) is { } changes)
        {
            policy.DeadlineChanges = new DeadlineChangePolicy
            {
                ExtendAtMost = Limit(changes, "extend_at_most"),
                Extensions = changes.Number("extensions", 1, 10),
                PauseAtMost = Limit(changes, "pause_at_most"),
            };
            changes.Finish();
        }
        if (policy.ReopenWithin is not null)
            policy.ReopenAtMost = node.Number("reopen_at_most", 0, 100);
        if (node.Map("reviews", required: false) is { } reviews)
        {
            policy.Reviews = new ReviewPolicy { RequestWithin = Limit(reviews, "request_within"), DecideWithin = Limit(reviews, "decide_within") };
            reviews.Finish();
        }
        if (node.Map("duplicates", required: false) is { } duplicates)
        {
            policy.Duplicates = new DuplicatePolicy
            {
                WithinMeters = duplicates.Number("within_meters", 1, 5000),
                WithinDays = duplicates.Number("within_days", 1, 90),
                LeastPercent = duplicates.Number("least_percent", 1, 100),
            };
            duplicates.Finish();
        }
        if (node.Map("dispatch", required: false) is { } dispatch)
        {
            policy.Dispatch = new DispatchPolicy
            {
                ObjectWithin = Limit(dispatch, "object_within"),
                CoHandlers = dispatch.Number("co_handlers", 0, 20),
                CoHandleWithin = Limit(dispatch, "co_handle_within"),
                AppraiseWithin = Limit(dispatch, "appraise_within"),
                ConsultAtMost = Limit(dispatch, "consult_at_most"),
            };
            dispatch.Finish();
        }

        var here = new HashSet<string>();
        foreach (var item in node.Maps("categories"))
        {
            var category = new CaseCategory
            {
                Code = item.Code("code"),
                Name = item.Text("name", 50),
                HandleWithin = LimitOrNone(item, "handle_within"),
                Parent = item.Code("parent", required: false),
                Verify = item.Flag("verify", fallback: false),
            };
            if (!here.Add(category.Code))
                item.Problem("code", $"the category '{category.Code}' is there twice");
            categories.Add(category.Code);
            policy.Categories.Add(category);
            item.Finish();
        }

        foreach (var item in node.Maps("steps", required: false))
        {
            var step = new WorkflowStep { Code = item.Code("code"), Name = item.Text("name", 50) };
            step.States.Add(item.CodeList("states", required: true, 20));
            policy.Steps.Add(step);
            item.Finish();
        }

        Count(node, "categories", policy.Categories.Count, 500);
        Count(node, "steps", policy.Steps.Count, 20);
        node.Finish();
        return policy;
    }

    private EscalationPolicy Escalation(PackNode node)
    {
        var escalation = new EscalationPolicy { After = Limit(node, "after") };
        foreach (var item in node.Maps("levels"))
        {
            var level = item.Word("level", EscalationLevels, EscalationLevel.Unspecified);
            if (escalation.Levels.Any(other => other.Level == level))
                item.Problem("level", "the level is there twice");
            escalation.Levels.Add(new LevelLimit { Level = level, HandleWithin = Limit(item, "handle_within") });
            item.Finish();
        }

        node.Finish();
        return escalation;
    }

    private CouncilPolicy Councils(PackNode node)
    {
        var policy = new CouncilPolicy
        {
            SupportersNeeded = node.Number("supporters_needed", 1, 100_000),
            SupportWithin = Limit(node, "support_within"),
            DecideWithin = Limit(node, "decide_within"),
            CarryOutWithin = Limit(node, "carry_out_within"),
            AnswerWithin = Limit(node, "answer_within"),
        };
        foreach (var item in node.Maps("voting_rules"))
        {
            policy.VotingRules.Add(new VotingRule
            {
                Code = item.Code("code"),
                Name = item.Text("name", 50),
                Basis = item.Word("of", Bases, VotingBasis.Unspecified),
                Passes = Part(item),
            });
            item.Finish();
        }

        Count(node, "voting_rules", policy.VotingRules.Count, 20);
        node.Finish();
        return policy;
    }

    private static Threshold Part(PackNode node)
    {
        var text = node.Text("passes", 20);
        var parts = PartPattern().Match(text);
        if (parts.Success)
            return new Threshold
            {
                MoreThan = parts.Groups[1].ValueSpan is "more than ",
                Numerator = int.Parse(parts.Groups[2].ValueSpan, CultureInfo.InvariantCulture),
                Denominator = int.Parse(parts.Groups[3].ValueSpan, CultureInfo.InvariantCulture),
            };
        if (text.Length > 0)
            node.Problem("passes", $"'{text}' is not a part; write it as in more than 1/2, or at least 2/3");
        return new Threshold();
    }

    private WorkingHours Hours(PackNode node)
    {
        var hours = new WorkingHours { UtcOffsetMinutes = node.Number("utc_offset_minutes", -840, 840, 480) };
        if (!node.Has("seasons"))
        {
            hours.Spans.Add(Spans(node));
        }
        else
        {
            foreach (var item in node.Maps("seasons"))
            {
                var season = new WorkingSeason { FromMonth = item.Number("from_month", 1, 12), FromDay = item.Number("from_day", 1, 31) };
                if (hours.Seasons.Any(other => (other.FromMonth, other.FromDay) == (season.FromMonth, season.FromDay)))
                    problems.Add(item.At, "a season of this day is there twice");
                season.Spans.Add(Spans(item));
                hours.Seasons.Add(season);
                item.Finish();
            }

            Count(node, "seasons", hours.Seasons.Count, 12);
        }

        node.Finish();
        return hours;
    }

    private List<WorkingSpan> Spans(PackNode node)
    {
        var spans = new List<WorkingSpan>();
        var end = -1;
        foreach (var item in node.Maps("spans"))
        {
            var span = new WorkingSpan { FromMinute = Minute(item, "from_minute"), ToMinute = Minute(item, "to_minute") };
            if (span.ToMinute <= span.FromMinute)
                problems.Add(item.At, "the span ends before it begins");
            else if (span.FromMinute <= end)
                problems.Add(item.At, "the span begins before the one above it has ended, or touches it");
            end = span.ToMinute;
            spans.Add(span);
            item.Finish();
        }

        Count(node, "spans", spans.Count, 10);
        return spans;
    }

    private GridPolicy Sizes(PackNode node)
    {
        var policy = new GridPolicy();
        foreach (var item in node.Maps("sizes"))
        {
            var size = new GridSize
            {
                Kind = item.Word("kind", GridKinds, default),
                MinHouseholds = item.Number("min_households", 0, MostHouseholds, 0),
                MaxHouseholds = item.Number("max_households", 1, MostHouseholds),
            };
            if (policy.Sizes.Any(other => other.Kind == size.Kind))
                item.Problem("kind", "this kind is there twice");
            if (size.MinHouseholds > size.MaxHouseholds)
                item.Problem("max_households", "the most households are fewer than the fewest");
            policy.Sizes.Add(size);
            item.Finish();
        }

        Count(node, "sizes", policy.Sizes.Count, 20);
        if (node.Has("locate_order"))
            policy.LocateOrder.Add(node.Words("locate_order", GridKinds, default));
        node.Finish();
        return policy;
    }

    private int Minute(PackNode node, string key)
    {
        var text = node.Text(key, 5);
        if (text.Length == 0)
            return 0;
        var parts = ClockPattern().Match(text);
        if (parts.Success)
        {
            var minute = (int.Parse(parts.Groups[1].ValueSpan, CultureInfo.InvariantCulture) * 60)
                + int.Parse(parts.Groups[2].ValueSpan, CultureInfo.InvariantCulture);
            if (minute <= 1440)
                return minute;
        }
        else if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var minutes) && minutes <= 1440)
        {
            return minutes;
        }

        node.Problem(key, $"'{text}' is not a time of the day; write \"08:30\", or minutes after midnight as in 510");
        return 0;
    }

    private static TimeLimit? LimitOrNone(PackNode node, string key) => node.Has(key) ? Limit(node, key) : null;

    private static TimeLimit Limit(PackNode node, string key)
    {
        var text = node.Text(key, 40);
        if (text.Length == 0)
            return new TimeLimit();
        var parts = LimitPattern().Match(text);
        if (parts.Success
            && int.TryParse(parts.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var amount)
            && amount is >= 1 and <= LongestLimit
            && Units.TryGetValue(parts.Groups[2].Value.TrimEnd('s') + "s", out var unit))
            return new TimeLimit { Amount = amount, Unit = unit };
        node.Problem(
            key, $"'{text}' is not a time limit; write it as in 4 work_hours, with 1 to {LongestLimit} of {string.Join(", ", Units.Keys)}");
        return new TimeLimit();
    }

    private static void Count(PackNode node, string key, int count, int most)
    {
        if (count == 0 && node.Has(key))
            node.Problem(key, $"'{key}' is empty");
        else if (count > most)
            node.Problem(key, $"'{key}' has {count} items; at most {most} are allowed");
    }

    [GeneratedRegex(@"\A(\d{1,4}) ([a-z_]+)\z")]
    private static partial Regex LimitPattern();

    [GeneratedRegex(@"\A(more than |at least )(\d{1,3})/(\d{1,3})\z")]
    private static partial Regex PartPattern();

    [GeneratedRegex(@"\A([0-2]?\d):([0-5]\d)\z")]
    private static partial Regex ClockPattern();
}
