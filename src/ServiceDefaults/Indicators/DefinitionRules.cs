using Governance.Common.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Errors;

namespace Governance.ServiceDefaults.Indicators;

/// <summary>What definitions may say, given the measures of the service. Pure.</summary>
public sealed class DefinitionRules(IEnumerable<Measure> all)
{
    private static readonly string[] SpanWords = ["day", "week", "month", "quarter", "year"];

    private readonly Dictionary<string, Measure> measures = all.ToDictionary(m => m.Name);

    /// <summary>By name.</summary>
    public IReadOnlyList<Measure> Measures => [.. measures.Values.OrderBy(m => m.Name, StringComparer.Ordinal)];

    public Measure MeasureOf(IndicatorTerm term) => measures[term.Measure];

    public Measure MeasureOf(string name) => measures[name];

    /// <summary>The span that a dimension of the instant is called by; unspecified for any other dimension.</summary>
    public static Span SpanOf(string dimension) => (Span)(Array.IndexOf(SpanWords, dimension) + 1);

    /// <summary>Everything that is wrong with definitions.</summary>
    public IReadOnlyList<Violation> Problems(IReadOnlyList<IndicatorDefinition> definitions)
    {
        var found = new List<Violation>();
        for (var i = 0; i < definitions.Count; i++)
        {
            var (field, definition) = ($"definitions[{i}]", definitions[i]);
            if (definitions.Take(i).Any(d => d.Name == definition.Name))
                found.Add(Violation.Of($"{field}.name", IndicatorErrors.NamedTwice, ("name", definition.Name)));
            Check(definition, field, found);
        }
        return found;
    }

    /// <summary>What is wrong with conditions on a measure.</summary>
    public static void Check(Measure measure, IReadOnlyList<IndicatorCondition> where, string field, List<Violation> found)
    {
        for (var i = 0; i < where.Count; i++)
        {
            if (measure.FindShown(where[i].Dimension) is not { } dimension)
                found.Add(NoDimension($"{field}[{i}].dimension", measure, where[i].Dimension));
            else if (dimension.Values.Count > 0)
                foreach (var value in where[i].Values.Except(dimension.Values))
                    found.Add(Violation.Of($"{field}[{i}].values", IndicatorErrors.ValueUnknown, ("dimension", dimension.Name), ("value", value)));
        }
    }

    public static Violation NoDimension(string field, Measure measure, string name) =>
        Violation.Of(field, IndicatorErrors.DimensionUnknown, ("measure", measure.Name), ("dimension", name));

    private void Check(IndicatorDefinition definition, string field, List<Violation> found)
    {
        Check(definition.Value, $"{field}.value", found);
        if (definition.Over is not null)
            Check(definition.Over, $"{field}.over", found);
        if (definition is { Over: not null, OverTime: not Span.Unspecified })
            found.Add(Problem($"{field}.over_time", IndicatorErrors.DenominatorInvalid, new("there is another one", "已指定另一分母")));
        if (definition.OverTime is not Span.Unspecified && definition.Value.Instant.Length is 0)
            found.Add(Problem($"{field}.over_time", IndicatorErrors.DenominatorInvalid, new("the value has no instant", "分子没有时点")));
        if (definition.Value.Groups?.Take is Take.Covered && (definition.Over is not null || definition.OverTime is not Span.Unspecified))
            found.Add(Problem($"{field}.value.groups.take", IndicatorErrors.DenominatorInvalid, new("covered is a share already", "覆盖率本身已是比例")));
        if (definition.Over?.Groups is not null)
            found.Add(Problem($"{field}.over.groups", IndicatorErrors.DenominatorInvalid, new("a denominator has no groups", "分母不能分组")));
    }

    private void Check(IndicatorTerm term, string field, List<Violation> found)
    {
        if (!measures.TryGetValue(term.Measure, out var measure))
        {
            found.Add(Violation.Of($"{field}.measure", IndicatorErrors.MeasureUnknown, ("measure", term.Measure)));
            return;
        }
        Check(measure, term.Where, $"{field}.where", found);
        if (term.Instant.Length > 0 && measure.Instants.All(i => i.Name != term.Instant))
            found.Add(Violation.Of($"{field}.instant", IndicatorErrors.InstantUnknown, ("measure", measure.Name), ("instant", term.Instant)));
        if (term.Passed && term.Instant.Length is 0)
            found.Add(Problem(
                $"{field}.passed", IndicatorErrors.AggregateInvalid, new("what has passed is an instant, and none is named", "须指明已过的时点")));
        CheckAggregate(term, measure, field, found);
        if (term.Groups is not null)
            CheckGroups(term, measure, $"{field}.groups", found);
    }

    private static void CheckAggregate(IndicatorTerm term, Measure measure, string field, List<Violation> found)
    {
        switch (term.Aggregate)
        {
            case Aggregate.Sum or Aggregate.Minimum or Aggregate.Maximum:
                if (measure.Numbers.All(n => n.Name != term.Of))
                    found.Add(Violation.Of($"{field}.of", IndicatorErrors.NumberUnknown, ("measure", measure.Name), ("number", term.Of)));
                break;
            case Aggregate.Distinct:
                if (SpanOf(term.Of) is not Span.Unspecified ? term.Instant.Length is 0 : measure.Find(term.Of) is null)
                    found.Add(NoDimension($"{field}.of", measure, term.Of));
                break;
            default:
                if (term.Of.Length > 0)
                    found.Add(Problem($"{field}.of", IndicatorErrors.AggregateInvalid, new("counts are of records", "计数以记录为单位，不能指定数值")));
                if (term.Aggregate is Aggregate.ConsecutiveYears && term.Instant.Length is 0)
                    found.Add(Problem(
                        $"{field}.instant", IndicatorErrors.AggregateInvalid, new("years are of an instant, and none is named", "须指明按年计算的时点")));
                break;
        }
    }

    private void CheckGroups(IndicatorTerm term, Measure measure, string field, List<Violation> found)
    {
        var groups = term.Groups;
        if (groups.By.Length is 0 && groups.Span is Span.Unspecified)
            found.Add(Problem(field, IndicatorErrors.GroupsInvalid, new("neither by nor span is given", "未指定分组维度或时间跨度")));
        if (groups.By.Length > 0 && measure.Find(groups.By) is null)
            found.Add(NoDimension($"{field}.by", measure, groups.By));
        if (groups.Span is not Span.Unspecified && (term.Instant.Length is 0 || term.Passed))
            found.Add(Problem($"{field}.span", IndicatorErrors.GroupsInvalid, new("the term has no instant within the period", "该项没有落在时段内的时点")));
        if (groups.Take is Take.Covered && groups.Every.Length is 0 && groups.By.Length > 0)
            found.Add(Problem($"{field}.every", IndicatorErrors.GroupsInvalid, new("what is covered must be named", "须指明被覆盖的对象")));
        if (term.Aggregate is Aggregate.Minimum or Aggregate.Maximum or Aggregate.ConsecutiveYears)
            found.Add(Problem($"{field}", IndicatorErrors.GroupsInvalid, new("groups are counted or summed", "分组只能计数或求和")));
        if (groups.Every.Length is 0)
            return;
        if (!measures.TryGetValue(groups.Every, out var every))
        {
            found.Add(Violation.Of($"{field}.every", IndicatorErrors.MeasureUnknown, ("measure", groups.Every)));
            return;
        }
        if (every.Find(groups.By) is null)
            found.Add(NoDimension($"{field}.every", every, groups.By));
        Check(every, groups.EveryWhere, $"{field}.every_where", found);
    }

    private static Violation Problem(string field, ErrorDefinition error, Words problem) => Violation.Of(field, error, ("problem", problem));
}
