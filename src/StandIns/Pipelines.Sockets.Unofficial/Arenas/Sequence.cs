using System.Diagnostics.CodeAnalysis;

namespace Pipelines.Sockets.Unofficial.Arenas;

/// <summary>A run of elements whose type is known to its user only; what a self-referring struct can hold of its own kind.</summary>
public readonly struct Sequence
{
    private readonly Array? _array;
    private readonly int _offset;
    private readonly int _length;

    internal Sequence(Array? array, int offset, int length)
    {
        _array = array;
        _offset = offset;
        _length = length;
    }

    public long Length => _length;

    public bool IsEmpty => _length == 0;

    public Sequence<T> Cast<T>() => _length == 0 ? default : new Sequence<T>((T[])_array!, _offset, _length);
}

/// <summary>A run of elements of an arena, writable in place.</summary>
public readonly struct Sequence<T>
{
    private readonly T[]? _array;
    private readonly int _offset;
    private readonly int _length;

    internal Sequence(T[] array, int offset, int length)
    {
        _array = array;
        _offset = offset;
        _length = length;
    }

    public long Length => _length;

    public bool IsEmpty => _length == 0;

    public bool IsSingleSegment => true;

    public Span<T> FirstSpan => new(_array, _offset, _length);

    public SpanEnumerable Spans => new(this);

    public ref T this[int index] => ref FirstSpan[index];

    public Sequence Untyped() => new(_array, _offset, _length);

    public Enumerator GetEnumerator() => new(FirstSpan);

    public ref struct Enumerator
    {
        private readonly Span<T> _span;
        private int _index;

        internal Enumerator(Span<T> span)
        {
            _span = span;
            _index = -1;
        }

        public readonly ref T Current => ref _span[_index];

        public bool MoveNext()
        {
            if (_index + 1 >= _span.Length) return false;

            _index++;
            return true;
        }

        public ref T GetNext()
        {
            if (!MoveNext()) ThrowNoMore();
            return ref _span[_index];
        }

        [DoesNotReturn]
        private static void ThrowNoMore() => throw new InvalidOperationException("The sequence has no more elements.");
    }

    public readonly struct SpanEnumerable
    {
        private readonly Sequence<T> _sequence;

        internal SpanEnumerable(Sequence<T> sequence) => _sequence = sequence;

        public SpanEnumerator GetEnumerator() => new(_sequence);
    }

    public struct SpanEnumerator
    {
        private readonly Sequence<T> _sequence;
        private bool _moved;

        internal SpanEnumerator(Sequence<T> sequence) => _sequence = sequence;

        public readonly Span<T> Current => _sequence.FirstSpan;

        public bool MoveNext()
        {
            if (_moved || _sequence.IsEmpty) return false;

            _moved = true;
            return true;
        }
    }
}
