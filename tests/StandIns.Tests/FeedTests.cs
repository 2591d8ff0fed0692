using System.Diagnostics;
using System.Text.Json;
using Shouldly;

namespace Governance.StandIns.Tests;

/// <summary>What the projects of the suite reference with either feed, as MSBuild evaluates it.</summary>
public sealed class FeedTests
{
    private static readonly string Root = FindRoot();
    private static readonly HashSet<string> StandIns =
        [.. Directory.GetDirectories(Path.Combine(Root, "src/StandIns")).Select(folder => Path.GetFileName(folder))];
    private static readonly string[] Containers = ["Testcontainers.PostgreSql", "Testcontainers.RabbitMq", "Testcontainers.Redis"];

    [Fact]
    public async Task The_full_feed_gives_every_project_packages_with_versions_and_no_stand_in()
    {
        var full = await EvaluateAsync("full");
        full.Projects("AppHost").ShouldNotBeEmpty("an evaluation without references checks nothing");
        // Stand-ins lean on one another; nothing else may lean on them.
        full.All("project").Where(r => r[2].Contains("/src/StandIns/") && !StandIns.Contains(r[0])).ShouldBeEmpty();
        full.All("package").Select(r => r[2]).Where(id => !full.Versions.TryGetValue(id, out var version) || version is "").ShouldBeEmpty();

        full.Packages("AppHost").ShouldBe(
            ["Aspire.Hosting.AppHost", "Aspire.Hosting.Dotnet", "Aspire.Hosting.PostgreSQL",
                "Aspire.Hosting.RabbitMQ", "Aspire.Hosting.Redis"],
            ignoreOrder: true);
        full.Packages("ServiceDefaults").ShouldContain("Grpc.AspNetCore.HealthChecks");
        full.Packages("TestKit").Intersect(Containers).ShouldBe(Containers, ignoreOrder: true);
        full.Files("TestKit").ShouldBe(["TestServers.FullFeed.cs"]);
        full.Versions["Google.Protobuf"].ShouldNotBe("3.25.1", "the partial feed's downgrade");
    }

    [Fact]
    public async Task The_partial_feed_adds_stand_ins_and_leaves_out_what_it_lacks()
    {
        var partial = await EvaluateAsync("partial");
        partial.Projects("AppHost").ShouldContain(path => path.Contains("/src/StandIns/Aspire.Hosting.AppHost/"));
        partial.Projects("Grids").ShouldNotContain(path => path.Contains("/StandIns/"), "Grids names no such package itself");
        partial.Packages("TestKit").Intersect(Containers).ShouldBeEmpty();
        partial.Files("TestKit").ShouldBe(["TestServers.PartialFeed.cs"]);
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Governance.Micro.sln")))
            folder = folder.Parent.ShouldNotBeNull("not inside the repository");
        return folder.FullName;
    }

    private static async Task<Evaluation> EvaluateAsync(string feed)
    {
        var start = new ProcessStartInfo(
            "dotnet",
            ["msbuild", "tests/StandIns.Tests/feed/feed.proj", "-t:List", "-getTargetResult:List",
                $"-p:Feed={feed}", "-m:1", "-nodeReuse:false"])
        {
            WorkingDirectory = Root,
            RedirectStandardOutput = true,
        };
        // What a surrounding `dotnet test` has set is meant for its own build.
        var foreign = start.Environment.Keys.Where(k => k.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase) || k is "PackageFeed");
        foreach (var name in foreign.ToList())
            start.Environment.Remove(name);
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        process.ExitCode.ShouldBe(0, output);
        using var json = JsonDocument.Parse(output);
        return new Evaluation([.. json.RootElement.GetProperty("TargetResults").GetProperty("List").GetProperty("Items").EnumerateArray()
            .Select(item => item.GetProperty("Identity").GetString()!.Split('|'))]);
    }

    /// <summary>Rows of project, kind, what, and of a package its version.</summary>
    private sealed record Evaluation(IReadOnlyList<string[]> Rows)
    {
        public Dictionary<string, string> Versions { get; } = Rows.Where(r => r[1] is "version").ToDictionary(r => r[2], r => r[3]);

        public IEnumerable<string[]> All(string kind) => Rows.Where(r => r[1] == kind);

        public IReadOnlyList<string> Packages(string project) => Of(project, "package");

        public IReadOnlyList<string> Projects(string project) => Of(project, "project");

        public IReadOnlyList<string> Files(string project) => Of(project, "file");

        private IReadOnlyList<string> Of(string project, string kind) => [.. All(kind).Where(r => r[0] == project).Select(r => r[2])];
    }
}
