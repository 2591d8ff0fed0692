using Governance.Common.V1;
using Governance.ServiceDefaults.Database;
using Npgsql;

namespace Governance.ServiceDefaults.Indicators;

/// <summary>
/// A row of an indicator's statement: the number of the term and the part that it is of, and either a value, a cell of kept counts,
/// or a change that is not folded yet with the key that it counts by.
/// </summary>
internal sealed record TermRow(int Term, string? Part, long? N, byte[]? Cell, string? Waiting)
{
    public static TermRow Read(NpgsqlDataReader row) => new(
        row.GetInt32(0), row.TextOrNull(1), row.IsDBNull(2) ? null : row.GetInt64(2),
        row.IsDBNull(3) ? null : row.GetFieldValue<byte[]>(3), row.TextOrNull(4));
}

/// <summary>What a term takes of kept counts: its conditions on their keys, and which part each is of.</summary>
internal sealed class KeptTerm
{
    private readonly Choice inCube;
    private readonly Choice waiting;

    private KeptTerm(string cube, Choice inCube, Choice waiting)
    {
        Cube = cube;
        this.inCube = inCube;
        this.waiting = waiting;
    }

    public string Cube { get; }

    /// <summary>Null when no kept counts have all that the term asks for.</summary>
    public static KeptTerm? Of(Measure measure, IndicatorTerm term, string? divided)
    {
        var dimensions = term.Where.Select(c => c.Dimension).ToHashSet(StringComparer.Ordinal);
        if (divided is not null)
            dimensions.Add(divided);
        if (Kept.CubeFor(measure, dimensions) is not { } cube)
            return null;
        var conditions = term.Where.Select(c => new Condition(
            c.Dimension, c.Values.Select(measure.Find(c.Dimension)!.ToStored).ToHashSet(StringComparer.Ordinal), c.Except)).ToList();
        return new KeptTerm(
            Kept.CubeName(measure, cube), new Choice(measure.Kept[cube], conditions, divided),
            new Choice(Kept.Dimensions(measure), conditions, divided));
    }

    /// <summary>Adds what a row has of the term to the sums of its parts.</summary>
    public void AddTo(Dictionary<string, long> sums, TermRow row, IReadOnlyList<string[]> keys)
    {
        if (row.Cell is { } cell)
            inCube.AddTo(sums, row.Part, cell, keys);
        else if (row.Waiting is { } key)
            waiting.AddTo(sums, row, key.Split(Kept.Separator));
        else
            Add(sums, row.Part, row.N!.Value);
    }

    // What is in no part, nobody needs to be told.
    private static void Add(Dictionary<string, long> sums, string? part, long n)
    {
        if (part is not null)
            sums[part] = sums.GetValueOrDefault(part) + n;
    }

    private sealed record Condition(string Dimension, HashSet<string> Values, bool Except);

    private sealed class Choice(IReadOnlyList<string> dimensions, List<Condition> conditions, string? divided)
    {
        private readonly (int Place, Condition Condition)[] conditions = [.. conditions.Select(c => (PlaceIn(dimensions, c.Dimension), c))];
        private readonly int? divided = divided is null ? null : PlaceIn(dimensions, divided);
        private bool?[] taken = [];

        public void AddTo(Dictionary<string, long> sums, TermRow row, string[] values)
        {
            if (Takes(values))
                Add(sums, divided is { } place ? values[place] : row.Part, row.N!.Value);
        }

        public void AddTo(Dictionary<string, long> sums, string? part, byte[] cell, IReadOnlyList<string[]> keys)
        {
            // A key is looked at once, however many cells have it.
            if (taken.Length < keys.Count)
                taken = new bool?[keys.Count];
            var whole = 0L;
            for (var i = 0; i < Counts.Length(cell); i++)
            {
                var (number, n) = Counts.At(cell, i);
                if (!(taken[number] ??= Takes(keys[number])))
                    continue;
                if (divided is { } place)
                    Add(sums, keys[number][place], n);
                else
                    whole += n;
            }
            if (divided is null)
                Add(sums, part, whole);
        }

        private bool Takes(string[] values)
        {
            foreach (var (place, condition) in conditions)
                if (condition.Values.Contains(values[place]) == condition.Except)
                    return false;
            return true;
        }

        private static int PlaceIn(IReadOnlyList<string> dimensions, string dimension) => dimensions.ToList().IndexOf(dimension);
    }
}
