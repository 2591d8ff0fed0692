using System.Globalization;

namespace Governance.Benchmarks;

/// <summary>A server with all the processes it has started, as /proc shows them.</summary>
internal sealed class ProcessGroup(string name, IReadOnlyList<int> roots)
{
    /// <summary>Clock ticks a second: 100 on every Linux that .NET runs on.</summary>
    private const double TicksPerSecond = 100;

    public string Name { get; } = name;

    public static ProcessGroup Self { get; } = new("client", [Environment.ProcessId]);

    /// <summary>User and system time, with that of children that have ended.</summary>
    public TimeSpan Cpu() => TimeSpan.FromSeconds(Members().Sum(m => m.Ticks) / TicksPerSecond);

    /// <summary>
    /// Memory in MB as the kernel sums it up: <c>Rss</c> counts a page for each process that has it, <c>Pss</c> shares it
    /// among them.
    /// </summary>
    public double MemoryMb(string measure) =>
        Members().Sum(m => File.ReadLines($"/proc/{m.Pid}/smaps_rollup")
            .Where(line => line.StartsWith(measure + ":", StringComparison.Ordinal))
            .Sum(line => long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture))) * 1024 / 1e6;

    private List<Member> Members()
    {
        var all = Directory.EnumerateDirectories("/proc")
            .Where(folder => char.IsAsciiDigit(Path.GetFileName(folder)[0]))
            .Select(Read).OfType<Member>().ToLookup(m => m.Parent);
        var members = new Dictionary<int, Member>();
        var waiting = new Queue<Member>(all.SelectMany(m => m).Where(m => roots.Contains(m.Pid)));
        while (waiting.TryDequeue(out var member))
            if (members.TryAdd(member.Pid, member))
                foreach (var child in all[member.Pid])
                    waiting.Enqueue(child);
        return [.. members.Values];
    }

    // 4711 (name with spaces) S 1 … utime stime cutime cstime …: fields 14 to 17, counted from 1.
    private static Member? Read(string folder)
    {
        try
        {
            var text = File.ReadAllText(Path.Combine(folder, "stat"));
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return new Member(
                int.Parse(Path.GetFileName(folder), CultureInfo.InvariantCulture),
                int.Parse(fields[1], CultureInfo.InvariantCulture),
                fields[11..15].Sum(f => long.Parse(f, CultureInfo.InvariantCulture)));
        }
        catch (IOException)
        {
            // It ended while we looked.
            return null;
        }
    }

    private sealed record Member(int Pid, int Parent, long Ticks);
}

/// <summary>CPU that several groups of processes use between two moments.</summary>
internal sealed class CpuMeter(IReadOnlyList<ProcessGroup> groups)
{
    private readonly TimeSpan[] start = [.. groups.Select(g => g.Cpu())];

    public Dictionary<string, double> MicrosecondsPer(long operations) =>
        groups.Zip(start, (group, before) => (group.Name, Used: (group.Cpu() - before).TotalMicroseconds / Math.Max(1, operations)))
            .Where(g => g.Used >= 0.5)
            .ToDictionary(g => g.Name, g => Math.Round(g.Used, 1));
}
