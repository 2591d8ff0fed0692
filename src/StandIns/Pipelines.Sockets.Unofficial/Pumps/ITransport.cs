using System.Buffers;
using System.Net.Sockets;

namespace Pipelines.Sockets.Unofficial.Pumps;

/// <summary>What a pump moves bytes over: a socket or a stream.</summary>
internal interface ITransport
{
    /// <summary>Bytes received; 0 at the end.</summary>
    ValueTask<int> ReceiveAsync(Memory<byte> buffer);

    /// <summary>Sends all of it.</summary>
    ValueTask SendAsync(in ReadOnlySequence<byte> buffer);

    /// <summary>Tells the other side that nothing more will be sent.</summary>
    void EndSending();

    /// <summary>Ends both directions; operations under way fail. May be called more than once.</summary>
    void Close();
}

/// <summary>What ended a direction of a pump.</summary>
internal readonly record struct Ending(PipeShutdownKind Kind, Exception? Error = null, SocketError SocketError = SocketError.Success)
{
    public static Ending OfReceive(Exception exception) => exception switch
    {
        SocketException socket => OfSocket(PipeShutdownKind.ReadSocketError, PipeShutdownKind.ReadDisposed, socket),
        ObjectDisposedException => new(PipeShutdownKind.ReadDisposed),
        IOException { InnerException: SocketException socket } =>
            OfSocket(PipeShutdownKind.ReadIOException, PipeShutdownKind.ReadDisposed, socket),
        IOException => new(PipeShutdownKind.ReadIOException, exception),
        _ => new(PipeShutdownKind.ReadException, exception),
    };

    public static Ending OfSend(Exception exception) => exception switch
    {
        SocketException socket => OfSocket(PipeShutdownKind.WriteSocketError, PipeShutdownKind.WriteDisposed, socket),
        ObjectDisposedException => new(PipeShutdownKind.WriteDisposed),
        IOException { InnerException: SocketException socket } =>
            OfSocket(PipeShutdownKind.WriteIOException, PipeShutdownKind.WriteDisposed, socket),
        IOException => new(PipeShutdownKind.WriteIOException, exception),
        _ => new(PipeShutdownKind.WriteException, exception),
    };

    private static Ending OfSocket(PipeShutdownKind failed, PipeShutdownKind closedHere, SocketException exception) =>
        exception.SocketErrorCode switch
        {
            SocketError.OperationAborted or SocketError.Interrupted => new(closedHere, null, exception.SocketErrorCode),
            SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown or SocketError.Disconnecting =>
                new(failed, new ConnectionResetException(exception.Message, exception), exception.SocketErrorCode),
            _ => new(failed, exception, exception.SocketErrorCode),
        };
}
