namespace Governance.ServiceDefaults.Indicators;

/// <summary>The place of kept counts: what is counted, by which instant, where and for how long.</summary>
internal readonly record struct Cell(string Cube, short Clock, short Level, Grain Grain, DateOnly Start, string Territory);

/// <summary>The counts of a cell by the number of their key, as they are stored.</summary>
internal sealed record Counts(int[] Keys, int[] Numbers)
{
    public static readonly Counts None = new([], []);

    /// <summary>With others added; what comes to nothing is left out.</summary>
    public Counts With(List<(int Key, int N)> added)
    {
        for (var i = 0; i < Keys.Length; i++)
            added.Add((Keys[i], Numbers[i]));
        added.Sort(static (one, other) => one.Key.CompareTo(other.Key));
        var (keys, numbers) = (new List<int>(added.Count), new List<int>(added.Count));
        for (var i = 0; i < added.Count;)
        {
            var (key, sum) = (added[i].Key, 0);
            for (; i < added.Count && added[i].Key == key; i++)
                sum = checked(sum + added[i].N);
            if (sum is 0)
                continue;
            keys.Add(key);
            numbers.Add(sum);
        }
        return new Counts([.. keys], [.. numbers]);
    }
}

/// <summary>What a round of changes adds to which cells, and the keys that it found new. No I/O.</summary>
internal sealed class KeptRound
{
    private static readonly Grain[] Grains = Enum.GetValues<Grain>();

    private readonly Dictionary<string, Measure> measures;
    private readonly Dictionary<(string Measure, string Key), (string Cube, int Number)[]> counted = [];
    private readonly Dictionary<(string Cube, string Key), int> known;
    private readonly Dictionary<string, int> next = new(StringComparer.Ordinal);

    public KeptRound(IEnumerable<Measure> kept, IEnumerable<(string Cube, int Number, string Key)> known)
    {
        measures = kept.ToDictionary(m => m.Name);
        this.known = known.ToDictionary(k => (k.Cube, k.Key), k => k.Number);
        foreach (var ((cube, _), number) in this.known)
            next[cube] = Math.Max(next.GetValueOrDefault(cube), number + 1);
    }

    /// <summary>What is added to each cell, a key as often as there are changes of it.</summary>
    public Dictionary<Cell, List<(int Key, int N)>> Cells { get; } = [];

    public List<(string Cube, int Number, string Key)> NewKeys { get; } = [];

    /// <summary>Records of one territory and key, by the days on which each of the measure's instants places them.</summary>
    public void Add(string measure, string territory, IReadOnlyList<DateOnly?> days, string key, int n)
    {
        if (!counted.TryGetValue((measure, key), out var cubes))
            counted[(measure, key)] = cubes = CubesOf(measures[measure], key.Split(Kept.Separator));
        foreach (var (level, digits) in Kept.Levels)
        {
            var place = territory.Length > digits ? territory[..digits] : territory;
            for (var clock = 0; clock < days.Count; clock++)
                if (days[clock] is { } day)
                    foreach (var grain in Grains)
                        foreach (var (cube, number) in cubes)
                            Add(new Cell(cube, (short)clock, (short)level, grain, Kept.StartOf(grain, day), place), number, n);
        }
    }

    private void Add(Cell cell, int key, int n)
    {
        if (!Cells.TryGetValue(cell, out var added))
            Cells[cell] = added = [];
        added.Add((key, n));
    }

    // Each cube counts by a part of the key.
    private (string Cube, int Number)[] CubesOf(Measure measure, string[] values)
    {
        var all = Kept.Dimensions(measure).ToList();
        return [.. measure.Kept.Select((dimensions, i) =>
        {
            var cube = Kept.CubeName(measure, i);
            return (cube, NumberOf(cube, string.Join(Kept.Separator, dimensions.Select(d => values[all.IndexOf(d)]))));
        })];
    }

    private int NumberOf(string cube, string key)
    {
        if (known.TryGetValue((cube, key), out var number))
            return number;
        number = next.GetValueOrDefault(cube);
        next[cube] = number + 1;
        known[(cube, key)] = number;
        NewKeys.Add((cube, number, key));
        return number;
    }
}
