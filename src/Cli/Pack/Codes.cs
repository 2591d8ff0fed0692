using System.Text.RegularExpressions;

namespace Governance.Cli.Pack;

/// <summary>Levels of territory, each inside the one before.</summary>
internal enum Level
{
    City,
    District,
    Subdistrict,
    Community,
    Grid,
}

/// <summary>How codes are written, and how long those of each level are. A prefix is the enclosing territory.</summary>
internal static partial class Codes
{
    public const int Longest = 40;
    public const int MostGrids = 99;

    public static readonly IReadOnlyDictionary<string, Level> Levels =
        Enum.GetValues<Level>().ToDictionary(level => level.ToString().ToLowerInvariant());

    private static readonly int[] Digits = [4, 6, 9, 12, 14];

    public static bool IsCode(string text) => CodePattern().IsMatch(text);

    public static bool IsTerritory(string text, Level level) =>
        text.Length == Digits[(int)level] && text.All(char.IsAsciiDigit);

    public static int DigitsOf(Level level) => Digits[(int)level];

    /// <summary>The territory and those around it, nearest first.</summary>
    public static IEnumerable<string> Outwards(string code) =>
        Digits.Where(digits => digits <= code.Length).Reverse().Select(digits => code[..digits]);

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._-]*\z")]
    private static partial Regex CodePattern();
}
