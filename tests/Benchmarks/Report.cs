using System.Diagnostics;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Governance.Benchmarks;

/// <summary>Runs rounds of limit and ours in turns, and prints a result as one line of JSON.</summary>
internal static class Report
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>
    /// The machine drifts by a quarter within half an hour, so each round of ours stands beside one of its limit, and the
    /// order changes from pair to pair.
    /// </summary>
    public static async Task InTurnsAsync(string name, string unit, string against, int rounds, Func<Task<Sample>> limit, Func<Task<Sample>> ours)
    {
        var limits = new List<Sample>();
        var own = new List<Sample>();
        for (var round = 0; round < rounds; round++)
        {
            if (round % 2 is 0)
                limits.Add(await limit());
            own.Add(await ours());
            if (round % 2 is 1)
                limits.Add(await limit());
            Console.Error.WriteLine($"{name} {round + 1}/{rounds}: {own[^1].PerSecond:F0} of {limits[^1].PerSecond:F0} {unit}");
        }
        Print(name, unit, own, against, limits);
    }

    public static void Print(string name, string unit, List<Sample> own, string? against = null, List<Sample>? limits = null) => Print(new
    {
        Benchmark = name,
        Unit = unit,
        Ours = Spread.Of(own.Select(s => s.PerSecond), 0),
        Against = against,
        Limit = limits is null ? null : Spread.Of(limits.Select(s => s.PerSecond), 0),
        Ratio = limits is null ? null : Spread.Of(own.Zip(limits, (o, l) => o.PerSecond / l.PerSecond), 3),
        Rounds = own.Count,
        LatencyMs = Middle(own)?.LatencyMs,
        CpuUsPerOperation = CpuOf(own),
        LimitCpuUsPerOperation = limits is null ? null : CpuOf(limits),
        Machine = Machine(),
        Commit = Commit(),
        At = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture),
    });

    public static void Print(object result) => Console.WriteLine(JsonSerializer.Serialize(result, Options));

    private static Sample? Middle(List<Sample> samples) => samples.OrderBy(s => s.PerSecond).ElementAtOrDefault(samples.Count / 2);

    private static Dictionary<string, double>? CpuOf(List<Sample> samples) =>
        samples.All(s => s.CpuMicroseconds is null)
            ? null
            : samples.SelectMany(s => s.CpuMicroseconds ?? new Dictionary<string, double>()).GroupBy(c => c.Key)
                .ToDictionary(c => c.Key, c => Spread.Of(c.Select(v => v.Value), 1).Median);

    public static string Machine()
    {
        var model = File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[^1].Trim() ?? "CPU";
        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (1024.0 * 1024 * 1024);
        return $"{Environment.ProcessorCount} x {model}, {memory:F0} GiB, {System.Runtime.InteropServices.RuntimeInformation.FrameworkDescription}";
    }

    public static string Commit()
    {
        using var git = Process.Start(new ProcessStartInfo("git", ["describe", "--always", "--dirty"]) { RedirectStandardOutput = true, RedirectStandardError = true });
        return git?.StandardOutput.ReadToEnd().Trim() is { Length: > 0 } commit ? commit : "unknown";
    }

    private sealed record Spread(double Median, double Min, double Max)
    {
        public static Spread Of(IEnumerable<double> values, int digits)
        {
            var sorted = values.Order().ToArray();
            var half = sorted.Length / 2;
            var median = sorted.Length % 2 is 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
            return new Spread(Math.Round(median, digits), Math.Round(sorted[0], digits), Math.Round(sorted[^1], digits));
        }
    }
}
