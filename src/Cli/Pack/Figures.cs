using System.Globalization;

namespace Governance.Cli.Pack;

/// <summary>
/// A figure that a city has published: which indicator it is of, where, from when until when (days, the last one included), and how
/// its value is meant.
/// </summary>
internal sealed record Figure(string Id, string Service, string Indicator, string Territory, string From, string Until, string Comparator, decimal Value)
{
    /// <summary>How far a figure that is published as "about" may lie off.</summary>
    private const decimal About = 0.05m;

    public bool Holds(decimal computed) => Comparator switch
    {
        ">=" => computed >= Value,
        "<=" => computed <= Value,
        "~" => Math.Abs(computed - Value) <= Value * About,
        _ => computed == Value,
    };
}

/// <summary>Reads `figures.csv` of a pack: a heading, then a figure a line. None of its fields holds a comma.</summary>
internal static class Figures
{
    private const string Heading = "id,service,indicator,territory,from,until,comparator,value";

    private static readonly string[] Comparators = ["=", ">=", "<=", "~"];

    public static IReadOnlyList<Figure> Read(string folder, Func<string, string> nameOf)
    {
        var path = Path.Combine(folder, "figures.csv");
        var problems = new PackProblems();
        var figures = new List<Figure>();
        var lines = File.Exists(path) ? File.ReadAllLines(path) : [];
        if (lines.Length is 0 || lines[0] != Heading)
            problems.Add(new Spot(nameOf(path), 1, 1), $"the first line must be: {Heading}");
        for (var i = 1; i < lines.Length; i++)
        {
            var spot = new Spot(nameOf(path), i + 1, 1);
            if (lines[i].Split(',') is not [var id, var service, var indicator, var territory, var from, var until, var comparator, var text])
                problems.Add(spot, $"a figure has 8 fields, as in {Heading}");
            else if (!Comparators.Contains(comparator))
                problems.Add(spot, $"'{comparator}' is not a comparator; it takes {string.Join(", ", Comparators)}");
            else if (!decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value))
                problems.Add(spot, $"'{text}' is not a number");
            else if (figures.Exists(f => f.Id == id))
                problems.Add(spot, $"the figure {id} stands above already");
            else
                figures.Add(new Figure(id, service, indicator, territory, from, until, comparator, value));
        }
        problems.ThrowIfAny();
        return figures;
    }
}
