using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Governance.Cli.Output;

/// <summary>Plain tables and the texts in their cells.</summary>
internal static class Tables
{
    public static Table New(params string[] headings)
    {
        var table = new Table().Border(TableBorder.Rounded);
        foreach (var heading in headings)
        {
            // An id is there to be copied, so it stays in one piece.
            table.AddColumn(new TableColumn(new Text(heading)) { NoWrap = heading == "id" });
        }

        return table;
    }

    /// <summary>Adds a row whose texts are taken as they are, so that a bracket in a title is no markup.</summary>
    public static void Row(this Table table, params object?[] cells) =>
        table.AddRow(cells.Select(cell => (IRenderable)new Text(Cell(cell))));

    /// <summary>Two columns, name and value; rows without a value are left out.</summary>
    public static Table Facts(params (string Name, object? Value)[] facts)
    {
        var table = New("", "").HideHeaders();
        foreach (var (name, value) in facts)
        {
            var text = Cell(value);
            if (text.Length > 0)
                table.Row(name, text);
        }

        return table;
    }

    /// <summary>An instant in local time with its offset, as in `2026-03-02 09:30:00 +08:00`.</summary>
    public static string At(Timestamp? instant) => instant is null
        ? ""
        : instant.ToDateTimeOffset().ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss zzz", CultureInfo.InvariantCulture);

    /// <summary>A span as people say it, as in `0.34 s` or `2 h 05 min`.</summary>
    public static string Span(TimeSpan span) => span switch
    {
        { TotalSeconds: < 60 } => string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:0.00} s"),
        { TotalMinutes: < 60 } => $"{span.Minutes} min {span.Seconds:00} s",
        _ => $"{(int)span.TotalHours} h {span.Minutes:00} min",
    };

    /// <summary>An enum value without its type's prefix, in lower case with underscores, as it is written at the command line.</summary>
    public static string Word(System.Enum value) => EnumWords.Of(value);

    private static string Cell(object? value) => value switch
    {
        null => "",
        string text => text,
        Timestamp instant => At(instant),
        System.Enum word => Convert.ToInt32(word, CultureInfo.InvariantCulture) == 0 ? "" : Word(word),
        bool yes => yes ? "yes" : "",
        IEnumerable<string> texts => string.Join(", ", texts),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };
}
