using System.Runtime.CompilerServices;

namespace Pipelines.Sockets.Unofficial.Arenas;

/// <summary>
/// Hands out runs of elements that all live until the next <see cref="Reset"/>. Used by one thread at a time, except
/// for <see cref="Dispose"/>, which may come from another while a run is still in use.
/// </summary>
public sealed class Arena<T> : IDisposable
{
    // Below the size from which arrays go to the large object heap, so an idle connection costs little.
    private const int DefaultBlockBytes = 64 * 1024;
    private const int FirstBlockLength = 32;

    private readonly List<T[]> _blocks = [];
    private readonly Allocator<T> _allocator;
    private readonly Func<long, long, long> _retention;
    private readonly int _blockLength;
    private int _block;
    private int _offset;
    private long _used;
    private long _retained;
    private volatile bool _disposed;

    public Arena(ArenaOptions? options = null, Allocator<T>? allocator = null)
    {
        options ??= ArenaOptions.Default;
        _allocator = allocator ?? Allocator<T>.Default;
        _retention = options.RetentionPolicy;
        var blockBytes = options.BlockSizeBytes > 0 ? options.BlockSizeBytes : DefaultBlockBytes;
        _blockLength = Math.Max(1, blockBytes / Unsafe.SizeOf<T>());
    }

    /// <summary>A run of default elements, always in one piece.</summary>
    public Sequence<T> Allocate(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (length == 0) return default;

        while (_block < _blocks.Count && _blocks[_block].Length - _offset < length)
        {
            _block++;
            _offset = 0;
        }

        if (_block == _blocks.Count) _blocks.Add(_allocator.Allocate(Math.Max(length, NextBlockLength())));

        var run = new Sequence<T>(_blocks[_block], _offset, length);
        _offset += length;
        _used += length;
        return run;
    }

    /// <summary>Takes every run back. Reading one afterwards is the caller's mistake.</summary>
    public void Reset()
    {
        if (_disposed) return;

        ClearUsed();
        _retained = Math.Max(_retention(_retained, _used), _blocks.Count > 0 ? _blocks[0].Length : 0);
        ForgetBeyond(_retained);
        _block = 0;
        _offset = 0;
        _used = 0;
    }

    // The blocks stay with whoever still reads from them: clearing them here would turn a reply that is being parsed
    // on another thread into a wrong one instead of a failed one.
    public void Dispose() => _disposed = true;

    private int NextBlockLength() =>
        _blocks.Count == 0 ? Math.Min(FirstBlockLength, _blockLength) : (int)Math.Min(_blockLength, _blocks[^1].Length * 4L);

    // Elements may hold references into network buffers, which must not outlive the reply they came with.
    private void ClearUsed()
    {
        for (var i = 0; i < _block && i < _blocks.Count; i++) Array.Clear(_blocks[i]);
        if (_block < _blocks.Count) Array.Clear(_blocks[_block], 0, _offset);
    }

    private void ForgetBeyond(long length)
    {
        var total = 0L;
        foreach (var block in _blocks) total += block.Length;
        while (_blocks.Count > 1 && total - _blocks[^1].Length >= length)
        {
            total -= _blocks[^1].Length;
            _blocks.RemoveAt(_blocks.Count - 1);
        }
    }
}
