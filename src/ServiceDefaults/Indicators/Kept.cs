using Governance.Common.V1;
using Governance.Primitives;

namespace Governance.ServiceDefaults.Indicators;

/// <summary>
/// Counts that are kept as records change. The triggers that note changes, the statement that folds them and the reading of
/// both are all made from the declaration of a measure. See docs/decisions/0009.
/// </summary>
public static class Kept
{
    public const int AllTime = 0;
    public const int Month = 1;
    public const int Day = 2;

    /// <summary>Levels that counts are kept for, and the digits of their codes. Those between are the sum of their parts, which are few.</summary>
    private static readonly (TerritoryLevel Level, int Digits)[] Levels =
        [(TerritoryLevel.City, 4), (TerritoryLevel.Subdistrict, 9), (TerritoryLevel.Grid, 16)];

    private static readonly DateOnly Epoch = new(Days.FirstYear, 1, 1);
    private static readonly DateOnly End = new(Days.LastYear + 1, 1, 1);

    /// <summary>All dimensions that counts are kept by, in the order in which a change's key has them.</summary>
    public static IReadOnlyList<string> Dimensions(Measure measure) => [.. measure.Kept.SelectMany(c => c).Distinct()];

    public static string CubeName(Measure measure, int cube) => $"{measure.Name}{cube}";

    /// <summary>The migration that begins to keep counts: triggers that see every writer, and the records that are there already.</summary>
    public static string Migration(Measure measure)
    {
        var table = measure.Table;
        return $"""
            -- Counts of {measure.Name} are kept by these triggers, whoever writes. Printed by a test from the declaration of the measure:
            -- a later declaration takes a migration of its own, which drops the function and begins anew.
            create function keep_{table}() returns trigger language plpgsql as $$
            begin
                if tg_op = 'INSERT' then
                    insert into kept_changes (measure, territory, days, key, n)
                    {Changes(measure, "new_rows", "count(*)")}
                    group by 2, 3, 4;
                elsif tg_op = 'DELETE' then
                    insert into kept_changes (measure, territory, days, key, n)
                    {Changes(measure, "old_rows", "-count(*)")}
                    group by 2, 3, 4;
                elsif tg_op = 'UPDATE' then
                    insert into kept_changes (measure, territory, days, key, n)
                    select c.measure, c.territory, c.days, c.key, sum(c.n)
                    from (
                        {Changes(measure, "new_rows", "1")}
                        union all
                        {Changes(measure, "old_rows", "-1")}
                    ) c (measure, territory, days, key, n)
                    group by 1, 2, 3, 4
                    having sum(c.n) <> 0;
                else
                    raise exception 'counts are kept of these rows: delete them instead';
                end if;
                return null;
            end $$;

            create trigger {table}_kept_insert after insert on {table} referencing new table as new_rows
                for each statement execute function keep_{table}();
            create trigger {table}_kept_update after update on {table} referencing old table as old_rows new table as new_rows
                for each statement execute function keep_{table}();
            create trigger {table}_kept_delete after delete on {table} referencing old table as old_rows
                for each statement execute function keep_{table}();
            create trigger {table}_kept_truncate before truncate on {table} for each statement execute function keep_{table}();

            insert into kept_changes (measure, territory, days, key, n)
            {Changes(measure, table, "count(*)")}
            group by 2, 3, 4;

            """.ReplaceLineEndings("\n");
    }

    /// <summary>
    /// Takes up to $1 changes away and adds what is left of them to the counts, from which those that come to nothing disappear. In the
    /// order of their key, so that neighbours meet on one page.
    /// </summary>
    public static string Fold(IReadOnlyList<Measure> kept)
    {
        var cubes = kept.SelectMany(measure => measure.Kept.Select((dimensions, i) => $"""
            select '{CubeName(measure, i)}', clock, territory, day, {KeyOf(measure, dimensions)}, sum(n), {(i is 0 ? "true" : "false")}
            from left_over where measure = '{measure.Name}'{(i is 0 ? "" : FirstSetOnly(measure))} group by 2, 3, 4, 5
            """));
        var levels = string.Join(", ", Levels.Select(l => $"({(int)l.Level}, {l.Digits})"));
        return $"""
            with taken as materialized (
                delete from kept_changes where ctid = any(array(select ctid from kept_changes limit $1))
                returning measure, territory, days, key, n
            ),
            -- Most records are through several states before anybody looks.
            left_over as materialized (
                select t.measure, (d.place - 1)::smallint as clock, t.territory, d.day, t.key, t.n
                from (select measure, territory, days, key, sum(n) as n from taken group by 1, 2, 3, 4 having sum(n) <> 0) t
                cross join lateral unnest(t.days) with ordinality d (day, place)
                where d.day is not null
            ),
            cubes (cube, clock, territory, day, key, n, days) as materialized (
                {string.Join("\nunion all\n", cubes)}
            ),
            cells as materialized (
                select c.cube, c.clock, l.level::smallint as level, g.grain::smallint as grain, g.start,
                    left(c.territory, l.digits) as territory, c.key, sum(c.n)::bigint as n
                from cubes c
                cross join (values {levels}) l (level, digits)
                cross join lateral (values
                    ({AllTime}, date '{IsoDate.Text(Epoch)}'), ({Month}, date_trunc('month', c.day)::date), ({Day}, c.day)
                ) g (grain, start)
                where g.grain <> {Day} or c.days or l.level <= {(int)TerritoryLevel.Subdistrict}
                group by 1, 2, 3, 4, 5, 6, 7
                having sum(c.n) <> 0
                order by 1, 2, 3, 4, 5, 6, 7
            )
            merge into kept_counts k using cells c
            on k.cube = c.cube and k.clock = c.clock and k.level = c.level and k.grain = c.grain and k.start = c.start
                and k.territory = c.territory and k.key = c.key
            when matched and k.n + c.n = 0 then delete
            when matched then update set n = k.n + c.n
            when not matched then insert (cube, clock, level, grain, start, territory, key, n)
                values (c.cube, c.clock, c.level, c.grain, c.start, c.territory, c.key, c.n)
            """;
    }

    /// <summary>
    /// The smallest set of kept counts that answers for these dimensions; null when records must be counted. Days of small
    /// territories, and some instants, are kept by the first set only.
    /// </summary>
    internal static int? CubeFor(Measure measure, int clock, IReadOnlyCollection<string> dimensions, bool needsDays, TerritoryLevel level)
    {
        for (var i = 0; i < measure.Kept.Count; i++)
        {
            var isKept = i is 0 || (!measure.Instants[clock].FirstSetOnly && (!needsDays || level <= TerritoryLevel.Subdistrict));
            if (isKept && dimensions.All(measure.Kept[i].Contains))
                return i;
        }
        return null;
    }

    /// <summary>The level whose kept counts make up those of another.</summary>
    internal static TerritoryLevel LevelFor(TerritoryLevel level) => Levels.First(l => l.Level >= level).Level;

    /// <summary>The fewest kept stretches that make up the days, none longer than <paramref name="span"/> where one is given.</summary>
    public static List<(short Grain, DateOnly Start)> Cells(Days days, Span span)
    {
        if (days == Days.All && span is Span.Unspecified)
            return [(AllTime, Epoch)];
        var coarsest = span is Span.Day or Span.Week ? Day : Month;
        var cells = new List<(short, DateOnly)>();
        var end = days.To ?? End;
        for (var day = days.From ?? Epoch; day < end;)
        {
            var (grain, next) = day.Day is 1 && coarsest is Month && day.AddMonths(1) <= end ? (Month, day.AddMonths(1)) : (Day, day.AddDays(1));
            cells.Add(((short)grain, day));
            day = next;
        }
        return cells;
    }

    private static string FirstSetOnly(Measure measure) => string.Concat(
        measure.Instants.Select((instant, clock) => instant.FirstSetOnly ? $" and clock <> {clock}" : ""));

    private static string Changes(Measure measure, string rows, string n)
    {
        var key = string.Join(" || '|' || ", Dimensions(measure).Select(d => $"coalesce(({measure.Find(d)!.Sql})::text, '')"));
        var days = string.Join(", ", measure.Instants.Select(instant => $"local_day({instant.Sql})"));
        return $"select '{measure.Name}', {measure.Territory}, array[{days}], {key}, {n} from {rows}";
    }

    private static string KeyOf(Measure measure, IReadOnlyList<string> dimensions)
    {
        var all = Dimensions(measure).ToList();
        return string.Join(" || '|' || ", dimensions.Select(d => $"split_part(key, '|', {all.IndexOf(d) + 1})"));
    }
}
