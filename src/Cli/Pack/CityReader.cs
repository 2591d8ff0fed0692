using System.Globalization;
using Governance.Cli.Output;
using Governance.Grids.V1;
using Governance.Organisations.V1;
using Governance.Properties.V1;
using Governance.Volunteers.V1;

namespace Governance.Cli.Pack;

/// <summary>Reads city.yaml.</summary>
internal sealed partial class CityReader(PackProblems problems, IReadOnlySet<string> categories)
{
    private const int LongestName = 100;
    private const int MostRows = 200_000;

    private static readonly IReadOnlyDictionary<string, OrganisationKind> Kinds = EnumWords.All<OrganisationKind>();
    private static readonly IReadOnlyDictionary<string, GridKind> GridKinds = EnumWords.All<GridKind>();
    private static readonly IReadOnlyDictionary<string, ManagementMode> Modes = EnumWords.All<ManagementMode>();
    private static readonly IReadOnlyDictionary<string, string> DistrictKinds = Same("district", "county");
    private static readonly IReadOnlyDictionary<string, string> SubdistrictKinds = Same("subdistrict", "town", "township");

    private readonly Dictionary<string, Ground> grounds = [];

    /// <summary>The city's code in its short form, four digits; empty when it can't be read.</summary>
    public static string CodeOf(PackNode root) => ShortForm(root.Map("city", required: false)?.Text("code", 6) ?? "");

    public CityPack Read(PackNode root, IReadOnlyList<Policy> policies)
    {
        var city = root.Map("city", required: true);
        var written = city?.Text("code", 6) ?? "";
        var code = ShortForm(written);
        var name = city?.Text("name", LongestName) ?? "";
        if (written.Length > 0 && !Codes.IsTerritory(code, Level.City))
            city!.Problem("code", $"'{written}' is not the code of a city: 4 digits in quotes, as in \"3406\"");
        city?.Finish();
        if (city is not null)
            grounds.TryAdd(code, new Ground(city.At, code, name, Level.City));
        foreach (var district in root.Maps("districts"))
            ReadDistrict(district, code);
        CheckOverlaps();

        var organisations = root.Maps("organisations", required: false).Select(ReadOrganisation).ToList();
        var rules = root.Maps("generated", required: false).Select(ReadRule).ToList();
        var teams = root.Map("teams", required: false);
        var teamRule = teams?.Map("generated", required: false) is { } team ? ReadTeamRule(team) : null;
        var writtenTeams = teams?.Maps("explicit", required: false).Select(ReadTeam).ToList() ?? [];
        var estates = root.Map("estates", required: false);
        var estateRule = estates?.Map("generated", required: false) is { } estate ? ReadEstateRule(estate) : null;
        var writtenEstates = estates?.Maps("explicit", required: false).Select(ReadEstate).ToList() ?? [];
        teams?.Finish();
        estates?.Finish();
        var grids = new GridRulesReader(problems, grounds).Read(root);
        root.Finish();
        return new CityPack(
            code, name, [.. grounds.Values], organisations, rules, writtenTeams, teamRule, writtenEstates, estateRule, grids, policies);
    }

    private WrittenOrganisation ReadOrganisation(PackNode node)
    {
        var row = new OrganisationRow
        {
            Code = node.Code("code"),
            Name = node.Text("name", LongestName),
            Kind = node.Word("kind", Kinds, OrganisationKind.Unspecified),
            Territory = Territory(node),
            ParentCode = node.Code("parent", required: false),
            Industry = node.Code("industry", required: false),
            CreditCode = node.Text("credit_code", 18, required: false),
        };
        row.RespondsTo.Add(RespondsTo(node));
        node.Finish();
        return new WrittenOrganisation(node.At, row);
    }

    private OrganisationRule ReadRule(PackNode node)
    {
        var level = node.Word("territory", Codes.Levels, Level.Community);
        var rule = new OrganisationRule(
            new GridRulesReader(problems, grounds).Scope(node, level),
            node.Word("kind", Kinds, OrganisationKind.Unspecified),
            Pattern(node, "code", level, Codes.Longest),
            Pattern(node, "name", level, LongestName),
            node.Word("under", Kinds, OrganisationKind.Unspecified, required: false),
            node.Code("parent", required: false),
            node.Code("industry", required: false),
            RespondsTo(node));
        if (rule.Under != OrganisationKind.Unspecified && rule.Parent.Length > 0)
            node.Problem("parent", "a rule has one of under and parent");
        node.Finish();
        return rule;
    }

    private TeamRule ReadTeamRule(PackNode node)
    {
        var level = node.Word("territory", Codes.Levels, Level.Community, required: false);
        var rule = new TeamRule(
            node.At,
            Count(node),
            Pattern(node, "code", level, Codes.Longest),
            Pattern(node, "name", level, LongestName),
            level,
            node.CodeList("skills", required: true, MostRows),
            node.Number("members", 1, 500));
        if (rule.Skills.Count == 0 && node.Has("skills"))
            node.Problem("skills", "'skills' is empty");
        node.Finish();
        return rule;
    }

    private WrittenTeam ReadTeam(PackNode node)
    {
        var row = new TeamRow { Code = node.Code("code"), Name = node.Text("name", LongestName), Territory = Territory(node) };
        row.Skills.Add(node.CodeList("skills", required: true, 20));
        var numbers = new HashSet<string>();
        foreach (var member in node.Maps("members", required: false))
        {
            var number = member.Code("number");
            if (!numbers.Add(number))
                member.Problem("number", $"the number '{number}' is there twice in the team");
            row.Members.Add(new TeamMember { Number = number, Name = member.Text("name", 50), Leader = member.Flag("leader", false) });
            member.Finish();
        }

        if (row.Members.Count > 500)
            node.Problem("members", $"'members' has {row.Members.Count} people; at most 500 are allowed");
        node.Finish();
        return new WrittenTeam(node.At, row);
    }

    private EstateRule ReadEstateRule(PackNode node)
    {
        var rule = new EstateRule(
            node.At,
            node.Number("per_community", 1, 100),
            Pattern(node, "code", Level.Grid, Codes.Longest),
            Pattern(node, "name", Level.Grid, LongestName),
            node.Has("modes") ? node.Words("modes", Modes, ManagementMode.PropertyCompany) : [ManagementMode.PropertyCompany]);
        if (rule.Modes.Count == 0)
            node.Problem("modes", "'modes' is empty");
        node.Finish();
        return rule;
    }

    private WrittenEstate ReadEstate(PackNode node)
    {
        var area = ReadArea(node);
        var row = new EstateRow
        {
            Code = node.Code("code"),
            Name = node.Text("name", LongestName),
            Territory = Territory(node),
            Mode = node.Word("mode", Modes, ManagementMode.PropertyCompany),
            Households = node.Number("households", 0, 100_000),
            Boundary = area is null ? null : Rectangles.Ring(area),
        };
        var company = node.Code("company", required: false);
        if (company.Length > 0 != (row.Mode == ManagementMode.PropertyCompany))
            problems.Add(node.At, "'company' names the property company's code in the mode property_company, and stands in no other");
        if (area is not null && grounds.GetValueOrDefault(row.Territory)?.Area is { } around && !around.Contains(area))
            node.Problem("area", $"'area' does not lie within {row.Territory}");
        node.Finish();
        return new WrittenEstate(node.At, new EstateSeed(row, company));
    }

    /// <summary>A territory of the pack; a grid is known by its community.</summary>
    private string Territory(PackNode node)
    {
        var code = node.Text("territory", 16);
        var known = grounds.ContainsKey(code) || (Codes.IsTerritory(code, Level.Grid)
            && grounds.GetValueOrDefault(code[..12]) is { } community
            && int.Parse(code.AsSpan(12), CultureInfo.InvariantCulture) is var number && number >= 1 && number <= community.Grids);
        if (code.Length > 0 && !known)
            node.Problem("territory", $"'{code}' is no territory of this pack");
        return code;
    }

    private IReadOnlyList<string> RespondsTo(PackNode node)
    {
        foreach (var (text, at) in node.Texts("responds_to", Codes.Longest, required: false))
        {
            if (!categories.Contains(text))
                problems.Add(at, $"'{text}' is no category of policies.yaml");
        }

        return node.CodeList("responds_to", required: false, 50);
    }

    private Template Pattern(PackNode node, string key, Level level, int longest)
    {
        var template = new Template(node.SpotOfKey(key), node.Text(key, longest));
        template.Check(level, problems);
        return template;
    }

    private static string ShortForm(string code) =>
        code.Length == 6 && code.EndsWith("00", StringComparison.Ordinal) ? code[..4] : code;

    private static int? Count(PackNode node) => node.Has("count") ? node.Number("count", 1, MostRows) : null;

    private static Dictionary<string, string> Same(params string[] words) => words.ToDictionary(word => word);
}
