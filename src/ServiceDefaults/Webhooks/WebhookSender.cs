using System.Security.Cryptography;
using Governance.Common.V1;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Governance.ServiceDefaults.Webhooks;

/// <summary>
/// Posts what is due. Each destination has a lane of its own, so that one that is slow or away never delays another. Every replica
/// sends; a delivery is taken by one at a time.
/// </summary>
public sealed partial class WebhookSender(
    WebhookRoutes routes,
    DestinationStore destinations,
    DeliveryStore deliveries,
    WebhookClient client,
    TimeProvider clock,
    ILogger<WebhookSender> logger) : BackgroundService, IHostedLifecycleService
{
    /// <summary>To one destination at once.</summary>
    public const int MaxAtOnce = 16;

    /// <summary>Connections to the database that all lanes together use.</summary>
    private const int MaxConnections = 4;

    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim connections = new(MaxConnections);
    private readonly Dictionary<Guid, Task> lanes = [];

    /// <summary>Before anything else of the service runs: no command may commit an event of which a destination is not told.</summary>
    public Task StartingAsync(CancellationToken cancellationToken) => routes.RefreshAsync(cancellationToken);

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Dispose()
    {
        connections.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await routes.RefreshAsync(stoppingToken);
                await OpenLanesAsync(stoppingToken);
                await routes.WaitAsync(LookEvery, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (NpgsqlException exception)
            {
                Interrupted(exception.Message);
                await Task.Delay(LookEvery, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        await Task.WhenAll(lanes.Values);
    }

    private async Task OpenLanesAsync(CancellationToken stopping)
    {
        foreach (var (id, _) in lanes.Where(lane => lane.Value.IsCompleted).ToList())
            lanes.Remove(id);
        var idle = routes.Active.Select(d => d.Id).Where(id => !lanes.ContainsKey(id)).ToArray();
        if (idle.Length is 0)
            return;
        foreach (var id in await deliveries.WithDueAsync(idle, clock.GetUtcNow(), stopping))
            lanes[id] = Task.Run(() => RunLaneAsync(id, stopping), CancellationToken.None);
    }

    /// <summary>Posts to one destination until nothing is due to it.</summary>
    private async Task RunLaneAsync(Guid id, CancellationToken stopping)
    {
        try
        {
            while (!stopping.IsCancellationRequested && routes.ActiveOne(id) is { } destination)
            {
                var claimed = await WithConnectionAsync(() => deliveries.ClaimAsync(id, MaxAtOnce, clock.GetUtcNow(), stopping), stopping);
                if (claimed.Count is 0)
                    return;
                await Task.WhenAll(claimed.Select(delivery => PostAsync(destination, delivery, stopping)));
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // What was taken and not settled is due again when its try counts as lost.
        }
        catch (Exception exception) when (exception is NpgsqlException or CryptographicException)
        {
            LaneClosed(id, exception.Message);
        }
    }

    private async Task PostAsync(Destination destination, ClaimedDelivery delivery, CancellationToken stopping)
    {
        var now = clock.GetUtcNow();
        var body = Signing.Body(delivery);
        var signature = Signing.Sign(delivery.EventId.ToString(), now, body, SecretsOf(destination, now));
        var result = await client.PostAsync(new Uri(destination.Url), delivery.EventId, now, signature, body, stopping);
        var step = DeliveryRules.After(result, delivery.Tries, clock.GetUtcNow(), Random.Shared.NextDouble());
        if (step.State is DeliveryState.Dead)
            GaveUp(delivery.Event, delivery.EventId, destination.Id, delivery.Tries, result.Status, result.Error);
        if (result.Status is PostResult.Gone)
        {
            await WithConnectionAsync(() => destinations.MarkGoneAsync(destination.Id, stopping), stopping);
            await routes.RefreshAsync(stopping);
        }
        await WithConnectionAsync(() => deliveries.SettleAsync(delivery, step, result, CancellationToken.None), stopping);
    }

    private IEnumerable<string> SecretsOf(Destination destination, DateTimeOffset now)
    {
        yield return destinations.Plain(destination.Id, destination.Secret);
        if (destination.OldSecret is { } old && now < destination.OldSecretUntil)
            yield return destinations.Plain(destination.Id, old);
    }

    private async Task<T> WithConnectionAsync<T>(Func<Task<T>> use, CancellationToken stopping)
    {
        await connections.WaitAsync(stopping);
        try
        {
            return await use();
        }
        finally
        {
            connections.Release();
        }
    }

    private Task WithConnectionAsync(Func<Task> use, CancellationToken stopping) => WithConnectionAsync(
        async () =>
        {
            await use();
            return true;
        },
        stopping);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Deliveries wait for the database: {Problem}")]
    private partial void Interrupted(string problem);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Nothing is posted to destination {Destination} for now: {Problem}")]
    private partial void LaneClosed(Guid destination, string problem);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Gave up posting {Event} {EventId} to {Destination} after {Tries} tries, the last with {Status} {Problem}")]
    private partial void GaveUp(string @event, Guid eventId, Guid destination, int tries, int status, string problem);
}
