using Governance.Cli.Client;
using Governance.Common.V1;
using Governance.Grids.V1;

namespace Governance.Cli.Demo;

/// <summary>What the stories look up before they begin.</summary>
internal static class Scene
{
    public static string CommunityOf(string territory) => territory[..Math.Min(12, territory.Length)];

    public static string SubdistrictOf(string territory) => territory[..9];

    /// <summary>The middle of an area's corners, which lies inside the convex areas of a city pack.</summary>
    public static Point Middle(Polygon area) => new()
    {
        Longitude = area.Points.Average(corner => corner.Longitude),
        Latitude = area.Points.Average(corner => corner.Latitude),
        System = CoordinateSystem.Wgs84,
    };

    /// <summary>The day that it is in the city, or the same day some years on.</summary>
    public static string Today(Stage stage, int years = 0) =>
        stage.Clock.GetUtcNow().AddHours(8).AddYears(years).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>The newest policy of a kind that is in force; null when the city has none.</summary>
    public static async Task<Policy?> InForceAsync(
        Stage stage, PublicApi officer, Func<Policy, bool> ofKind, CancellationToken cancelled)
    {
        var policies = await officer.Policies.ListPoliciesAsync(
            new ListPoliciesRequest { City = stage.City }, cancellationToken: cancelled);
        var today = Today(stage);
        return policies.Policies
            .Where(policy => ofKind(policy) && string.CompareOrdinal(policy.EffectiveFrom, today) <= 0)
            .OrderByDescending(policy => policy.EffectiveFrom, StringComparer.Ordinal)
            .FirstOrDefault();
    }

    /// <summary>Categories that a case may be given today, those with one of the words in code or name first.</summary>
    public static async Task<IReadOnlyList<CaseCategory>> CategoriesAsync(
        Stage stage, PublicApi officer, string[] words, CancellationToken cancelled)
    {
        const string Step = "the city's categories of cases are looked up";
        var categories = await stage.StepAsync(Step, async () =>
        {
            var inForce = await InForceAsync(stage, officer, policy => policy.Cases is not null, cancelled);
            var all = inForce?.Cases.Categories.ToList() ?? [];
            var above = all.Select(category => category.Parent).ToHashSet(StringComparer.Ordinal);
            return all.Where(category => !above.Contains(category.Code) && !category.Verify).ToList();
        });
        stage.Check(Step, categories.Count > 0, () => "the city has no policy for cases; load its pack: gov seed load <city>");
        return [.. categories.OrderByDescending(category =>
            words.Any(word =>
                category.Code.Contains(word, StringComparison.Ordinal) || category.Name.Contains(word, StringComparison.Ordinal)))];
    }
}
