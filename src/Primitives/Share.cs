using System.Numerics;

namespace Governance.Primitives;

/// <summary>
/// A part of a whole, compared exactly: votes and areas are decided by whole numbers multiplied crosswise, never by rounded quotients.
/// Two shares are equal when their counts are; 1/2 and 2/4 are different facts.
/// </summary>
/// <remarks>A share of nothing (denominator 0) reaches no threshold and has no percentage: an empty assembly decides nothing.</remarks>
public readonly record struct Share
{
    public Share(BigInteger numerator, BigInteger denominator)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(numerator);
        ArgumentOutOfRangeException.ThrowIfNegative(denominator);
        (Numerator, Denominator) = (numerator, denominator);
    }

    public BigInteger Numerator { get; }

    public BigInteger Denominator { get; }

    /// <summary>A share of decimal measures such as m²; both are brought to one scale, so nothing is rounded.</summary>
    public static Share Of(decimal numerator, decimal denominator)
    {
        var scale = Math.Max(numerator.Scale, denominator.Scale);
        return new(Scaled(numerator, scale), Scaled(denominator, scale));
    }

    /// <summary>以上, "at least": the threshold itself counts.</summary>
    public bool AtLeast(BigInteger part, BigInteger whole) =>
        !Denominator.IsZero && Numerator * Threshold(whole) >= part * Denominator;

    /// <summary>过半数 and 超过, "more than": the threshold itself does not count.</summary>
    public bool MoreThan(BigInteger part, BigInteger whole) =>
        !Denominator.IsZero && Numerator * Threshold(whole) > part * Denominator;

    /// <summary>For publication only: the percentage with that many decimals, half rounded up; null for a share of nothing.</summary>
    public decimal? Percent(int decimals = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(decimals);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(decimals, 10);
        if (Denominator.IsZero)
            return null;
        var unit = BigInteger.Pow(10, decimals);
        var rounded = (Numerator * 100 * unit * 2 + Denominator) / (Denominator * 2);
        return (decimal)rounded / (decimal)unit;
    }

    public override string ToString() => $"{Numerator}/{Denominator}";

    private static BigInteger Threshold(BigInteger whole) =>
        whole.Sign > 0 ? whole : throw new ArgumentOutOfRangeException(nameof(whole), whole, "the whole of a threshold is positive");

    private static BigInteger Scaled(decimal value, int scale)
    {
        Span<int> bits = stackalloc int[4];
        decimal.GetBits(value, bits);
        var mantissa = ((BigInteger)(uint)bits[2] << 64) + ((BigInteger)(uint)bits[1] << 32) + (uint)bits[0];
        return (value < 0 ? -mantissa : mantissa) * BigInteger.Pow(10, scale - value.Scale);
    }
}
