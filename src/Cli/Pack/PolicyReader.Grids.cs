using Governance.Cli.Output;
using Governance.Grids.V1;

namespace Governance.Cli.Pack;

/// <summary>Policies of those who work in grids.</summary>
internal sealed partial class PolicyReader
{
    private const int MostBuildings = 50;
    private const int MostDays = 366;

    private static readonly IReadOnlyDictionary<string, GridStaffRole> StaffRoles = EnumWords.All<GridStaffRole>();
    private static readonly IReadOnlyDictionary<string, CareNeed> Needs = EnumWords.All<CareNeed>();
    private static readonly IReadOnlyDictionary<string, HazardCategory> HazardCategories = EnumWords.All<HazardCategory>();
    private static readonly IReadOnlyDictionary<string, BulletinSection> Sections = EnumWords.All<BulletinSection>();
    private static readonly IReadOnlyDictionary<string, BulletinSource> Sources = EnumWords.All<BulletinSource>();
    private static readonly IReadOnlyDictionary<string, CaseChannel> Channels = EnumWords.All<CaseChannel>();

    private static readonly IReadOnlyDictionary<string, MeetingKind> MeetingKinds = EnumWords.All<MeetingKind>();
    private static readonly IReadOnlyDictionary<string, MeetingSpan> MeetingSpans = EnumWords.All<MeetingSpan>();

    private static StaffingPolicy Staffing(PackNode node)
    {
        var policy = new StaffingPolicy
        {
            MinBuildings = node.Number("min_buildings", 1, MostBuildings),
            MaxBuildings = node.Number("max_buildings", 1, MostBuildings),
        };
        if (policy.MinBuildings > policy.MaxBuildings)
            node.Problem("max_buildings", "the most buildings are fewer than the fewest");
        foreach (var item in node.Maps("duties"))
        {
            var duty = new GridDuty
            {
                Role = item.Word("role", StaffRoles, GridStaffRole.Unspecified),
                Code = item.Code("code"),
                Name = item.Text("name", 60),
            };
            if (policy.Duties.Any(other => other.Role == duty.Role && other.Code == duty.Code))
                item.Problem("code", $"the duty '{duty.Code}' of this role is there twice");
            policy.Duties.Add(duty);
            item.Finish();
        }

        Count(node, "duties", policy.Duties.Count, 60);
        node.Finish();
        return policy;
    }

    private static VisitPolicy Visits(PackNode node)
    {
        var policy = new VisitPolicy
        {
            RetryDays = node.Number("retry_days", 1, MostDays),
            ReinspectWithin = Limit(node, "reinspect_within"),
        };
        foreach (var item in node.Maps("frequencies"))
        {
            var need = item.Word("need", Needs, CareNeed.Unspecified);
            if (policy.Frequencies.Any(other => other.Need == need))
                item.Problem("need", "this need is there twice");
            policy.Frequencies.Add(new VisitFrequency { Need = need, EveryDays = item.Number("every_days", 1, MostDays) });
            item.Finish();
        }

        foreach (var item in node.Maps("hazards", required: false))
        {
            var category = item.Word("category", HazardCategories, HazardCategory.Unspecified);
            if (policy.Hazards.Any(other => other.Category == category))
                item.Problem("category", "this category is there twice");
            policy.Hazards.Add(new HazardLimit { Category = category, ReinspectWithin = Limit(item, "reinspect_within") });
            item.Finish();
        }

        Count(node, "frequencies", policy.Frequencies.Count, 10);
        Count(node, "hazards", policy.Hazards.Count, 10);
        node.Finish();
        return policy;
    }

    private static BulletinPolicy Bulletins(PackNode node)
    {
        var policy = new BulletinPolicy();
        foreach (var item in node.Maps("rules"))
        {
            var rule = new BulletinRule
            {
                Section = item.Word("section", Sections, BulletinSection.Unspecified),
                Source = item.Word("source", Sources, BulletinSource.Unspecified),
                Unmoderated = item.Flag("unmoderated", fallback: false),
            };
            if (item.Has("channels"))
                rule.Channels.Add(item.Words("channels", Channels, CaseChannel.Unspecified).Select(c => EnumWords.Of(c)));
            rule.Categories.Add(item.CodeList("categories", required: false, mostItems: 500));
            policy.Rules.Add(rule);
            item.Finish();
        }

        Count(node, "rules", policy.Rules.Count, 50);
        policy.Never.Add(node.CodeList("never", required: false, mostItems: 500));
        node.Finish();
        return policy;
    }

    private static MeetingPolicy Meetings(PackNode node)
    {
        var policy = new MeetingPolicy();
        foreach (var item in node.Maps("frequencies"))
        {
            var kind = item.Word("kind", MeetingKinds, MeetingKind.Unspecified);
            if (policy.Frequencies.Any(other => other.Kind == kind))
                item.Problem("kind", "this kind is there twice");
            policy.Frequencies.Add(new MeetingFrequency
            {
                Kind = kind,
                Every = item.Number("every", 1, 12),
                Span = item.Word("span", MeetingSpans, MeetingSpan.Unspecified),
            });
            item.Finish();
        }

        Count(node, "frequencies", policy.Frequencies.Count, 10);
        node.Finish();
        return policy;
    }

    private static SatisfactionPolicy Satisfaction(PackNode node)
    {
        var policy = new SatisfactionPolicy
        {
            RespondWithin = Limit(node, "respond_within"),
            SatisfiedFrom = node.Number("satisfied_from", 2, 5),
            ReviewWithin = Limit(node, "review_within"),
            SampleAtMost = node.Number("sample_at_most", 1, 500),
        };
        foreach (var item in node.Maps("aspects"))
        {
            var aspect = new SupervisionAspect { Code = item.Code("code"), Name = item.Text("name", 50) };
            if (policy.Aspects.Any(other => other.Code == aspect.Code))
                item.Problem("code", $"the aspect '{aspect.Code}' is there twice");
            policy.Aspects.Add(aspect);
            item.Finish();
        }

        Count(node, "aspects", policy.Aspects.Count, 20);
        node.Finish();
        return policy;
    }

    private static BudgetPolicy Budgets(PackNode node)
    {
        var policy = new BudgetPolicy
        {
            SupportersNeeded = node.Number("supporters_needed", 1, 100_000),
            ProposalsEach = node.Number("proposals_each", 1, 20),
        };
        node.Finish();
        return policy;
    }
}
