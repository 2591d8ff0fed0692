namespace Pipelines.Sockets.Unofficial.Arenas;

public delegate TTo Projection<TFrom, out TTo>(in TFrom value);

public delegate TTo Projection<TFrom, TState, out TTo>(in TFrom value, in TState state);

public static class SequenceExtensions
{
    public static TTo[] ToArray<TFrom, TTo>(this in Sequence<TFrom> source, Projection<TFrom, TTo> projection)
    {
        if (source.IsEmpty) return [];

        var result = new TTo[source.Length];
        source.CopyTo(result, projection);
        return result;
    }

    public static TTo[] ToArray<TFrom, TState, TTo>(
        this in Sequence<TFrom> source, Projection<TFrom, TState, TTo> projection, in TState state)
    {
        if (source.IsEmpty) return [];

        var result = new TTo[source.Length];
        var from = source.FirstSpan;
        for (var i = 0; i < from.Length; i++) result[i] = projection(in from[i], in state);
        return result;
    }

    public static void CopyTo<TFrom, TTo>(
        this in Sequence<TFrom> source, Span<TTo> destination, Projection<TFrom, TTo> projection)
    {
        var from = source.FirstSpan;
        if (from.Length > destination.Length) throw new ArgumentException("The destination is too short.", nameof(destination));

        for (var i = 0; i < from.Length; i++) destination[i] = projection(in from[i]);
    }
}
