using System.Text;
using System.Text.Json.Nodes;
using Shouldly;
using Xunit;

namespace Governance.Cli.Tests;

public sealed class CallTests : IAsyncLifetime
{
    private const string Id = "0197f3c2-7c1e-7a55-9d0f-0d4b7f6a2c11";

    private FakeStack stack = null!;

    public async ValueTask InitializeAsync() => stack = await FakeStack.StartAsync();

    public ValueTask DisposeAsync() => stack.DisposeAsync();

    [Fact]
    public async Task Unavailable_service_is_asked_again_with_the_same_request_id()
    {
        stack.Seen.Unavailable = 2;

        var run = await GovAsync("case", "assess", Id, "--category", "street_order");

        run.ExitCode.ShouldBe(ExitCodes.Done, run.Error);
        stack.Seen.RequestIds.Count.ShouldBe(3);
        var id = Guid.Parse(stack.Seen.RequestIds.Distinct().ShouldHaveSingleItem());
        id.Version.ShouldBe(7);
        run.Out.ShouldContain("[门]");
    }

    [Fact]
    public async Task Exported_pieces_are_one_document()
    {
        var run = await GovAsync("grid", "export");

        run.ExitCode.ShouldBe(ExitCodes.Done, run.Error);
        run.Out.Trim().ShouldBe("{\"features\":[]}");
    }

    [Fact]
    public async Task An_export_is_a_file_of_all_pieces_and_a_cut_one_leaves_none()
    {
        var folder = Directory.CreateTempSubdirectory("gov-export-").FullName;
        var file = Path.Combine(folder, "cases.csv");
        (await GovAsync("case", "export", "--out", file)).ExitCode.ShouldBe(ExitCodes.Unreachable);
        Directory.GetFiles(folder).ShouldBeEmpty();

        var run = await GovAsync("case", "export", "--state", "closed", "--out", file);
        run.ExitCode.ShouldBe(ExitCodes.Done, run.Error);
        (await File.ReadAllTextAsync(file)).ShouldBe("编号\r\n1\r\n");
        Directory.GetFiles(folder).ShouldHaveSingleItem();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Indicators_are_exported_as_they_were_asked_for()
    {
        var folder = Directory.CreateTempSubdirectory("gov-export-").FullName;
        var file = Path.Combine(folder, "numbers.csv");
        var run = await GovAsync(
            "indicators", "export", "--service", "grids", "--names", "cases, grids", "--territory", "349901", "--from", "2026-01-01",
            "--until", "2026-03-31", "--span", "month", "--by", "community", "--out", file);

        run.ExitCode.ShouldBe(ExitCodes.Done, run.Error);
        var lines = (await File.ReadAllTextAsync(file)).Split("\r\n");
        JsonNode.DeepEquals(
            JsonNode.Parse(lines[1]),
            JsonNode.Parse("""
                {"territory": "349901", "names": ["cases", "grids"], "period": {"from": "2026-01-01", "until": "2026-03-31"},
                 "span": "SPAN_MONTH", "dimension": "community"}
                """)).ShouldBeTrue(lines[1]);
        Directory.Delete(folder, recursive: true);
        (await GovAsync("indicators")).Out.ShouldContain("网格");
    }

    [Fact]
    public async Task Check_tells_findings_and_their_sum()
    {
        var run = await GovAsync("grid", "check", "--tolerance", "41");

        run.ExitCode.ShouldBe(ExitCodes.Done, run.Error);
        run.Out.ShouldContain("34990100100101 and 34990100100102 share 42 square metres");
        run.Out.ShouldContain("5 grids: 1 overlaps, 0 gaps, 0 sizes");
    }

    [Fact]
    public async Task Service_that_stays_unavailable_ends_with_the_exit_code_of_the_unreachable()
    {
        stack.Seen.Unavailable = 100;

        var run = await GovAsync("case", "assess", Id, "--category", "street_order");

        run.ExitCode.ShouldBe(ExitCodes.Unreachable);
        run.Error.ShouldContain("DATABASE_UNAVAILABLE");
        stack.Seen.RequestIds.Count.ShouldBe(Client.CallPolicy.Tries);
    }

    [Fact]
    public async Task Refusal_shows_the_reason_every_field_and_the_request_id()
    {
        var run = await GovAsync("case", "reject", Id, "--reason", "x");

        run.ExitCode.ShouldBe(ExitCodes.Refused);
        run.Out.ShouldBeEmpty();
        run.Error.ReplaceLineEndings("\n").ShouldBe(
            $"""
            Refused: 请求有误 (REQUEST_INVALID)
              reason: 太短 (TEXT_SHORT)
              etag: 格式不对 (FORMAT)
              fields = 2
              in governance.grids.v1.Cases/RejectCase, request {stack.Seen.RequestIds.Single()}

            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task Refusal_as_json_holds_the_same()
    {
        var run = await GovAsync("case", "reject", Id, "--reason", "x", "--json");

        var error = JsonNode.Parse(run.Error)!["error"]!;
        error["reason"]!.GetValue<string>().ShouldBe("REQUEST_INVALID");
        error["fieldViolations"]!.AsArray().Count.ShouldBe(2);
        error["requestId"]!.GetValue<string>().ShouldBe(stack.Seen.RequestIds.Single());
        run.Out.ShouldBeEmpty();
    }

    [Fact]
    public async Task Answer_as_json_is_one_document()
    {
        var run = await GovAsync("case", "assess", Id, "--category", "street_order", "--json");

        var item = JsonNode.Parse(run.Out)!;
        item["state"]!.GetValue<string>().ShouldBe("CASE_STATE_ASSESSED");
        item["title"]!.GetValue<string>().ShouldBe("[门]");
    }

    [Theory]
    [InlineData(null, null, "zh")]
    [InlineData("en_GB.UTF-8", null, "en")]
    [InlineData("en_GB.UTF-8", "zh", "zh")]
    public async Task Language_and_an_own_token_travel_with_the_call(string? lang, string? asked, string expected)
    {
        var variables = stack.Variables;
        if (lang is not null)
            variables["LANG"] = lang;
        string[] language = asked is null ? [] : ["--language", asked];

        await Run.GovAsync(
            Path.GetTempPath(), variables, ["case", "assess", Id, "--category", "street_order", "--territory", "349901", .. language]);

        var headers = stack.Seen.Headers.Single();
        headers.GetValue("accept-language").ShouldBe(expected);
        var payload = headers.GetValue("authorization")!.Split('.')[1];
        var claims = JsonNode.Parse(Encoding.UTF8.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(payload)))!;
        claims["roles"]!.ToJsonString().ShouldBe("""["officer"]""");
        claims["territory"]!.GetValue<string>().ShouldBe("349901");
    }

    [Fact]
    public async Task Service_that_does_not_listen_is_named_by_its_address()
    {
        var run = await GovAsync("case", "show", Id, "--grids", "http://127.0.0.1:1");

        run.ExitCode.ShouldBe(ExitCodes.Unreachable);
        run.Error.ShouldContain("http://127.0.0.1:1 does not answer");
    }

    [Fact]
    public async Task Watch_goes_on_behind_its_cursor_after_a_cut_and_after_its_token()
    {
        var run = await GovAsync("case", "watch", "--count", "3", "--json");

        run.ExitCode.ShouldBe(ExitCodes.Done, run.Error);
        run.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonNode.Parse(line)!["entry"]!["sequence"]!.GetValue<int>())
            .ShouldBe([2, 3, 4]);
    }

    [Fact]
    public async Task Watch_with_a_token_that_has_expired_is_not_begun_again()
    {
        var run = await GovAsync("case", "watch", "--count", "1", "--token", "expired");

        run.ExitCode.ShouldBe(ExitCodes.Refused);
        run.Error.ShouldContain("TOKEN_EXPIRED");
    }

    [Fact]
    public async Task Demo_names_the_step_that_failed()
    {
        var run = await GovAsync("demo", "--only", "property");

        run.ExitCode.ShouldBe(ExitCodes.DemoFailed);
        run.Error.ShouldContain("'an estate with a property company is looked up'");
        run.Error.ShouldContain("gov seed load");
    }

    private Task<Run> GovAsync(params string[] args) => Run.GovAsync(Path.GetTempPath(), stack.Variables, args);
}
