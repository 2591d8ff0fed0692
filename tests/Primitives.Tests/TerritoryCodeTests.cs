using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using Xunit;

namespace Governance.Primitives.Tests;

public sealed class TerritoryCodeTests
{
    // Few digits and short steps, so that random codes often contain each other.
    private static readonly Gen<TerritoryCode> Codes =
        from length in Gen.Elements(0, 4, 6, 9, 12, 14, 15, 16)
        from city in Gen.Elements("3406", "3401", "6402")
        from rest in Gen.ArrayOf(Gen.Elements('0', '1', '9'), 12)
        let text = (city + new string(rest))[..Math.Max(length, 4)]
        let code = length == 0 ? TerritoryCode.All
            : TerritoryCode.TryParse(text, out var parsed, out _) ? parsed : TerritoryCode.Parse(city)
        select code;

    [Theory]
    [InlineData("3406", TerritoryLevel.City, "3406", null)]
    [InlineData("340600", TerritoryLevel.City, "3406", null)]
    [InlineData("340602", TerritoryLevel.District, "340602", "3406")]
    [InlineData("340602001", TerritoryLevel.Subdistrict, "340602001", "340602")]
    [InlineData("441900003", TerritoryLevel.Subdistrict, "441900003", "4419")]
    [InlineData("340602001002", TerritoryLevel.Community, "340602001002", "340602001")]
    [InlineData("34060200100200", TerritoryLevel.Grid, "34060200100200", "340602001002")]
    [InlineData("340602001002017", TerritoryLevel.Grid, "340602001002017", "340602001002")]
    [InlineData("3406020010020017", TerritoryLevel.Grid, "3406020010020017", "340602001002")]
    public void Codes_of_every_level_have_their_canonical_form_and_parent(
        string text, TerritoryLevel level, string canonical, string? parent)
    {
        var code = TerritoryCode.Parse(text);

        code.Level.ShouldBe(level);
        code.ToString().ShouldBe(canonical);
        code.Parent?.ToString().ShouldBe(parent);
        TerritoryCode.Parse(canonical).ShouldBe(code);
    }

    [Theory]
    [InlineData(null, TerritoryCodeFault.Empty)]
    [InlineData("", TerritoryCodeFault.Empty)]
    [InlineData("*", TerritoryCodeFault.CountryNotAccepted)]
    [InlineData(" ", TerritoryCodeFault.NotDigits)]
    [InlineData("34060２", TerritoryCodeFault.NotDigits)]
    [InlineData("3406'--", TerritoryCodeFault.NotDigits)]
    [InlineData("340602\0", TerritoryCodeFault.NotDigits)]
    [InlineData("34", TerritoryCodeFault.WrongLength)]
    [InlineData("34060", TerritoryCodeFault.WrongLength)]
    [InlineData("3406020010020", TerritoryCodeFault.WrongLength)]
    [InlineData("34060200100200001", TerritoryCodeFault.WrongLength)]
    [InlineData("340000", TerritoryCodeFault.NotACity)]
    [InlineData("0406", TerritoryCodeFault.NotACity)]
    [InlineData("340602000", TerritoryCodeFault.ZeroSegment)]
    [InlineData("340602001000", TerritoryCodeFault.ZeroSegment)]
    [InlineData("34060200000001", TerritoryCodeFault.ZeroSegment)]
    public void Other_texts_are_refused_with_their_reason(string? text, TerritoryCodeFault expected)
    {
        TerritoryCode.TryParse(text, out var code, out var fault).ShouldBeFalse();

        code.ShouldBeNull();
        fault.ShouldBe(expected);
        Should.Throw<FormatException>(() => TerritoryCode.Parse(text)).Message.ShouldBe(TerritoryCode.Describe(expected));
    }

    [Fact]
    public void The_whole_country_is_only_got_by_name_or_from_a_scope()
    {
        TerritoryCode.TryParseScope("*", out var scope, out _).ShouldBeTrue();
        scope.ShouldBe(TerritoryCode.All);
        TerritoryCode.TryParseScope("", out _, out var fault).ShouldBeFalse();
        fault.ShouldBe(TerritoryCodeFault.Empty);
        TerritoryCode.TryParseScope(null, out _, out _).ShouldBeFalse();
        TerritoryCode.TryParseScope("340602", out var district, out _).ShouldBeTrue();
        district.ShouldBe(TerritoryCode.Parse("340602"));

        TerritoryCode.All.Contains(TerritoryCode.Parse("3406")).ShouldBeTrue();
        TerritoryCode.Parse("3406").Contains(TerritoryCode.All).ShouldBeFalse();
        TerritoryCode.All.ToString().ShouldBe("*");
        TerritoryCode.All.Parent.ShouldBeNull();
    }

    [Fact]
    public void A_city_contains_all_codes_with_its_four_digits_and_no_others()
    {
        var huaibei = TerritoryCode.Parse("340600");

        huaibei.Contains(TerritoryCode.Parse("340621100201")).ShouldBeTrue();
        huaibei.Contains(TerritoryCode.Parse("340700")).ShouldBeFalse();
        TerritoryCode.Parse("340602").Contains(huaibei).ShouldBeFalse();
    }

    [Fact]
    public void A_code_names_its_ancestor_of_each_level()
    {
        var grid = TerritoryCode.Parse("34060200100201");

        grid.AtLevel(TerritoryLevel.Subdistrict).ShouldBe(TerritoryCode.Parse("340602001"));
        grid.AtLevel(TerritoryLevel.Grid).ShouldBe(grid);
        grid.AtLevel(TerritoryLevel.Country).ShouldBeNull();
        TerritoryCode.Parse("441900003").AtLevel(TerritoryLevel.District).ShouldBeNull();
        TerritoryCode.Parse("3406").AtLevel(TerritoryLevel.Grid).ShouldBeNull();
    }

    [Fact]
    public void Containment_is_a_partial_order()
    {
        Property.Holds(Codes, a => a.Contains(a));
        Property.Holds(Gen.Zip(Codes, Codes), p => !(p.Item1.Contains(p.Item2) && p.Item2.Contains(p.Item1)) || p.Item1 == p.Item2, 2000);
        Property.Holds(
            Property.Three(Codes, Codes, Codes),
            t => !(t.Item1.Contains(t.Item2) && t.Item2.Contains(t.Item3)) || t.Item1.Contains(t.Item3),
            2000);
        Property.Holds(Codes, a => a.Parent is not { } parent || (parent.Contains(a) && parent.Level < a.Level));
    }

    [Fact]
    public void Containment_is_the_range_of_strings_between_the_two_ends() => Property.Holds(
        Gen.Zip(Codes, Codes.Where(c => c != TerritoryCode.All)),
        pair =>
        {
            var (low, high) = pair.Item1.PrefixRange;
            var text = pair.Item2.ToString();
            var inRange = string.CompareOrdinal(text, low) >= 0 && string.CompareOrdinal(text, high) < 0;
            return pair.Item1.Contains(pair.Item2) == inRange;
        },
        2000);

    [Fact]
    public void Order_and_equality_agree_with_the_digits()
    {
        Property.Holds(Gen.Zip(Codes, Codes), p => (p.Item1.CompareTo(p.Item2) == 0) == (p.Item1 == p.Item2));
        Property.Holds(Gen.Zip(Codes, Codes), p => p.Item1 != p.Item2 || p.Item1.GetHashCode() == p.Item2.GetHashCode());
        Property.Holds(Gen.Zip(Codes, Codes), p => !p.Item1.Contains(p.Item2) || p.Item1.CompareTo(p.Item2) <= 0);
    }

    [Fact]
    public void No_random_text_throws_or_reaches_the_whole_country() => Property.Holds(
        ArbMap.Default.GeneratorFor<string?>(),
        text => !TerritoryCode.TryParse(text, out var code, out var fault) ? fault != TerritoryCodeFault.None : code != TerritoryCode.All);

    [Fact]
    public void Json_is_the_canonical_string_and_an_invalid_one_is_refused()
    {
        JsonSerializer.Serialize(TerritoryCode.Parse("340600")).ShouldBe("\"3406\"");
        JsonSerializer.Deserialize<TerritoryCode>("\"340602\"").ShouldBe(TerritoryCode.Parse("340602"));
        Should.Throw<JsonException>(() => JsonSerializer.Deserialize<TerritoryCode>("\"\""));
        Should.Throw<JsonException>(() => JsonSerializer.Deserialize<TerritoryCode>("\"*\""));
        Should.Throw<JsonException>(() => JsonSerializer.Deserialize<TerritoryCode>("340602"));
    }

    [Fact]
    public void A_period_covers_its_first_day_and_not_its_last()
    {
        var day = new DateOnly(2026, 5, 1);
        var period = new ValidityPeriod(day, day.AddDays(2));

        period.Covers(day).ShouldBeTrue();
        period.Covers(day.AddDays(1)).ShouldBeTrue();
        period.Covers(day.AddDays(2)).ShouldBeFalse();
        period.Covers(day.AddDays(-1)).ShouldBeFalse();
        new ValidityPeriod(day).Covers(DateOnly.MaxValue).ShouldBeTrue();
        Should.Throw<ArgumentOutOfRangeException>(() => new ValidityPeriod(day, day));
    }

    [Fact]
    public void Periods_overlap_exactly_when_they_share_a_day()
    {
        var first = new DateOnly(2026, 1, 1);
        var periods =
            from start in Gen.Choose(0, 8)
            from length in Gen.Choose(0, 5)
            select new ValidityPeriod(first.AddDays(start), length == 0 ? null : first.AddDays(start + length));
        Property.Holds(
            Gen.Zip(periods, periods),
            p => p.Item1.Overlaps(p.Item2) == Enumerable.Range(0, 20).Any(
                d => p.Item1.Covers(first.AddDays(d)) && p.Item2.Covers(first.AddDays(d))));
    }

    [Fact]
    public void A_merged_territory_keeps_its_history_and_points_to_its_successor()
    {
        var (old, merged) = (TerritoryCode.Parse("340602001002"), TerritoryCode.Parse("340602001601"));
        var until = new DateOnly(2026, 7, 1);

        var territory = new EffectiveTerritory(old, new(new(2020, 1, 1), until), merged);

        territory.IsInForce(until.AddDays(-1)).ShouldBeTrue();
        territory.IsInForce(until).ShouldBeFalse();
        territory.Successor.ShouldBe(merged);
        Should.Throw<ArgumentException>(() => new EffectiveTerritory(old, new(new(2020, 1, 1)), merged));
        Should.Throw<ArgumentException>(() => new EffectiveTerritory(old, new(new(2020, 1, 1), until), old));
        Should.Throw<ArgumentException>(() => new EffectiveTerritory(TerritoryCode.All, new(new(2020, 1, 1))));
    }
}
