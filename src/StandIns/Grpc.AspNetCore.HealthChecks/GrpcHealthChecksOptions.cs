using System.Collections.ObjectModel;

namespace Grpc.AspNetCore.HealthChecks;

public sealed class GrpcHealthChecksOptions
{
    /// <summary>Which health checks speak for which service. The empty name, for the whole server, has all unless mapped anew.</summary>
    public ServiceMappingCollection Services { get; } = [];

    /// <summary>Answers with what was last published instead of running the checks for each request.</summary>
    public bool UseHealthChecksCache { get; set; }

    /// <summary>Keeps Watch calls open while the app stops.</summary>
    public bool SuppressCompletionOnShutdown { get; set; }
}

/// <summary>What a mapping may choose a health check by.</summary>
public sealed class HealthCheckMapContext(string name, IEnumerable<string> tags)
{
    public string Name { get; } = name;

    public IEnumerable<string> Tags { get; } = tags;
}

public sealed class ServiceMapping
{
    public ServiceMapping(string name, Func<HealthCheckMapContext, bool> predicate)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(predicate);
        Name = name;
        HealthCheckPredicate = predicate;
    }

    public string Name { get; }

    public Func<HealthCheckMapContext, bool> HealthCheckPredicate { get; }
}

public sealed class ServiceMappingCollection : KeyedCollection<string, ServiceMapping>
{
    public ServiceMappingCollection()
        : base(StringComparer.Ordinal)
    {
    }

    /// <summary>Replaces what was mapped under the name before.</summary>
    public void Map(string name, Func<HealthCheckMapContext, bool> predicate)
    {
        Remove(name);
        Add(new ServiceMapping(name, predicate));
    }

    protected override string GetKeyForItem(ServiceMapping item) => item.Name;
}
