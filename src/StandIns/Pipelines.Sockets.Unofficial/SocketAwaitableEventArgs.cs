using System.IO.Pipelines;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace Pipelines.Sockets.Unofficial;

/// <summary>
/// Socket event args to await. Start an operation with them; when it says that it completed at once, call
/// <see cref="Complete"/>; then await. They serve one operation after another until <see cref="Abort"/>, which is final.
/// </summary>
public class SocketAwaitableEventArgs : SocketAsyncEventArgs, ICriticalNotifyCompletion
{
    private static readonly Action Done = static () => { };

    private readonly PipeScheduler? _scheduler;
    private Action? _continuation;
    private int _finished;
    private bool _aborted;
    private SocketError _error;
    private int _bytes;

    public SocketAwaitableEventArgs(PipeScheduler? scheduler = null) : base(true) =>
        _scheduler = ReferenceEquals(scheduler, PipeScheduler.Inline) ? null : scheduler;

    public bool IsCompleted => ReferenceEquals(Volatile.Read(ref _continuation), Done);

    public SocketAwaitableEventArgs GetAwaiter() => this;

    /// <summary>The bytes moved.</summary>
    /// <exception cref="SocketException">The operation failed or was aborted.</exception>
    public int GetResult()
    {
        var (error, bytes) = (_error, _bytes);
        if (!_aborted)
        {
            Volatile.Write(ref _continuation, null);
            Volatile.Write(ref _finished, 0);
        }

        if (error != SocketError.Success) throw new SocketException((int)error);
        return bytes;
    }

    public void Complete() => Finish(SocketError, BytesTransferred, aborted: false);

    public void Abort(SocketError error = SocketError.OperationAborted) =>
        Finish(error == SocketError.Success ? SocketError.OperationAborted : error, 0, aborted: true);

    public void OnCompleted(Action continuation) => UnsafeOnCompleted(continuation);

    public void UnsafeOnCompleted(Action continuation)
    {
        // Completion may have come between IsCompleted and here; then nobody else will run it.
        if (Interlocked.CompareExchange(ref _continuation, continuation, null) is not null) Run(continuation);
    }

    protected override void OnCompleted(SocketAsyncEventArgs e) => Complete();

    // A timeout and the real end may race: the first wins, the other is ignored.
    private void Finish(SocketError error, int bytes, bool aborted)
    {
        if (Interlocked.CompareExchange(ref _finished, 1, 0) != 0) return;

        (_error, _bytes, _aborted) = (error, bytes, aborted);
        var waiting = Interlocked.Exchange(ref _continuation, Done);
        if (waiting is not null && !ReferenceEquals(waiting, Done)) Run(waiting);
    }

    private void Run(Action continuation)
    {
        if (_scheduler is null) continuation();
        else _scheduler.Schedule(static state => ((Action)state!)(), continuation);
    }
}
