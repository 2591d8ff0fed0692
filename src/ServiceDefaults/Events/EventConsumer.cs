using Governance.Contracts.Events;
using Governance.ServiceDefaults.Database;
using MassTransit;
using Npgsql;

namespace Governance.ServiceDefaults.Events;

/// <summary>
/// Acts on one kind of event. <see cref="ApplyAsync"/> reads and decides and adds its writes to the command; the inbox
/// row goes with them in one transaction, so that a repeated message has no second effect. A failing event is tried again a
/// few times; while the database is away it is tried until it is back.
/// </summary>
public abstract class EventConsumer<T>(Commands commands) : IConsumer<T>
    where T : class, IEvent
{
    private static readonly TimeSpan[] Pauses =
        [TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(5)];

    private static readonly TimeSpan PauseWhileAway = TimeSpan.FromSeconds(2);

    public async Task Consume(ConsumeContext<T> context)
    {
        var id = context.MessageId ?? throw new InvalidOperationException($"{typeof(T).Name} came without a message id");
        await DeliveryOrder.EnterAsync(context, context.Message.AggregateId);
        var actor = new Actor(typeof(T).Name, "service", null);
        for (var failures = 0; ;)
        {
            try
            {
                await commands.ApplyAsync(id, GetType().Name, actor, command => ApplyAsync(context.Message, command), context.CancellationToken);
                return;
            }
            catch (NpgsqlException exception) when (ServiceDatabase.IsAway(exception))
            {
                await Task.Delay(PauseWhileAway * (0.5 + Random.Shared.NextDouble()), context.CancellationToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException && failures < Pauses.Length)
            {
                await Task.Delay(Pauses[failures++], context.CancellationToken);
            }
        }
    }

    protected abstract Task ApplyAsync(T happened, Command command);
}
