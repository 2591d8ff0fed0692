using System.Globalization;
using System.Runtime.CompilerServices;
using Governance.Common.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Exports;

namespace Governance.ServiceDefaults.Indicators;

/// <summary>How a number is asked for: in points of a series, by a dimension, both or neither.</summary>
public sealed record Shape(Span Span, string Dimension);

/// <summary>One number of a table: the part is empty where nothing is broken down.</summary>
public sealed record TableLine(IndicatorDefinition Definition, Days Days, string Part, IndicatorValue Value)
{
    private static readonly (string English, string Chinese)[] Columns =
    [
        ("indicator", "指标"), ("title", "名称"), ("unit", "单位"), ("territory", "地域"), ("from", "起始日期"), ("until", "截止日期"),
        ("part", "分项"), ("value", "数值"), ("numerator", "分子"), ("denominator", "分母"), ("version", "定义版本"),
    ];

    public static void WriteHeader(CsvWriter csv, Language language)
    {
        foreach (var (english, chinese) in Columns)
            csv.Text(language is Language.English ? english : chinese);
        csv.EndLine();
    }

    public void WriteTo(CsvWriter csv, string territory, Language language)
    {
        csv.Text(Definition.Name).Text(language is Language.English ? Definition.TitleEn : Definition.Title).Text(Definition.Unit);
        csv.Text(territory).Day(Days.From).Day(Days.To?.AddDays(-1)).Text(Part);
        csv.Number(Value.Decimal.Length is 0 ? null : decimal.Parse(Value.Decimal, CultureInfo.InvariantCulture));
        csv.Number(Value.Numerator).Number(Value.Denominator).Number(Definition.Version).EndLine();
    }
}

/// <summary>Series, breakdowns and tables of both: what has them, and their numbers.</summary>
public sealed class IndicatorTable(DefinitionRules rules, Counting counting)
{
    /// <summary>Of one indicator.</summary>
    public const int MaxPoints = 400;

    /// <summary>Of all indicators of a table.</summary>
    public const int MaxPointsOfAll = 10_000;

    /// <summary>Why an indicator has no series; null when it has one.</summary>
    public static RefusedException? NoSeries(IndicatorDefinition definition) =>
        definition.Value.Instant.Length is 0 || definition.Value.Passed
            ? new RefusedException(IndicatorErrors.WithoutPeriod.With(("name", definition.Name)))
            : null;

    /// <summary>Why an indicator can't be broken down by a dimension; null when it can.</summary>
    public RefusedException? NoParts(IndicatorDefinition definition, string dimension)
    {
        if (!Counting.IsDivisible(definition))
            return new RefusedException(IndicatorErrors.NotDivisible.With(("name", definition.Name)));
        var lacking = new[] { definition.Value, definition.Over }.OfType<IndicatorTerm>().Select(rules.MeasureOf)
            .FirstOrDefault(measure => measure.FindShown(dimension) is null);
        return lacking is null
            ? null
            : new RefusedException(CommonErrors.Invalid(DefinitionRules.NoDimension("dimension", lacking, dimension)));
    }

    /// <summary>The points of a series over days with both ends.</summary>
    public static IReadOnlyList<Days> Points(Days days, Span span, string name)
    {
        if (!days.IsBounded)
            throw new RefusedException(IndicatorErrors.PeriodRequired.With(("name", name)));
        var points = days.By(span).ToList();
        return points.Count <= MaxPoints
            ? points
            : throw new RefusedException(IndicatorErrors.SeriesTooLong.With(("count", points.Count), ("max", MaxPoints)));
    }

    /// <summary>Those that can be told in a shape. What was asked for by name is refused instead of left out.</summary>
    public IReadOnlyList<IndicatorDefinition> Fitting(IReadOnlyList<IndicatorDefinition> wanted, Shape shape, Days days, bool named)
    {
        var points = shape.Span is Span.Unspecified ? 1 : Points(days, shape.Span, wanted.Count > 0 ? wanted[0].Name : "").Count;
        var fitting = wanted.Where(definition =>
        {
            var refusal = shape.Span is Span.Unspecified ? null : NoSeries(definition);
            refusal ??= shape.Dimension.Length is 0 ? null : NoParts(definition, shape.Dimension);
            return refusal is null || (named ? throw refusal : false);
        }).ToList();
        return fitting.Count * points <= MaxPointsOfAll
            ? fitting
            : throw new RefusedException(IndicatorErrors.SeriesTooLong.With(("count", fitting.Count * points), ("max", MaxPointsOfAll)));
    }

    /// <summary>The lines of one indicator: points in time, and of each its parts in the order of their keys.</summary>
    public async IAsyncEnumerable<TableLine> ReadAsync(
        IndicatorDefinition definition, Scope scope, Shape shape, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var points = shape.Span is Span.Unspecified ? [scope.Days] : Points(scope.Days, shape.Span, definition.Name);
        if (shape.Dimension.Length > 0)
        {
            foreach (var point in points)
            {
                var parts = await counting.PartsAsync(definition, scope with { Days = point }, shape.Dimension, cancellation);
                foreach (var (key, value) in parts.OrderBy(part => part.Key, StringComparer.Ordinal))
                    yield return new TableLine(definition, point, key, value);
            }
            yield break;
        }

        string StartOf(Days point) => IsoDate.Text(Days.StartOf(point.From!.Value, shape.Span));
        var together = shape.Span is not Span.Unspecified && Counting.IsDivisible(definition)
            ? await counting.PartsAsync(definition, scope, shape.Span, points.Select(StartOf), cancellation)
            : null;
        foreach (var point in points)
        {
            var value = together is null
                ? await counting.ValueAsync(definition, scope with { Days = point }, cancellation)
                : together[StartOf(point)];
            yield return new TableLine(definition, point, "", value);
        }
    }
}
