namespace Aspire.Hosting.Local;

/// <summary>
/// What the run says on the terminal: a line for each thing that happens, with the seconds since the start, and a table at the end.
/// </summary>
internal sealed class Board(TextWriter output, TimeProvider time)
{
    private readonly long started = time.GetTimestamp();

    public TimeSpan Elapsed => time.GetElapsedTime(started);

    public void Say(string resource, string what)
    {
        lock (output) output.WriteLine($"{Elapsed.TotalSeconds,6:0.0} s  {resource,-14}  {what}");
    }

    public void Table(string[] headings, IEnumerable<string[]> rows)
    {
        string[][] all = [headings, .. rows];
        int[] widths = [.. headings.Select((_, column) => all.Max(row => row[column].Length))];
        lock (output)
        {
            output.WriteLine();
            foreach (var row in all)
                output.WriteLine(("  " + string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column])))).TrimEnd());
            output.WriteLine();
        }
    }

    public void Line(string text)
    {
        lock (output) output.WriteLine(text);
    }
}
