using Governance.Grids.V1;
using Governance.Organisations.V1;
using Governance.Properties.V1;
using Governance.Volunteers.V1;

namespace Governance.Cli.Pack;

/// <summary>
/// Turns a pack into the rows that it stands for. The same pack gives the same rows in the same order, always: a second load of it changes
/// nothing.
/// </summary>
internal sealed class Expansion
{
    private readonly CityPack pack;
    private readonly PackProblems problems;
    private readonly Dictionary<string, string> names;
    private readonly Dictionary<string, string> standings;
    private readonly Dictionary<Level, List<Ground>> levels;
    private readonly List<(Ground Grid, Area Area, GridRow Row)> grids = [];

    private Expansion(CityPack pack, PackProblems problems)
    {
        this.pack = pack;
        this.problems = problems;
        foreach (var community in Sorted(pack.Grounds.Where(ground => ground is { Level: Level.Community, Area: not null })))
            CutGrids(community);
        var all = pack.Grounds.Concat(grids.Select(grid => grid.Grid)).ToList();
        names = all.ToDictionary(ground => ground.Code, ground => ground.Name);
        standings = pack.Grounds.Where(ground => ground.Level == Level.Subdistrict)
            .ToDictionary(ground => ground.Code, ground => ground.Standing);
        levels = Enum.GetValues<Level>().ToDictionary(level => level, level => Sorted(all.Where(ground => ground.Level == level)).ToList());
    }

    public static SeedRows Expand(CityPack pack, PackProblems problems)
    {
        var work = new Expansion(pack, problems);
        var organisations = new OrganisationExpansion(pack, problems, work.Spread, work.NameOf).Expand();
        return new SeedRows(
            pack.Code,
            pack.Policies,
            organisations,
            [.. work.grids.Select(grid => grid.Row)],
            work.Teams(),
            work.Estates(organisations),
            new GridRecordsExpansion(pack.Grids, problems, work.levels[Level.Grid], work.Spread, work.NameOf).Expand(),
            work.Past(),
            pack.Indicators);
    }

    private static IEnumerable<Ground> Sorted(IEnumerable<Ground> grounds) =>
        grounds.OrderBy(ground => ground.Code, StringComparer.Ordinal);

    private void CutGrids(Ground community)
    {
        var columns = Rectangles.Columns(community.Area!, community.Grids);
        for (var index = 0; index < columns.Count; index++)
        {
            var code = $"{community.Code}{index + 1:00}";
            var ground = new Ground(community.At, code, $"{community.Name}第{index + 1}网格", Level.Grid);
            // The remainder goes to the first grids, so that the sum stays the community's.
            var households = (community.Households / community.Grids) + (index < community.Households % community.Grids ? 1 : 0);
            var row = new GridRow
            {
                Code = code,
                Name = ground.Name,
                Kind = community.Kind,
                Boundary = Rectangles.Ring(columns[index]),
                Households = households,
            };
            grids.Add((ground, columns[index], row));
        }
    }

    /// <summary>Territories for the rows of a rule, in code order.</summary>
    private IEnumerable<(int Number, Ground Ground)> Spread(Scope scope)
    {
        var grounds = levels[scope.Level];
        if (scope.Within.Length > 0 || scope.Only.Length > 0)
            grounds = grounds.FindAll(ground => ground.Code.StartsWith(scope.Within, StringComparison.Ordinal)
                && (scope.Only.Length == 0 || standings.GetValueOrDefault(Enclosing(ground.Code, Level.Subdistrict)) == scope.Only));
        if (grounds.Count == 0)
        {
            var which = scope.Within.Length > 0 || scope.Only.Length > 0 ? "such " : "";
            problems.Add(scope.At, $"the pack has no {which}{scope.Level.ToString().ToLowerInvariant()} to spread the rows over");
            yield break;
        }

        var rows = scope.Count ?? grounds.Count;
        for (var index = 0; index < rows; index++)
            yield return (index + 1, grounds[(int)((long)index * grounds.Count / rows)]);
    }

    private string NameOf(Ground ground, string place) => place == "territory"
        ? ground.Name
        : names.GetValueOrDefault(Enclosing(ground.Code, Codes.Levels[place]), "");

    private static string Enclosing(string code, Level level) => code[..Math.Min(code.Length, Codes.DigitsOf(level))];

    private List<TeamRow> Teams()
    {
        var rows = new List<TeamRow>();
        var codes = new CodeRegister("team", problems);
        foreach (var team in pack.Teams)
        {
            codes.Add(team.Row.Code, team.At);
            rows.Add(team.Row);
        }

        if (pack.TeamRule is not { Skills.Count: > 0 } rule)
            return rows;
        foreach (var (number, ground) in Spread(new Scope(rule.At, rule.Territory, rule.Count)))
        {
            var row = new TeamRow
            {
                Code = rule.Code.Fill(number, place => NameOf(ground, place)),
                Name = rule.Name.Fill(number, place => NameOf(ground, place)),
                Territory = ground.Code,
                Skills = { rule.Skills[(number - 1) % rule.Skills.Count] },
            };
            for (var member = 1; member <= rule.Members; member++)
            {
                row.Members.Add(new TeamMember
                {
                    Number = $"{row.Code}-{member}",
                    Name = PeopleNames.Of(((number - 1) * rule.Members) + member - 1),
                    Leader = member == 1,
                });
            }

            if (codes.Add(row.Code, rule.Code.At))
                rows.Add(row);
        }

        return rows;
    }

    private List<EstateSeed> Estates(IReadOnlyList<OrganisationRow> organisations)
    {
        var seeds = new List<EstateSeed>();
        var codes = new CodeRegister("estate", problems);
        var companies = organisations
            .Where(row => row.Kind == OrganisationKind.PropertyCompany)
            .ToDictionary(row => row.Code);
        foreach (var (at, seed) in pack.Estates.Select(estate => (estate.At, estate.Seed)))
        {
            codes.Add(seed.Row.Code, at);
            if (seed.CompanyCode.Length > 0 && !companies.ContainsKey(seed.CompanyCode))
                problems.Add(at, $"'{seed.CompanyCode}' is no organisation of the kind property_company");
            seed.Row.CompanyName = companies.GetValueOrDefault(seed.CompanyCode)?.Name ?? "";
            seeds.Add(seed);
        }

        if (pack.EstateRule is not { Modes.Count: > 0 } rule)
            return seeds;
        var turn = new CompaniesInTurn(companies.Values);
        var number = 0;
        foreach (var community in levels[Level.Community].Where(ground => ground.Area is not null))
        {
            foreach (var (grid, area) in Plots(community, rule.PerCommunity))
            {
                var mode = rule.Modes[number % rule.Modes.Count];
                number++;
                var company = mode == ManagementMode.PropertyCompany ? turn.Next(community.Code) : null;
                if (mode == ManagementMode.PropertyCompany && company is null)
                {
                    problems.Add(rule.At, $"no organisation of the kind property_company answers for {community.Code}");
                    return seeds;
                }

                var row = new EstateRow
                {
                    Code = rule.Code.Fill(number, place => NameOf(grid, place)),
                    Name = rule.Name.Fill(number, place => NameOf(grid, place)),
                    Territory = grid.Code,
                    Boundary = Rectangles.Ring(area),
                    Mode = mode,
                    CompanyName = company?.Name ?? "",
                    Households = community.Households / rule.PerCommunity,
                };
                if (codes.Add(row.Code, rule.Code.At))
                    seeds.Add(new EstateSeed(row, company?.Code ?? ""));
            }
        }

        return seeds;
    }

    private PastCases Past()
    {
        var grounds = levels[Level.Grid];
        var homeless = pack.Past.Rules
            .Where(rule => !grounds.Exists(grid => grid.Code.StartsWith(rule.Within, StringComparison.Ordinal))).ToList();
        foreach (var rule in homeless)
            problems.Add(rule.At, "the pack has no grid there that past cases could lie in");
        return new PastCases(homeless.Count == 0 ? pack.Past : PastCasePack.None, grounds, NameOf);
    }

    /// <summary>Places for estates in a community: dealt out over its grids from west to east, one above the other within a grid.</summary>
    private IEnumerable<(Ground Grid, Area Area)> Plots(Ground community, int count)
    {
        var here = grids.Where(grid => grid.Grid.Code.StartsWith(community.Code, StringComparison.Ordinal)).ToList();
        return Enumerable.Range(0, count)
            .GroupBy(index => index * here.Count / count)
            .SelectMany(column => Rectangles.Rows(here[column.Key].Area, column.Count())
                .Select(plot => (here[column.Key].Grid, Rectangles.Inside(plot))));
    }

    /// <summary>Property companies for a territory, nearest level first, one after the other.</summary>
    private sealed class CompaniesInTurn(IEnumerable<OrganisationRow> companies)
    {
        private readonly ILookup<string, OrganisationRow> byTerritory = companies.ToLookup(row => row.Territory);
        private readonly Dictionary<string, int> next = [];

        public OrganisationRow? Next(string territory)
        {
            foreach (var around in Codes.Outwards(territory))
            {
                var here = byTerritory[around].ToList();
                if (here.Count == 0)
                    continue;
                var turn = next.GetValueOrDefault(around);
                next[around] = turn + 1;
                return here[turn % here.Count];
            }

            return null;
        }
    }
}
