using Governance.Primitives;
using Governance.ServiceDefaults.Errors;

namespace Governance.Grids.Dispatch;

/// <summary>Somebody on duty, with what they have in hand.</summary>
public sealed record Candidate(string Subject, string Territory, int Load, DateTimeOffset? LastGivenAt);

/// <summary>Who gets what, pure.</summary>
public static class Roster
{
    public const int MaxDays = 366;

    /// <summary>Fewest first; of equals whoever was given none for longest; of those by subject, so that an answer is repeatable.</summary>
    public static IEnumerable<Candidate> Ranked(IEnumerable<Candidate> candidates) =>
        candidates.OrderBy(c => c.Load).ThenBy(c => c.LastGivenAt ?? DateTimeOffset.MinValue)
            .ThenBy(c => c.Subject, StringComparer.Ordinal);

    /// <summary>
    /// One candidate for each case, in the order of the cases: each goes to whoever ranks first then, who has one more afterwards.
    /// </summary>
    public static Outcome<string[]> Spread(IReadOnlyList<Candidate> onDuty, IReadOnlyList<string> territories, DateTimeOffset now)
    {
        var candidates = onDuty.ToList();
        var chosen = new List<string>();
        foreach (var territory in territories)
        {
            var place = TerritoryCode.Parse(territory);
            if (Ranked(candidates.Where(c => TerritoryCode.Parse(c.Territory).Contains(place))).FirstOrDefault() is not { } best)
                return DispatchErrors.NobodyOnDuty.With(("territory", territory));
            // Whoever is on duty in several territories has one pair of hands.
            candidates = candidates.ConvertAll(c =>
                c.Subject == best.Subject ? c with { Load = c.Load + 1, LastGivenAt = now.AddTicks(chosen.Count) } : c);
            chosen.Add(best.Subject);
        }
        return chosen.ToArray();
    }
}
