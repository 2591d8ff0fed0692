namespace Governance.ServiceDefaults.Database;

/// <summary>
/// Gathers work that arrives while other work is on its way, and hands it on together. What comes alone goes at once.
/// One group at a time: with two the groups are half as large, which cost an event a sixth more.
/// <paramref name="handle"/> answers to each entry itself, and does not throw.
/// </summary>
internal sealed class Groups<TEntry>(int maxEntries, Func<List<TEntry>, Task> handle)
{
    private readonly Lock gate = new();
    private readonly Queue<TEntry> waiting = [];
    private bool running;

    public void Add(TEntry entry)
    {
        lock (gate)
        {
            waiting.Enqueue(entry);
            if (running)
                return;
            running = true;
        }
        // The group goes on for others: it must not carry the first caller's context.
        using (ExecutionContext.SuppressFlow())
            _ = Task.Run(DrainAsync);
    }

    private async Task DrainAsync()
    {
        while (Take() is { Count: > 0 } group)
            await handle(group);
    }

    private List<TEntry> Take()
    {
        lock (gate)
        {
            var group = new List<TEntry>(Math.Min(waiting.Count, maxEntries));
            while (group.Count < maxEntries && waiting.TryDequeue(out var entry))
                group.Add(entry);
            running = group.Count > 0;
            return group;
        }
    }
}
