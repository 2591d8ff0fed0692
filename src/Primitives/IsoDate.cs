using System.Globalization;

namespace Governance.Primitives;

/// <summary>A day as text, as contracts, files and databases have it: YYYY-MM-DD and nothing else.</summary>
public static class IsoDate
{
    private const string Format = "yyyy-MM-dd";

    public static bool TryParse(string? text, out DateOnly day) =>
        DateOnly.TryParseExact(text, Format, CultureInfo.InvariantCulture, DateTimeStyles.None, out day);

    /// <summary>For text that was checked before.</summary>
    public static DateOnly Parse(string text) => DateOnly.ParseExact(text, Format, CultureInfo.InvariantCulture);

    /// <summary>Empty for no day.</summary>
    public static string Text(DateOnly? day) => day?.ToString(Format, CultureInfo.InvariantCulture) ?? "";
}
