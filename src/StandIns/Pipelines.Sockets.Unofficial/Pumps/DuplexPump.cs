using System.IO.Pipelines;
using System.Net.Sockets;

namespace Pipelines.Sockets.Unofficial.Pumps;

/// <summary>
/// Two pipes and the two loops between them and a transport. A loop waits for its pipe or its transport, never polls.
/// When one direction fails, the other is ended too, and the input reports the first cause. Once both loops are over
/// the transport is closed, whoever else closes it.
/// </summary>
internal sealed class DuplexPump
{
    private const int SmallRead = 4 * 1024;
    private const int LargeRead = 64 * 1024;

    private readonly ITransport _transport;
    private readonly Pipe _inbound;
    private readonly Pipe _outbound;
    private readonly CountingReader _input;
    private readonly CountingWriter _output;
    private long _received;
    private long _sent;
    private int _lastReceived;
    private int _shutdownKind;
    private int _socketError;
    private Exception? _failure;
    private int _loopsLeft = 2;

    public DuplexPump(ITransport transport, PipeOptions? sendOptions, PipeOptions? receiveOptions)
    {
        sendOptions ??= PipeOptions.Default;
        receiveOptions ??= PipeOptions.Default;
        _transport = transport;
        _outbound = new Pipe(WithOwnMemory(sendOptions));
        _inbound = new Pipe(WithOwnMemory(receiveOptions));
        _output = new CountingWriter(_outbound.Writer);
        _input = new CountingReader(_inbound.Reader);
        receiveOptions.WriterScheduler.Schedule(static self => _ = ((DuplexPump)self!).ReceiveLoopAsync(), this);
        sendOptions.ReaderScheduler.Schedule(static self => _ = ((DuplexPump)self!).SendLoopAsync(), this);
    }

    public PipeReader Input => _input;

    public PipeWriter Output => _output;

    public long Received => Volatile.Read(ref _received);

    public long Sent => Volatile.Read(ref _sent);

    public int LastReceived => Volatile.Read(ref _lastReceived);

    public long WaitingToBeRead => Math.Max(0, Received - _input.Consumed);

    public long WaitingToBeSent => Math.Max(0, _output.Written - Sent);

    public PipeShutdownKind ShutdownKind => (PipeShutdownKind)Volatile.Read(ref _shutdownKind);

    public SocketError SocketError => (SocketError)Volatile.Read(ref _socketError);

    /// <summary>Keeps the first cause only.</summary>
    public bool TrySetShutdown(PipeShutdownKind kind, SocketError error = SocketError.Success)
    {
        if (kind == PipeShutdownKind.None || ShutdownKind != PipeShutdownKind.None) return false;

        // Before the kind, so that whoever sees the kind sees its error.
        if (error != SocketError.Success) Interlocked.CompareExchange(ref _socketError, (int)error, (int)SocketError.Success);
        return Interlocked.CompareExchange(ref _shutdownKind, (int)kind, (int)PipeShutdownKind.None) == (int)PipeShutdownKind.None;
    }

    public void Dispose()
    {
        TrySetShutdown(PipeShutdownKind.PipeDisposed);
        EndBoth();
    }

    private static PipeOptions WithOwnMemory(PipeOptions options) => new(
        new ConnectionMemory(), options.ReaderScheduler, options.WriterScheduler, options.PauseWriterThreshold,
        options.ResumeWriterThreshold, options.MinimumSegmentSize, useSynchronizationContext: false);

    private async Task ReceiveLoopAsync()
    {
        var writer = _inbound.Writer;
        var ending = new Ending(PipeShutdownKind.ReadEndOfStream);
        var size = SmallRead;
        try
        {
            while (true)
            {
                var memory = writer.GetMemory(size);
                var count = await _transport.ReceiveAsync(memory).ConfigureAwait(false);
                if (count <= 0) break;

                Volatile.Write(ref _received, _received + count);
                Volatile.Write(ref _lastReceived, count);
                writer.Advance(count);
                // A full buffer means that more is waiting: a big value then takes fewer and larger reads.
                size = count == memory.Length ? LargeRead : SmallRead;
                var flush = await writer.FlushAsync().ConfigureAwait(false);
                if (flush.IsCompleted)
                {
                    ending = new Ending(PipeShutdownKind.ReadFlushCompleted);
                    break;
                }
            }
        }
        catch (Exception exception)
        {
            ending = Ending.OfReceive(exception);
        }

        TrySetShutdown(ending.Kind, ending.SocketError);
        var failure = Fail(ending.Error);
        await writer.CompleteAsync(failure).ConfigureAwait(false);
        // The end of the stream leaves the way out open: the other side may still want the rest.
        if (ending.Kind is not (PipeShutdownKind.ReadEndOfStream or PipeShutdownKind.ReadFlushCompleted)) EndBoth();
        EndLoop();
    }

    private async Task SendLoopAsync()
    {
        var reader = _outbound.Reader;
        var ending = new Ending(PipeShutdownKind.OutputWriterCompleted);
        try
        {
            while (true)
            {
                var result = await reader.ReadAsync().ConfigureAwait(false);
                if (result.IsCanceled)
                {
                    ending = new Ending(PipeShutdownKind.WriteDisposed);
                    break;
                }

                var buffer = result.Buffer;
                if (!buffer.IsEmpty)
                {
                    await _transport.SendAsync(buffer).ConfigureAwait(false);
                    Volatile.Write(ref _sent, _sent + buffer.Length);
                }

                reader.AdvanceTo(buffer.End);
                if (result.IsCompleted)
                {
                    _transport.EndSending();
                    break;
                }
            }
        }
        catch (Exception exception)
        {
            ending = Ending.OfSend(exception);
        }

        TrySetShutdown(ending.Kind, ending.SocketError);
        Fail(ending.Error);
        if (ending.Kind is not PipeShutdownKind.OutputWriterCompleted) EndBoth();
        // A writer that goes on sees that its bytes are no longer wanted; why, the reader is told. Told on both sides at
        // once, the client fails the same commands twice over, and some of them with the bare socket error.
        await reader.CompleteAsync().ConfigureAwait(false);
        EndLoop();
    }

    // The first failure is the one to report: the second is only its echo.
    private Exception? Fail(Exception? error) =>
        error is null ? Volatile.Read(ref _failure) : Interlocked.CompareExchange(ref _failure, error, null) ?? error;

    private void EndBoth()
    {
        _transport.Close();
        _outbound.Reader.CancelPendingRead();
        // Wakes a receive loop that waits for a consumer who reads no more.
        _inbound.Writer.CancelPendingFlush();
    }

    private void EndLoop()
    {
        if (Interlocked.Decrement(ref _loopsLeft) == 0) _transport.Close();
    }
}
