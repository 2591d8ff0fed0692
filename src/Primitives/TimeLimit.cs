namespace Governance.Primitives;

/// <summary>The units in which standards and laws give time.</summary>
public enum TimeUnit
{
    /// <summary>紧急工作时: hours of the clock, day and night.</summary>
    EmergencyHours = 1,

    /// <summary>工作时: hours within working time.</summary>
    WorkHours,

    /// <summary>工作日: the day of start excluded, due at the close of business of the last one.</summary>
    WorkDays,

    /// <summary>日: the day of start excluded, due at the close of business; a last day off moves to the next workday.</summary>
    CalendarDays,
}

/// <summary>An amount of time that policy allows. Never zero: what is due at once has no limit to keep.</summary>
public sealed record TimeLimit
{
    /// <summary>Over a year in hours and decades in days: more is a typing error, not a policy.</summary>
    public const int MaxAmount = 10_000;

    public TimeLimit(TimeUnit unit, int amount)
    {
        if (!Enum.IsDefined(unit))
            throw new ArgumentOutOfRangeException(nameof(unit), unit, "not a unit of time");
        ArgumentOutOfRangeException.ThrowIfLessThan(amount, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(amount, MaxAmount);
        (Unit, Amount) = (unit, amount);
    }

    public TimeUnit Unit { get; }

    public int Amount { get; }

    public override string ToString() => $"{Amount} {Unit}";
}
