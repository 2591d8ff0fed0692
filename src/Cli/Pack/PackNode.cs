using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Governance.Cli.Pack;

/// <summary>
/// A mapping of a pack's file, read key by key. What is missing, of the wrong kind or not known is added to the problems with its
/// place, and reading goes on, so that one run names everything.
/// </summary>
internal sealed class PackNode(string file, YamlMappingNode map, PackProblems problems)
{
    /// <summary>Keys for human readers, allowed everywhere.</summary>
    private static readonly string[] Remarks = ["note", "source", "sources", "names"];

    private readonly HashSet<string> read = [];

    public Spot At { get; } = SpotOf(file, map);

    public static PackNode Empty(string file, PackProblems problems) => new(file, [], problems);

    public bool Has(string key) => Find(key) is not null;

    public Spot SpotOfKey(string key) => Find(key) is { } node ? SpotOf(file, node) : At;

    public void Problem(string key, string message) => problems.Add(SpotOfKey(key), message);

    /// <summary>A text; null in YAML counts as absent.</summary>
    public string Text(string key, int longest, bool required = true)
    {
        var node = Find(key);
        if (node is null || IsNull(node))
        {
            if (required)
                problems.Add(At, $"'{key}' is missing");
            return "";
        }

        return Scalar(key, node, longest) ?? "";
    }

    public string Code(string key, bool required = true)
    {
        var code = Text(key, Codes.Longest, required);
        if (code.Length > 0 && !Codes.IsCode(code))
            Problem(key, $"'{code}' is not a code: letters, digits, '-', '_' and '.', starting with a letter or digit");
        return code;
    }

    public int Number(string key, int least, int most, int? fallback = null)
    {
        var node = Find(key);
        if (node is null || IsNull(node))
        {
            if (fallback is null)
                problems.Add(At, $"'{key}' is missing");
            return fallback ?? least;
        }

        if (Scalar(key, node, 20) is not { } text)
            return least;
        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            && number >= least && number <= most)
            return number;
        problems.Add(SpotOf(file, node), $"'{key}' is {text}; it takes a whole number from {least} to {most}");
        return least;
    }

    public bool Flag(string key, bool? fallback = null)
    {
        var node = Find(key);
        if (node is null)
        {
            if (fallback is null)
                problems.Add(At, $"'{key}' is missing");
            return fallback ?? false;
        }

        var text = Scalar(key, node, 10);
        if (text is "true" or "false")
            return text is "true";
        if (text is not null)
            problems.Add(SpotOf(file, node), $"'{key}' is {text}; it takes true or false");
        return false;
    }

    public DateOnly? Date(string key)
    {
        var text = Text(key, 10);
        if (text.Length == 0)
            return null;
        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date))
            return date;
        Problem(key, $"'{text}' is not a date; write it as in 2026-01-31");
        return null;
    }

    /// <summary>One of the words given; others are named with what may stand there.</summary>
    public T Word<T>(string key, IReadOnlyDictionary<string, T> words, T fallback, bool required = true)
    {
        var text = Text(key, 60, required);
        return text.Length == 0 ? fallback : WordOf(SpotOfKey(key), key, text, words, fallback);
    }

    public IReadOnlyList<T> Words<T>(string key, IReadOnlyDictionary<string, T> words, T fallback) =>
        [.. Texts(key, 60, required: true).Select(item => WordOf(item.At, key, item.Text, words, fallback))];

    public IReadOnlyList<(string Text, Spot At)> Texts(string key, int longest, bool required)
    {
        var items = new List<(string, Spot)>();
        foreach (var item in Sequence(key, required))
        {
            if (Scalar(key, item, longest) is { } text)
                items.Add((text, SpotOf(file, item)));
        }

        return items;
    }

    public IReadOnlyList<string> CodeList(string key, bool required, int mostItems)
    {
        var items = Texts(key, Codes.Longest, required);
        foreach (var (text, at) in items.Where(item => !Codes.IsCode(item.Text)))
            problems.Add(at, $"'{text}' is not a code: letters, digits, '-', '_' and '.', starting with a letter or digit");
        if (items.Count > mostItems)
            Problem(key, $"'{key}' has {items.Count} items; at most {mostItems} are allowed");
        return [.. items.Select(item => item.Text)];
    }

    public PackNode? Map(string key, bool required)
    {
        var node = Find(key);
        if (node is null || IsNull(node))
        {
            if (required)
                problems.Add(At, $"'{key}' is missing");
            return null;
        }

        return AsMap(key, node);
    }

    public IReadOnlyList<PackNode> Maps(string key, bool required = true) =>
        [.. Sequence(key, required).Select(item => AsMap(key, item)).OfType<PackNode>()];

    /// <summary>Names the keys that nothing has read: a slip of the pen there would otherwise change nothing, silently.</summary>
    public void Finish()
    {
        var known = string.Join(", ", read.Order(StringComparer.Ordinal));
        foreach (var key in map.Children.Keys.OfType<YamlScalarNode>())
        {
            if (!read.Contains(key.Value ?? "") && !Remarks.Contains(key.Value))
                problems.Add(SpotOf(file, key), $"'{key.Value}' is not known here; known are {known}");
        }
    }

    public static Spot SpotOf(string file, YamlNode node) => new(file, node.Start.Line, node.Start.Column);

    private PackNode? AsMap(string key, YamlNode node)
    {
        if (node is YamlMappingNode inner)
            return new PackNode(file, inner, problems);
        problems.Add(SpotOf(file, node), $"'{key}' takes keys with values, as in {{ code: ... }}");
        return null;
    }

    private IEnumerable<YamlNode> Sequence(string key, bool required)
    {
        var node = Find(key);
        if (node is YamlSequenceNode items)
            return items.Children;
        if (node is not null && !IsNull(node))
            problems.Add(SpotOf(file, node), $"'{key}' takes a list");
        else if (required)
            problems.Add(At, $"'{key}' is missing");
        return [];
    }

    private T WordOf<T>(Spot at, string key, string text, IReadOnlyDictionary<string, T> words, T fallback)
    {
        if (words.TryGetValue(text, out var value))
            return value;
        problems.Add(at, $"'{key}' is '{text}'; it takes one of {string.Join(", ", words.Keys)}");
        return fallback;
    }

    private string? Scalar(string key, YamlNode node, int longest)
    {
        if (node is not YamlScalarNode { Value: { } value })
        {
            problems.Add(SpotOf(file, node), $"'{key}' takes one value");
            return null;
        }

        var length = value.EnumerateRunes().Count();
        if (length > longest)
            problems.Add(SpotOf(file, node), $"'{key}' has {length} characters; at most {longest} are allowed");
        return value;
    }

    private YamlNode? Find(string key)
    {
        read.Add(key);
        return map.Children.TryGetValue(new YamlScalarNode(key), out var node) ? node : null;
    }

    private static bool IsNull(YamlNode node) =>
        node is YamlScalarNode { Style: ScalarStyle.Plain, Value: null or "" or "null" or "~" };
}
