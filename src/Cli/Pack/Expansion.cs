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
            work.Past());
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

    /// <summary>
    /// Territories of a level for so many rows: an even share of consecutive rows to each, in code order; without a count one row each.
    /// </summary>
    private IEnumerable<(int Number, Ground Ground)> Spread(Level level, int? count, Spot at)
    {
        var grounds = levels[level];
        if (grounds.Count == 0)
        {
            problems.Add(at, $"the pack has no {level.ToString().ToLowerInvariant()} to spread the rows over");
            yield break;
        }

        var rows = count ?? grounds.Count;
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
        foreach (var (number, ground) in Spread(rule.Territory, rule.Count, rule.At))
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
        if (grounds.Count > 0 || pack.Past.Rules.Count == 0)
            return new PastCases(pack.Past, grounds, NameOf);
        problems.Add(pack.Past.Rules[0].At, "the pack has no grid that past cases could lie in");
        return new PastCases(PastCasePack.None, grounds, NameOf);
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
