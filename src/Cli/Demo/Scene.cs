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

    /// <summary>Categories that a case may be given today, those with one of the words in code or name first.</summary>
    public static async Task<IReadOnlyList<CaseCategory>> CategoriesAsync(
        Stage stage, PublicApi officer, string[] words, CancellationToken cancelled)
    {
        const string Step = "the city's categories of cases are looked up";
        var categories = await stage.StepAsync(Step, async () =>
        {
            var policies = await officer.Policies.ListPoliciesAsync(
                new ListPoliciesRequest { City = stage.City }, cancellationToken: cancelled);
            var today = stage.Clock.GetUtcNow().AddHours(8).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
            var inForce = policies.Policies
                .Where(policy => policy.Cases is not null && string.CompareOrdinal(policy.EffectiveFrom, today) <= 0)
                .OrderByDescending(policy => policy.EffectiveFrom, StringComparer.Ordinal)
                .FirstOrDefault();
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
