using System.IO.Pipelines;
using System.Net.Sockets;
using Pipelines.Sockets.Unofficial.Pumps;

namespace Pipelines.Sockets.Unofficial;

/// <summary>A connected socket as a pair of pipes. Owns the socket.</summary>
public sealed class SocketConnection : IMeasuredDuplexPipe, IDisposable
{
    private readonly SocketTransport _transport;
    private readonly DuplexPump _pump;

    private SocketConnection(Socket socket, PipeOptions? sendOptions, PipeOptions? receiveOptions, string? name)
    {
        Socket = socket;
        Name = string.IsNullOrWhiteSpace(name) ? nameof(SocketConnection) : name;
        _transport = new SocketTransport(socket);
        _pump = new DuplexPump(_transport, sendOptions, receiveOptions);
    }

    public Socket Socket { get; }

    public string Name { get; }

    public PipeReader Input => _pump.Input;

    public PipeWriter Output => _pump.Output;

    public long BytesRead => _pump.Received;

    public long BytesSent => _pump.Sent;

    long IMeasuredDuplexPipe.TotalBytesReceived => _pump.Received;

    long IMeasuredDuplexPipe.TotalBytesSent => _pump.Sent;

    /// <summary>Bytes of the last receive.</summary>
    public int LastReceived => _pump.LastReceived;

    public PipeShutdownKind ShutdownKind => _pump.ShutdownKind;

    public SocketError SocketError => _pump.SocketError;

    /// <summary>Takes over a connected socket and starts both directions.</summary>
    public static SocketConnection Create(
        Socket socket, PipeOptions? sendPipeOptions = null, PipeOptions? receivePipeOptions = null,
        SocketConnectionOptions connectionOptions = SocketConnectionOptions.None, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(socket);
        return new SocketConnection(socket, sendPipeOptions, receivePipeOptions, name);
    }

    /// <summary>Sends at once: requests are written whole, so waiting to fill a packet only adds delay.</summary>
    public static void SetRecommendedClientOptions(Socket socket)
    {
        ArgumentNullException.ThrowIfNull(socket);
        if (socket.AddressFamily == AddressFamily.Unix) return;

        try
        {
            socket.NoDelay = true;
        }
        catch (Exception exception) when (exception is SocketException or NotSupportedException)
        {
            // Slower, not wrong.
        }
    }

    /// <summary>Kept for callers that ask before they connect: there is nothing to be missing here.</summary>
    public static void AssertDependencies()
    {
    }

    /// <summary>Says that the end that comes is one of the protocol, not a failure.</summary>
    public bool TrySetProtocolShutdown(PipeShutdownKind kind) => kind switch
    {
        PipeShutdownKind.ProtocolExitClient or PipeShutdownKind.ProtocolExitServer => _pump.TrySetShutdown(kind),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Only a protocol exit can be set."),
    };

    public Counters GetCounters()
    {
        long available;
        try
        {
            available = _transport.BytesAvailable;
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            available = -1;
        }

        return new Counters(available, _pump.WaitingToBeRead, _pump.WaitingToBeSent);
    }

    public void Dispose() => _pump.Dispose();

    public override string ToString() => Name;

    /// <summary>Where bytes are waiting.</summary>
    public readonly struct Counters
    {
        internal Counters(long onSocket, long toBeRead, long toBeSent)
        {
            BytesAvailableOnSocket = onSocket;
            BytesWaitingToBeRead = toBeRead;
            BytesWaitingToBeSent = toBeSent;
        }

        public long BytesAvailableOnSocket { get; }

        public long BytesWaitingToBeRead { get; }

        public long BytesWaitingToBeSent { get; }
    }
}

/// <summary>Accepted for compatibility: reads and writes here neither wait for a first byte nor run inline.</summary>
[Flags]
public enum SocketConnectionOptions
{
    None = 0,
    ZeroLengthReads = 1,
    InlineReads = 2,
    InlineWrites = 4,
    InlineConnect = 8,
}
