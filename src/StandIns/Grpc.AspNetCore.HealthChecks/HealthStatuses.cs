using Grpc.Health.V1;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Grpc.AspNetCore.HealthChecks;

/// <summary>The last known status of each mapped service, and the news of a change. Filled by the app's health check publisher.</summary>
internal sealed class HealthStatuses(IOptions<GrpcHealthChecksOptions> options) : IHealthCheckPublisher
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, HealthCheckResponse.Types.ServingStatus> _statuses = new(StringComparer.Ordinal);
    private TaskCompletionSource _changed = NewSignal();

    public Task PublishAsync(HealthReport report, CancellationToken cancellationToken)
    {
        foreach (var mapping in options.Value.Services)
        {
            var entries = report.Entries
                .Where(entry => mapping.HealthCheckPredicate(new HealthCheckMapContext(entry.Key, entry.Value.Tags)))
                .Select(entry => entry.Value.Status);
            Set(mapping.Name, ToServingStatus(entries));
        }

        return Task.CompletedTask;
    }

    /// <summary>The worst result decides. A degraded service serves; one without any check is unknown.</summary>
    public static HealthCheckResponse.Types.ServingStatus ToServingStatus(IEnumerable<HealthStatus> results)
    {
        var status = HealthCheckResponse.Types.ServingStatus.Unknown;
        foreach (var result in results)
        {
            if (result == HealthStatus.Unhealthy)
                return HealthCheckResponse.Types.ServingStatus.NotServing;
            status = HealthCheckResponse.Types.ServingStatus.Serving;
        }

        return status;
    }

    public void Set(string service, HealthCheckResponse.Types.ServingStatus status)
    {
        TaskCompletionSource changed;
        lock (_lock)
        {
            if (_statuses.TryGetValue(service, out var known) && known == status)
                return;
            _statuses[service] = status;
            (changed, _changed) = (_changed, NewSignal());
        }

        changed.SetResult();
    }

    /// <summary>Status and signal are read together, so that no change falls between them.</summary>
    public (HealthCheckResponse.Types.ServingStatus Status, Task Changed) Get(string service)
    {
        lock (_lock)
            return (_statuses.GetValueOrDefault(service), _changed.Task);
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
