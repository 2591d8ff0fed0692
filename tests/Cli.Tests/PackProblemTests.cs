using Shouldly;
using Xunit;

namespace Governance.Cli.Tests;

public sealed class PackProblemTests : IDisposable
{
    private readonly SmallPack pack = new();

    public void Dispose() => pack.Dispose();

    [Fact]
    public void Sound_pack_has_no_problems() => pack.Problems().ShouldBeEmpty();

    [Theory]
    [InlineData("grids: 3", "grids: 0", "city.yaml:12:93: 'grids' is 0; it takes a whole number from 1 to 99")]
    [InlineData(
        "households: 1000", "housholds: 1000",
        "city.yaml:12:96: 'housholds' is not known here; known are area, code, grid_kind, grids, households, name")]
    [InlineData("\"349901001002\"", "\"349902001002\"", "city.yaml:13:21: '349902001002' does not lie in 349901001, below which it stands")]
    [InlineData(
        "\"349901001002\"", "\"34990100100\"",
        "city.yaml:13:21: '34990100100' is not the code of a community: 12 digits in quotes")]
    [InlineData(
        "[116.75, 33.90, 116.80, 33.95]", "[116.74, 33.90, 116.80, 33.95]",
        "city.yaml:13:13: the area of 西社区 overlaps that of 东社区 at city.yaml:12:13")]
    [InlineData(
        "[116.75, 33.90, 116.80, 33.95]", "[116.80, 33.90, 116.75, 33.95]",
        "city.yaml:13:54: 'area' is empty: west must be less than east, and south less than north")]
    [InlineData(
        "kind: law_enforcement_department", "kind: police",
        "city.yaml:16:36: 'kind' is 'police'; it takes one of municipal_committee, ")]
    [InlineData("[street_order]", "[street_order, dogs]", "city.yaml:16:125: 'dogs' is no category of policies.yaml")]
    [InlineData(
        "parent: S-SW, responds_to", "parent: S-XX, responds_to",
        "city.yaml:16:5: the parent 'S-XX' of 'S-CG' is no organisation of this pack")]
    [InlineData(
        "code: S-JD", "code: S-CG",
        "city.yaml:17:5: the organisation's code 'S-CG' is there twice; the first is at city.yaml:16:5")]
    [InlineData(
        "under: subdistrict", "under: district",
        "city.yaml:19:5: no district is written above this rule for 349901001001 or around it")]
    [InlineData(
        "\"驻区单位{n:00}（示例）\"", "\"{grid}驻区单位\"",
        "city.yaml:21:65: '{grid}' can't be filled in here; a row of a community knows {n}, {territory}, {city}, {district}")]
    [InlineData("\"S-WY-{n}\"", "\"S-WY\"", "city.yaml:22:47: the organisation's code 'S-WY' is there twice")]
    [InlineData("leader: true", "leader: maybe", "city.yaml:31:48: 'leader' is maybe; it takes true or false")]
    public void Broken_city_file_is_told_with_its_place(string old, string with, string problem)
    {
        pack.Replace("city.yaml", old, with);

        pack.Problems().ShouldContain(line => line.StartsWith(problem, StringComparison.Ordinal), string.Join('\n', pack.Problems()));
    }

    [Theory]
    [InlineData("4 work_hours", "4 hours", "policies.yaml:4:58: '4 hours' is not a time limit")]
    [InlineData("4 work_hours", "0 work_hours", "policies.yaml:4:58: '0 work_hours' is not a time limit")]
    [InlineData("code: property_service", "code: street_order", "policies.yaml:5:17: the category 'street_order' is there twice")]
    [InlineData("\"12:00\"", "\"25:00\"", "policies.yaml:15:44: '25:00' is not a time of the day")]
    [InlineData("from_minute: 840", "from_minute: 700", "policies.yaml:16:9: the span begins before the one above it has ended")]
    [InlineData("max_households: 500", "max_households: 200", "policies.yaml:20:67: the most households are fewer than the fewest")]
    [InlineData("kind: residential, min", "kind: castle, min", "policies.yaml:20:17: 'kind' is 'castle'; it takes one of residential, ")]
    [InlineData("answer_within: 1 work_day", "answer_in: 1 work_day", "policies.yaml:3:5: 'answer_within' is missing")]
    public void Broken_policy_is_told_with_its_place(string old, string with, string problem)
    {
        pack.Replace("policies.yaml", old, with);

        pack.Problems().ShouldContain(line => line.StartsWith(problem, StringComparison.Ordinal), string.Join('\n', pack.Problems()));
    }

    [Theory]
    [InlineData("year: 2026", "year: 2025", "holidays/2026.yaml:1:7: the year is 2025, but the file is named 2026.yaml")]
    [InlineData("2026-01-04", "2026-01-01", "holidays/2026.yaml:5:13: 2026-01-01 is there twice")]
    [InlineData("2026-01-04", "2026-02-30", "holidays/2026.yaml:5:13: '2026-02-30' is not a date")]
    [InlineData("2026-01-04", "2027-01-04", "holidays/2026.yaml:5:13: 2027-01-04 does not belong to the notice of 2026")]
    public void Broken_holiday_file_is_told_with_its_place(string old, string with, string problem)
    {
        pack.Replace("holidays/2026.yaml", old, with);

        pack.Problems().ShouldContain(line => line.StartsWith(problem, StringComparison.Ordinal), string.Join('\n', pack.Problems()));
    }

    [Theory]
    [InlineData("factor: 100", "factor: many", "indicators.yaml:6:13: 'factor' is many; it takes a whole number from 0 to 1000000")]
    [InlineData("unit: cases", "units: cases", "indicators.yaml:14:5: 'unit' is missing")]
    [InlineData("values: [noise]", "value: noise", "indicators.yaml:10:11: 'values' is missing")]
    [InlineData("take: least", "take: smallest", "indicators.yaml:18:102: 'take' is 'smallest'; it takes one of least, greatest, covered")]
    [InlineData("span: month", "span: moon", "indicators.yaml:18:89: 'span' is 'moon'; it takes one of day, week, month, quarter, year")]
    [InlineData(
        "name: quietest", "name: noise",
        "indicators.yaml:14:11: the indicator 'noise' is there twice; the first is at indicators.yaml:2:5")]
    [InlineData(
        "properties:", "property:",
        "indicators.yaml:19:1: 'property' is not known here; known are grids, organisations, properties, volunteers")]
    [InlineData("title: 最少", "title: [最少]", "indicators.yaml:15:12: 'title' takes one value")]
    public void Broken_indicator_is_told_with_its_place(string old, string with, string problem)
    {
        pack.Write("indicators.yaml", SmallPack.Indicators);
        pack.Problems().ShouldBeEmpty();
        pack.Replace("indicators.yaml", old, with);

        pack.Problems().ShouldContain(line => line.StartsWith(problem, StringComparison.Ordinal), string.Join('\n', pack.Problems()));
    }

    [Theory]
    [InlineData("", "indicators.yaml:1:1: the file is empty")]
    [InlineData(
        "- name: a",
        "indicators.yaml:1:1: the file takes services with lists of indicators: organisations, grids, volunteers, properties")]
    public void File_of_indicators_that_holds_none_is_told(string text, string problem)
    {
        pack.Write("indicators.yaml", text);

        pack.Problems().ShouldBe([problem]);
    }

    [Fact]
    public void All_problems_of_all_files_are_told_at_once()
    {
        pack.Replace("city.yaml", "grids: 3", "grids: three");
        pack.Replace("city.yaml", "parent: S-SW, responds_to", "parent: S SW, responds_to");
        pack.Replace("policies.yaml", "4 work_hours", "soon");
        pack.Replace("holidays/2026.yaml", "off: false", "off: no");

        pack.Problems().Select(line => line.Split(':')[0]).ShouldBe(["city.yaml", "city.yaml", "holidays/2026.yaml", "policies.yaml"]);
    }

    [Fact]
    public void File_that_is_not_yaml_is_told_with_the_place_of_the_slip()
    {
        pack.Replace("city.yaml", "city: { code: \"3499\", name: 样板市 }", "city: { code: \"3499\", name: 样板市");

        pack.Problems().ShouldHaveSingleItem().ShouldBe(
            "city.yaml:1:27: this is not YAML from here on: is a bracket, brace or quote left open?");
    }

    [Theory]
    [InlineData("city.yaml")]
    [InlineData("policies.yaml")]
    public void Any_one_character_may_be_missing_without_a_crash(string file)
    {
        var text = File.ReadAllText(Path.Combine(pack.Folder, file));
        for (var at = 0; at < text.Length; at += 3)
        {
            pack.Write(file, text.Remove(at, 1));
            Should.NotThrow(() => pack.Problems(), $"without character {at}");
        }
    }

    [Fact]
    public void Key_that_stands_twice_is_told()
    {
        pack.Replace("city.yaml", "sources: [ 全部虚构 ]", "city: { code: \"3498\", name: 别处 }");

        pack.Problems().ShouldHaveSingleItem().ShouldStartWith("city.yaml:2:1: this is not YAML: ");
    }

    [Fact]
    public void Missing_file_is_told()
    {
        File.Delete(Path.Combine(pack.Folder, "policies.yaml"));

        pack.Problems().ShouldContain("policies.yaml:1:1: the file is missing");
    }

    [Fact]
    public void Organisations_in_a_circle_are_told()
    {
        pack.Replace("city.yaml", "territory: \"3499\", parent: null", "territory: \"3499\", parent: S-CG");

        pack.Problems().ShouldContain("city.yaml:15:5: 'S-SW' is its own superior: S-SW below S-CG");
    }

    [Fact]
    public async Task Broken_pack_ends_seed_with_its_own_exit_code()
    {
        pack.Replace("city.yaml", "grids: 3", "grids: 0");
        pack.Replace("policies.yaml", "4 work_hours", "soon");

        var run = await Run.GovAsync(pack.Root, new Dictionary<string, string>(), "seed", "check", "small");

        run.ExitCode.ShouldBe(ExitCodes.PackBroken);
        run.Error.ShouldContain("seeds/small/city.yaml:12:");
        run.Error.ShouldContain("seeds/small/policies.yaml:4:");
        run.Error.ShouldContain("Nothing was sent.");
    }
}
