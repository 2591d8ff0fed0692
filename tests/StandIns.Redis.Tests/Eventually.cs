using System.Diagnostics;

namespace Governance.StandIns.Redis.Tests;

public static class Eventually
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    public static Task BecomesTrueAsync(Func<bool> condition, Func<string> otherwise) =>
        BecomesTrueAsync(() => Task.FromResult(condition()), otherwise);

    public static async Task BecomesTrueAsync(Func<Task<bool>> condition, Func<string> otherwise)
    {
        var watch = Stopwatch.StartNew();
        while (!await condition())
        {
            if (watch.Elapsed > Limit) Assert.Fail(otherwise());
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Waits with a limit: a hang is a failure with a name, not a stuck run.</summary>
    public static Task InTimeAsync(this Task task) => task.WaitAsync(Limit, TestContext.Current.CancellationToken);

    public static Task<T> InTimeAsync<T>(this Task<T> task) => task.WaitAsync(Limit, TestContext.Current.CancellationToken);
}
