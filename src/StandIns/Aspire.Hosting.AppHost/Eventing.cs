namespace Aspire.Hosting.Eventing
{
    public interface IDistributedApplicationEvent;

    public interface IDistributedApplicationEventing
    {
        void Subscribe<T>(Func<T, CancellationToken, Task> callback) where T : IDistributedApplicationEvent;
        Task PublishAsync<T>(T @event, CancellationToken cancellationToken = default) where T : IDistributedApplicationEvent;
    }

    internal sealed class DistributedApplicationEventing : IDistributedApplicationEventing
    {
        private readonly List<Delegate> callbacks = [];

        public void Subscribe<T>(Func<T, CancellationToken, Task> callback)
            where T : IDistributedApplicationEvent =>
            callbacks.Add(callback);

        public async Task PublishAsync<T>(T @event, CancellationToken cancellationToken) where T : IDistributedApplicationEvent
        {
            foreach (var callback in callbacks.OfType<Func<T, CancellationToken, Task>>()) await callback(@event, cancellationToken);
        }
    }
}

namespace Aspire.Hosting.ApplicationModel
{
    /// <summary>Everything is up. Here that means: answering its health check, and the jobs done.</summary>
    public sealed class AfterResourcesCreatedEvent : Eventing.IDistributedApplicationEvent;
}
