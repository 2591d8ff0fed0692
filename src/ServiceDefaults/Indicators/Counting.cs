using Governance.Common.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Database;

namespace Governance.ServiceDefaults.Indicators;

/// <summary>Where and when is counted.</summary>
public sealed record Scope(TerritoryCode Territory, Days Days, DateTimeOffset Now);

/// <summary>What a number is divided by: a dimension, or a stretch of time.</summary>
internal sealed record Cut(string Dimension, Span Span);

/// <summary>
/// Computes indicators from their definitions: one statement each, so that numerator and denominator are of one instant.
/// </summary>
public sealed class Counting(ServiceDatabase database, DefinitionRules rules, KeptKeys numbered)
{
    private const string Whole = "";

    /// <summary>The number of a territory and a period.</summary>
    public async Task<IndicatorValue> ValueAsync(IndicatorDefinition definition, Scope scope, CancellationToken cancellation) =>
        (await ReadAsync(definition, scope, null, [Whole], cancellation))[Whole];

    /// <summary>The number of each value of a dimension that has records.</summary>
    public Task<Dictionary<string, IndicatorValue>> PartsAsync(
        IndicatorDefinition definition, Scope scope, string dimension, CancellationToken cancellation) =>
        ReadAsync(definition, scope, new Cut(dimension, Span.Unspecified), [], cancellation);

    /// <summary>The number of each of the spans that begin on these days.</summary>
    public Task<Dictionary<string, IndicatorValue>> PartsAsync(
        IndicatorDefinition definition, Scope scope, Span span, IEnumerable<string> starts, CancellationToken cancellation) =>
        ReadAsync(definition, scope, new Cut("", span), starts, cancellation);

    /// <summary>Whether its parts by a span can be read together.</summary>
    public static bool IsDivisible(IndicatorDefinition definition) =>
        definition.Value is { Groups: null, Aggregate: not Aggregate.ConsecutiveYears } && definition.OverTime is Span.Unspecified;

    /// <summary>Whether it can only be told for a period with both ends.</summary>
    public static bool NeedsPeriod(IndicatorDefinition definition) =>
        definition.OverTime is not Span.Unspecified || definition.Value.Groups is { Span: not Span.Unspecified };

    private async Task<Dictionary<string, IndicatorValue>> ReadAsync(
        IndicatorDefinition definition, Scope scope, Cut? cut, IEnumerable<string> always, CancellationToken cancellation)
    {
        var query = new IndicatorQuery(rules, scope);
        var sql = query.Sql(0, definition.Value, cut);
        // A denominator that does not depend on the period is the same for every span of it.
        var overIsWhole = cut is { Span: not Span.Unspecified } && definition.Over is { Instant: "" } or { Passed: true };
        if (definition.Over is not null)
            sql += $"\nunion all\n{query.Sql(1, definition.Over, overIsWhole ? null : cut)}";

        var dimension = cut is { Span: Span.Unspecified } ? rules.MeasureOf(definition.Value).Find(cut.Dimension) : null;
        var (values, over) = (new Dictionary<string, long?>(StringComparer.Ordinal), new Dictionary<string, long?>(StringComparer.Ordinal));
        var rows = await database.QueryAsync(sql, TermRow.Read, [.. query.Parameters], cancellation);
        foreach (var (term, sums) in ((int, Dictionary<string, long?>)[])[(0, values), (1, over)])
        {
            foreach (var (part, n) in await TakeAsync(query.Kept.GetValueOrDefault(term), rows.Where(row => row.Term == term), cancellation))
            {
                // A record without a value of the dimension is in no part.
                if (part is not null && (part.Length > 0 || cut is null || overIsWhole))
                    sums[dimension?.ToWord(part) ?? part] = n;
            }
        }
        var parts = always.Concat(values.Keys);
        if (!overIsWhole)
            parts = parts.Concat(over.Keys);
        return parts.Distinct(StringComparer.Ordinal).ToDictionary(
            key => key, key => ValueOf(definition, scope, values, over, key, overIsWhole ? Whole : key), StringComparer.Ordinal);
    }

    private async Task<IEnumerable<(string? Part, long? N)>> TakeAsync(KeptTerm? kept, IEnumerable<TermRow> rows, CancellationToken cancellation)
    {
        if (kept is null)
            return rows.Select(row => (row.Part, row.N));
        var last = rows.Select(row => row.Cell is { Length: > 0 } cell ? Counts.At(cell, Counts.Length(cell) - 1).Key : -1).DefaultIfEmpty(-1).Max();
        var keys = await numbered.OfAsync(kept.Cube, last, cancellation);
        var sums = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var row in rows)
            kept.AddTo(sums, row, keys);
        return sums.Where(sum => sum.Value is not 0).Select(sum => ((string?)sum.Key, (long?)sum.Value));
    }

    private static IndicatorValue ValueOf(
        IndicatorDefinition definition, Scope scope, Dictionary<string, long?> values, Dictionary<string, long?> over, string key,
        string overKey)
    {
        var least = definition.Value.Aggregate is Aggregate.Minimum or Aggregate.Maximum;
        var numerator = values.TryGetValue(key, out var n) || least ? n : 0;
        if (definition.OverTime is not Span.Unspecified)
        {
            var (length, parts) = scope.Days.LengthIn(definition.OverTime);
            return Quotient.Of(definition, numerator * parts, length);
        }
        var isShare = definition.Over is not null || definition.Value.Groups?.Take is Take.Covered;
        return Quotient.Of(definition, numerator, isShare ? over.GetValueOrDefault(overKey) ?? 0 : 1);
    }
}
