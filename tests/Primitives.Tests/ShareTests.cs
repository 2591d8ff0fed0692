using System.Numerics;
using FsCheck.Fluent;
using Shouldly;
using Xunit;

namespace Governance.Primitives.Tests;

public sealed class ShareTests
{
    // An owners' assembly of 90 000 m² and 900 owners (Civil Code, art. 278), the thresholds met or missed by 0.01 m² or one owner.
    [Theory]
    [InlineData(60_000.00, 600, 30_000.01, 301, false, "passed")]
    [InlineData(60_000.00, 600, 30_000.00, 301, false, "failed")]
    [InlineData(60_000.00, 600, 30_000.01, 300, false, "failed")]
    [InlineData(59_999.99, 600, 59_999.99, 600, false, "no quorum")]
    [InlineData(60_000.00, 599, 60_000.00, 599, false, "no quorum")]
    [InlineData(60_000.00, 600, 45_000.00, 450, true, "passed")]
    [InlineData(60_000.00, 600, 44_999.99, 450, true, "failed")]
    [InlineData(60_000.00, 600, 45_000.00, 449, true, "failed")]
    public void Votes_of_an_owners_assembly_are_decided_exactly(
        decimal presentArea, int present, decimal yesArea, int yes, bool special, string expected)
    {
        var quorum = Share.Of(presentArea, 90_000.00m).AtLeast(2, 3) && new Share(present, 900).AtLeast(2, 3);
        Share[] votes = [Share.Of(yesArea, presentArea), new Share(yes, present)];
        var passes = votes.All(v => special ? v.AtLeast(3, 4) : v.MoreThan(1, 2));

        (!quorum ? "no quorum" : passes ? "passed" : "failed").ShouldBe(expected);
    }

    [Fact]
    public void A_share_of_nothing_reaches_no_threshold_and_has_no_percentage()
    {
        foreach (var nothing in new[] { new Share(0, 0), new Share(5, 0), default, Share.Of(0.00m, 0m) })
        {
            nothing.AtLeast(2, 3).ShouldBeFalse();
            nothing.AtLeast(0, 1).ShouldBeFalse();
            nothing.MoreThan(0, 1).ShouldBeFalse();
            nothing.Percent().ShouldBeNull();
        }
    }

    [Theory]
    [InlineData(1, 2, 0, 50)]
    [InlineData(1, 3, 0, 33)]
    [InlineData(2, 3, 0, 67)]
    [InlineData(1, 200, 0, 1)]
    [InlineData(5, 8, 0, 63)]
    [InlineData(999, 1000, 0, 100)]
    [InlineData(0, 7, 0, 0)]
    [InlineData(9, 4, 0, 225)]
    [InlineData(2, 3, 2, 66.67)]
    [InlineData(1, 8, 2, 12.5)]
    public void Published_percentages_round_half_up(int part, int whole, int decimals, decimal percent) =>
        new Share(part, whole).Percent(decimals).ShouldBe(percent);

    [Fact]
    public void Impossible_shares_and_thresholds_are_refused()
    {
        Should.Throw<ArgumentOutOfRangeException>(() => new Share(-1, 2));
        Should.Throw<ArgumentOutOfRangeException>(() => new Share(1, -2));
        Should.Throw<ArgumentOutOfRangeException>(() => Share.Of(-0.01m, 2));
        Should.Throw<ArgumentOutOfRangeException>(() => new Share(1, 2).AtLeast(1, 0));
        Should.Throw<ArgumentOutOfRangeException>(() => new Share(1, 2).Percent(-1));
    }

    [Fact]
    public void The_largest_numbers_compare_exactly()
    {
        new Share(Int128.MaxValue, Int128.MaxValue).AtLeast(1, 1).ShouldBeTrue();
        new Share(Int128.MaxValue - 1, Int128.MaxValue).AtLeast(1, 1).ShouldBeFalse();
        Share.Of(decimal.MaxValue, decimal.MaxValue).MoreThan(1, 1).ShouldBeFalse();
        Share.Of(0.0000000000000000000000000001m, decimal.MaxValue).MoreThan(0, 1).ShouldBeTrue();
    }

    [Fact]
    public void Comparisons_agree_with_reduced_fractions()
    {
        // The model reduces both fractions to one denominator and compares numerators.
        var fractions = Property.Three(Gen.Choose(0, 60), Gen.Choose(1, 60), Gen.Choose(0, 12));
        Property.Holds(
            Gen.Zip(fractions, Gen.Choose(1, 12)),
            t =>
            {
                var ((part, whole, threshold), of) = t;
                var common = whole / BigInteger.GreatestCommonDivisor(whole, of) * of;
                var (left, right) = (part * (common / whole), threshold * (common / of));
                var share = new Share(part, whole);
                return share.AtLeast(threshold, of) == left >= right && share.MoreThan(threshold, of) == left > right;
            },
            3000);
    }

    [Fact]
    public void Decimal_measures_compare_like_their_hundredths() => Property.Holds(
        Property.Three(Gen.Choose(0, 1_000_000), Gen.Choose(1, 1_000_000), Gen.Choose(1, 12)),
        t => Share.Of(t.Item1 / 100m, t.Item2 / 100m).AtLeast(t.Item3, 12) == new Share(t.Item1, t.Item2).AtLeast(t.Item3, 12));

    [Fact]
    public void A_rounded_percentage_is_within_half_a_percent() => Property.Holds(
        Gen.Zip(Gen.Choose(0, 100_000), Gen.Choose(1, 100_000)),
        t =>
        {
            var percent = new Share(t.Item1, t.Item2).Percent()!.Value;
            var twiceOff = 2 * (t.Item1 * 100m - percent * t.Item2);
            return percent == decimal.Truncate(percent) && twiceOff >= -t.Item2 && twiceOff < t.Item2;
        });
}
