namespace Pipelines.Sockets.Unofficial.Arenas;

/// <summary>How an arena keeps its memory.</summary>
/// <param name="flags">Kept for compatibility: used elements are always cleared at reset and memory is never shared between types.</param>
/// <param name="blockSizeBytes">Bytes a block takes, 0 for the default.</param>
/// <param name="retentionPolicy">(elements kept before, elements used since) to elements to keep.</param>
public sealed class ArenaOptions(
    ArenaFlags flags = ArenaFlags.None, int blockSizeBytes = 0, Func<long, long, long>? retentionPolicy = null)
{
    public static ArenaOptions Default { get; } = new();

    public ArenaFlags Flags { get; } = flags;

    public int BlockSizeBytes { get; } = blockSizeBytes;

    // A big reply that arrives in pieces is parsed once a piece, so memory for it must survive some resets; it fades
    // away once replies are small again.
    public Func<long, long, long> RetentionPolicy { get; } =
        retentionPolicy ?? (static (kept, used) => Math.Max(used, kept - kept / 8 - 1));
}

[Flags]
public enum ArenaFlags
{
    None = 0,
    ClearAtReset = 1,
    ClearAtDispose = 2,
    PreferUnmanaged = 4,
    BlittablePaddedSharing = 8,
    BlittableNonPaddedSharing = 16,
}

/// <summary>Where an arena's blocks come from.</summary>
public abstract class Allocator<T>
{
    internal static Allocator<T> Default { get; } = new ArrayAllocator();

    /// <summary>An array of default elements, at least as long as asked.</summary>
    public abstract T[] Allocate(int length);

    private sealed class ArrayAllocator : Allocator<T>
    {
        public override T[] Allocate(int length) => new T[length];
    }
}
