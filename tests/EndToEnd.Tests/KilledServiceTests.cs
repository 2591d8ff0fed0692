using Governance.Common.V1;
using Governance.TestKit;
using Shouldly;
using Xunit;

namespace Governance.EndToEnd.Tests;

[Collection(StackCollection.Name)]
public sealed class KilledServiceTests(StackFixture fixture)
{
    private readonly RunningStack stack = fixture.Stack;

    [Fact]
    public async Task A_killed_service_is_started_again_and_the_terminal_says_so()
    {
        var before = stack.PidsOf("volunteers");
        before.ShouldNotBeEmpty();
        stack.Kill("volunteers");

        var lines = await Eventually.BecomesAsync(
            () => Task.FromResult(stack.Lines), all => all.Any(line => line.Contains("volunteers") && line.EndsWith("is ready again")),
            TimeSpan.FromSeconds(60));
        lines.ShouldContain(line => line.Contains("volunteers") && line.Contains("exit code 137") && line.Contains("starts again in 1 s"));
        var after = await Eventually.BecomesAsync(() => Task.FromResult(stack.PidsOf("volunteers")), pids => pids.Count > 0 && !pids.Intersect(before).Any());
        after.ShouldNotBeEmpty();

        var indicators = await new Indicators.IndicatorsClient(stack.As("volunteers", "officer")).GetIndicatorsAsync(new GetIndicatorsRequest());
        indicators.Indicators.Single(one => one.Name == "teams").Value.ShouldBe(3200);
    }
}
