using Governance.Cli.Output;
using Governance.Grids.V1;

namespace Governance.Cli.Pack;

/// <summary>Reads the families of grid records of city.yaml, any of which may be absent.</summary>
internal sealed class GridRulesReader(PackProblems problems, IReadOnlyDictionary<string, Ground> grounds)
{
    private const int MostRows = 200_000;
    private const int LongestName = 60;
    private const int MostExchangeDays = 366;

    private static readonly IReadOnlyDictionary<string, VenuePremises> Premises = EnumWords.All<VenuePremises>();
    private static readonly IReadOnlyDictionary<string, DeputyKind> Deputies = EnumWords.All<DeputyKind>();
    private static readonly IReadOnlyDictionary<string, MeetingKind> MeetingKinds = EnumWords.All<MeetingKind>();
    private static readonly IReadOnlyDictionary<string, BulletinSection> Sections = EnumWords.All<BulletinSection>();
    private static readonly IReadOnlyDictionary<string, ConsultationForm> Forms = EnumWords.All<ConsultationForm>();
    private static readonly IReadOnlyDictionary<string, string> Standings =
        new[] { "subdistrict", "town", "township" }.ToDictionary(word => word);

    public GridRules Read(PackNode root)
    {
        var staff = Finished(root, "staff", node => new StaffRule(
            node.At, node.Number("leaders_per_grid", 0, 1), node.Number("workers_per_grid", 0, 50), node.Date("from") ?? default));
        var groups = Finished(root, "neighbour_groups", ReadGroups);
        var squads = Finished(root, "squads", ReadSquads);
        if (squads is not null && (staff is not { Workers: > 0 } || groups is null))
            problems.Add(squads.At, "squads are made of 'neighbour_groups' and led by workers of 'staff'; both must be there");
        VenueRule?[] venues =
        [
            Venues(root, "venues", VenueKind.Neighbourhood, Level.Community), Venues(root, "talk_points", VenueKind.TalkPoint, Level.Grid),
            Venues(root, "mobile_desks", VenueKind.MobileDesk, Level.Community),
        ];
        var studios = Finished(root, "studios", node => new StudioRule(
            Scope(node, Level.Community), Pattern(node, "code", Level.Community, Codes.Longest),
            Pattern(node, "name", Level.Community, LongestName), node.Number("deputies", 0, MostRows),
            InTurn(node, "kinds", Deputies)));
        var councils = root.Maps("councils", required: false).Select(ReadCouncils).ToList();
        var deliberations = Finished(root, "deliberations", ReadDeliberations);
        if (deliberations is not null && councils.Count == 0)
            problems.Add(deliberations.Scope.At, "deliberations are held by 'councils', which must be there");
        var meetings = root.Maps("meetings", required: false).Select(ReadMeetings).ToList();
        var bulletins = root.Maps("bulletins", required: false).Select(ReadBulletin).ToList();
        return new GridRules(staff, groups, squads, [.. venues.OfType<VenueRule>()], studios, councils, deliberations, meetings, bulletins);
    }

    private VenueRule? Venues(PackNode root, string key, VenueKind kind, Level level) => Finished(root, key, node => new VenueRule(
        kind, Scope(node, level), Pattern(node, "code", level, Codes.Longest), Pattern(node, "name", level, LongestName),
        InTurn(node, "premises", Premises)));

    /// <summary>Where the rows of a rule lie: `count`, `within`, `only`, and `territory` where the level may be chosen.</summary>
    public Scope Scope(PackNode node, Level level)
    {
        var within = node.Text("within", 12, required: false);
        if (within.Length > 0 && !grounds.ContainsKey(within))
            node.Problem("within", $"'{within}' is no territory of this pack");
        return new Scope(
            node.At, level, node.Has("count") ? node.Number("count", 1, MostRows) : null, within,
            node.Word("only", Standings, "", required: false));
    }

    private GroupRule ReadGroups(PackNode node)
    {
        var buildings = new List<int>();
        foreach (var (text, at) in node.Texts("buildings", 3, required: true))
        {
            if (int.TryParse(text, out var count) && count is >= 1 and <= 50)
                buildings.Add(count);
            else
                problems.Add(at, $"'{text}' is not a number of buildings; it takes 1 to 50");
        }

        if (buildings.Count == 0)
            buildings.Add(1);
        return new GroupRule(
            Scope(node, Level.Grid), Pattern(node, "code", Level.Grid, Codes.Longest), Pattern(node, "name", Level.Grid, LongestName),
            buildings, node.Number("heads", 0, 20, 1), node.Flag("party_members", true));
    }

    private SquadRule ReadSquads(PackNode node)
    {
        var formed = node.Date("formed_on") ?? default;
        var (from, until) = (formed, formed);
        if (node.Map("exchanges", required: false) is { } exchanges)
        {
            (from, until) = Days(exchanges);
            if (from < formed)
                exchanges.Problem("from", "a squad exchanges from the day on which it was formed");
            if (until.DayNumber - from.DayNumber > MostExchangeDays)
                exchanges.Problem("until", $"exchanges are made of at most {MostExchangeDays} days");
            exchanges.Finish();
        }

        return new SquadRule(
            node.At, Pattern(node, "code", Level.Grid, Codes.Longest), Pattern(node, "name", Level.Grid, LongestName), formed, from, until);
    }

    private CouncilRule ReadCouncils(PackNode node)
    {
        var level = node.Word("territory", Codes.Levels, Level.Grid);
        if (level is not (Level.Grid or Level.Community))
            node.Problem("territory", "a council is one of a grid or of a community");
        var scope = Scope(node, level);
        var (from, until) = Days(node);
        int? concurrent = node.Has("concurrent_heads") ? node.Number("concurrent_heads", 0, MostRows) : null;
        var rule = new CouncilRule(
            scope, Pattern(node, "name", level, LongestName), node.Number("members", 1, 200), concurrent,
            node.Text("concurrent_source", 200, required: concurrent is not null),
            new CouncilTerm { From = $"{from:yyyy-MM-dd}", Until = $"{until:yyyy-MM-dd}" });
        if (scope.Count < concurrent)
            node.Problem("concurrent_heads", $"there are {scope.Count} councils");
        node.Finish();
        return rule;
    }

    private DeliberationRule ReadDeliberations(PackNode node)
    {
        var (from, until) = Days(node);
        return new DeliberationRule(
            Scope(node, Level.Community), Pattern(node, "title", Level.Community, LongestName),
            node.Word("form", Forms, ConsultationForm.Unspecified),
            [.. node.Texts("parties", LongestName, required: true).Select(party => party.Text)], node.Text("summary", 4000), from, until);
    }

    private MeetingRule ReadMeetings(PackNode node)
    {
        var kind = node.Word("kind", MeetingKinds, MeetingKind.Unspecified);
        var level = kind == MeetingKind.GridSecretaries ? Level.Community : Level.Grid;
        var (from, until) = Days(node);
        var rule = new MeetingRule(
            Scope(node, level), kind, Pattern(node, "code", level, Codes.Longest), node.Text("minutes", 20_000), from, until);
        if (kind == MeetingKind.BranchCouncil)
            node.Problem("kind", "a family is of secretaries' meetings or of debriefs");
        node.Finish();
        return rule;
    }

    private static BulletinSeed ReadBulletin(PackNode node)
    {
        var item = new BulletinSeed(
            node.Code("territory"), node.Word("section", Sections, BulletinSection.Unspecified), node.Text("title", 100), node.Text("text", 2000));
        node.Finish();
        return item;
    }

    private static (DateOnly From, DateOnly Until) Days(PackNode node)
    {
        var (from, until) = (node.Date("from") ?? default, node.Date("until") ?? default);
        if (node.Has("from") && node.Has("until") && until <= from)
            node.Problem("until", "'until' must lie after 'from'");
        return (from, until);
    }

    private Template Pattern(PackNode node, string key, Level level, int longest)
    {
        var template = new Template(node.SpotOfKey(key), node.Text(key, longest));
        template.Check(level, problems);
        return template;
    }

    /// <summary>Words that rows take in turn, so that there must be one.</summary>
    private static IReadOnlyList<T> InTurn<T>(PackNode node, string key, IReadOnlyDictionary<string, T> words)
        where T : struct, Enum
    {
        var some = node.Words(key, words, default);
        if (some.Count > 0)
            return some;
        if (node.Has(key))
            node.Problem(key, $"'{key}' is empty");
        return [default];
    }

    private static T? Finished<T>(PackNode root, string key, Func<PackNode, T> read)
        where T : class
    {
        if (root.Map(key, required: false) is not { } node)
            return null;
        var rule = read(node);
        node.Finish();
        return rule;
    }
}
