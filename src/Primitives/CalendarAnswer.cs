using System.Diagnostics.CodeAnalysis;

namespace Governance.Primitives;

/// <summary>The refusal of a calendar: it has no days for that year, and does not guess them.</summary>
public sealed record CalendarYearMissing(int Year)
{
    public override string ToString() => $"the work calendar has no data for {Year}";
}

/// <summary>Thrown by whoever takes the value of an answer without looking whether there is one.</summary>
public sealed class CalendarYearMissingException(CalendarYearMissing refusal) : InvalidOperationException(refusal.ToString())
{
    public int Year => refusal.Year;
}

/// <summary>What a calendar answers: a value, or the year it would have to know. Both convert to it.</summary>
public readonly record struct CalendarAnswer<T>
    where T : struct
{
    private readonly T? value;
    private readonly CalendarYearMissing? refusal;

    private CalendarAnswer(T? value, CalendarYearMissing? refusal) => (this.value, this.refusal) = (value, refusal);

    public bool IsRefused => value is null;

    /// <summary>Null when there is a value.</summary>
    public CalendarYearMissing? Refusal => refusal;

    /// <exception cref="CalendarYearMissingException">The answer is a refusal.</exception>
    public T Value => value ?? throw (refusal is null
        ? new InvalidOperationException("an answer that no calendar gave has no value")
        : new CalendarYearMissingException(refusal));

    /// <summary>
    /// For callers that turn the refusal into their own: <c>if (!answer.TryGet(out var due, out var missing)) return …</c>
    /// </summary>
    public bool TryGet(out T value, [NotNullWhen(false)] out CalendarYearMissing? refusal)
    {
        if (this.value is null && this.refusal is null)
            throw new InvalidOperationException("an answer that no calendar gave has no value");
        (value, refusal) = (this.value.GetValueOrDefault(), this.refusal);
        return refusal is null;
    }

    public override string ToString() => (value is null ? refusal?.ToString() : value.ToString()) ?? "";

    public static implicit operator CalendarAnswer<T>(T value) => new(value, null);

    public static implicit operator CalendarAnswer<T>(CalendarYearMissing refusal) => new(null, refusal);
}
