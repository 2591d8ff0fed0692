using Governance.Common.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Errors;

namespace Governance.ServiceDefaults.Indicators;

/// <summary>
/// Days from <see cref="From"/> up to, not including, <see cref="To"/>; an end that is null is open. Local time: all of China keeps
/// one, eight hours before UTC, and <c>local_day</c> in 0000_indicators.sql says the same to the database.
/// </summary>
public readonly record struct Days(DateOnly? From, DateOnly? To)
{
    /// <summary>Counts are kept from this year; what is older counts to its first day.</summary>
    public const int FirstYear = 1990;

    public const int LastYear = 2100;

    public static readonly DateOnly First = new(FirstYear, 1, 1);

    public static readonly Days All = new(null, null);

    /// <summary>Both ends are given.</summary>
    public bool IsBounded => From is not null && To is not null;

    public static DateOnly Of(DateTimeOffset instant) => DateOnly.FromDateTime(instant.UtcDateTime + WorkCalendarData.ChinaOffset);

    /// <summary>The instant at which a day begins.</summary>
    public static DateTimeOffset StartOf(DateOnly day) => new(day.ToDateTime(TimeOnly.MinValue), WorkCalendarData.ChinaOffset);

    public static Days Of(IndicatorPeriod? period)
    {
        if (period is null)
            return All;
        var (from, until) = (Parse(period.From), Parse(period.Until));
        return from > until || from?.Year is < FirstYear or > LastYear || until?.Year is < FirstYear or > LastYear
            ? throw new RefusedException(IndicatorErrors.PeriodInvalid.With(("first", FirstYear), ("last", LastYear)))
            : new Days(from, until?.AddDays(1));
    }

    /// <summary>The stretches that the days touch, cut to the days. Both ends must be given.</summary>
    public IEnumerable<Days> By(Span span)
    {
        for (var start = From!.Value; start < To!.Value;)
        {
            var next = Next(StartOf(start, span), span);
            var end = next < To.Value ? next : To.Value;
            yield return new Days(start, end);
            start = end;
        }
    }

    /// <summary>The whole spans within the days that are over at an instant.</summary>
    public IEnumerable<DateOnly> Elapsed(Span span, DateTimeOffset now)
    {
        var end = Of(now) < To!.Value ? Of(now) : To.Value;
        var start = StartOf(From!.Value, span);
        for (start = start < From.Value ? Next(start, span) : start; Next(start, span) <= end; start = Next(start, span))
            yield return start;
    }

    /// <summary>
    /// The length of the days in spans as a fraction: whole ones, and of the next one the part that its days make up.
    /// </summary>
    public (long Numerator, long Denominator) LengthIn(Span span)
    {
        var (whole, start) = (0L, From!.Value);
        while (Step(From.Value, span, whole + 1) is var next && next <= To!.Value)
            (whole, start) = (whole + 1, next);
        var rest = To!.Value.DayNumber - start.DayNumber;
        if (rest is 0)
            return (whole, 1);
        var length = Step(From.Value, span, whole + 1).DayNumber - start.DayNumber;
        return ((whole * length) + rest, length);
    }

    public static DateOnly StartOf(DateOnly day, Span span) => span switch
    {
        Span.Week => day.AddDays(-(((int)day.DayOfWeek + 6) % 7)),
        Span.Month => new DateOnly(day.Year, day.Month, 1),
        Span.Quarter => new DateOnly(day.Year, (((day.Month - 1) / 3) * 3) + 1, 1),
        Span.Year => new DateOnly(day.Year, 1, 1),
        _ => day,
    };

    private static DateOnly Next(DateOnly start, Span span) => Step(start, span, 1);

    private static DateOnly Step(DateOnly start, Span span, long count) => span switch
    {
        Span.Week => start.AddDays(7 * (int)count),
        Span.Month => start.AddMonths((int)count),
        Span.Quarter => start.AddMonths(3 * (int)count),
        Span.Year => start.AddYears((int)count),
        _ => start.AddDays((int)count),
    };

    private static DateOnly? Parse(string text) =>
        text.Length is 0 ? null : IsoDate.Parse(text);
}
