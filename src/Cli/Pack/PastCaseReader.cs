using Governance.Cli.Output;
using Governance.Grids.V1;

namespace Governance.Cli.Pack;

/// <summary>One line of `cases`: a family of cases that ended before the system was there.</summary>
internal sealed record PastCaseRule(
    Spot At,
    int Count,
    CaseChannel Channel,
    Template Code,
    Template Title,
    IReadOnlyList<string> Categories,
    IReadOnlyList<GovernanceDimension> Dimensions,
    string Answer,
    DateOnly From,
    DateOnly Until,
    int LongestDays,
    int? Satisfied,
    int Late,
    string Within = "");

/// <summary>The past cases that a pack stands for.</summary>
internal sealed record PastCasePack(int Seed, IReadOnlyList<PastCaseRule> Rules)
{
    public static readonly PastCasePack None = new(0, []);
}

/// <summary>Reads cases.yaml, which a pack may lack.</summary>
internal sealed class PastCaseReader(PackProblems problems, IReadOnlySet<string> categories)
{
    private const int MostCases = 5_000_000;
    private const int LongestCode = 60;
    private const int LongestTitle = 100;
    private const int LongestAnswer = 2000;

    private static readonly IReadOnlyDictionary<string, CaseChannel> Channels = EnumWords.All<CaseChannel>();
    private static readonly IReadOnlyDictionary<string, GovernanceDimension> Dimensions = EnumWords.All<GovernanceDimension>();

    public PastCasePack Read(PackNode root)
    {
        var pack = new PastCasePack(root.Number("seed", 0, int.MaxValue), [.. root.Maps("cases").Select(ReadRule)]);
        root.Finish();
        var codes = new Dictionary<string, Spot>();
        foreach (var rule in pack.Rules)
        {
            // Names of territories may be absent here: rules differ by what is written.
            if (rule.Code.Fill(1, _ => "") == rule.Code.Fill(2, _ => ""))
                problems.Add(rule.Code.At, "the code needs {n}: every case has one of its own");
            else if (!codes.TryAdd(rule.Code.Fill(1, _ => ""), rule.Code.At))
                problems.Add(rule.Code.At, $"the codes are those of the rule at {codes[rule.Code.Fill(1, _ => "")]} already");
        }

        return pack;
    }

    private PastCaseRule ReadRule(PackNode node)
    {
        var (from, until) = (node.Date("from") ?? default, node.Date("until") ?? default);
        var rule = new PastCaseRule(
            node.At,
            node.Number("count", 0, MostCases),
            node.Word("channel", Channels, CaseChannel.Unspecified),
            Pattern(node, "code", LongestCode),
            Pattern(node, "title", LongestTitle),
            node.CodeList("categories", required: false, mostItems: 500),
            node.Has("dimensions") ? node.Words("dimensions", Dimensions, GovernanceDimension.Unspecified) : [],
            node.Text("answer", LongestAnswer, required: false),
            from,
            until,
            node.Number("longest_days", 1, 3650),
            node.Has("satisfied") ? node.Number("satisfied", 0, 100) : null,
            node.Number("late", 0, 100, 0),
            node.Text("within", 14, required: false));
        if (node.Has("from") && node.Has("until") && until <= from)
            node.Problem("until", "'until' must lie after 'from'; it is the first day that does not count");
        foreach (var unknown in rule.Categories.Where(category => !categories.Contains(category)))
            node.Problem("categories", $"'{unknown}' is no category of policies.yaml");
        node.Finish();
        return rule;
    }

    private Template Pattern(PackNode node, string key, int longest)
    {
        var template = new Template(node.SpotOfKey(key), node.Text(key, longest));
        template.Check(Level.Grid, problems);
        return template;
    }
}
