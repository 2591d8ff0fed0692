using Governance.Cli.Client;
using Governance.Cli.Output;
using Governance.Common.V1;
using YamlDotNet.RepresentationModel;

namespace Governance.Cli.Pack;

/// <summary>An indicator that a city defines for itself, and the service that counts it.</summary>
internal sealed record WrittenIndicator(Spot At, string Service, IndicatorDefinition Definition);

/// <summary>
/// Reads indicators.yaml, which a pack may lack: the messages of the contract, with the words of enums as they are written elsewhere.
/// Which measures and dimensions there are, only the service knows: it answers with the definition's field.
/// </summary>
internal sealed class IndicatorReader(PackProblems problems)
{
    private const int MostIndicators = 1000;
    private const int LongestName = 60;
    private const int MostConditions = 10;
    private const int MostValues = 50;
    private const int MostFactor = 1_000_000;
    private const int MostDecimals = 6;

    private static readonly IReadOnlyDictionary<string, Aggregate> Aggregates = EnumWords.All<Aggregate>();
    private static readonly IReadOnlyDictionary<string, Span> Spans = EnumWords.All<Span>();
    private static readonly IReadOnlyDictionary<string, Take> Takes = EnumWords.All<Take>();
    private static readonly IReadOnlyDictionary<string, Rounding> Roundings = EnumWords.All<Rounding>();

    public IReadOnlyList<WrittenIndicator> Read(PackNode root)
    {
        var all = new List<WrittenIndicator>();
        foreach (var service in PublicApi.Services)
        {
            var names = new Dictionary<string, Spot>();
            foreach (var node in root.Maps(service, required: false))
            {
                var definition = Definition(node);
                if (!names.TryAdd(definition.Name, node.At))
                    node.Problem("name", $"the indicator '{definition.Name}' is there twice; the first is at {names[definition.Name]}");
                all.Add(new WrittenIndicator(node.At, service, definition));
            }

            if (names.Count > MostIndicators)
                root.Problem(service, $"'{service}' has {names.Count} indicators; at most {MostIndicators} are allowed");
        }

        root.Finish();
        return all;
    }

    /// <summary>What the file holds, when it is no mapping at all.</summary>
    public IReadOnlyList<WrittenIndicator> Read(string file, YamlNode root)
    {
        if (root is YamlMappingNode map)
            return Read(new PackNode(file, map, problems));
        problems.Add(
            PackNode.SpotOf(file, root), $"the file takes services with lists of indicators: {string.Join(", ", PublicApi.Services)}");
        return [];
    }

    private static IndicatorDefinition Definition(PackNode node)
    {
        var definition = new IndicatorDefinition
        {
            Name = Name(node, "name", LongestName),
            Title = node.Text("title", 60),
            TitleEn = node.Text("title_en", 120),
            Unit = node.Text("unit", 40),
            OverTime = node.Word("over_time", Spans, Span.Unspecified, required: false),
            Factor = node.Number("factor", 0, MostFactor, 0),
            Decimals = node.Number("decimals", 0, MostDecimals, 0),
            Rounding = node.Word("rounding", Roundings, Rounding.Unspecified, required: false),
            Withdrawn = node.Flag("withdrawn", false),
        };
        if (node.Map("value", required: true) is { } value)
            definition.Value = Term(value);
        if (node.Map("over", required: false) is { } over)
            definition.Over = Term(over);
        node.Finish();
        return definition;
    }

    private static IndicatorTerm Term(PackNode node)
    {
        var term = new IndicatorTerm
        {
            Measure = Name(node, "measure", Codes.Longest),
            Where = { Conditions(node, "where") },
            Aggregate = node.Word("aggregate", Aggregates, Aggregate.Unspecified, required: false),
            Of = Name(node, "of", Codes.Longest, required: false),
            Instant = Name(node, "instant", Codes.Longest, required: false),
            Passed = node.Flag("passed", false),
        };
        if (node.Map("groups", required: false) is { } groups)
            term.Groups = Groups(groups);
        node.Finish();
        return term;
    }

    private static IndicatorGroups Groups(PackNode node)
    {
        var groups = new IndicatorGroups
        {
            By = Name(node, "by", Codes.Longest, required: false),
            Every = Name(node, "every", Codes.Longest, required: false),
            EveryWhere = { Conditions(node, "every_where") },
            Span = node.Word("span", Spans, Span.Unspecified, required: false),
            Take = node.Word("take", Takes, Take.Unspecified),
        };
        node.Finish();
        return groups;
    }

    private static List<IndicatorCondition> Conditions(PackNode node, string key)
    {
        var conditions = new List<IndicatorCondition>();
        foreach (var item in node.Maps(key, required: false))
        {
            var values = item.Texts("values", 60, required: true);
            if (values.Count is 0 or > MostValues)
                item.Problem("values", $"'values' has {values.Count} items; it takes 1 to {MostValues}");
            conditions.Add(new IndicatorCondition
            {
                Dimension = Name(item, "dimension", Codes.Longest),
                Values = { values.Select(value => value.Text) },
                Except = item.Flag("except", false),
            });
            item.Finish();
        }

        if (conditions.Count > MostConditions)
            node.Problem(key, $"'{key}' has {conditions.Count} items; at most {MostConditions} are allowed");
        return conditions;
    }

    private static string Name(PackNode node, string key, int longest, bool required = true)
    {
        var name = node.Text(key, longest, required);
        if (name.Length > 0 && !Codes.IsCode(name))
            node.Problem(key, $"'{name}' is not a name: letters, digits, '-', '_' and '.', starting with a letter or digit");
        return name;
    }
}
