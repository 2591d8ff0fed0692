namespace Governance.Primitives;

/// <summary>
/// Days from <see cref="From"/> up to, not including, <see cref="To"/>; without To it is open. It covers at least one day.
/// </summary>
public sealed record ValidityPeriod
{
    public ValidityPeriod(DateOnly from, DateOnly? to = null)
    {
        if (to <= from)
            throw new ArgumentOutOfRangeException(nameof(to), to, $"a period that starts on {from:yyyy-MM-dd} ends on a later day");
        From = from;
        To = to;
    }

    public DateOnly From { get; }

    public DateOnly? To { get; }

    public bool Covers(DateOnly date) => From <= date && (To is null || date < To);

    public bool Overlaps(ValidityPeriod other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return (other.To is null || From < other.To) && (To is null || other.From < To);
    }

    public override string ToString() => $"[{From:yyyy-MM-dd}, {To:yyyy-MM-dd})";
}

/// <summary>
/// A territory code in its time. A merged or renumbered territory keeps its history under the old code and points to the code that took
/// over.
/// </summary>
public sealed record EffectiveTerritory
{
    public EffectiveTerritory(TerritoryCode code, ValidityPeriod validity, TerritoryCode? successor = null)
    {
        ArgumentNullException.ThrowIfNull(code);
        ArgumentNullException.ThrowIfNull(validity);
        if (code == TerritoryCode.All || successor == TerritoryCode.All)
            throw new ArgumentException("the whole country is a scope, not a territory with a history");
        if (successor is not null && validity.To is null)
            throw new ArgumentException($"{code} has a successor, so it needs a last day", nameof(validity));
        if (successor == code)
            throw new ArgumentException($"{code} cannot succeed itself", nameof(successor));
        (Code, Validity, Successor) = (code, validity, successor);
    }

    public TerritoryCode Code { get; }

    public ValidityPeriod Validity { get; }

    public TerritoryCode? Successor { get; }

    public bool IsInForce(DateOnly date) => Validity.Covers(date);
}
