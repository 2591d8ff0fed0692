using System.IO.Pipelines;
using Pipelines.Sockets.Unofficial.Pumps;

namespace Pipelines.Sockets.Unofficial;

/// <summary>Streams, such as TLS, as pipes.</summary>
public static class StreamConnection
{
    /// <summary>Reads and writes a duplex stream; disposing the result, or the end of both directions, disposes the stream.</summary>
    public static IDuplexPipe GetDuplex(
        Stream stream, PipeOptions? sendPipeOptions = null, PipeOptions? receivePipeOptions = null, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (!stream.CanRead || !stream.CanWrite) throw new ArgumentException("The stream must read and write.", nameof(stream));

        return new StreamPipe(new DuplexPump(new StreamTransport(stream), sendPipeOptions, receivePipeOptions), name);
    }

    /// <summary>Reads a stream, which stays the caller's to dispose.</summary>
    public static PipeReader GetReader(Stream stream, PipeOptions? pipeOptions = null, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return PipeReader.Create(stream, new StreamPipeReaderOptions(pipeOptions?.Pool, leaveOpen: true));
    }

    private sealed class StreamPipe(DuplexPump pump, string? name) : IMeasuredDuplexPipe, IDisposable
    {
        public PipeReader Input => pump.Input;

        public PipeWriter Output => pump.Output;

        public long TotalBytesSent => pump.Sent;

        public long TotalBytesReceived => pump.Received;

        public void Dispose() => pump.Dispose();

        public override string ToString() => name ?? nameof(StreamConnection);
    }
}
