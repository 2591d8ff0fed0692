using Aspire.Hosting.ApplicationModel;
using Governance.LocalServers;

namespace Aspire.Hosting.Local;

/// <summary>A server of this machine in the place of a container.</summary>
public abstract class LocalServerResource(string name, int? port) : ContainerResource(name), IResourceWithConnectionString
{
    public int? Port { get; } = port;

    public LocalServer? Server { get; private set; }

    /// <summary>The Debian package it comes from.</summary>
    public abstract Requirement Requirement { get; }

    public abstract ValueTask<string?> GetConnectionStringAsync(CancellationToken cancellationToken = default);

    protected abstract Task<LocalServer> StartServerAsync(string dataFolder, CancellationToken cancellationToken);

    internal async Task StartAsync(string dataFolder, CancellationToken cancellation) =>
        Server = await StartServerAsync(dataFolder, cancellation);
}

/// <summary>Something made inside a server once it runs, such as a database.</summary>
public interface ILocalServerPart : IResource
{
    LocalServerResource Server { get; }

    Task CreateAsync(CancellationToken cancellationToken);
}
