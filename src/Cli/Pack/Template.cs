using System.Globalization;
using System.Text.RegularExpressions;

namespace Governance.Cli.Pack;

/// <summary>
/// A text with places to fill, as in `HB-RU-{n:0000}` or `{community}志愿服务队{n}（示例）`. `n` counts from 1 within the rule; the others are
/// names of the territory of the row and of those around it.
/// </summary>
internal sealed partial class Template(Spot at, string text)
{
    public Spot At { get; } = at;

    /// <summary>Names the places that a row of this level can't fill.</summary>
    public void Check(Level level, PackProblems problems)
    {
        foreach (Match place in Place().Matches(text))
        {
            var name = place.Groups["name"].Value;
            var known = name is "n" or "territory" || (Codes.Levels.TryGetValue(name, out var wanted) && wanted <= level);
            if (!known)
                problems.Add(
                    At, $"'{{{name}}}' can't be filled in here; a row of a {Word(level)} knows {string.Join(", ", KnownTo(level))}");
            else if (place.Groups["format"].Success && name != "n")
                problems.Add(At, $"'{{{name}}}' is a name and takes no number format");
        }

        if (Place().Replace(text, "").AsSpan().IndexOfAny('{', '}') >= 0)
            problems.Add(At, $"'{text}' has a brace without its partner, or a place that is not written as {{n:000}}");
    }

    public string Fill(int number, Func<string, string> nameOf) => Place().Replace(text, place =>
        place.Groups["name"].Value == "n"
            ? number.ToString(place.Groups["format"].Value, CultureInfo.InvariantCulture)
            : nameOf(place.Groups["name"].Value));

    private static IEnumerable<string> KnownTo(Level level) =>
        ["{n}", "{territory}", .. Codes.Levels.Where(entry => entry.Value <= level).Select(entry => $"{{{entry.Key}}}")];

    private static string Word(Level level) => level.ToString().ToLowerInvariant();

    [GeneratedRegex(@"\{(?<name>[a-z]+)(:(?<format>0+))?\}")]
    private static partial Regex Place();
}
