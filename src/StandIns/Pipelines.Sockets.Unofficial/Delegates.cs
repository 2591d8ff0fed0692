using System.Collections;

namespace Pipelines.Sockets.Unofficial;

/// <summary>
/// Walks the targets of an event handler without an array of them. Compiled callers dispose the enumerator through its
/// interface, though nothing in their references says so.
/// </summary>
public static class Delegates
{
    public static bool IsSingle(this MulticastDelegate handler) => handler.HasSingleTarget;

    public static DelegateEnumerable<T> AsEnumerable<T>(this T? handler) where T : MulticastDelegate => new(handler);

    public readonly struct DelegateEnumerable<T> : IEnumerable<T> where T : MulticastDelegate
    {
        private readonly T? _handler;

        internal DelegateEnumerable(T? handler) => _handler = handler;

        public DelegateEnumerator<T> GetEnumerator() => new(_handler);

        IEnumerator<T> IEnumerable<T>.GetEnumerator() => GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }

    public struct DelegateEnumerator<T> : IEnumerator<T> where T : MulticastDelegate
    {
        private readonly T? _handler;
        private Delegate.InvocationListEnumerator<T> _targets;

        internal DelegateEnumerator(T? handler)
        {
            _handler = handler;
            _targets = Delegate.EnumerateInvocationList(handler);
        }

        public readonly T Current => _targets.Current;

        readonly object IEnumerator.Current => Current;

        public bool MoveNext() => _targets.MoveNext();

        public void Reset() => _targets = Delegate.EnumerateInvocationList(_handler);

        public readonly void Dispose()
        {
        }
    }
}
