using FsCheck.Fluent;
using Shouldly;
using Xunit;

namespace Governance.Primitives.Tests;

public sealed class IsoDateTests
{
    [Fact]
    public void A_day_comes_back_from_its_text() =>
        Property.Holds(
            Gen.Choose(DateOnly.MinValue.DayNumber, DateOnly.MaxValue.DayNumber).Select(DateOnly.FromDayNumber),
            day => IsoDate.Parse(IsoDate.Text(day)) == day && IsoDate.TryParse(IsoDate.Text(day), out var read) && read == day);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("2026-1-31")]
    [InlineData("2026-02-29")]
    [InlineData("31.01.2026")]
    [InlineData("20260131")]
    [InlineData(" 2026-01-31")]
    [InlineData("2026-01-31 ")]
    [InlineData("2026-01-31T00:00:00")]
    [InlineData("２０２６-01-31")]
    public void What_is_no_day_of_that_form_is_refused(string? text)
    {
        IsoDate.TryParse(text, out _).ShouldBeFalse();
        if (text is not null)
            Should.Throw<FormatException>(() => IsoDate.Parse(text));
    }

    [Fact]
    public void No_day_is_empty_text() => IsoDate.Text(null).ShouldBe("");
}
