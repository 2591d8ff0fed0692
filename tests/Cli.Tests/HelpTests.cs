using System.CommandLine;
using System.Text.RegularExpressions;
using Governance.Cli.Commands;
using Shouldly;
using Xunit;

namespace Governance.Cli.Tests;

public sealed class HelpTests
{
    public static TheoryData<string> Commands => [.. All(Gov.Build(Run.Host()), "").Select(entry => entry.Path)];

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task Help_ends_with_an_example(string path)
    {
        var run = await Run.GovAsync([.. Words(path), "--help"]);

        run.ExitCode.ShouldBe(ExitCodes.Done);
        run.Out.ShouldContain("Examples:");
        run.Out.Split("Examples:")[1].ShouldContain("gov ");
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void Examples_can_be_typed_as_they_stand(string path)
    {
        var root = Gov.Build(Run.Host());
        var command = All(root, "").Single(entry => entry.Path == path).Command;
        foreach (var example in Example.Of(command).Where(example => example.StartsWith("gov ", StringComparison.Ordinal)))
            root.Parse(example["gov ".Length..]).Errors.ShouldBeEmpty(example);
    }

    [Fact]
    public async Task Documented_commands_can_be_typed_and_every_group_is_documented()
    {
        var root = Gov.Build(Run.Host());
        var page = Path.Combine(CityPacksTests.Repository(), "docs", "command-line.md");
        var text = await File.ReadAllTextAsync(page, TestContext.Current.CancellationToken);
        var lines = text.Split('\n').Where(line => line.StartsWith("gov ", StringComparison.Ordinal)).ToList();

        lines.ShouldNotBeEmpty();
        foreach (var line in lines)
        {
            var typed = Regex.Replace(line["gov ".Length..], "\\$[A-Z]+", "0197f3c2-7c1e-7a55-9d0f-0d4b7f6a2c11");
            root.Parse(typed).Errors.ShouldBeEmpty(line);
        }

        root.Subcommands.Select(group => group.Name).Where(name => !text.Contains($"`{name}`")).ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void Commands_and_their_options_are_described(string path)
    {
        var command = All(Gov.Build(Run.Host()), "").Single(entry => entry.Path == path).Command;

        command.Description.ShouldNotBeNullOrWhiteSpace();
        command.Options.ShouldAllBe(option => !string.IsNullOrWhiteSpace(option.Description));
        command.Arguments.ShouldAllBe(argument => !string.IsNullOrWhiteSpace(argument.Description));
    }

    [Fact]
    public async Task Help_of_gov_tells_the_exit_codes_and_the_options_of_all_commands()
    {
        var run = await Run.GovAsync("--help");

        run.Out.ShouldContain("Exit codes: 0 done");
        run.Out.ShouldContain("--json");
        run.Out.ShouldContain("GOV_GRIDS");
    }

    [Theory]
    [InlineData("case", "show", "17")]
    [InlineData("case", "list", "--state", "lost")]
    [InlineData("case", "fly")]
    [InlineData("case", "assess", "0197f3c2-7c1e-7a55-9d0f-0d4b7f6a2c11")]
    [InlineData("case")]
    public async Task Wrong_usage_is_told_and_has_its_own_exit_code(params string[] args)
    {
        var run = await Run.GovAsync(args);

        run.ExitCode.ShouldBe(ExitCodes.Usage);
        run.Error.ShouldNotBeEmpty();
    }

    private static IEnumerable<(string Path, Command Command)> All(Command command, string path) =>
        command.Subcommands.SelectMany(child => All(child, $"{path} {child.Name}".Trim())).Prepend((path, command));

    private static string[] Words(string path) => path.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
