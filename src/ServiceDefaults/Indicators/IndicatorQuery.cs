using Governance.Common.V1;
using Governance.Primitives;
using Npgsql;
using NpgsqlTypes;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.ServiceDefaults.Indicators;

/// <summary>
/// The SQL of terms. Each becomes rows of its number in the query, the part that they are of, and either the value or kept counts, from
/// which <see cref="KeptTerm"/> takes it. Names and expressions come from declarations of measures; everything that a request holds
/// is a parameter.
/// </summary>
internal sealed class IndicatorQuery(DefinitionRules rules, Scope scope)
{
    private readonly List<NpgsqlParameter> parameters = [];

    public IReadOnlyList<NpgsqlParameter> Parameters => parameters;

    /// <summary>The terms that are read from kept counts, by their number.</summary>
    public Dictionary<int, KeptTerm> Kept { get; } = [];

    public string Sql(int number, IndicatorTerm term, Cut? cut)
    {
        var measure = rules.MeasureOf(term);
        if (term.Groups is not null)
            return Whole(OfGroups(number, term, measure));
        return OfKept(number, term, measure, cut) ?? Whole(OfRecords(number, term, measure, cut));

        static string Whole(string values) => $"select v.*, null::bytea, null from ({values}) v (term, part, n)";
    }

    /// <summary>The conditions on the records of a term: territory, period and what it says of them.</summary>
    public string Conditions(IndicatorTerm term, Measure measure, IEnumerable<IndicatorCondition>? also = null)
    {
        var conditions = new List<string> { Within(measure) };
        conditions.AddRange(term.Where.Concat(also ?? []).Select(c => Meets(c, measure.Find(c.Dimension)!)));
        if (term.Instant.Length > 0)
        {
            var instant = InstantOf(measure, term.Instant);
            conditions.Add($"{instant} is not null");
            if (term.Passed)
                conditions.Add($"{instant} < {Add(P(scope.Now))}");
            if (term.Passed && UntilOf(measure, term.Instant) is { } until)
                conditions.Add($"({until} is null or {until} >= {Add(P(scope.Now))})");
            // Kept counts have all that is older on their first day.
            if (!term.Passed && scope.Days.From is { } from && from > Days.First)
                conditions.Add($"{instant} >= {Add(P(Days.StartOf(from)))}");
            if (!term.Passed && scope.Days.To is { } to)
                conditions.Add($"{instant} < {Add(P(Days.StartOf(to)))}");
        }
        return string.Join("\n  and ", conditions);
    }

    public string Add(NpgsqlParameter parameter)
    {
        parameters.Add(parameter);
        return $"${parameters.Count}";
    }

    public static string InstantOf(Measure measure, string name) => $"({measure.Instants.First(i => i.Name == name).Sql})";

    private static string? UntilOf(Measure measure, string name) => measure.Instants.First(i => i.Name == name).Until;

    private string OfRecords(int number, IndicatorTerm term, Measure measure, Cut? cut)
    {
        var key = cut is null ? "''" : KeyOf(term, measure, cut);
        var group = cut is null ? "" : "\ngroup by 2";
        var from = $"from {measure.Table} as r\nwhere {Conditions(term, measure)}";
        if (term.Aggregate is not Aggregate.ConsecutiveYears)
            return $"select {number}, {key}, {ValueOf(term, measure)} {from}{group}";
        var year = $"extract(year from local_day({InstantOf(measure, term.Instant)}))::int";
        return $"""
            select {number}, '', count(*) from (
                select y, max(y) over () as latest, row_number() over (order by y desc) as place
                from (select distinct {year} as y {from}) years
            ) run where y = latest - place + 1
            """;
    }

    // Each group by itself, those without records among them.
    private string OfGroups(int number, IndicatorTerm term, Measure measure)
    {
        var groups = term.Groups;
        var by = groups.By.Length is 0 ? "''" : $"({measure.Find(groups.By)!.Sql})::text";
        var span = "date '2000-01-01'";
        var spans = $"(values ({span})) spans (s)";
        if (groups.Span is not Span.Unspecified)
        {
            span = $"date_trunc('{Word(groups.Span)}', local_day({InstantOf(measure, term.Instant)}))::date";
            spans = $"unnest({Add(Dates([.. scope.Days.Elapsed(groups.Span, scope.Now)]))}) spans (s)";
        }
        var counted = $"select {by} as g, {span} as s, {ValueOf(term, measure)} as n\n"
            + $"from {measure.Table} as r where {Conditions(term, measure)} group by 1, 2";
        var every = "(select '' as g)";
        if (groups.Every.Length > 0)
        {
            var named = rules.MeasureOf(groups.Every);
            var which = new IndicatorTerm { Where = { groups.EveryWhere } };
            every = $"(select distinct ({named.Find(groups.By)!.Sql})::text as g from {named.Table} as r where {Conditions(which, named)})";
        }
        else if (groups.By.Length > 0)
        {
            every = "(select distinct g from counted)";
        }
        var joined = $"from {every} every cross join {spans} left join counted c on c.g = every.g and c.s = spans.s where every.g is not null";
        var value = groups.Take switch
        {
            Take.Covered => "count(c.n)",
            Take.Greatest => "max(coalesce(c.n, 0))",
            _ => "min(coalesce(c.n, 0))",
        };
        return $"(with counted as materialized ({counted}), taken as (select {value} as n, count(*) as groups {joined})\n"
            + $"select {number}, '', n from taken{(groups.Take is Take.Covered ? " union all select 1, '', groups from taken" : "")})";
    }

    // Kept counts, the changes that are not folded yet, and of what passes today, the records up to now.
    private string? OfKept(int number, IndicatorTerm term, Measure measure, Cut? cut)
    {
        if (measure.Kept.Count is 0 || term.Aggregate is not (Aggregate.Unspecified or Aggregate.Count))
            return null;
        var divided = cut is { Span: Span.Unspecified } ? measure.Find(cut.Dimension) : null;
        if (KeptTerm.Of(measure, term, divided is { IsLevel: false } ? divided.Name : null) is not { } kept)
            return null;
        Kept[number] = kept;

        var clock = term.Instant.Length is 0 ? 0 : measure.Instants.ToList().FindIndex(i => i.Name == term.Instant);
        var days = term.Passed ? new Days(null, Days.Of(scope.Now)) : term.Instant.Length is 0 ? Days.All : scope.Days;
        var stretches = Indicators.Kept.Stretches(days, cut?.Span ?? Span.Unspecified);
        var level = divided is { IsLevel: true } ? Enum.Parse<TerritoryLevel>(divided.Name, ignoreCase: true) : scope.Territory.Level;
        // Of a wider level than the territory's own, the territory lies in one part.
        level = level < scope.Territory.Level ? scope.Territory.Level : level;
        var (low, high) = scope.Territory.PrefixRange;
        var (from, to) = (Add(P(low)), Add(P(high)));
        // Of arrays the first is 1.
        var day = $"p.days[{clock + 1}]";
        var sql = $"""
            select {number}, {Part("c", "c.start")}, null::bigint, c.counts, null
            from unnest({Add(new NpgsqlParameter<short[]> { TypedValue = [.. stretches.Select(s => (short)s.Grain)] })},
                {Add(Dates([.. stretches.Select(s => s.Start)]))}) s (grain, start)
            join kept_counts c on c.grain = s.grain and c.start = s.start
            where c.cube = '{kept.Cube}' and c.clock = {clock} and c.level = {Add(P((int)Indicators.Kept.LevelFor(level)))}
              and c.territory >= {from} and c.territory < {to}
            union all
            select {number}, {Part("p", day)}, sum(p.n)::bigint, null, p.key from kept_changes p
            where p.measure = '{measure.Name}' and {day} is not null and p.territory >= {from} and p.territory < {to}
            """;
        if (days.From is { } first)
            sql += $" and {day} >= {Add(P(first))}";
        if (days.To is { } end)
            sql += $" and {day} < {Add(P(end))}";
        sql += "\ngroup by 2, 5";
        if (!term.Passed)
            return sql;
        var instant = InstantOf(measure, term.Instant);
        // Of a wide territory, what passes in a day is fewer than what is there; a prepared plan would take any for a small one.
        var along = scope.Territory.Level <= TerritoryLevel.District ? measure with { Territory = $"({measure.Territory} || '')" } : measure;
        return $"""
            {sql}
            union all
            select {number}, {(cut is null ? "''" : KeyOf(term, measure, cut))}, count(*), null, null from {measure.Table} as r
            where {Conditions(term, along)} and {instant} >= {Add(P(Days.StartOf(Days.Of(scope.Now))))}
            group by 2
            """;

        // By a dimension of the key, the part is in the key.
        string Part(string row, string day) => cut switch
        {
            { Span: not Span.Unspecified } => $"date_trunc('{Word(cut.Span)}', {day})::date::text",
            not null when divided!.IsLevel => (measure with { Territory = $"{row}.territory" }).Find(divided.Name)!.Sql,
            _ => "''",
        };
    }

    private static string ValueOf(IndicatorTerm term, Measure measure)
    {
        string Number() => measure.Numbers.First(n => n.Name == term.Of).Sql;
        return term.Aggregate switch
        {
            Aggregate.Sum => $"coalesce(sum({Number()}), 0)::bigint",
            Aggregate.Minimum => $"min({Number()})::bigint",
            Aggregate.Maximum => $"max({Number()})::bigint",
            Aggregate.Distinct when DefinitionRules.SpanOf(term.Of) is not Span.Unspecified and var span =>
                $"count(distinct date_trunc('{Word(span)}', local_day({InstantOf(measure, term.Instant)})))",
            Aggregate.Distinct => $"count(distinct ({measure.Find(term.Of)!.Sql}))",
            _ => "count(*)",
        };
    }

    private static string KeyOf(IndicatorTerm term, Measure measure, Cut cut) =>
        cut.Span is Span.Unspecified
            ? $"({measure.Find(cut.Dimension)!.Sql})::text"
            : $"date_trunc('{Word(cut.Span)}', local_day({InstantOf(measure, term.Instant)}))::date::text";

    private string Within(Measure measure)
    {
        var (low, high) = scope.Territory.PrefixRange;
        return $"{measure.Territory} >= {Add(P(low))} and {measure.Territory} < {Add(P(high))}";
    }

    private string Meets(IndicatorCondition condition, Dimension dimension)
    {
        // A code may be kept as something else, as a uuid; a number is compared as one, for the sake of indexes.
        var stored = dimension.Type is "text" ? $"({dimension.Sql})::text" : $"({dimension.Sql})";
        var values = $"{stored} = any({Add(P([.. condition.Values.Select(dimension.ToStored)]))}::{dimension.Type}[])";
        return condition.Except ? $"({values}) is not true" : values;
    }

    private static NpgsqlParameter Dates(DateOnly[] values) =>
        new NpgsqlParameter<DateOnly[]> { TypedValue = values, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Date };

    // One of five words of ours.
    private static string Word(Span span) => span.ToString().ToLowerInvariant();
}
