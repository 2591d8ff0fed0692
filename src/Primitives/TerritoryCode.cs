using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Governance.Primitives;

/// <summary>
/// A territory as the digits of its administrative code: city 4, district 6, subdistrict 9, community 12, grid 14 to 16.
/// "Within" is a prefix test, in memory and as an index range in SQL.
/// </summary>
/// <remarks>
/// A city is also written with six digits ending in 00 (340600). Its canonical form here is the four digits 3406, because only they are a
/// prefix of its districts (340602); both forms are parsed and are equal. Cities without districts (441900) have subdistricts such as
/// 441900003, whose parent is the city. Two grid codes of different length in one community nest like any other codes (a micro-grid in
/// its grid). A class, because the default value of a struct would be a code nobody gave.
/// </remarks>
[JsonConverter(typeof(JsonForm))]
public sealed class TerritoryCode : IEquatable<TerritoryCode>, IComparable<TerritoryCode>, IParsable<TerritoryCode>
{
    public const int MaxDigits = 16;
    private const int CityDigits = 4;
    private const int DistrictDigits = 6;
    private const int SubdistrictDigits = 9;
    private const int CommunityDigits = 12;
    private const int MinGridDigits = 14;
    private const string AllText = "*";

    /// <summary>
    /// The scope of an operator of the whole system; contains every territory. No text of a request parses to it: code names it, or
    /// <see cref="TryParseScope"/> reads it from a source that may grant it, such as a signed token.
    /// </summary>
    public static readonly TerritoryCode All = new("");

    private readonly string prefix;

    private TerritoryCode(string prefix) => this.prefix = prefix;

    public TerritoryLevel Level => prefix.Length switch
    {
        0 => TerritoryLevel.Country,
        CityDigits => TerritoryLevel.City,
        DistrictDigits => TerritoryLevel.District,
        SubdistrictDigits => TerritoryLevel.Subdistrict,
        CommunityDigits => TerritoryLevel.Community,
        _ => TerritoryLevel.Grid,
    };

    /// <summary>
    /// The territory one level up; null for a city and for <see cref="All"/>, so that walking up never widens a scope to the country.
    /// </summary>
    public TerritoryCode? Parent => Level switch
    {
        TerritoryLevel.Grid => new(prefix[..CommunityDigits]),
        TerritoryLevel.Community => new(prefix[..SubdistrictDigits]),
        TerritoryLevel.Subdistrict => new(Canonical(prefix[..DistrictDigits])),
        TerritoryLevel.District => new(prefix[..CityDigits]),
        _ => null,
    };

    /// <summary>
    /// The strings within this territory are those from Low (inclusive) up to High (exclusive) under the C collation: ':' is the character
    /// after '9', so nothing that starts with the prefix sorts after prefix + ':'.
    /// </summary>
    public (string Low, string High) PrefixRange => (prefix, prefix + ":");

    /// <summary>True for the territory itself and everything inside it.</summary>
    public bool Contains(TerritoryCode other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return other.prefix.StartsWith(prefix, StringComparison.Ordinal);
    }

    /// <summary>
    /// The territory of that level which contains this one, or null where there is none (a wider code, or a city without districts).
    /// </summary>
    public TerritoryCode? AtLevel(TerritoryLevel level)
    {
        for (var code = this; code is not null; code = code.Parent)
        {
            if (code.Level == level)
                return code;
        }
        return null;
    }

    public static bool TryParse(string? text, [NotNullWhen(true)] out TerritoryCode? code, out TerritoryCodeFault fault)
    {
        fault = FaultOf(text);
        code = fault == TerritoryCodeFault.None ? new(Canonical(text!)) : null;
        return code is not null;
    }

    /// <summary>
    /// As TryParse, and "*" is <see cref="All"/>. Only for sources that may grant the whole country; an empty text is refused here too.
    /// </summary>
    public static bool TryParseScope(string? text, [NotNullWhen(true)] out TerritoryCode? scope, out TerritoryCodeFault fault)
    {
        if (text != AllText)
            return TryParse(text, out scope, out fault);
        (scope, fault) = (All, TerritoryCodeFault.None);
        return true;
    }

    /// <exception cref="FormatException">Says what is wrong with the text.</exception>
    public static TerritoryCode Parse(string? text) =>
        TryParse(text, out var code, out var fault) ? code : throw new FormatException(Describe(fault));

    static TerritoryCode IParsable<TerritoryCode>.Parse(string s, IFormatProvider? provider) => Parse(s);

    static bool IParsable<TerritoryCode>.TryParse(string? s, IFormatProvider? provider, [MaybeNullWhen(false)] out TerritoryCode result) =>
        TryParse(s, out result, out _);

    public static string Describe(TerritoryCodeFault fault) => fault switch
    {
        TerritoryCodeFault.None => "a territory code",
        TerritoryCodeFault.Empty => "a territory code is required",
        TerritoryCodeFault.NotDigits => "a territory code has only the digits 0 to 9",
        TerritoryCodeFault.WrongLength =>
            "a territory code has 4 or 6 digits (city), 6 (district), 9 (subdistrict), 12 (community) or 14 to 16 (grid)",
        TerritoryCodeFault.NotACity => "a territory code starts with a city: the first digit and the second pair are not zero",
        TerritoryCodeFault.ZeroSegment => "a territory code is not padded with zeros: leave out a subdistrict or community of 000",
        TerritoryCodeFault.CountryNotAccepted => "the whole country is not a territory that can be given here",
        _ => throw new ArgumentOutOfRangeException(nameof(fault)),
    };

    public bool Equals(TerritoryCode? other) => other is not null && prefix == other.prefix;

    public override bool Equals(object? obj) => Equals(obj as TerritoryCode);

    public override int GetHashCode() => prefix.GetHashCode(StringComparison.Ordinal);

    /// <summary>Ordinal, as the C collation sorts: a territory comes right before what it contains.</summary>
    public int CompareTo(TerritoryCode? other) => other is null ? 1 : string.CompareOrdinal(prefix, other.prefix);

    /// <summary>The canonical digits, or "*" for <see cref="All"/>.</summary>
    public override string ToString() => prefix.Length == 0 ? AllText : prefix;

    public static bool operator ==(TerritoryCode? left, TerritoryCode? right) => left is null ? right is null : left.Equals(right);

    public static bool operator !=(TerritoryCode? left, TerritoryCode? right) => !(left == right);

    private static string Canonical(string digits) =>
        digits.Length == DistrictDigits && digits.EndsWith("00", StringComparison.Ordinal) ? digits[..CityDigits] : digits;

    private static TerritoryCodeFault FaultOf(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return TerritoryCodeFault.Empty;
        if (text == AllText)
            return TerritoryCodeFault.CountryNotAccepted;
        if (text.AsSpan().ContainsAnyExceptInRange('0', '9'))
            return TerritoryCodeFault.NotDigits;
        if (text.Length is not (CityDigits or DistrictDigits or SubdistrictDigits or CommunityDigits)
            and not (>= MinGridDigits and <= MaxDigits))
            return TerritoryCodeFault.WrongLength;
        if (text[0] == '0' || IsZero(text, 2, CityDigits))
            return TerritoryCodeFault.NotACity;
        if (IsZero(text, DistrictDigits, SubdistrictDigits) || IsZero(text, SubdistrictDigits, CommunityDigits))
            return TerritoryCodeFault.ZeroSegment;
        // A grid sequence of zeros stays: it is how the standard writes a community that is one grid.
        return TerritoryCodeFault.None;
    }

    private static bool IsZero(string text, int from, int to) => text.Length >= to && !text.AsSpan(from, to - from).ContainsAnyExcept('0');

    /// <summary>
    /// A JSON string of the canonical digits. The whole country is written as "*" and, like any text of a request, not read back.
    /// </summary>
    private sealed class JsonForm : JsonConverter<TerritoryCode>
    {
        public override TerritoryCode Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            if (reader.TokenType != JsonTokenType.String)
                throw new JsonException("a territory code is a JSON string of digits");
            return TryParse(reader.GetString(), out var code, out var fault) ? code : throw new JsonException(Describe(fault));
        }

        public override void Write(Utf8JsonWriter writer, TerritoryCode value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.ToString());
    }
}
