using System.Net;
using System.Net.Sockets;
using Governance.Grids.V1;
using Governance.LocalServers;
using Shouldly;
using Xunit;
using Case = Governance.Grids.V1.Case;

namespace Governance.EndToEnd.Tests;

/// <summary>Starting and stopping, each on a stack of its own.</summary>
public sealed class StackLifecycleTests
{
    private const int StartsToTry = 3;

    private static readonly TimeSpan StopsWithin = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task SIGTERM_ends_all_and_a_second_start_keeps_the_data_and_is_quicker()
    {
        using var scratch = new Scratch();
        TimeSpan first;
        Case reported;
        await using (var stack = await RunningStack.StartAsync(scratch.Folder))
        {
            first = stack.StartTook;
            reported = await ReportAsync(stack);
            await StopsWithoutOrphansAsync(stack, scratch);
        }
        // What else the machine does at the moment can slow one start down, hardly several.
        var later = new List<TimeSpan>();
        do
        {
            await using var stack = await RunningStack.StartAsync(scratch.Folder);
            later.Add(stack.StartTook);
            var kept = await new Cases.CasesClient(stack.As("grids", "officer")).GetCaseAsync(new GetCaseRequest { Id = reported.Id });
            kept.Case.ShouldBe(reported);
            await StopsWithoutOrphansAsync(stack, scratch);
        }
        while (later[^1] >= first && later.Count < StartsToTry);
        later.ShouldContain(took => took < first, $"the first took {first}, later ones {string.Join(", ", later)}");
    }

    [Fact]
    public async Task A_busy_port_is_one_clear_line_and_a_failure()
    {
        using var scratch = new Scratch();
        // The layout's first port is PostgreSQL's, 15432 at the base 5100.
        var port = Ports.Free();
        using var somebody = new TcpListener(IPAddress.Loopback, port);
        somebody.Start();
        var ran = await RunningStack.FailToStartAsync("--local", scratch.Folder, "--port-base", $"{port - 15432 + 5100}");
        ran.ExitCode.ShouldBe(1, ran.ToString());
        ran.Error.Trim().ShouldBe($"error: port {port} for postgres is already in use on this machine");
        ProcessesOf(scratch).ShouldBeEmpty();
    }

    [Fact]
    public async Task An_unknown_city_is_one_clear_line_and_a_failure()
    {
        using var scratch = new Scratch();
        var ran = await RunningStack.FailToStartAsync("--local", scratch.Folder, "--city", "atlantis");
        ran.ExitCode.ShouldBe(2, ran.ToString());
        ran.Error.Trim().ShouldBe("error: there is no city pack seeds/atlantis");
    }

    [Fact]
    public async Task A_broken_city_pack_is_told_with_file_and_line_and_nothing_runs_on()
    {
        using var scratch = new Scratch();
        var line = BreakPack(scratch.At("packs/broken"));
        var ran = await RunningStack.FailToStartAsync(
            "--local", scratch.Folder, "--port-base", "auto", "--city", "broken", "--packs", scratch.At("packs"));
        ran.ExitCode.ShouldBe(1, ran.ToString());
        var error = ran.Error.Trim();
        error.ShouldStartWith("error: seed failed (exit code 4): ");
        error.ShouldContain($"packs/broken/city.yaml:{line}:");
        error.ShouldContain("'grids' is 0; it takes a whole number from 1 to 99");
        error.ShouldNotContain('\n');
        ProcessesOf(scratch).ShouldBeEmpty();
    }

    private static async Task<Case> ReportAsync(RunningStack stack)
    {
        var grids = await new Boundaries.BoundariesClient(stack.As("grids", "officer")).ListGridsAsync(new ListGridsRequest { PageSize = 1 });
        var reported = await new Cases.CasesClient(stack.As("grids", "officer")).ReportCaseAsync(new ReportCaseRequest
        {
            RequestId = Guid.NewGuid().ToString(),
            GridCode = grids.Grids[0].Code,
            Title = "路灯不亮",
            Channel = CaseChannel.Hotline,
        });
        return reported.Case;
    }

    private static async Task StopsWithoutOrphansAsync(RunningStack stack, Scratch scratch)
    {
        var pids = stack.Pids();
        // The AppHost, three servers and four services at least.
        pids.Count.ShouldBeGreaterThanOrEqualTo(8);
        var (took, exitCode) = await stack.TerminateAsync();
        took.ShouldBeLessThan(StopsWithin);
        exitCode.ShouldBe(0, string.Join('\n', stack.Lines));
        pids.Where(ProcessTree.IsAlive).ShouldBeEmpty();
        ProcessesOf(scratch).ShouldBeEmpty();
    }

    /// <summary>Whatever runs and has the folder among its arguments or in its environment.</summary>
    private static List<string> ProcessesOf(Scratch scratch)
    {
        var found = new List<string>();
        foreach (var process in Directory.EnumerateDirectories("/proc").Where(path => int.TryParse(Path.GetFileName(path), out _)))
        {
            try
            {
                var command = File.ReadAllText(Path.Combine(process, "cmdline"));
                if (command.Contains(scratch.Folder) || File.ReadAllText(Path.Combine(process, "environ")).Contains(scratch.Folder))
                    found.Add($"{Path.GetFileName(process)}: {command.Replace('\0', ' ')}");
            }
            catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
            {
                // It ended while it was looked at, or belongs to somebody else.
            }
        }
        return found;
    }

    /// <summary>A copy of the city's pack in which one community has no grids; the number of its line.</summary>
    private static int BreakPack(string folder)
    {
        var source = Path.Combine(Programs.Seeds, "huaibei");
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(folder, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
        var city = Path.Combine(folder, "city.yaml");
        var lines = File.ReadAllLines(city);
        var at = Array.FindIndex(lines, line => line.Contains("grids: 5"));
        lines[at] = lines[at].Replace("grids: 5", "grids: 0");
        File.WriteAllLines(city, lines);
        return at + 1;
    }
}
