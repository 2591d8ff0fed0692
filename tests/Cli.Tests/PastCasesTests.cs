using System.Text.Json.Nodes;
using Google.Protobuf;
using Governance.Cli.Pack;
using Governance.Grids.V1;
using Shouldly;
using Xunit;

namespace Governance.Cli.Tests;

public sealed class PastCasesTests : IDisposable
{
    private const string Cases =
        """
        seed: 7
        cases:
          - count: 1000
            channel: council
            code: "S-YS-{n:0000}"
            title: "{community}诉求{n}（示例）"
            categories: [street_order, property_service]
            answer: 已解决（示例）
            from: 2018-01-01
            until: 2021-01-01
            longest_days: 15
            satisfied: 90
            late: 5
          - count: 45
            channel: member_registration
            code: "S-BD-{n:000}"
            title: "{grid}难题{n}（示例）"
            from: 2020-12-31
            until: 2021-01-01
            longest_days: 3

        """;

    private readonly SmallPack pack = new();

    public PastCasesTests() => pack.Write("cases.yaml", Cases);

    public void Dispose() => pack.Dispose();

    [Fact]
    public void Every_rule_gives_as_many_cases_as_it_says_in_its_days_and_grids()
    {
        var past = pack.Expand().Past;
        var rows = past.Rows(0, int.MaxValue).ToList();

        past.Count.ShouldBe(1045);
        rows.CountBy(row => row.Channel).ShouldBe(
            [new(CaseChannel.Council, 1000), new(CaseChannel.MemberRegistration, 45)]);
        rows.Select(row => row.Code).Distinct().Count().ShouldBe(1045);
        rows[999].Code.ShouldBe("S-YS-1000");
        rows[0].Title.ShouldBe("东社区诉求1（示例）");
        rows.ShouldAllBe(row => row.State == CaseState.Closed && row.EndedAt >= row.ReportedAt);
        rows.Take(1000).CountBy(row => row.GridCode).ShouldAllBe(grid => grid.Value == 200);
        var (from, until) = (new DateTime(2017, 12, 31, 16, 0, 0, DateTimeKind.Utc), new DateTime(2020, 12, 31, 16, 0, 0, DateTimeKind.Utc));
        rows.ShouldAllBe(row => row.ReportedAt.ToDateTime() >= from && row.EndedAt.ToDateTime() < until);
        rows.Take(1000).CountBy(row => row.ReportedAt.ToDateTime().AddHours(8).Year).ShouldAllBe(year => year.Value > 300);
        rows.Take(1000).Count(row => row.Satisfaction == Satisfaction.Satisfied).ShouldBeInRange(870, 930);
        rows.Take(1000).Count(row => row.Late).ShouldBeInRange(20, 80);
        rows.Skip(1000).ShouldAllBe(row => row.Category == "" && row.Satisfaction == Satisfaction.Unspecified && !row.Late);
    }

    [Fact]
    public void Parts_of_the_cases_are_the_same_as_the_whole_whenever_they_are_made()
    {
        var whole = pack.Expand().Past.Rows(0, int.MaxValue).ToList();
        var past = pack.Expand().Past;

        var parts = Enumerable.Range(0, 11).Reverse().Select(part => past.Rows(part * 100, 100).ToList()).Reverse().SelectMany(part => part);

        parts.Select(row => row.ToByteString()).ShouldBe(whole.Select(row => row.ToByteString()));
        pack.Replace("cases.yaml", "seed: 7", "seed: 8");
        pack.Expand().Past.Rows(0, int.MaxValue).ShouldNotBe(whole);
    }

    [Fact]
    public void Cases_of_a_rule_within_a_territory_lie_in_its_grids_alone()
    {
        pack.Replace("cases.yaml", "longest_days: 3", "longest_days: 3\n    within: \"349901001002\"");
        var past = pack.Expand().Past;

        past.Rows(1000, 45).CountBy(row => row.GridCode).ToDictionary()
            .ShouldBe(new Dictionary<string, int> { ["34990100100201"] = 23, ["34990100100202"] = 22 });
        past.Rows(0, 1000).Select(row => row.GridCode).Distinct().Count().ShouldBe(5);
    }

    [Fact]
    public void Cases_are_made_as_they_are_asked_for()
    {
        pack.Replace("cases.yaml", "count: 1000", "count: 5000000");
        var past = pack.Expand().Past;

        var before = GC.GetAllocatedBytesForCurrentThread();
        past.Rows(4_999_990, 10).Count().ShouldBe(10);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(1_000_000);
    }

    [Theory]
    [InlineData("until: 2021-01-01\n    longest_days: 15", "until: 2018-01-01\n    longest_days: 15", "'until' must lie after 'from'")]
    [InlineData("street_order, property_service", "street_order, dancing", "'dancing' is no category of policies.yaml")]
    [InlineData("S-YS-{n:0000}", "S-YS", "the code needs {n}")]
    [InlineData("S-BD-{n:000}", "S-YS-{n:0000}", "the codes are those of the rule at")]
    [InlineData("channel: council", "channel: rumour", "'channel' is 'rumour'")]
    [InlineData("satisfied: 90", "satisfied: 101", "'satisfied' is 101")]
    [InlineData("seed: 7", "sead: 7", "'seed' is missing")]
    [InlineData("longest_days: 3", "longest_days: 3\n    within: \"349902\"", "the pack has no grid there that past cases could lie in")]
    public void Every_slip_is_named(string right, string wrong, string problem)
    {
        pack.Replace("cases.yaml", right, wrong);

        pack.Problems().ShouldContain(told => told.StartsWith("cases.yaml:", StringComparison.Ordinal) && told.Contains(problem, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Past_cases_are_sent_only_when_asked_for_and_a_second_load_changes_nothing()
    {
        pack.Replace("city.yaml", "count: 5", "count: 4");
        pack.Replace("cases.yaml", "count: 1000", "count: 20500");
        await using var stack = await FakeStack.StartAsync();

        var plain = await Run.GovAsync(pack.Root, stack.Variables, "seed", "load", "small", "--json");
        var first = await Run.GovAsync(pack.Root, stack.Variables, "seed", "load", "small", "--with-history", "--json");
        var second = await Run.GovAsync(pack.Root, stack.Variables, "seed", "load", "small", "--with-history", "--json");

        plain.ExitCode.ShouldBe(ExitCodes.Done, plain.Error);
        Loaded(plain).ContainsKey("past_cases").ShouldBeFalse();
        first.ExitCode.ShouldBe(ExitCodes.Done, first.Error);
        Loaded(first)["past_cases"]!["created"]!.GetValue<string>().ShouldBe("20545");
        Loaded(second)["past_cases"]!["unchanged"]!.GetValue<string>().ShouldBe("20545");
        // Twice two imports, with ids of their own.
        stack.Seen.RequestIds.Distinct().Count().ShouldBe((3 * (4 + 4)) + (2 * 2));
        var told = await Run.GovAsync(pack.Root, stack.Variables, "seed", "load", "small", "--with-history");
        (told.Out + told.Error).ShouldContain("past_cases: 20000 of 20545 sent");
    }

    [Fact]
    public void Huaibei_has_as_many_past_cases_as_the_articles_publish()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root!.FullName, "Governance.Micro.sln")))
            root = root.Parent;
        var problems = new PackProblems();
        var read = PackReader.Read(Path.Combine(root.FullName, "seeds", "huaibei"), path => path, problems);
        var past = Expansion.Expand(read!, problems).Past;
        problems.ThrowIfAny();

        var codes = new HashSet<string>();
        var channels = past.Rows(0, past.Count).Where(row => codes.Add(row.Code)).CountBy(row => row.Channel).ToDictionary();
        channels.ShouldBe(new Dictionary<CaseChannel, int>
        {
            [CaseChannel.Council] = 156_000, // HB2-37
            [CaseChannel.CommunityService] = 102_000, // HB2-19
            [CaseChannel.MemberRegistration] = 16_000, // HB2-74; and no petition, HB2-65
        });
    }

    private static JsonObject Loaded(Run run) => JsonNode.Parse(run.Out)!["loaded"]!.AsObject();
}
