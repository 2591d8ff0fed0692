using System.Text;
using Governance.ServiceDefaults.Exports;
using Shouldly;
using Xunit;

namespace Governance.ServiceDefaults.Tests;

public sealed class CsvWriterTests
{
    [Theory]
    [InlineData("=1+1", "'=1+1")]
    [InlineData("+86 138", "'+86 138")]
    [InlineData("-2+3", "'-2+3")]
    [InlineData("@SUM(A1)", "'@SUM(A1)")]
    [InlineData("\t=1", "'\t=1")]
    [InlineData("\r=1", "\"'\r=1\"")]
    [InlineData("\n=1", "\"'\n=1\"")]
    [InlineData("＝1", "'＝1")]
    [InlineData("＋1", "'＋1")]
    [InlineData("－1", "'－1")]
    [InlineData("＠1", "'＠1")]
    [InlineData("=HYPERLINK(\"http://x\",\"y\")", "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"")]
    [InlineData("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0")]
    public void A_text_that_a_spreadsheet_would_compute_gets_an_apostrophe(string text, string cell) => Cell(text).ShouldBe(cell);

    [Theory]
    [InlineData("", "")]
    [InlineData("路灯不亮", "路灯不亮")]
    [InlineData("a=b", "a=b")]
    [InlineData("a,b", "\"a,b\"")]
    [InlineData("he said \"no\"", "\"he said \"\"no\"\"\"")]
    [InlineData("two\r\nlines", "\"two\r\nlines\"")]
    [InlineData("1\",=2", "\"1\"\",=2\"")]
    [InlineData("😀", "😀")]
    public void Other_texts_stay_as_they_are_and_are_quoted_where_they_must(string text, string cell) => Cell(text).ShouldBe(cell);

    [Fact]
    public void Numbers_and_instants_stay_plain()
    {
        var csv = new CsvWriter();
        csv.Number(-5).Number((long?)null).Number(-0.5).Number(-50.00m).Number((decimal?)null).Day(new DateOnly(2026, 3, 9));
        csv.Instant(new DateTimeOffset(2026, 3, 8, 23, 30, 0, TimeSpan.Zero)).Instant(null).EndLine();
        Text(csv).ShouldBe("\uFEFF-5,,-0.5,-50.00,,2026-03-09,2026-03-09 07:30:00,\r\n");
    }

    [Fact]
    public void A_file_begins_with_one_byte_order_mark_however_often_it_is_taken()
    {
        var csv = new CsvWriter();
        csv.Text("a").EndLine();
        var first = csv.Take().ToByteArray();
        csv.Text("").Text("b").EndLine();
        first[..3].ShouldBe([0xEF, 0xBB, 0xBF]);
        Text(csv).ShouldBe(",b\r\n");
    }

    private static string Cell(string text)
    {
        var csv = new CsvWriter();
        csv.Text(text);
        return Text(csv)["\uFEFF".Length..];
    }

    private static string Text(CsvWriter csv) => Encoding.UTF8.GetString(csv.Take().Span);
}
