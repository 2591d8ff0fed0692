using System.Text.Json.Nodes;
using Governance.Cli.Client;
using Governance.Cli.Pack;
using Governance.Common.V1;
using Governance.Grids.V1;
using Grpc.Core;
using Grpc.Net.Client;
using Shouldly;
using Xunit;

namespace Governance.Cli.Tests;

public sealed class SeedLoadTests : IAsyncLifetime
{
    private readonly SmallPack pack = new();

    private FakeStack stack = null!;

    public async ValueTask InitializeAsync() => stack = await FakeStack.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await stack.DisposeAsync();
        pack.Dispose();
    }

    [Fact]
    public async Task Second_load_asks_again_and_changes_nothing()
    {
        pack.Replace("city.yaml", "count: 5", "count: 4");

        var first = await LoadAsync();
        var second = await LoadAsync();

        first.ExitCode.ShouldBe(ExitCodes.Done, first.Error);
        second.ExitCode.ShouldBe(ExitCodes.Done, second.Error);
        Counts(first, "created").ShouldBe([4, 16, 5, 8, 6]);
        Counts(second, "unchanged").ShouldBe([4, 16, 5, 8, 6]);
        Counts(second, "updated").ShouldBe([0, 0, 0, 0, 0]);
        stack.Seen.RequestIds.Distinct().Count().ShouldBe(2 * (4 + 4));
    }

    [Fact]
    public async Task Indicators_of_the_city_are_put_once_to_the_service_that_counts_them()
    {
        pack.Write("indicators.yaml", SmallPack.Indicators);

        var first = Loaded(await LoadAsync());
        var second = Loaded(await LoadAsync());

        (first["created"]!.GetValue<string>(), second["unchanged"]!.GetValue<string>()).ShouldBe(("3", "3"));
        stack.Seen.Rows.Keys.Count(key => key.StartsWith("indicator ", StringComparison.Ordinal)).ShouldBe(3);

        JsonNode Loaded(Run run) => JsonNode.Parse(run.Out)!["loaded"]!["indicators"]!;
    }

    [Fact]
    public async Task Indicator_that_the_service_does_not_take_is_told_with_its_place_and_keeps_no_other_out()
    {
        pack.Write("indicators.yaml", SmallPack.Indicators);
        pack.Replace("indicators.yaml", "over: { measure: cases, instant: reported }", "over: { measure: cases }");
        pack.Replace("indicators.yaml", "measure: cases, instant: reported, groups", "measure: dogs, instant: reported, groups");

        var run = await Run.GovAsync(pack.Root, stack.Variables, "seed", "load", "small");

        run.ExitCode.ShouldBe(ExitCodes.Refused);
        run.Out.ShouldContain("indicators row 2 quietest (seeds/small/indicators.yaml:14:5): rejected");
        run.Out.ShouldContain("definitions[1].value.measure: no such measure (INDICATOR_MEASURE_UNKNOWN)");
        stack.Seen.Rows.Keys.ShouldContain("indicator noise cases");
    }

    [Fact]
    public async Task Estates_carry_the_ids_that_the_directory_gave_their_companies()
    {
        await LoadAsync();

        stack.Seen.CompanyOfEstate["S-ES-01"].ShouldBe("id-of-S-WY-1");
        stack.Seen.CompanyOfEstate["S-ES-02"].ShouldBe("id-of-S-WY-2");
        stack.Seen.CompanyOfEstate["S-ES-03"].ShouldBeEmpty();
    }

    [Fact]
    public async Task Rejected_row_is_listed_and_ends_with_the_exit_code_of_a_refusal()
    {
        var run = await Run.GovAsync(pack.Root, stack.Variables, "seed", "load", "small");

        run.ExitCode.ShouldBe(ExitCodes.Refused);
        run.Out.ShouldContain("S-RU-05: rejected");
        run.Out.ShouldContain("name: too plain (NAME_PLAIN)");
        run.Out.ShouldContain("网格");
    }

    [Fact]
    public async Task Refusal_in_the_middle_of_an_import_is_told_as_the_service_gave_it()
    {
        stack.Seen.RefuseImports = true;
        using var channel = GrpcChannel.ForAddress(stack.Variables.Values.First(value => value.StartsWith("http", StringComparison.Ordinal)));
        var client = new Boundaries.BoundariesClient(channel);
        var head = new ImportHeader { RequestId = "0193b7a0-0000-7000-8000-000000000001", Territory = "3499" };
        var endless = Enumerable.Repeat(new GridRow { Code = "34990100100101" }, int.MaxValue);

        var refused = await Should.ThrowAsync<RefusedException>(() => ImportStream.SendAsync(
            cancelled => client.ImportGrids(cancellationToken: cancelled), new ImportGridsRequest { Header = head },
            some => new ImportGridsRequest { Rows = { some } }, endless, head, "ImportGrids", _ => { }, TimeProvider.System, CancellationToken.None));

        (refused.Refusal.Code, refused.Refusal.Message).ShouldBe((StatusCode.PermissionDenied, "not yours"));
    }

    [Fact]
    public async Task Broken_pack_sends_nothing()
    {
        pack.Replace("policies.yaml", "4 work_hours", "soon");

        var run = await LoadAsync();

        run.ExitCode.ShouldBe(ExitCodes.PackBroken);
        JsonNode.Parse(run.Error)!["error"]!["problems"]!.AsArray().Count.ShouldBe(1);
        stack.Seen.RequestIds.ShouldBeEmpty();
    }

    [Fact]
    public async Task Pack_that_was_loaded_is_sent_again_only_when_it_changed_or_the_stack_lost_it()
    {
        pack.Replace("city.yaml", "count: 5", "count: 4");
        (await SentAsync()).ShouldBeTrue();
        (await SentAsync()).ShouldBeFalse();

        pack.Replace("city.yaml", "count: 4", "count: 3");
        (await SentAsync()).ShouldBeTrue();
        (await SentAsync()).ShouldBeFalse();
        (await SentAsync("--with-history")).ShouldBeTrue();

        stack.Seen.NoOrganisations = true;
        (await SentAsync("--with-history")).ShouldBeTrue();
    }

    [Fact]
    public async Task Load_with_a_rejected_row_is_no_load_and_is_tried_again()
    {
        (await SentAsync()).ShouldBeTrue();
        (await SentAsync()).ShouldBeTrue();
    }

    private async Task<bool> SentAsync(params string[] more)
    {
        var before = stack.Seen.RequestIds.Count;
        await Run.GovAsync(pack.Root, stack.Variables, ["seed", "load", "small", "--unless-loaded", "loaded", "--json", .. more]);
        return stack.Seen.RequestIds.Count > before;
    }

    private Task<Run> LoadAsync() => Run.GovAsync(pack.Root, stack.Variables, "seed", "load", "small", "--json");

    private static IEnumerable<int> Counts(Run run, string what) =>
        JsonNode.Parse(run.Out)!["loaded"]!.AsObject().Select(kind => int.Parse(kind.Value![what]!.GetValue<string>()));
}
