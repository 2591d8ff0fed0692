using System.Net.Sockets;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>A port that a resource listens on.</summary>
public sealed class EndpointAnnotation(
    string name, string uriScheme, int? port, int? targetPort, string? environmentVariable, ProtocolType protocol)
{
    public string Name { get; } = name;
    public string UriScheme { get; set; } = uriScheme;
    public string Transport { get; set; } = uriScheme is "http" or "https" ? "http" : "tcp";
    public int? Port { get; set; } = port;
    public int? TargetPort { get; set; } = targetPort;
    public bool IsExternal { get; set; }
    public bool IsProxied { get; set; }
    public ProtocolType Protocol { get; } = protocol;

    internal string? EnvironmentVariable { get; set; } = environmentVariable;

    /// <summary>The port of each replica. There is no proxy before local processes: clients see the ports that these listen on.</summary>
    internal List<int> Allocated { get; } = [];

    internal string Url(int replica) => $"{UriScheme}://{Host}:{Allocated[replica]}";

    internal const string Host = "127.0.0.1";
}

public enum EndpointProperty
{
    Url,
    Host,
    IPV4Host,
    Port,
    Scheme,
    TargetPort,
    HostAndPort,
}

/// <summary>Another resource's endpoint, whose address is known once the run has begun.</summary>
public sealed class EndpointReference(IResourceWithEndpoints owner, string endpointName)
{
    public IResourceWithEndpoints Resource { get; } = owner;
    public string EndpointName { get; } = endpointName;

    public bool Exists => ((Resource)Resource).Endpoints.Exists(endpoint => endpoint.Name == EndpointName);
    public bool IsAllocated => Exists && Annotation.Allocated.Count > 0;
    public string Scheme => Annotation.UriScheme;
    public string Host => EndpointAnnotation.Host;
    public int Port => Annotation.Allocated[0];
    public string Url => Annotation.Url(0);

    public EndpointReferenceExpression Property(EndpointProperty property) => new(this, property);

    internal EndpointAnnotation Annotation =>
        ((Resource)Resource).Endpoints.Find(endpoint => endpoint.Name == EndpointName)
        ?? throw new DistributedApplicationException($"'{Resource.Name}' has no endpoint named '{EndpointName}'");
}

public sealed class EndpointReferenceExpression(EndpointReference endpoint, EndpointProperty property)
{
    internal string Value => property switch
    {
        EndpointProperty.Url => endpoint.Url,
        EndpointProperty.Host or EndpointProperty.IPV4Host => endpoint.Host,
        EndpointProperty.Port or EndpointProperty.TargetPort => endpoint.Port.ToString(System.Globalization.CultureInfo.InvariantCulture),
        EndpointProperty.Scheme => endpoint.Scheme,
        EndpointProperty.HostAndPort => $"{endpoint.Host}:{endpoint.Port}",
        _ => throw new ArgumentOutOfRangeException(nameof(property)),
    };
}
