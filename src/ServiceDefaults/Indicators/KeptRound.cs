using System.Buffers.Binary;

namespace Governance.ServiceDefaults.Indicators;

/// <summary>The place of kept counts: what is counted, by which instant, where and for how long.</summary>
internal readonly record struct Cell(string Cube, short Clock, short Level, Grain Grain, DateOnly Start, string Territory);

/// <summary>The counts of a cell by the number of their key: ascending, and none of them 0.</summary>
internal sealed record Counts(int[] Keys, int[] Numbers)
{
    private const int Size = 2 * sizeof(int);

    /// <summary>The sum of counts in any order, of a key as often as it comes.</summary>
    public static Counts Of(List<(int Key, int N)> added)
    {
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

    public Counts With(byte[] stored)
    {
        var all = new List<(int, int)>(Keys.Length + Length(stored));
        AddTo(all);
        for (var i = 0; i < Length(stored); i++)
            all.Add(At(stored, i));
        return Of(all);
    }

    /// <summary>As a cell is stored.</summary>
    public byte[] ToBytes()
    {
        var stored = new byte[Size * Keys.Length];
        for (var i = 0; i < Keys.Length; i++)
        {
            BinaryPrimitives.WriteInt32BigEndian(stored.AsSpan(Size * i), Keys[i]);
            BinaryPrimitives.WriteInt32BigEndian(stored.AsSpan(Size * i + sizeof(int)), Numbers[i]);
        }
        return stored;
    }

    /// <summary>How many values a stored cell counts.</summary>
    public static int Length(ReadOnlySpan<byte> stored) => stored.Length / Size;

    /// <summary>One of the counts of a stored cell.</summary>
    public static (int Key, int N) At(ReadOnlySpan<byte> stored, int place) =>
        (BinaryPrimitives.ReadInt32BigEndian(stored[(Size * place)..]), BinaryPrimitives.ReadInt32BigEndian(stored[(Size * place + sizeof(int))..]));

    public void AddTo(List<(int Key, int N)> added)
    {
        for (var i = 0; i < Keys.Length; i++)
            added.Add((Keys[i], Numbers[i]));
    }
}

/// <summary>What a round of changes adds to which cells, and the keys that it found new. No I/O.</summary>
internal sealed class KeptRound
{
    private readonly Dictionary<string, Measure> measures;
    private readonly Dictionary<(string Measure, string Key), (string Cube, int Number)[]> counted = [];
    private readonly Dictionary<(string Cube, string Key), int> known;
    private readonly Dictionary<string, int> next = new(StringComparer.Ordinal);
    private readonly Dictionary<Cell, List<(int Key, int N)>> finest = [];

    public KeptRound(IEnumerable<Measure> kept, IEnumerable<(string Cube, int Number, string Key)> known)
    {
        measures = kept.ToDictionary(m => m.Name);
        this.known = known.ToDictionary(k => (k.Cube, k.Key), k => k.Number);
        foreach (var ((cube, _), number) in this.known)
            next[cube] = Math.Max(next.GetValueOrDefault(cube), number + 1);
    }

    public List<(string Cube, int Number, string Key)> NewKeys { get; } = [];

    /// <summary>Records of one territory and key, by the days on which each of the measure's instants places them.</summary>
    public void Add(string measure, string territory, IReadOnlyList<DateOnly?> days, string key, int n)
    {
        if (!counted.TryGetValue((measure, key), out var cubes))
            counted[(measure, key)] = cubes = CubesOf(measures[measure], key.Split(Kept.Separator));
        var (level, digits) = Kept.Levels[^1];
        for (var clock = 0; clock < days.Count; clock++)
            if (days[clock] is { } day)
                foreach (var (cube, number) in cubes)
                    Append(finest, new Cell(cube, (short)clock, (short)level, Grain.Day, day, Prefix(territory, digits))).Add((number, n));
    }

    /// <summary>What is added to the cells of all levels and grains: to the wider ones, what the narrower ones have come to.</summary>
    public Dictionary<Cell, Counts> Cells()
    {
        var cells = new Dictionary<Cell, Counts>();
        var days = Summed(finest);
        foreach (var (level, digits) in Kept.Levels.Reverse())
        {
            if (level != Kept.Levels[^1].Level)
                days = Gathered(days, cell => cell with { Level = (short)level, Territory = Prefix(cell.Territory, digits) });
            var months = Gathered(days, cell => Over(cell, Grain.Month));
            var quarters = Gathered(months, cell => Over(cell, Grain.Quarter));
            var years = Gathered(quarters, cell => Over(cell, Grain.Year));
            var (weeks, allTime) = (Gathered(days, cell => Over(cell, Grain.Week)), Gathered(years, cell => Over(cell, Grain.AllTime)));
            foreach (var some in (Dictionary<Cell, Counts>[])[days, weeks, months, quarters, years, allTime])
                foreach (var (cell, counts) in some)
                    cells[cell] = counts;
        }
        return cells;

        static Cell Over(Cell cell, Grain grain) => cell with { Grain = grain, Start = Kept.StartOf(grain, cell.Start) };
    }

    private static Dictionary<Cell, Counts> Gathered(Dictionary<Cell, Counts> narrow, Func<Cell, Cell> widen)
    {
        var wide = new Dictionary<Cell, List<(int Key, int N)>>();
        foreach (var (cell, counts) in narrow)
            counts.AddTo(Append(wide, widen(cell)));
        return Summed(wide);
    }

    // What comes to nothing changes nothing.
    private static Dictionary<Cell, Counts> Summed(Dictionary<Cell, List<(int Key, int N)>> added) => added
        .Select(cell => (cell.Key, Counts: Counts.Of(cell.Value)))
        .Where(cell => cell.Counts.Keys.Length > 0)
        .ToDictionary(cell => cell.Key, cell => cell.Counts);

    private static List<(int Key, int N)> Append(Dictionary<Cell, List<(int Key, int N)>> to, Cell cell)
    {
        if (!to.TryGetValue(cell, out var added))
            to[cell] = added = [];
        return added;
    }

    private static string Prefix(string territory, int digits) => territory.Length > digits ? territory[..digits] : territory;

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
