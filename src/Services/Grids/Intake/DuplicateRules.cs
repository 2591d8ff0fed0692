using Governance.Grids.V1;
using Governance.ServiceDefaults.Geography;
using Case = Governance.Grids.Cases.Case;

namespace Governance.Grids.Intake;

/// <summary>How likely another case is about the same matter.</summary>
public sealed record Likeness(Case Other, int Percent, int WordsPercent, double? DistanceM);

/// <summary>Which cases may be about one matter, pure.</summary>
public static class DuplicateRules
{
    public const int MaxProposed = 20;
    public const int MaxCompared = 500;

    private const double Words = 50;
    private const double Place = 30;
    private const double Category = 20;

    public static IReadOnlyList<Likeness> Propose(Case current, IEnumerable<Case> others, DuplicatePolicy policy)
    {
        var (title, text) = (Pairs(current.Title), Pairs($"{current.Title} {current.Description}"));
        return
        [
            .. others
                .Select(other => LikenessOf(current, title, text, other, policy))
                .OfType<Likeness>()
                .Where(l => l.Percent >= policy.LeastPercent)
                .OrderByDescending(l => l.Percent)
                .ThenBy(l => l.Other.ReportedAt)
                .Take(MaxProposed),
        ];
    }

    private static Likeness? LikenessOf(Case current, HashSet<(char, char)> title, HashSet<(char, char)> text, Case other, DuplicatePolicy policy)
    {
        double? distance = current.Place is { } here && other.Place is { } there ? Coordinates.DistanceM(here, there) : null;
        if (distance > policy.WithinMeters || (distance is null && current.Territory != other.Territory))
            return null;
        var words = Math.Max(Common(title, Pairs(other.Title)), Common(text, Pairs($"{other.Title} {other.Description}")));
        var place = distance is { } apart ? 1 - (apart / policy.WithinMeters) : 0.5;
        var category = current.Category is "" || other.Category is "" ? 0.5 : current.Category == other.Category ? 1 : 0;
        return new Likeness(
            other, (int)Math.Round((Words * words) + (Place * place) + (Category * category)), (int)Math.Round(100 * words), distance);
    }

    /// <summary>Pairs of neighbouring letters and digits: Chinese needs no words for it.</summary>
    private static HashSet<(char, char)> Pairs(string text)
    {
        var pairs = new HashSet<(char, char)>();
        var last = '\0';
        foreach (var letter in text.Where(char.IsLetterOrDigit).Select(char.ToLowerInvariant))
        {
            if (last is not '\0')
                pairs.Add((last, letter));
            last = letter;
        }
        return pairs;
    }

    // Twice what is common, of what both have (Dice).
    private static double Common(HashSet<(char, char)> one, HashSet<(char, char)> other) =>
        one.Count + other.Count is 0 ? 0 : 2.0 * one.Count(other.Contains) / (one.Count + other.Count);
}
