using System.IO.Pipelines;

namespace Pipelines.Sockets.Unofficial;

/// <summary>
/// Runs pipe callbacks on a few threads of its own, so that they go on when the thread pool is starved. Threads start
/// when they are first needed. A long queue overflows to the thread pool, as does everything after disposal.
/// </summary>
public sealed class DedicatedThreadPoolPipeScheduler : PipeScheduler, IDisposable
{
    // A monitor rather than a semaphore: threads that wait for the next reply must not spin.
    private readonly object _gate = new();
    private readonly Queue<(Action<object?> Action, object? State)> _queue = new();
    private readonly string _name;
    private readonly int _overflowLength;
    private readonly ThreadPriority _priority;
    private int _threads;
    private int _idle;
    private bool _disposed;
    private long _byQueue;
    private long _byPool;

    public DedicatedThreadPoolPipeScheduler(
        string? name = null, int workerCount = 5, int useThreadPoolQueueLength = 10,
        ThreadPriority priority = ThreadPriority.Normal)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(workerCount);
        _name = string.IsNullOrWhiteSpace(name) ? nameof(DedicatedThreadPoolPipeScheduler) : name;
        WorkerCount = workerCount;
        _overflowLength = useThreadPoolQueueLength;
        _priority = priority;
    }

    /// <summary>The most threads there may be.</summary>
    public int WorkerCount { get; }

    /// <summary>Threads that could take work at once, started or not.</summary>
    public int AvailableCount
    {
        get
        {
            lock (_gate) return _disposed ? 0 : _idle + WorkerCount - _threads;
        }
    }

    public long TotalServicedByQueue => Volatile.Read(ref _byQueue);

    public long TotalServicedByPool => Volatile.Read(ref _byPool);

    public override void Schedule(Action<object?> action, object? state)
    {
        var start = false;
        lock (_gate)
        {
            if (_disposed || _queue.Count >= _overflowLength && _idle == 0 && _threads == WorkerCount)
            {
                _byPool++;
                ThreadPool.Schedule(action, state);
                return;
            }

            _byQueue++;
            _queue.Enqueue((action, state));
            if (_idle > 0)
            {
                // Counted as busy from here on, so a second item does not count on the same thread.
                _idle--;
                Monitor.Pulse(_gate);
            }
            else if (_threads < WorkerCount)
            {
                _threads++;
                start = true;
            }
        }

        if (start) StartThread();
    }

    /// <summary>Threads end once the queue is empty.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed) return;

            _disposed = true;
            _idle = 0;
            Monitor.PulseAll(_gate);
        }
    }

    private void StartThread()
    {
        var thread = new Thread(Work) { IsBackground = true, Name = _name, Priority = _priority };
        try
        {
            thread.UnsafeStart();
        }
        catch (Exception exception) when (exception is OutOfMemoryException or ThreadStartException)
        {
            // The system has no thread to give; the work must still run.
            lock (_gate) _threads--;
            ThreadPool.Schedule(static self => ((DedicatedThreadPoolPipeScheduler)self!).RunOne(), this);
        }
    }

    private void Work()
    {
        while (true)
        {
            (Action<object?> Action, object? State) item;
            lock (_gate)
            {
                while (!_queue.TryDequeue(out item))
                {
                    if (_disposed)
                    {
                        _threads--;
                        return;
                    }

                    // Whoever wakes this thread counts it as busy.
                    _idle++;
                    Monitor.Wait(_gate);
                }
            }

            item.Action(item.State);
        }
    }

    private void RunOne()
    {
        (Action<object?> Action, object? State) item;
        lock (_gate)
        {
            if (!_queue.TryDequeue(out item)) return;
        }

        item.Action(item.State);
    }
}
