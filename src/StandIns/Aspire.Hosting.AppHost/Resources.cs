namespace Aspire.Hosting.ApplicationModel;

public interface IResource
{
    string Name { get; }
}

public interface IResourceWithEnvironment : IResource;

public interface IResourceWithArgs : IResource;

public interface IResourceWithEndpoints : IResource;

public interface IResourceWithServiceDiscovery : IResourceWithEndpoints;

public interface IResourceWithWaitSupport : IResource;

public interface IResourceWithParent<out T> : IResource where T : IResource
{
    T Parent { get; }
}

public interface IResourceWithConnectionString : IResource
{
    /// <summary>The name of the environment variable, when it is not <c>ConnectionStrings__name</c>.</summary>
    string? ConnectionStringEnvironmentVariable => null;

    ValueTask<string?> GetConnectionStringAsync(CancellationToken cancellationToken = default);
}

public interface IResourceBuilder<out T> where T : IResource
{
    IDistributedApplicationBuilder ApplicationBuilder { get; }
    T Resource { get; }
}

public enum WaitKind
{
    /// <summary>Until it runs and answers its health check.</summary>
    Healthy,

    /// <summary>Until it has ended with exit code 0.</summary>
    Completed,
}

public enum ContainerLifetime
{
    Session,
    Persistent,
}

/// <summary>One thing that runs, or that others refer to. What the builder's methods note down is kept here until the run.</summary>
public abstract class Resource(string name) : IResource
{
    public string Name { get; } = name;

    internal List<EndpointAnnotation> Endpoints { get; } = [];
    internal List<string> Arguments { get; } = [];
    internal List<Func<CancellationToken, ValueTask<IEnumerable<KeyValuePair<string, string>>>>> Environment { get; } = [];
    internal List<(IResource Resource, WaitKind Kind)> Waits { get; } = [];
    internal HealthCheck? HealthCheck { get; set; }
    internal int Replicas { get; set; } = 1;

    public override string ToString() => Name;
}

internal sealed record HealthCheck(string? EndpointName, string Path, int StatusCode);

public class ExecutableResource(string name, string command, string workingDirectory)
    : Resource(name), IResourceWithEnvironment, IResourceWithArgs, IResourceWithEndpoints, IResourceWithWaitSupport
{
    public string Command { get; } = command;
    public string WorkingDirectory { get; } = workingDirectory;
}

/// <summary>Runs as a local process here; the settings of its container are taken and have no effect.</summary>
public abstract class ContainerResource(string name)
    : Resource(name), IResourceWithEnvironment, IResourceWithEndpoints, IResourceWithWaitSupport;

public class ParameterResource(string name, Func<string> value, bool secret = false) : Resource(name)
{
    private readonly Lazy<string> value = new(value);

    public bool Secret { get; } = secret;

    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken) => new(value.Value);
}

/// <summary>A connection string that comes from configuration.</summary>
internal sealed class ConnectionStringResource(string name, string? variable, Func<string?> value)
    : Resource(name), IResourceWithConnectionString
{
    public string? ConnectionStringEnvironmentVariable { get; } = variable;

    public ValueTask<string?> GetConnectionStringAsync(CancellationToken cancellationToken) => new(value());
}
