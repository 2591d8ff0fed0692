using System.Text;

namespace Governance.ServiceDefaults.Indicators;

/// <summary>
/// Records of one kind that indicators are made of: one declaration a capability, registered as a singleton. All SQL in it is
/// constant and names columns of <paramref name="Table"/>, which may also be a query in parentheses.
/// </summary>
/// <param name="Territory">Column with the code of the place, collated "C".</param>
public sealed record Measure(string Name, string Title, string English, string Table, string Territory = "territory")
{
    /// <summary>Tells one record from the others; shown in the drill-down.</summary>
    public string Id { get; init; } = "id";

    /// <summary>SQL type of <see cref="Id"/>.</summary>
    public string IdType { get; init; } = "uuid";

    /// <summary>By what records can be chosen and divided. Codes, never free text.</summary>
    public IReadOnlyList<Dimension> Dimensions { get; init; } = [];

    /// <summary>What places a record in time.</summary>
    public IReadOnlyList<Instant> Instants { get; init; } = [];

    /// <summary>Whole numbers; decimals in their smallest unit.</summary>
    public IReadOnlyList<Number> Numbers { get; init; } = [];

    /// <summary>
    /// For records by the million: the sets of dimensions by which counts are kept as records change. Of those that answer a question
    /// the first does, so the one with the fewest values stands first. Every record has the first of the instants. See docs/decisions/0009.
    /// </summary>
    public IReadOnlyList<IReadOnlyList<string>> Kept { get; init; } = [];

    internal Dimension? Find(string dimension) => Dimensions.FirstOrDefault(d => d.Name == dimension) ?? LevelOf(dimension);

    /// <summary>As <see cref="Find"/>, of those whose values may be shown.</summary>
    internal Dimension? FindShown(string dimension) => Find(dimension) is { IsSubject: false } found ? found : null;

    // Every measure can be divided by the levels of territory.
    private Dimension? LevelOf(string dimension) => dimension switch
    {
        "city" => Prefix(dimension, 4),
        "district" => Prefix(dimension, 6),
        "subdistrict" => Prefix(dimension, 9),
        "community" => Prefix(dimension, 12),
        "grid" => new Dimension(dimension, $"case when length({Territory}) > 12 then {Territory} end") { IsLevel = true },
        _ => null,
    };

    private Dimension Prefix(string name, int digits)
    {
        // A city without districts has subdistricts such as 441900003: 441900 is no district.
        var except = digits is 6 ? $" and right(left({Territory}, 6), 2) <> '00'" : "";
        return new Dimension(name, $"case when length({Territory}) >= {digits}{except} then left({Territory}, {digits}) end") { IsLevel = true };
    }
}

/// <summary>A column, or an expression, with one of few codes. Where it is null, a record belongs to no value.</summary>
public sealed record Dimension(string Name, string Sql, params IReadOnlyList<string> Values)
{
    private IReadOnlyList<string>? stored;

    /// <summary>What stands in the database for each of the values.</summary>
    internal IReadOnlyList<string> Stored => stored ?? Values;

    internal string Type { get; private init; } = "text";

    /// <summary>Whether it is a level of territory.</summary>
    internal bool IsLevel { get; init; }

    /// <summary>Somebody: their values are counted and grouped by, but neither shown nor asked for.</summary>
    public bool IsSubject { get; init; }

    /// <summary>A smallint column that holds an enum; the values are its words, as in <c>mini_programme</c>.</summary>
    public static Dimension Of<TEnum>(string name, string? sql = null)
        where TEnum : struct, Enum =>
        new(name, sql ?? name, [.. Enum.GetNames<TEnum>().Select(WordOf)])
        {
            stored = [.. Enum.GetValues<TEnum>().Select(v => v.ToString("D"))],
            Type = "smallint",
        };

    internal string ToStored(string value) => stored is null ? value : stored[IndexOf(Values, value)];

    internal string ToWord(string value) => stored is not null && IndexOf(stored, value) is >= 0 and var at ? Values[at] : value;

    private static int IndexOf(IReadOnlyList<string> list, string value)
    {
        for (var i = 0; i < list.Count; i++)
            if (list[i] == value)
                return i;
        return -1;
    }

    // MiniProgramme becomes mini_programme.
    private static string WordOf(string name)
    {
        var word = new StringBuilder();
        foreach (var letter in name)
        {
            if (char.IsUpper(letter) && word.Length > 0)
                word.Append('_');
            word.Append(char.ToLowerInvariant(letter));
        }
        return word.ToString();
    }
}

/// <summary>A timestamptz; null in records that it does not place.</summary>
public sealed record Instant(string Name, string Sql)
{
    /// <summary>
    /// SQL of a second timestamptz, from which on a record is no longer what it became at the instant: among what has passed it does
    /// not count any more. Null in records without an end. For what is in force now; not together with kept counts.
    /// </summary>
    public string? Until { get; init; }
}

/// <summary>A whole number; null in records that have none.</summary>
public sealed record Number(string Name, string Sql);
