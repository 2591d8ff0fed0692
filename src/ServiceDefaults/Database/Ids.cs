namespace Governance.ServiceDefaults.Database;

/// <summary>Where ids come from: a true edge, since they are random.</summary>
public interface IIds
{
    Guid New(DateTimeOffset now);
}

/// <summary>UUIDs of version 7: they sort by time, so that new rows go to the end of their indexes, and lists have what was made first, first.</summary>
public sealed class TimeOrderedIds : IIds
{
    private const int Fractions = 1 << 12;

    public Guid New(DateTimeOffset now)
    {
        Span<byte> bytes = stackalloc byte[16];
        Guid.CreateVersion7(now).TryWriteBytes(bytes, bigEndian: true, out _);
        // Its time is in milliseconds, in which several commands fit: the twelve bits behind them have the rest (RFC 9562, 6.2, method 3).
        var fraction = now.UtcTicks % TimeSpan.TicksPerMillisecond * Fractions / TimeSpan.TicksPerMillisecond;
        bytes[6] = (byte)(0x70 | (fraction >> 8));
        bytes[7] = (byte)fraction;
        return new Guid(bytes, bigEndian: true);
    }
}
