using System.Diagnostics;

namespace Governance.Benchmarks;

/// <summary>What a round has done: operations a second, how long each took, and what it cost.</summary>
internal sealed record Sample(double PerSecond, Percentiles? LatencyMs, IReadOnlyDictionary<string, double>? CpuMicroseconds);

internal sealed record Percentiles(double P50, double P95, double P99)
{
    public static Percentiles Of(List<double> values)
    {
        values.Sort();
        return new Percentiles(At(0.5), At(0.95), At(0.99));

        double At(double share) => values.Count is 0 ? 0 : Math.Round(values[Math.Min(values.Count - 1, (int)(share * values.Count))], 2);
    }
}

/// <summary>Calls as many at a time as asked for, for as long as asked for.</summary>
internal static class Load
{
    public const int InFlight = 64;
    public const int Connections = 4;

    public static async Task<Sample> RunAsync(
        TimeSpan duration, IReadOnlyList<ProcessGroup> groups, Func<int, Task> call, int inFlight = InFlight)
    {
        var cpu = new CpuMeter(groups);
        var watch = Stopwatch.StartNew();
        var times = await Task.WhenAll(Enumerable.Range(0, inFlight).Select(worker => Task.Run(async () =>
        {
            var own = new List<double>();
            while (watch.Elapsed < duration)
            {
                var from = Stopwatch.GetTimestamp();
                await call(worker);
                own.Add(Stopwatch.GetElapsedTime(from).TotalMilliseconds);
            }
            return own;
        })));
        var elapsed = watch.Elapsed;
        var all = times.SelectMany(t => t).ToList();
        return new Sample(all.Count / elapsed.TotalSeconds, Percentiles.Of(all), cpu.MicrosecondsPer(all.Count));
    }
}
