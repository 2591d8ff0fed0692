using System.Diagnostics;

namespace Governance.TestKit;

/// <summary>A clock that tests set; it goes on from there. Elapsed time passes, and can be advanced, but never jumps back.</summary>
public sealed class TestClock : TimeProvider
{
    private long offsetTicks;
    private long advancedTicks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddTicks(Volatile.Read(ref offsetTicks));

    public void Set(DateTimeOffset instant) => Volatile.Write(ref offsetTicks, (instant - base.GetUtcNow()).Ticks);

    public override long GetTimestamp() => Stopwatch.GetElapsedTime(0).Ticks + Volatile.Read(ref advancedTicks);

    public void Advance(TimeSpan by)
    {
        Interlocked.Add(ref offsetTicks, by.Ticks);
        Interlocked.Add(ref advancedTicks, by.Ticks);
    }
}
