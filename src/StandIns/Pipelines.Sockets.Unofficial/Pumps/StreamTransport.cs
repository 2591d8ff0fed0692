using System.Buffers;

namespace Pipelines.Sockets.Unofficial.Pumps;

internal sealed class StreamTransport(Stream stream) : ITransport
{
    public ValueTask<int> ReceiveAsync(Memory<byte> buffer) => stream.ReadAsync(buffer);

    public ValueTask SendAsync(in ReadOnlySequence<byte> buffer) => new(SendAllAsync(buffer));

    // A stream has no half close; its end comes with Close.
    public void EndSending()
    {
    }

    public void Close()
    {
        try
        {
            stream.Dispose();
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // Some streams still write on disposal, which fails when the connection below is gone.
        }
    }

    private async Task SendAllAsync(ReadOnlySequence<byte> buffer)
    {
        foreach (var piece in buffer) await stream.WriteAsync(piece).ConfigureAwait(false);
        await stream.FlushAsync().ConfigureAwait(false);
    }
}
