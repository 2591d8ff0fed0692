using System.Buffers;

namespace Pipelines.Sockets.Unofficial.Pumps;

/// <summary>
/// Buffers of one connection only. A client may end a connection while another of its threads still parses a reply or
/// writes a request; with buffers shared between connections that thread would then see, or spoil, somebody else's bytes.
/// </summary>
internal sealed class ConnectionMemory : MemoryPool<byte>
{
    private const int MaxKeptBytes = 256 * 1024;

    private readonly Lock _gate = new();
    private readonly Stack<Buffer> _free = new();
    private int _keptBytes;

    // Without a limit, or the pipe would take larger buffers from the shared pool.
    public override int MaxBufferSize => int.MaxValue;

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        lock (_gate)
        {
            if (_free.TryPeek(out var buffer) && buffer.Bytes.Length >= minBufferSize)
            {
                _free.Pop();
                _keptBytes -= buffer.Bytes.Length;
                return buffer;
            }
        }

        return new Buffer(this, GC.AllocateUninitializedArray<byte>(minBufferSize <= 0 ? 4096 : minBufferSize));
    }

    protected override void Dispose(bool disposing)
    {
    }

    private void Return(Buffer buffer)
    {
        lock (_gate)
        {
            if (_keptBytes + buffer.Bytes.Length > MaxKeptBytes) return;

            _keptBytes += buffer.Bytes.Length;
            _free.Push(buffer);
        }
    }

    private sealed class Buffer(ConnectionMemory owner, byte[] bytes) : IMemoryOwner<byte>
    {
        public byte[] Bytes => bytes;

        public Memory<byte> Memory => bytes;

        public void Dispose() => owner.Return(this);
    }
}
