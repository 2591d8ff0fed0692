namespace Governance.TestKit;

/// <summary>A clock that tests set; it goes on from there.</summary>
public sealed class TestClock : TimeProvider
{
    private long offsetTicks;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddTicks(Volatile.Read(ref offsetTicks));

    public void Set(DateTimeOffset instant) => Volatile.Write(ref offsetTicks, (instant - base.GetUtcNow()).Ticks);

    public void Advance(TimeSpan by) => Interlocked.Add(ref offsetTicks, by.Ticks);
}
