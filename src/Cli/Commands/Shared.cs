using System.CommandLine;
using System.Globalization;
using Google.Protobuf.Collections;
using Google.Protobuf.WellKnownTypes;
using Governance.Cli.Output;
using Governance.Common.V1;
using static Governance.Cli.Commands.CommandBuilding;

namespace Governance.Cli.Commands;

/// <summary>Options and readings that several groups share.</summary>
internal static class Shared
{
    private const int LargestPage = 500;

    public static Option<string> Within() =>
        Option<string>("--within", "Only within this territory; by default the token's own.", "CODE");

    public static Option<int> Limit() => new("--limit")
    {
        Description = "Show at most so many.",
        HelpName = "N",
        DefaultValueFactory = _ => 50,
    };

    public static Option<string> System() =>
        Word<CoordinateSystem>("--system", "What the coordinates were taken in; wgs84 when not said.");

    /// <summary>Reads `116.79,33.97`, east first, as a point.</summary>
    public static Point PointFrom(string text, CoordinateSystem system)
    {
        var parts = text.Split(',', StringSplitOptions.TrimEntries);
        if (parts.Length == 2 && Degrees(parts[0], out var longitude) && Degrees(parts[1], out var latitude))
            return new Point { Longitude = longitude, Latitude = latitude, System = system };
        throw new UsageException($"'{text}' is not a point; write longitude,latitude as in 116.7912,33.9734.");
    }

    public static Timestamp InstantFrom(string text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeLocal, out var instant)
            ? instant.ToTimestamp()
            : throw new UsageException($"'{text}' is not an instant; write it as in 2026-03-02T09:00:00+08:00.");

    /// <summary>Reads an amount of yuan, as in `3000.50`, as whole fen.</summary>
    public static long FenFrom(string yuan) =>
        decimal.TryParse(yuan, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount)
        && amount <= long.MaxValue / 100 && decimal.IsInteger(amount * 100)
            ? (long)(amount * 100)
            : throw new UsageException($"'{yuan}' is not an amount; write yuan as in 3000 or 3000.50.");

    public static string Yuan(long fen) => FormattableString.Invariant($"{fen / 100m:0.00}");

    public static int NumberFrom(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        ? number
        : throw new UsageException($"'{text}' is not a whole number.");

    /// <summary>Reads words of an enum with commas between them.</summary>
    public static IEnumerable<TEnum> WordsFrom<TEnum>(string words)
        where TEnum : struct, System.Enum =>
        words.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(WordFrom<TEnum>);

    public static TEnum WordFrom<TEnum>(string word)
        where TEnum : struct, System.Enum =>
        EnumWords.All<TEnum>().TryGetValue(word, out var value)
            ? value
            : throw new UsageException($"'{word}' is not one of {string.Join(", ", EnumWords.All<TEnum>().Keys)}.");

    /// <summary>Reads a text of parts between commas, of which the last ones may be left out: too few or too many are wrong usage.</summary>
    public static string[] PartsFrom(string text, int fewest, int most, string shape)
    {
        var parts = text.Split(',', StringSplitOptions.TrimEntries);
        return parts.Length >= fewest && parts.Length <= most && parts.All(part => part.Length > 0)
            ? parts
            : throw new UsageException($"'{text}' is not {shape}.");
    }

    /// <summary>Reads pages until there are no more or the limit is reached.</summary>
    public static async Task<List<T>> PagesAsync<T>(int limit, Func<int, string, Task<(RepeatedField<T> Items, string Next)>> page)
    {
        var all = new List<T>();
        var token = "";
        do
        {
            var (items, next) = await page(Math.Min(limit - all.Count, LargestPage), token);
            all.AddRange(items);
            token = next;
        }
        while (token.Length > 0 && all.Count < limit);
        return all.Count > limit ? all[..limit] : all;
    }

    private static bool Degrees(string text, out double value) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && double.IsFinite(value);
}
