using System.Globalization;
using System.Numerics;
using Governance.Common.V1;

namespace Governance.ServiceDefaults.Indicators;

/// <summary>What a number reads as: whole numbers throughout, never a binary fraction.</summary>
public static class Quotient
{
    /// <summary>Null where a number is missing or the denominator is 0.</summary>
    public static IndicatorValue Of(IndicatorDefinition definition, long? numerator, long? denominator)
    {
        var value = new IndicatorValue { Numerator = numerator ?? 0, Denominator = numerator is null ? 0 : denominator ?? 0 };
        if (value.Denominator > 0)
            value.Decimal = Text(Scaled(definition, value, definition.Decimals), definition.Decimals);
        return value;
    }

    /// <summary>The same as a whole number; 0 where there is none.</summary>
    public static long Whole(IndicatorDefinition definition, IndicatorValue value) =>
        value.Denominator is 0 ? 0 : (long)Scaled(definition, value, 0);

    private static BigInteger Scaled(IndicatorDefinition definition, IndicatorValue value, int decimals)
    {
        BigInteger divisor = value.Denominator;
        var dividend = new BigInteger(value.Numerator) * Math.Max(1, definition.Factor) * BigInteger.Pow(10, decimals);
        return definition.Rounding switch
        {
            Rounding.Down => Floor(dividend, divisor),
            Rounding.Up => -Floor(-dividend, divisor),
            _ => Floor((dividend * 2) + divisor, divisor * 2),
        };
    }

    private static BigInteger Floor(BigInteger dividend, BigInteger divisor)
    {
        var quotient = BigInteger.DivRem(dividend, divisor, out var rest);
        return rest.Sign < 0 ? quotient - 1 : quotient;
    }

    private static string Text(BigInteger scaled, int decimals)
    {
        if (decimals is 0)
            return scaled.ToString(CultureInfo.InvariantCulture);
        var digits = BigInteger.Abs(scaled).ToString(CultureInfo.InvariantCulture).PadLeft(decimals + 1, '0');
        return $"{(scaled.Sign < 0 ? "-" : "")}{digits[..^decimals]}.{digits[^decimals..]}";
    }
}
