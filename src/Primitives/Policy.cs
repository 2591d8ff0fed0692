namespace Governance.Primitives;

/// <summary>
/// One version of a policy. Without <see cref="To"/> it holds until the next version starts; with it, up to but not including that day, and
/// no later version may start before.
/// </summary>
public sealed record PolicyVersion<T>(int Version, DateOnly From, T Value, DateOnly? To = null);

/// <summary>
/// A city's policy over time. What is decided under it stores the version, so that a later change never reopens it.
/// </summary>
public sealed class Policy<T>
{
    private readonly PolicyVersion<T>[] versions;

    /// <exception cref="ArgumentException">Names every problem of <see cref="Problems"/>.</exception>
    public Policy(IEnumerable<PolicyVersion<T>> versions)
    {
        ArgumentNullException.ThrowIfNull(versions);
        this.versions = [.. versions.OrderBy(v => v.From)];
        var problems = Problems(this.versions);
        if (problems.Count > 0)
            throw new ArgumentException(string.Join("; ", problems), nameof(versions));
    }

    /// <summary>Oldest first.</summary>
    public IReadOnlyList<PolicyVersion<T>> Versions => versions;

    /// <summary>Everything that keeps these versions from being one policy; empty when they are.</summary>
    public static IReadOnlyList<string> Problems(IEnumerable<PolicyVersion<T>> versions)
    {
        ArgumentNullException.ThrowIfNull(versions);
        var problems = new List<string>();
        var numbers = new HashSet<int>();
        PolicyVersion<T>? before = null;
        foreach (var version in versions.OrderBy(v => v.From))
        {
            if (!numbers.Add(version.Version))
                problems.Add($"version {version.Version} is given twice");
            if (version.To <= version.From)
                problems.Add($"{Start(version)} and ends on {version.To:yyyy-MM-dd}, not after that");
            if (before is not null && version.From == before.From)
                problems.Add($"versions {before.Version} and {version.Version} both start on {version.From:yyyy-MM-dd}");
            else if (before is not null && version.From < before.To)
                problems.Add($"{Start(version)}, before version {before.Version} ends on {before.To:yyyy-MM-dd}");
            before = version;
        }
        return problems;

        static string Start(PolicyVersion<T> version) => $"version {version.Version} starts on {version.From:yyyy-MM-dd}";
    }

    /// <summary>
    /// The version in force on that day, or null: no policy is in force, and the caller must refuse rather than fall back.
    /// </summary>
    public PolicyVersion<T>? At(DateOnly date)
    {
        var (low, high) = (0, versions.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (versions[middle].From <= date)
                low = middle + 1;
            else
                high = middle;
        }
        if (low == 0)
            return null;
        var last = versions[low - 1];
        return last.To is null || date < last.To ? last : null;
    }
}
