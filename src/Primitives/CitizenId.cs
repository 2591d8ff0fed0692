using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Governance.Primitives;

/// <summary>Why a text is not a citizen's identity number.</summary>
public enum CitizenIdFault
{
    None,
    Empty,
    WrongLength,

    /// <summary>Not 17 digits followed by a digit or X.</summary>
    BadCharacter,

    /// <summary>Digits 7 to 14 are not a day of the calendar.</summary>
    BadBirthDate,

    /// <summary>All characters are possible, but at least one is wrong.</summary>
    BadCheckDigit,
}

public enum Sex
{
    Female = 1,
    Male,
}

/// <summary>
/// A citizen's identity number (GB 11643-1999): division 6, birth date 8, sequence 3, check 1. The division is not checked against a list,
/// because people keep numbers of divisions that are gone.
/// </summary>
/// <remarks>
/// Logs and JSON get <see cref="Masked"/>: whoever wants the number itself has to write <see cref="Value"/>. For the same reason a
/// failure never quotes the text.
/// </remarks>
[DebuggerDisplay("{Masked}")]
[JsonConverter(typeof(JsonForm))]
public sealed class CitizenId : IEquatable<CitizenId>
{
    public const int Length = 18;
    private const string CheckCharacters = "10X98765432";

    private CitizenId(string value, DateOnly birthDate) => (Value, BirthDate) = (value, birthDate);

    /// <summary>The full number: sensitive personal information.</summary>
    public string Value { get; }

    public DateOnly BirthDate { get; }

    public Sex Sex => (Value[16] - '0') % 2 == 1 ? Sex.Male : Sex.Female;

    /// <summary>
    /// Province, city and the last two characters: enough for a person to recognise their own, too little to find another's.
    /// </summary>
    public string Masked => $"{Value[..4]}************{Value[16..]}";

    public static bool TryParse(string? text, [NotNullWhen(true)] out CitizenId? id, out CitizenIdFault fault)
    {
        var value = text?.ToUpperInvariant();
        fault = FaultOf(value, out var birthDate);
        id = fault == CitizenIdFault.None ? new(value!, birthDate) : null;
        return id is not null;
    }

    /// <exception cref="FormatException">Says what is wrong with the text.</exception>
    public static CitizenId Parse(string? text) =>
        TryParse(text, out var id, out var fault) ? id : throw new FormatException(Describe(fault).English);

    /// <summary>The 18th character for 17 digits.</summary>
    public static char CheckCharacter(ReadOnlySpan<char> body)
    {
        if (body.Length != Length - 1 || body.ContainsAnyExceptInRange('0', '9'))
            throw new ArgumentException($"the check character is computed over {Length - 1} digits", nameof(body));
        ReadOnlySpan<int> weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
        var sum = 0;
        for (var i = 0; i < weights.Length; i++)
            sum += weights[i] * (body[i] - '0');
        return CheckCharacters[sum % 11];
    }

    public static Words Describe(CitizenIdFault fault) => fault switch
    {
        CitizenIdFault.None => new("an identity number", "公民身份号码"),
        CitizenIdFault.Empty => new("an identity number is required", "必填"),
        CitizenIdFault.WrongLength => new("an identity number has 18 characters", "应为 18 个字符"),
        CitizenIdFault.BadCharacter => new("an identity number has 17 digits and a last digit or X", "前 17 位应为数字，末位应为数字或 X"),
        CitizenIdFault.BadBirthDate => new("digits 7 to 14 of an identity number are a date of birth", "第 7 至 14 位应为出生日期"),
        CitizenIdFault.BadCheckDigit => new(
            "the check character of the identity number does not fit: at least one character is wrong",
            "校验码不符，至少有一个字符有误"),
        _ => throw new ArgumentOutOfRangeException(nameof(fault)),
    };

    public bool Equals(CitizenId? other) => other is not null && Value == other.Value;

    public override bool Equals(object? obj) => Equals(obj as CitizenId);

    public override int GetHashCode() => Value.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => Masked;

    private static CitizenIdFault FaultOf(string? value, out DateOnly birthDate)
    {
        birthDate = default;
        if (string.IsNullOrEmpty(value))
            return CitizenIdFault.Empty;
        if (value.Length != Length)
            return CitizenIdFault.WrongLength;
        var body = value.AsSpan(0, Length - 1);
        if (body.ContainsAnyExceptInRange('0', '9') || !CheckCharacters.Contains(value[^1], StringComparison.Ordinal))
            return CitizenIdFault.BadCharacter;
        if (!DateOnly.TryParseExact(body[6..14], "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out birthDate))
            return CitizenIdFault.BadBirthDate;
        return CheckCharacter(body) == value[^1] ? CitizenIdFault.None : CitizenIdFault.BadCheckDigit;
    }

    private sealed class JsonForm : JsonConverter<CitizenId>
    {
        public override CitizenId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            throw new JsonException("an identity number is written to JSON masked, so not read; carry its value as a string");

        public override void Write(Utf8JsonWriter writer, CitizenId value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.Masked);
    }
}
