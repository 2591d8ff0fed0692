using System.Text.RegularExpressions;
using Shouldly;
using Xunit;

namespace Governance.ServiceDefaults.Tests;

internal static class RepositoryRoot
{
    public static string Path { get; } = Find();

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(System.IO.Path.Combine(folder.FullName, "Governance.Micro.sln")))
            folder = folder.Parent ?? throw new InvalidOperationException("not inside the repository");
        return folder.FullName;
    }
}

/// <summary>Rules of the house that a compiler does not know.</summary>
public sealed partial class RepositoryTests
{
    private const int LongestFile = 500;

    /// <summary>True edges: where a command starts, ids are made, or a tool of ours runs outside any service.</summary>
    private static readonly string[] Edges = ["src/StandIns/", "src/LocalServers/", "src/AppHost/", "src/Cli/", "src/ServiceDefaults/Database/Ids.cs"];

    [Fact]
    public void Product_code_keeps_the_rules() =>
        SourceFiles("src").SelectMany(f => Problems(f, File.ReadAllText(Path.Combine(RepositoryRoot.Path, f)))).ShouldBeEmpty();

    [Fact]
    public void Tests_neither_skip_nor_sleep() =>
        SourceFiles("tests").Where(f => !f.EndsWith("RepositoryTests.cs", StringComparison.Ordinal))
            .SelectMany(f => TestProblems(f, File.ReadAllText(Path.Combine(RepositoryRoot.Path, f)))).ShouldBeEmpty();

    [Theory]
    [InlineData("var now = DateTime.UtcNow;")]
    [InlineData("var now = DateTimeOffset.Now;")]
    [InlineData("var id = Guid.NewGuid();")]
    [InlineData("throw new NotImplementedException();")]
    [InlineData("// TODO later")]
    [InlineData("Thread.Sleep(5);")]
    public void Code_that_breaks_a_rule_is_found_out(string line)
    {
        Problems("src/Services/Grids/Cases/Case.cs", line).ShouldHaveSingleItem();
        TestProblems("tests/X.cs", "[Fact(Skip = \"later\")]").ShouldHaveSingleItem();
        Problems("src/Services/Grids/Cases/Case.cs", string.Join('\n', Enumerable.Repeat("x", LongestFile + 1))).ShouldHaveSingleItem();
    }

    private static IEnumerable<string> Problems(string file, string text)
    {
        var edge = Edges.Any(file.StartsWith);
        if (text.AsSpan().Count('\n') >= LongestFile && !file.StartsWith("src/StandIns/", StringComparison.Ordinal))
            yield return $"{file} is longer than {LongestFile} lines";
        foreach (var (line, number) in text.Split('\n').Select((l, i) => (l, i + 1)))
            if (Unfinished().IsMatch(line) || (!edge && Edge().IsMatch(line)))
                yield return $"{file}:{number}: {line.Trim()}";
    }

    private static IEnumerable<string> TestProblems(string file, string text) =>
        text.Split('\n').Where(l => Skipped().IsMatch(l)).Select(l => $"{file}: {l.Trim()}");

    private static IEnumerable<string> SourceFiles(string under) =>
        Directory.EnumerateFiles(Path.Combine(RepositoryRoot.Path, under), "*.cs", SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(RepositoryRoot.Path, f))
            .Where(f => !f.Contains("/obj/") && !f.Contains("/bin/"));

    [GeneratedRegex(@"DateTime(Offset)?\.(UtcNow|Now)\b|Guid\.NewGuid\(")]
    private static partial Regex Edge();

    [GeneratedRegex(@"NotImplementedException|\bTODO\b|\bFIXME\b|Thread\.Sleep")]
    private static partial Regex Unfinished();

    [GeneratedRegex(@"Skip ?= ?""|Thread\.Sleep")]
    private static partial Regex Skipped();
}
