using System.Collections.Concurrent;
using Grpc.Core;

namespace Governance.Benchmarks;

/// <summary>
/// Lifecycles by few people, then by very many at once, again and again: whether anything fails in a spike, and whether the valley behind
/// it is as fast as the first one.
/// </summary>
internal static class Spikes
{
    private const int InValley = 8;
    private const int InSpike = 512;

    public static async Task RunAsync(Stack stack, Settings settings)
    {
        await using var grids = stack.Database("grids");
        var lifecycle = await Lifecycle.OfAsync(stack);
        var failures = new ConcurrentDictionary<string, int>(StringComparer.Ordinal);
        var phases = new List<object>();
        var valleys = new List<double>();
        try
        {
            await Load.RunAsync(settings.WarmUp, [], lifecycle.LiveAsync);
            await ValleyAsync();
            for (var round = 0; round < settings.Rounds; round++)
            {
                phases.Add(PhaseOf("spike", InSpike, await Load.RunAsync(settings.Round, [], LiveAsync, InSpike)));
                await ValleyAsync();
            }
            Report.Print(new
            {
                Benchmark = $"spikes, {await Past.CountAsync(grids)} cases there",
                Unit = "lifecycles/s",
                Phases = phases,
                SlowestValleyToFirst = Math.Round(valleys.Skip(1).Min() / valleys[0], 3),
                Failures = failures.Values.Sum(),
                FailuresByKind = failures,
                Machine = Report.Machine(),
                Commit = Report.Commit(),
            });
        }
        finally
        {
            await Intake.ForgetAsync(grids);
        }

        async Task ValleyAsync()
        {
            var sample = await Load.RunAsync(settings.Round, [], LiveAsync, InValley);
            valleys.Add(sample.PerSecond);
            phases.Add(PhaseOf("valley", InValley, sample));
        }

        async Task LiveAsync(int worker)
        {
            try
            {
                await lifecycle.LiveAsync(worker);
            }
            catch (RpcException failed)
            {
                failures.AddOrUpdate($"{failed.StatusCode} {failed.Status.Detail}", 1, (_, count) => count + 1);
            }
        }
    }

    private static object PhaseOf(string name, int inFlight, Sample sample) =>
        new { Phase = name, InFlight = inFlight, PerSecond = Math.Round(sample.PerSecond), sample.LatencyMs };
}
