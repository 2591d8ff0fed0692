namespace Grpc.Core;

/// <summary>
/// What a call object asks of the call behind it. One state with static functions instead of four closures, because a client
/// makes one per call.
/// </summary>
internal readonly struct AsyncCallState
{
    private readonly object? _state;
    private readonly Func<object, Task<Metadata>> _responseHeaders;
    private readonly Func<object, Status> _status;
    private readonly Func<object, Metadata> _trailers;
    private readonly Action<object> _dispose;

    public AsyncCallState(
        Func<object, Task<Metadata>> responseHeaders,
        Func<object, Status> status,
        Func<object, Metadata> trailers,
        Action<object> dispose,
        object state)
    {
        _responseHeaders = responseHeaders;
        _status = status;
        _trailers = trailers;
        _dispose = dispose;
        _state = state;
    }

    public AsyncCallState(Task<Metadata> responseHeaders, Func<Status> status, Func<Metadata> trailers, Action dispose)
    {
        _responseHeaders = _ => responseHeaders;
        _status = _ => status();
        _trailers = _ => trailers();
        _dispose = _ => dispose();
        _state = null;
    }

    public Task<Metadata> ResponseHeadersAsync() => _responseHeaders(_state!);

    public Status GetStatus() => _status(_state!);

    public Metadata GetTrailers() => _trailers(_state!);

    public void Dispose() => _dispose(_state!);
}
