using System.Collections.Concurrent;
using MassTransit;
using Microsoft.Extensions.Logging;

namespace Governance.ServiceDefaults.Events;

/// <summary>
/// Keeps a record's events in the order in which the broker delivered them, and lets those of different records go side by
/// side. The client library hands deliveries to many workers at once, which may overtake one another until each event
/// has its place in the partition of its record. It keeps that place until it is done with.
/// </summary>
public sealed partial class DeliveryOrder(ILogger<DeliveryOrder> logger) : IFilter<ReceiveContext>
{
    /// <summary>As many as commands that one commit takes.</summary>
    private const int Partitions = Database.CommitGroups.MaxCommands;

    /// <summary>Each connection to the broker has a line; those of connections that are gone are forgotten in time.</summary>
    private const int MaxLines = 16;

    /// <summary>
    /// After so long without its predecessors a delivery goes without them: they never came, since the consumer has begun
    /// anew on a channel that had been used.
    /// </summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim[] partitions = [.. Enumerable.Range(0, Partitions).Select(_ => new SemaphoreSlim(1))];
    private readonly ConcurrentDictionary<string, Line> lines = new(StringComparer.Ordinal);

    public async Task Send(ReceiveContext context, IPipe<ReceiveContext> next)
    {
        var delivery = context.GetPayload<RabbitMqBasicConsumeContext>();
        if (lines.Count >= MaxLines && !lines.ContainsKey(delivery.ConsumerTag))
            lines.Clear();
        var place = new Place(this, lines.GetOrAdd(delivery.ConsumerTag, _ => new Line()), delivery.DeliveryTag);
        context.AddOrUpdatePayload(() => place, _ => place);
        try
        {
            await next.Send(context);
        }
        finally
        {
            place.Leave();
        }
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("deliveryOrder");

    /// <summary>Comes back when it is the event's turn among those of its record.</summary>
    public static Task EnterAsync<T>(ConsumeContext<T> context, Guid aggregateId)
        where T : class =>
        context.ReceiveContext.GetPayload<Place>().EnterAsync(aggregateId, context.CancellationToken);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Deliveries before {Tag} are missing; it is handled without them")]
    private partial void DeliveriesMissing(ulong tag);

    /// <summary>One delivery on its way through.</summary>
    private sealed class Place(DeliveryOrder order, Line line, ulong tag)
    {
        private SemaphoreSlim? partition;

        public async Task EnterAsync(Guid aggregateId, CancellationToken cancellation)
        {
            try
            {
                await line.TurnAsync(tag).WaitAsync(Patience, cancellation);
            }
            catch (TimeoutException)
            {
                order.DeliveriesMissing(tag);
                line.SkipTo(tag);
            }
            var mine = order.partitions[(uint)aggregateId.GetHashCode() % Partitions];
            var entering = mine.WaitAsync(cancellation);
            // The next may ask for its partition: whoever waits for the same one stands behind.
            line.Pass(tag);
            await entering;
            partition = mine;
        }

        // One that could not be read never asked for its turn, and must not hold up those behind it.
        public void Leave()
        {
            line.Pass(tag);
            partition?.Release();
        }
    }

    /// <summary>Deliveries of one channel, which the broker numbers from 1.</summary>
    private sealed class Line
    {
        private readonly Lock gate = new();
        private readonly HashSet<ulong> early = [];
        private readonly Dictionary<ulong, TaskCompletionSource> waiting = [];
        private ulong passed;

        public Task TurnAsync(ulong tag)
        {
            lock (gate)
            {
                if (tag <= passed + 1)
                    return Task.CompletedTask;
                var turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                waiting[tag] = turn;
                return turn.Task;
            }
        }

        public void Pass(ulong tag)
        {
            lock (gate)
            {
                if (tag > passed)
                    early.Add(tag);
                Advance();
            }
        }

        public void SkipTo(ulong tag)
        {
            lock (gate)
            {
                while (passed + 1 < tag)
                    Next();
                Advance();
            }
        }

        private void Advance()
        {
            while (early.Contains(passed + 1))
                Next();
            if (waiting.Remove(passed + 1, out var turn))
                turn.SetResult();
        }

        private void Next()
        {
            passed++;
            early.Remove(passed);
            if (waiting.Remove(passed, out var turn))
                turn.SetResult();
        }
    }
}
