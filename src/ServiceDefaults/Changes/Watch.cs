using Governance.ServiceDefaults.Grpc;
using Grpc.Core;

namespace Governance.ServiceDefaults.Changes;

/// <summary>What comes after a cursor, the cursor behind all that was looked at, and whether more is there already.</summary>
public delegate Task<(List<TResponse> Changes, TCursor Next, bool More)> LookAfter<TCursor, TResponse>(
    TCursor cursor, CancellationToken cancellation);

/// <summary>
/// How every watch goes on until its caller has heard enough, or may hear no more. It may last for days, and so longer than what was
/// granted as it began: its token is judged again before every look. What was looked at by then is told, and what follows is behind the
/// cursor for a watch with a new token.
/// </summary>
public static class Watch
{
    public static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan SignOfLifeEvery = TimeSpan.FromSeconds(15);

    /// <param name="wait">Until it is worth looking again, at most <see cref="LookEvery"/>.</param>
    /// <param name="signOfLife">Sent at first, and whenever there was nothing to tell for long, so that a caller knows its cursor.</param>
    public static async Task RunAsync<TCursor, TResponse>(
        TCursor cursor,
        LookAfter<TCursor, TResponse> look,
        Func<TCursor, TResponse> signOfLife,
        Func<CancellationToken, Task> wait,
        IServerStreamWriter<TResponse> stream,
        TimeProvider clock,
        Call call,
        CancellationToken cancellation)
    {
        long? toldAt = null;
        try
        {
            while (true)
            {
                (var changes, cursor, var more) = await look(cursor, cancellation);
                if (changes.Count is 0 && (toldAt is not { } last || clock.GetElapsedTime(last) >= SignOfLifeEvery))
                    changes.Add(signOfLife(cursor));
                foreach (var change in changes)
                    await stream.WriteAsync(change, cancellation);
                if (changes.Count > 0)
                    toldAt = clock.GetTimestamp();
                if (!more)
                    await wait(cancellation);
                await call.RequireTokenAsync();
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // How every watch ends.
        }
    }
}
