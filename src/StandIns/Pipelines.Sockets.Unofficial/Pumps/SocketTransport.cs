using System.Buffers;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Pipelines.Sockets.Unofficial.Pumps;

internal sealed class SocketTransport(Socket socket) : ITransport
{
    // Systems limit the pieces of one gathered send; 1024 is common, a fraction of it is already enough.
    private const int MaxPieces = 64;

    private List<ArraySegment<byte>>? _pieces;

    public int BytesAvailable => socket.Available;

    public ValueTask<int> ReceiveAsync(Memory<byte> buffer) => socket.ReceiveAsync(buffer, SocketFlags.None);

    public ValueTask SendAsync(in ReadOnlySequence<byte> buffer)
    {
        if (!buffer.IsSingleSegment) return new ValueTask(SendPiecesAsync(buffer));

        var sending = socket.SendAsync(buffer.First, SocketFlags.None);
        return sending.IsCompletedSuccessfully && sending.Result == buffer.First.Length
            ? default
            : new ValueTask(SendRestAsync(sending, buffer.First));
    }

    public void EndSending()
    {
        try
        {
            socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Already gone, which says the same to the other side.
        }
    }

    public void Close() => socket.Dispose();

    private async Task SendRestAsync(ValueTask<int> sending, ReadOnlyMemory<byte> rest)
    {
        while (true)
        {
            var count = await sending.ConfigureAwait(false);
            rest = rest[count..];
            if (rest.IsEmpty) return;

            sending = socket.SendAsync(rest, SocketFlags.None);
        }
    }

    private async Task SendPiecesAsync(ReadOnlySequence<byte> rest)
    {
        var pieces = _pieces ??= new List<ArraySegment<byte>>(MaxPieces);
        while (!rest.IsEmpty)
        {
            pieces.Clear();
            foreach (var memory in rest)
            {
                if (memory.IsEmpty) continue;
                if (pieces.Count == MaxPieces) break;

                pieces.Add(MemoryMarshal.TryGetArray(memory, out var piece) ? piece : memory.ToArray());
            }

            rest = rest.Slice(await socket.SendAsync(pieces, SocketFlags.None).ConfigureAwait(false));
        }

        pieces.Clear();
    }
}
