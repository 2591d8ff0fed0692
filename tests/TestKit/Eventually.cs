using System.Diagnostics;

namespace Governance.TestKit;

/// <summary>Looks again and again until something holds, at most for a while.</summary>
public static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(25);

    public static async Task<T> BecomesAsync<T>(Func<Task<T>> look, Func<T, bool> holds, TimeSpan? patience = null)
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            var seen = await look();
            if (holds(seen))
                return seen;
            if (watch.Elapsed > (patience ?? Patience))
                throw new TimeoutException($"It did not become so within {patience ?? Patience}; last seen: {seen}");
            await Task.Delay(Pause);
        }
    }
}
