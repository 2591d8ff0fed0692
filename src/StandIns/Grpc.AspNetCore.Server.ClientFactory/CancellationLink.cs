using Grpc.Core;

namespace Grpc.AspNetCore.ClientFactory;

/// <summary>
/// A token that two others cancel. It must be disposed when its call ends: one of the two may live as long as
/// the process and would hold on to it.
/// </summary>
internal sealed class CancellationLink(CancellationToken first, CancellationToken second) : IDisposable
{
    private readonly CancellationTokenSource _source = CancellationTokenSource.CreateLinkedTokenSource(first, second);

    public CancellationToken Token => _source.Token;

    public void DisposeAfter(Task response) => response.ContinueWith(
        static (_, state) => ((CancellationLink)state!).Dispose(),
        this,
        CancellationToken.None,
        TaskContinuationOptions.ExecuteSynchronously,
        TaskScheduler.Default);

    public void Dispose() => _source.Dispose();
}

internal sealed class LinkedCall<TCall>(TCall call, CancellationLink link) : IDisposable
    where TCall : IDisposable
{
    public TCall Call { get; } = call;

    public void Dispose()
    {
        Call.Dispose();
        link.Dispose();
    }
}

/// <summary>Disposes the link at the end of the stream, since readers often leave it at that.</summary>
internal sealed class LinkedStreamReader<T>(IAsyncStreamReader<T> inner, CancellationLink link) : IAsyncStreamReader<T>
{
    public T Current => inner.Current;

    public async Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        var hasMessage = false;
        try
        {
            return hasMessage = await inner.MoveNext(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            if (!hasMessage)
                link.Dispose();
        }
    }
}
