using Governance.Common.V1;
using Governance.Primitives;

namespace Governance.ServiceDefaults.Indicators;

/// <summary>
/// Counts that are kept as records change. The triggers that note changes, the folding and the reading of both are all made
/// from the declaration of a measure. See docs/decisions/0009.
/// </summary>
public static class Kept
{
    /// <summary>Levels that counts are kept for, and the digits of their codes. Those between are the sum of their parts, which are few.</summary>
    internal static readonly IReadOnlyList<(TerritoryLevel Level, int Digits)> Levels =
        [(TerritoryLevel.City, 4), (TerritoryLevel.Subdistrict, 9), (TerritoryLevel.Grid, 16)];

    /// <summary>Parts values in a key. Dimensions hold codes, which have none.</summary>
    internal const char Separator = '|';

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

    /// <summary>The first set of kept counts that answers for these dimensions; null when records must be counted.</summary>
    internal static int? CubeFor(Measure measure, IReadOnlyCollection<string> dimensions)
    {
        for (var i = 0; i < measure.Kept.Count; i++)
            if (dimensions.All(measure.Kept[i].Contains))
                return i;
        return null;
    }

    /// <summary>The level whose kept counts make up those of another.</summary>
    internal static TerritoryLevel LevelFor(TerritoryLevel level) => Levels.First(l => l.Level >= level).Level;

    /// <summary>The stretch of a grain that a day lies in.</summary>
    public static DateOnly StartOf(Grain grain, DateOnly day) => grain switch
    {
        Grain.AllTime => Days.First,
        Grain.Year => Days.StartOf(day, Span.Year),
        Grain.Quarter => Days.StartOf(day, Span.Quarter),
        Grain.Month => Days.StartOf(day, Span.Month),
        Grain.Week => Days.StartOf(day, Span.Week),
        _ => day,
    };

    /// <summary>Few kept stretches that make up the days, none of which reaches over the border of a <paramref name="span"/>.</summary>
    public static List<(Grain Grain, DateOnly Start)> Stretches(Days days, Span span)
    {
        if (days == Days.All && span is Span.Unspecified)
            return [(Grain.AllTime, Days.First)];
        var stretches = new List<(Grain, DateOnly)>();
        var end = days.To ?? End;
        for (var day = days.From ?? Days.First; day < end;)
        {
            var (grain, next) = Longest(day, end, span);
            stretches.Add((grain, day));
            day = next;
        }
        return stretches;
    }

    private static (Grain Grain, DateOnly Next) Longest(DateOnly day, DateOnly end, Span span)
    {
        if (span is Span.Unspecified or Span.Year && day is { Day: 1, Month: 1 } && day.AddYears(1) <= end)
            return (Grain.Year, day.AddYears(1));
        if (span is not (Span.Day or Span.Week or Span.Month) && day is { Day: 1, Month: 1 or 4 or 7 or 10 } && day.AddMonths(3) <= end)
            return (Grain.Quarter, day.AddMonths(3));
        if (span is not (Span.Day or Span.Week) && day.Day is 1 && day.AddMonths(1) <= end)
            return (Grain.Month, day.AddMonths(1));
        // A week may reach into a month that is not taken as a whole, but of a month that is a part by itself it may not.
        var month = Days.StartOf(day, Span.Month).AddMonths(1);
        var border = span is Span.Month or Span.Quarter or Span.Year || (span is Span.Unspecified && month.AddMonths(1) <= end) ? month : end;
        return span is not Span.Day && day.DayOfWeek is DayOfWeek.Monday && day.AddDays(7) <= (border < end ? border : end)
            ? (Grain.Week, day.AddDays(7))
            : (Grain.Day, day.AddDays(1));
    }

    private static string Changes(Measure measure, string rows, string n)
    {
        var key = string.Join(" || '|' || ", Dimensions(measure).Select(d => $"coalesce(({measure.Find(d)!.Sql})::text, '')"));
        var days = string.Join(", ", measure.Instants.Select(instant => $"local_day({instant.Sql})"));
        return $"select '{measure.Name}', {measure.Territory}, array[{days}], {key}, {n} from {rows}";
    }
}

/// <summary>The lengths of time that counts are kept for.</summary>
public enum Grain
{
    AllTime,
    Year,
    Quarter,
    Month,
    Week,
    Day,
}
