using System.Text.Json.Nodes;
using Shouldly;
using Xunit;

namespace Governance.Cli.Tests;

public sealed class FiguresTests : IAsyncLifetime
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
    public async Task Figures_of_a_service_that_is_away_are_not_ready_and_those_of_the_others_are_told()
    {
        var run = await FiguresAsync("F-1,properties,estates,,,,=,3", "F-2,grids,grids,,,,=,5", "F-3,grids,dogs,,,,=,1");

        run.ExitCode.ShouldBe(ExitCodes.Unreachable, run.Out);
        States(run).ShouldBe(["F-1 not ready", "F-2 holds", "F-3 not ready"]);
        var error = JsonNode.Parse(run.Error)!["error"]!;
        (error["service"]!.GetValue<string>(), error["code"]!.GetValue<string>()).ShouldBe(("properties", "Unavailable"));
    }

    [Fact]
    public async Task A_figure_that_differs_is_told_by_the_exit_code_also_when_a_service_is_away() =>
        (await FiguresAsync("F-1,properties,estates,,,,=,3", "F-2,grids,grids,,,,=,6")).ExitCode.ShouldBe(ExitCodes.FiguresDiffer);

    [Fact]
    public async Task With_all_services_there_a_figure_without_indicator_is_no_failure()
    {
        var run = await FiguresAsync("F-2,grids,grids,,,,=,5", "F-3,grids,dogs,,,,=,1");
        run.ExitCode.ShouldBe(ExitCodes.Done, run.Error);
        run.Error.ShouldBeEmpty();
    }

    private Task<Run> FiguresAsync(params string[] lines)
    {
        pack.Write("figures.csv", string.Join('\n', lines.Prepend("id,service,indicator,territory,from,until,comparator,value")) + "\n");
        var variables = stack.Variables;
        variables[Commands.GlobalOptions.VariableOf("properties")] = "http://127.0.0.1:1";
        return Run.GovAsync(pack.Root, variables, "figures", "--city", "small", "--json");
    }

    private static string[] States(Run run) =>
        [.. JsonNode.Parse(run.Out)!.AsArray().Select(f => $"{f!["id"]!.GetValue<string>()} {f["state"]!.GetValue<string>()}")];
}
