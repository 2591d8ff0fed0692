using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Governance.Primitives;

/// <summary>Why a text is not a unified social credit code.</summary>
public enum CreditCodeFault
{
    None,
    Empty,
    WrongLength,

    /// <summary>A character outside 0-9 and the 21 letters of the standard, which leaves out I, O, S, V and Z.</summary>
    BadCharacter,

    /// <summary>The division code, characters 3 to 8, is not six digits.</summary>
    BadDivision,

    /// <summary>All characters are possible, but at least one is wrong.</summary>
    BadCheckDigit,
}

/// <summary>
/// The unified social credit code of an organisation (GB 32100-2015): authority 1, kind 1, division 6, organisation code 9, check 1.
/// Small letters are accepted and become capitals. Authority and kind are not checked against a list, because registries add to it.
/// </summary>
[JsonConverter(typeof(JsonForm))]
public sealed class CreditCode : IEquatable<CreditCode>
{
    public const int Length = 18;
    private const string Alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    private const int Modulus = 31;

    private CreditCode(string value) => Value = value;

    public string Value { get; }

    public char Authority => Value[0];

    /// <summary>The kind of organisation; its meaning depends on <see cref="Authority"/>.</summary>
    public char Kind => Value[1];

    /// <summary>The six digits of the registering division, as issued: divisions are renumbered, codes are not.</summary>
    public string Division => Value[2..8];

    public string OrganisationCode => Value[8..17];

    /// <summary>
    /// Whether the organisation code's own check character (GB 11714) fits. Told, not enforced: a code that its registry issued is
    /// valid by its 18th character.
    /// </summary>
    public bool HasConsistentOrganisationCode
    {
        get
        {
            ReadOnlySpan<int> weights = [3, 7, 9, 10, 5, 8, 4, 2];
            var sum = 0;
            for (var i = 0; i < weights.Length; i++)
            {
                var c = OrganisationCode[i];
                sum += weights[i] * (char.IsAsciiDigit(c) ? c - '0' : c - 'A' + 10);
            }
            return OrganisationCode[8] == (11 - sum % 11) switch { 10 => 'X', 11 => '0', var digit => (char)('0' + digit) };
        }
    }

    public static bool TryParse(string? text, [NotNullWhen(true)] out CreditCode? code, out CreditCodeFault fault)
    {
        var value = text?.ToUpperInvariant();
        fault = FaultOf(value);
        code = fault == CreditCodeFault.None ? new(value!) : null;
        return code is not null;
    }

    /// <exception cref="FormatException">Says what is wrong with the text.</exception>
    public static CreditCode Parse(string? text) =>
        TryParse(text, out var code, out var fault) ? code : throw new FormatException(Describe(fault).English);

    /// <summary>The 18th character for 17 characters of the alphabet.</summary>
    public static char CheckCharacter(ReadOnlySpan<char> body)
    {
        if (body.Length != Length - 1)
            throw new ArgumentException($"the check character is computed over {Length - 1} characters", nameof(body));
        // The weight of character i is 3^(i-1) mod 31.
        var (sum, weight) = (0, 1);
        foreach (var c in body)
        {
            var digit = Alphabet.IndexOf(c, StringComparison.Ordinal);
            if (digit < 0)
                throw new ArgumentException($"'{c}' is not a character of a credit code", nameof(body));
            sum += digit * weight;
            weight = weight * 3 % Modulus;
        }
        return Alphabet[(Modulus - sum % Modulus) % Modulus];
    }

    public static Words Describe(CreditCodeFault fault) => fault switch
    {
        CreditCodeFault.None => new("a credit code", "统一社会信用代码"),
        CreditCodeFault.Empty => new("a unified social credit code is required", "必填"),
        CreditCodeFault.WrongLength => new("a unified social credit code has 18 characters", "应为 18 个字符"),
        CreditCodeFault.BadCharacter => new(
            "a unified social credit code has digits and capital letters other than I, O, S, V and Z",
            "只含数字和除 I、O、S、V、Z 以外的大写字母"),
        CreditCodeFault.BadDivision => new(
            "characters 3 to 8 of a unified social credit code are the six digits of a division",
            "第 3 至 8 位应为六位行政区划数字"),
        CreditCodeFault.BadCheckDigit => new(
            "the check character of the credit code does not fit: at least one character is wrong",
            "校验码不符，至少有一个字符有误"),
        _ => throw new ArgumentOutOfRangeException(nameof(fault)),
    };

    public bool Equals(CreditCode? other) => other is not null && Value == other.Value;

    public override bool Equals(object? obj) => Equals(obj as CreditCode);

    public override int GetHashCode() => Value.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => Value;

    private static CreditCodeFault FaultOf(string? value)
    {
        if (string.IsNullOrEmpty(value))
            return CreditCodeFault.Empty;
        if (value.Length != Length)
            return CreditCodeFault.WrongLength;
        if (value.AsSpan().ContainsAnyExcept(Alphabet))
            return CreditCodeFault.BadCharacter;
        if (value.AsSpan(2, 6).ContainsAnyExceptInRange('0', '9'))
            return CreditCodeFault.BadDivision;
        return CheckCharacter(value.AsSpan(0, Length - 1)) == value[^1] ? CreditCodeFault.None : CreditCodeFault.BadCheckDigit;
    }

    private sealed class JsonForm : JsonConverter<CreditCode>
    {
        public override CreditCode Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            if (reader.TokenType != JsonTokenType.String)
                throw new JsonException("a unified social credit code is a JSON string");
            return TryParse(reader.GetString(), out var code, out var fault) ? code : throw new JsonException(Describe(fault).English);
        }

        public override void Write(Utf8JsonWriter writer, CreditCode value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.Value);
    }
}
