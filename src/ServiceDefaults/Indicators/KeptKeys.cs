using Governance.ServiceDefaults.Database;

namespace Governance.ServiceDefaults.Indicators;

/// <summary>The values that kept counts are counted by, by their numbers. Numbers are only added, so what is known stays right.</summary>
public sealed class KeptKeys(ServiceDatabase database)
{
    private volatile Dictionary<string, string[][]> known = [];

    /// <summary>Of a cube all keys there are up to a number, each as its values.</summary>
    public async ValueTask<IReadOnlyList<string[]>> OfAsync(string cube, int upTo, CancellationToken cancellation)
    {
        if (known.GetValueOrDefault(cube, []) is var keys && upTo < keys.Length)
            return keys;
        var all = await database.QueryAsync(
            "select cube, key from kept_keys order by cube, number", r => (Cube: r.GetString(0), Key: r.GetString(1)), [], cancellation);
        known = all.GroupBy(k => k.Cube).ToDictionary(cube => cube.Key, cube => cube.Select(k => k.Key.Split(Kept.Separator)).ToArray());
        return known[cube];
    }
}
