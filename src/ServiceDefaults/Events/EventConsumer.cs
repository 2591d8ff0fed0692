using Governance.Contracts.Events;
using Governance.ServiceDefaults.Database;
using MassTransit;

namespace Governance.ServiceDefaults.Events;

/// <summary>
/// Acts on one kind of event. <see cref="ApplyAsync"/> reads and decides and adds its writes to the command; the inbox
/// row goes with them in one transaction, so that a repeated message has no second effect.
/// </summary>
public abstract class EventConsumer<T>(Commands commands) : IConsumer<T>
    where T : class, IEvent
{
    public async Task Consume(ConsumeContext<T> context)
    {
        var id = context.MessageId ?? throw new InvalidOperationException($"{typeof(T).Name} came without a message id");
        await DeliveryOrder.EnterAsync(context, context.Message.AggregateId);
        var actor = new Actor(typeof(T).Name, "service", null);
        await commands.ApplyAsync(id, GetType().Name, actor, command => ApplyAsync(context.Message, command), context.CancellationToken);
    }

    protected abstract Task ApplyAsync(T happened, Command command);
}
