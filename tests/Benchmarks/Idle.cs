namespace Governance.Benchmarks;

/// <summary>What the four services cost while nobody calls them.</summary>
internal static class Idle
{
    public static async Task RunAsync(Stack stack, Settings settings)
    {
        var services = stack.Processes.Where(p => Stack.Services.Contains(p.Name)).ToList();
        var before = services.ToDictionary(s => s.Name, s => s.Cpu());
        await Task.Delay(settings.Round);
        Report.Print(new
        {
            Benchmark = "idle",
            // What they really take: pages that several share, as the runtime's code, count once.
            MemoryMbTogether = Math.Round(services.Sum(s => s.MemoryMb("Pss"))),
            MemoryMb = services.ToDictionary(s => s.Name, s => Math.Round(s.MemoryMb("Pss"))),
            ResidentMbTogether = Math.Round(services.Sum(s => s.MemoryMb("Rss"))),
            CpuPercent = services.ToDictionary(s => s.Name, s => Math.Round((s.Cpu() - before[s.Name]) / settings.Round * 100, 2)),
            Machine = Report.Machine(),
            Commit = Report.Commit(),
        });
    }
}
