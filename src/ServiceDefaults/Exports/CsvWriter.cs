using System.Buffers;
using System.Globalization;
using System.Text;
using Google.Protobuf;
using Governance.Primitives;

namespace Governance.ServiceDefaults.Exports;

/// <summary>
/// Writes CSV as RFC 4180 has it, in UTF-8 with a byte order mark (without it Excel takes Chinese for another encoding), piece by piece:
/// whenever <see cref="IsFull"/>, <see cref="Take"/> gives what there is and begins anew.
/// </summary>
public sealed class CsvWriter
{
    public const int ChunkBytes = 64 * 1024;

    // What spreadsheets take for the beginning of a formula, also in its full-width form, or what lets one slip in (OWASP, CSV injection).
    private static readonly SearchValues<char> FormulaStarts = SearchValues.Create("=+-@\t\r\n＝＋－＠");
    private static readonly SearchValues<char> QuotedFor = SearchValues.Create(",\"\r\n");

    // All of China keeps one time.
    private static readonly TimeSpan LocalOffset = TimeSpan.FromHours(8);

    private readonly ArrayBufferWriter<byte> buffer = new(ChunkBytes + 4096);
    private bool lineBegun;

    public CsvWriter() => Write("\uFEFF");

    public bool IsFull => buffer.WrittenCount >= ChunkBytes;

    /// <summary>A text that somebody wrote. One that a spreadsheet would compute gets an apostrophe before it.</summary>
    public CsvWriter Text(string text)
    {
        Separate();
        if (text.Length > 0 && FormulaStarts.Contains(text[0]))
            text = "'" + text;
        if (text.AsSpan().ContainsAny(QuotedFor))
            text = $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
        Write(text);
        return this;
    }

    public CsvWriter Number(long? number) => Plain(number?.ToString(CultureInfo.InvariantCulture));

    public CsvWriter Number(double? number) => Plain(number?.ToString("R", CultureInfo.InvariantCulture));

    /// <summary>With as many places as it has.</summary>
    public CsvWriter Number(decimal? number) => Plain(number?.ToString(CultureInfo.InvariantCulture));

    /// <summary>Local time, as spreadsheets read it.</summary>
    public CsvWriter Instant(DateTimeOffset? instant) =>
        Plain(instant?.ToOffset(LocalOffset).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture));

    public CsvWriter Day(DateOnly? day) => Plain(IsoDate.Text(day));

    public void EndLine()
    {
        Write("\r\n");
        lineBegun = false;
    }

    /// <summary>What was written since the last time.</summary>
    public ByteString Take()
    {
        var taken = ByteString.CopyFrom(buffer.WrittenSpan);
        buffer.ResetWrittenCount();
        return taken;
    }

    private CsvWriter Plain(string? value)
    {
        Separate();
        Write(value ?? "");
        return this;
    }

    private void Separate()
    {
        if (lineBegun)
            Write(",");
        lineBegun = true;
    }

    private void Write(string text) => Encoding.UTF8.GetBytes(text, buffer);
}
