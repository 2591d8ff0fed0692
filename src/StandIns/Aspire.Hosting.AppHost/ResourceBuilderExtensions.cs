using System.Net.Sockets;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

public static class ResourceBuilderExtensions
{
    public static IResourceBuilder<T> WithEnvironment<T>(this IResourceBuilder<T> builder, string name, string? value)
        where T : IResourceWithEnvironment => builder.WithVariable(name, _ => new(value ?? ""));

    public static IResourceBuilder<T> WithEnvironment<T>(this IResourceBuilder<T> builder, string name, Func<string> callback)
        where T : IResourceWithEnvironment => builder.WithVariable(name, _ => new(callback()));

    public static IResourceBuilder<T> WithEnvironment<T>(this IResourceBuilder<T> builder, string name, EndpointReference endpointReference)
        where T : IResourceWithEnvironment => builder.WithVariable(name, _ => new(endpointReference.Url));

    public static IResourceBuilder<T> WithEnvironment<T>(this IResourceBuilder<T> builder, string name, EndpointReferenceExpression value)
        where T : IResourceWithEnvironment => builder.WithVariable(name, _ => new(value.Value));

    public static IResourceBuilder<T> WithEnvironment<T>(
        this IResourceBuilder<T> builder, string name, IResourceBuilder<ParameterResource> parameter)
        where T : IResourceWithEnvironment => builder.WithVariable(name, parameter.Resource.GetValueAsync);

    public static IResourceBuilder<T> WithEnvironment<T>(
        this IResourceBuilder<T> builder, string envVarName, IResourceBuilder<IResourceWithConnectionString> resource)
        where T : IResourceWithEnvironment
    {
        builder.Model().Waits.Add((resource.Resource, WaitKind.Healthy));
        return builder.WithVariable(envVarName, resource.Resource.GetConnectionStringAsync);
    }

    public static IResourceBuilder<T> WithArgs<T>(this IResourceBuilder<T> builder, params string[] args) where T : IResourceWithArgs
    {
        builder.Model().Arguments.AddRange(args);
        return builder;
    }

    /// <summary>Gives the connection string as <c>ConnectionStrings__name</c>.</summary>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder, IResourceBuilder<IResourceWithConnectionString> source, string? connectionName = null,
        bool optional = false)
        where TDestination : IResourceWithEnvironment
    {
        var resource = source.Resource;
        var variable = resource.ConnectionStringEnvironmentVariable ?? $"ConnectionStrings__{connectionName ?? resource.Name}";
        // Its password is known once it runs.
        builder.Model().Waits.Add((resource, WaitKind.Healthy));
        return builder.WithVariable(variable, async cancellation => await resource.GetConnectionStringAsync(cancellation)
            ?? (optional ? null : throw new DistributedApplicationException($"'{resource.Name}' has no connection string")));
    }

    /// <summary>Gives every endpoint of every replica as <c>services__name__endpoint__index</c>.</summary>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder, IResourceBuilder<IResourceWithServiceDiscovery> source)
        where TDestination : IResourceWithEnvironment
    {
        var resource = source.Resource;
        builder.Model().Environment.Add(_ => new(((Resource)(IResource)resource).Endpoints.SelectMany(endpoint =>
            endpoint.Allocated.Select((_, replica) =>
                KeyValuePair.Create($"services__{resource.Name}__{endpoint.Name}__{replica}", endpoint.Url(replica))))));
        return builder;
    }

    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder, EndpointReference endpointReference)
        where TDestination : IResourceWithEnvironment =>
        builder.WithVariable($"services__{endpointReference.Resource.Name}__{endpointReference.EndpointName}__0",
            _ => new(endpointReference.Url));

    public static IResourceBuilder<T> WaitFor<T>(this IResourceBuilder<T> builder, IResourceBuilder<IResource> dependency)
        where T : IResourceWithWaitSupport
    {
        builder.Model().Waits.Add((dependency.Resource, WaitKind.Healthy));
        return builder;
    }

    public static IResourceBuilder<T> WaitForCompletion<T>(
        this IResourceBuilder<T> builder, IResourceBuilder<IResource> dependency, int exitCode = 0)
        where T : IResourceWithWaitSupport
    {
        if (exitCode != 0) throw new NotSupportedException("local processes are waited for until exit code 0 only");
        builder.Model().Waits.Add((dependency.Resource, WaitKind.Completed));
        return builder;
    }

    public static IResourceBuilder<T> WithEndpoint<T>(
        this IResourceBuilder<T> builder, int? port = null, int? targetPort = null, string? scheme = null, string? name = null,
        string? env = null, bool isProxied = true, bool? isExternal = null, ProtocolType? protocol = null)
        where T : IResourceWithEndpoints
    {
        var uriScheme = scheme ?? "tcp";
        var endpoint = new EndpointAnnotation(name ?? uriScheme, uriScheme, port, targetPort, env, protocol ?? ProtocolType.Tcp)
        {
            IsExternal = isExternal ?? false,
            IsProxied = isProxied,
        };
        if (builder.Model().Endpoints.Exists(other => other.Name == endpoint.Name))
            throw new DistributedApplicationException($"'{builder.Resource.Name}' has two endpoints named '{endpoint.Name}'");
        builder.Model().Endpoints.Add(endpoint);
        return builder;
    }

    public static IResourceBuilder<T> WithEndpoint<T>(
        this IResourceBuilder<T> builder, string endpointName, Action<EndpointAnnotation> callback, bool createIfNotExists = true)
        where T : IResourceWithEndpoints
    {
        var endpoint = builder.Model().Endpoints.Find(other => other.Name == endpointName);
        if (endpoint is null)
        {
            if (!createIfNotExists) return builder;
            endpoint = new EndpointAnnotation(endpointName, endpointName, null, null, null, ProtocolType.Tcp);
            builder.Model().Endpoints.Add(endpoint);
        }
        callback(endpoint);
        return builder;
    }

    public static IResourceBuilder<T> WithHttpEndpoint<T>(
        this IResourceBuilder<T> builder, int? port = null, int? targetPort = null, string? name = null, string? env = null,
        bool isProxied = true)
        where T : IResourceWithEndpoints => builder.WithEndpoint(port, targetPort, "http", name, env, isProxied);

    public static IResourceBuilder<T> WithExternalHttpEndpoints<T>(this IResourceBuilder<T> builder) where T : IResourceWithEndpoints
    {
        foreach (var endpoint in builder.Model().Endpoints)
        {
            if (endpoint.UriScheme is "http" or "https") endpoint.IsExternal = true;
        }
        return builder;
    }

    public static IResourceBuilder<T> AsHttp2Service<T>(this IResourceBuilder<T> builder) where T : IResourceWithEndpoints
    {
        foreach (var endpoint in builder.Model().Endpoints) endpoint.Transport = "http2";
        return builder;
    }

    public static EndpointReference GetEndpoint<T>(this IResourceBuilder<T> builder, string name) where T : IResourceWithEndpoints =>
        new(builder.Resource, name);

    /// <summary>The resource is healthy when this path answers with this status.</summary>
    public static IResourceBuilder<T> WithHttpHealthCheck<T>(
        this IResourceBuilder<T> builder, string? path = null, int? statusCode = null, string? endpointName = null)
        where T : IResourceWithEndpoints
    {
        builder.Model().HealthCheck = new HealthCheck(endpointName, path ?? "/", statusCode ?? 200);
        return builder;
    }

    internal static Resource Model<T>(this IResourceBuilder<T> builder) where T : IResource => (Resource)(IResource)builder.Resource;

    private static IResourceBuilder<T> WithVariable<T>(
        this IResourceBuilder<T> builder, string name, Func<CancellationToken, ValueTask<string?>> value)
        where T : IResourceWithEnvironment
    {
        builder.Model().Environment.Add(async cancellation =>
            await value(cancellation) is { } text ? [KeyValuePair.Create(name, text)] : []);
        return builder;
    }
}
