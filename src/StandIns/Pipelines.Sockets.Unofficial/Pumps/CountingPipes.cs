using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace Pipelines.Sockets.Unofficial.Pumps;

/// <summary>Counts the bytes that its user consumed: what a pipe holds is not to be asked from it.</summary>
internal sealed class CountingReader(PipeReader inner) : PipeReader
{
    private ReadOnlySequence<byte> _last;
    private long _consumed;

    public long Consumed => Volatile.Read(ref _consumed);

    public override bool TryRead(out ReadResult result)
    {
        if (!inner.TryRead(out result)) return false;

        _last = result.Buffer;
        return true;
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        var reading = inner.ReadAsync(cancellationToken);
        if (!reading.IsCompletedSuccessfully) return AwaitAsync(reading);

        var result = reading.Result;
        _last = result.Buffer;
        return new ValueTask<ReadResult>(result);
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (!_last.IsEmpty && consumed.GetObject() is not null)
            Volatile.Write(ref _consumed, _consumed + _last.Slice(_last.Start, consumed).Length);
        _last = default;
        inner.AdvanceTo(consumed, examined);
    }

    public override void CancelPendingRead() => inner.CancelPendingRead();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> AwaitAsync(ValueTask<ReadResult> reading)
    {
        var result = await reading.ConfigureAwait(false);
        _last = result.Buffer;
        return result;
    }
}

/// <summary>Counts the bytes that its user wrote.</summary>
internal sealed class CountingWriter(PipeWriter inner) : PipeWriter
{
    private long _written;

    public long Written => Volatile.Read(ref _written);

    public override bool CanGetUnflushedBytes => inner.CanGetUnflushedBytes;

    public override long UnflushedBytes => inner.UnflushedBytes;

    public override void Advance(int bytes)
    {
        inner.Advance(bytes);
        Volatile.Write(ref _written, _written + bytes);
    }

    public override Memory<byte> GetMemory(int sizeHint = 0) => inner.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => inner.GetSpan(sizeHint);

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) =>
        inner.FlushAsync(cancellationToken);

    public override void CancelPendingFlush() => inner.CancelPendingFlush();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);
}
