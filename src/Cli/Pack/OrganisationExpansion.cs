using Governance.Cli.Output;
using Governance.Organisations.V1;

namespace Governance.Cli.Pack;

/// <summary>The organisations of a pack: those written out, then the generated ones rule by rule, parents before their children.</summary>
internal sealed class OrganisationExpansion(
    CityPack pack,
    PackProblems problems,
    Func<Scope, IEnumerable<(int Number, Ground Ground)>> spread,
    Func<Ground, string, string> nameOf)
{
    private readonly CodeRegister codes = new("organisation", problems);
    private readonly Dictionary<string, OrganisationRow> byCode = [];
    private readonly Dictionary<(OrganisationKind Kind, string Territory), string> byPlace = [];
    private readonly List<(OrganisationRow Row, Spot At)> all = [];

    public IReadOnlyList<OrganisationRow> Expand()
    {
        foreach (var written in pack.Organisations)
            Add(written.Row, written.At);
        foreach (var rule in pack.OrganisationRules)
            Generate(rule);
        foreach (var (row, at) in all.Where(entry => entry.Row.ParentCode.Length > 0 && !byCode.ContainsKey(entry.Row.ParentCode)))
            problems.Add(at, $"the parent '{row.ParentCode}' of '{row.Code}' is no organisation of this pack");
        return ParentsFirst();
    }

    private void Generate(OrganisationRule rule)
    {
        foreach (var (number, ground) in spread(rule.Scope))
        {
            var parent = rule.Parent;
            if (rule.Under != OrganisationKind.Unspecified)
            {
                parent = Codes.Outwards(ground.Code)
                    .Select(code => byPlace.GetValueOrDefault((rule.Under, code)))
                    .FirstOrDefault(code => code is not null);
                if (parent is null)
                {
                    problems.Add(rule.Scope.At, $"no {EnumWords.Of(rule.Under)} is written above this rule for {ground.Code} or around it");
                    return;
                }
            }

            var row = new OrganisationRow
            {
                Code = rule.Code.Fill(number, place => nameOf(ground, place)),
                Name = rule.Name.Fill(number, place => nameOf(ground, place)),
                Kind = rule.Kind,
                Territory = ground.Code,
                ParentCode = parent,
                Industry = rule.Industry,
                RespondsTo = { rule.RespondsTo },
            };
            Add(row, rule.Code.At);
        }
    }

    private void Add(OrganisationRow row, Spot at)
    {
        // Also when the code is given twice: those below it would only say the same thing again.
        byPlace.TryAdd((row.Kind, row.Territory), row.Code);
        if (!codes.Add(row.Code, at))
            return;
        byCode[row.Code] = row;
        all.Add((row, at));
    }

    /// <summary>Keeps the order of the pack and only moves a parent up before its first child.</summary>
    private List<OrganisationRow> ParentsFirst()
    {
        var sent = new HashSet<string>();
        var rows = new List<OrganisationRow>(all.Count);
        foreach (var (row, at) in all)
        {
            var line = new Stack<OrganisationRow>();
            for (var next = row; next is not null && !sent.Contains(next.Code); next = byCode.GetValueOrDefault(next.ParentCode))
            {
                if (line.Any(below => below.Code == next.Code))
                {
                    problems.Add(
                        at, $"'{row.Code}' is its own superior: {string.Join(" below ", line.Reverse().Select(below => below.Code))}");
                    break;
                }

                line.Push(next);
            }

            foreach (var next in line.Where(next => sent.Add(next.Code)))
                rows.Add(next);
        }

        return rows;
    }
}
