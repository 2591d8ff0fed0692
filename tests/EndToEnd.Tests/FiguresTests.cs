using System.Text.Json.Nodes;
using Shouldly;
using Xunit;

namespace Governance.EndToEnd.Tests;

[Collection(StackCollection.Name)]
public sealed class FiguresTests(StackFixture fixture)
{
    private const int OfGrids = 29;

    [Fact]
    public async Task Every_published_figure_of_grids_holds_once_the_packs_are_loaded()
    {
        var found = new Dictionary<string, string>();
        foreach (var city in Directory.GetDirectories(Programs.Seeds).Select(folder => Path.GetFileName(folder)).Order())
        {
            var loaded = await fixture.Stack.GovAsync("seed", "load", city, "--with-history", "--json");
            loaded.ExitCode.ShouldBe(0, loaded.ToString());
            var figures = await fixture.Stack.GovAsync("figures", "--city", city, "--service", "grids", "--json");
            figures.ExitCode.ShouldBe(0, figures.ToString());
            foreach (var figure in JsonNode.Parse(figures.Out)!.AsArray())
                found.Add(figure!["id"]!.GetValue<string>(), figure["state"]!.GetValue<string>());
        }
        found.Where(figure => figure.Value != "holds").ShouldBeEmpty();
        found.Count.ShouldBe(OfGrids);
    }
}
