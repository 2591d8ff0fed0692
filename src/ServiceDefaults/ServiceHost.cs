using System.Reflection;
using Governance.ServiceDefaults.Cache;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Events;
using Governance.ServiceDefaults.Grpc;
using Governance.ServiceDefaults.Identity;
using Governance.ServiceDefaults.Imports;
using Governance.ServiceDefaults.Indicators;
using Governance.ServiceDefaults.Operations;
using Governance.ServiceDefaults.Privacy;
using Governance.ServiceDefaults.Telemetry;
using Governance.ServiceDefaults.Webhooks;
using Grpc.AspNetCore.Server;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using StackExchange.Redis;

namespace Governance.ServiceDefaults;

/// <summary>What makes a process a service of this suite.</summary>
public static class ServiceHost
{
    /// <summary>Largest message in either direction; longer lists are streams.</summary>
    public const int MaxMessageBytes = 4 * 1024 * 1024;

    /// <summary>
    /// <paramref name="name"/> is the service's word: its database's connection string, its queue, its cache prefix;
    /// <paramref name="assembly"/> holds its migrations. Ports come from <c>GRPC_PORT</c> (HTTP/2) and <c>HTTP_PORT</c> (HTTP/1.1, health).
    /// </summary>
    public static void AddServiceDefaults(this WebApplicationBuilder builder, string name, Assembly assembly, Action<EventConsumers> addConsumers)
    {
        // Nothing here differs by environment. What the framework does in development, it does for each call: a page for exceptions
        // that no gRPC client would see, and checks of lifetimes.
        builder.Environment.EnvironmentName = Environments.Production;
        builder.Services.AddSingleton(new ServiceAssembly(assembly));
        builder.AddTelemetry(name);
        AddPorts(builder);

        var services = builder.Services;
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IIds, TimeOrderedIds>();

        var identity = builder.Configuration.GetSection("Identity");
        // Now, not with the first call.
        (identity.Get<IdentityOptions>() ?? new IdentityOptions()).Validate();
        services.Configure<IdentityOptions>(identity);
        services.AddSingleton<TokenReader>();

        services.AddSingleton(provider =>
            ServiceDatabase.CreateSource(Connection(builder.Configuration, name), $"governance-{name}", provider.GetRequiredService<ILoggerFactory>()));
        services.AddSingleton<ServiceDatabase>();
        services.AddSingleton<Migrations>();
        services.AddSingleton<CommitGroups>();
        services.AddSingleton<Commands>();
        services.AddSingleton<Importer>();
        services.AddSingleton<Housekeeping>();
        services.AddHostedService(provider => provider.GetRequiredService<Housekeeping>());
        services.AddHostedService<TableStatistics>();

        services.AddSingleton(PrivacyKeys.Read(builder.Configuration));
        services.AddSingleton<PersonStore>();

        services.AddSingleton<DestinationStore>();
        services.AddSingleton<WebhookRoutes>();
        services.AddSingleton(PublishedEvents.Of(name));

        services.AddSingleton(CommonDefinitions.Of(assembly));
        services.AddSingleton<DefinitionRules>();
        services.AddSingleton<DefinitionStore>();
        services.AddSingleton<Counting>();
        services.AddSingleton<IndicatorTable>();
        services.AddSingleton<KeptKeys>();
        services.AddSingleton<KeptCounts>();
        services.AddHostedService(provider => provider.GetRequiredService<KeptCounts>());

        services.AddSingleton(_ => new Lazy<Task<IConnectionMultiplexer>>(() => ConnectRedisAsync(Connection(builder.Configuration, "redis"))));
        services.AddSingleton<RedisCache>();

        services.AddSingleton<OutboxSignal>();
        var consumers = new EventConsumers();
        addConsumers(consumers);
        services.AddBus(name, new BrokerAddress(new Uri(Connection(builder.Configuration, "rabbitmq"))), consumers);

        services.AddGrpc(options =>
        {
            options.MaxReceiveMessageSize = MaxMessageBytes;
            options.MaxSendMessageSize = MaxMessageBytes;
            options.ResponseCompressionAlgorithm = "gzip";
            options.Interceptors.Add<ErrorInterceptor>();
            options.Interceptors.Add<AccessInterceptor>();
        });
        services.AddSingleton<ErrorInterceptor>();
        services.AddSingleton<AccessInterceptor>();
        services.AddSingleton(typeof(IGrpcServiceActivator<>), typeof(OneForAllCalls<>));
        services.AddGrpcReflection();
        services.AddGrpcHealthChecks().AddCheck<ReadyCheck>("ready");
    }

    /// <summary>One more port for HTTP/1.1, under TLS when the service has a certificate.</summary>
    public static void AddHttpPort(this WebApplicationBuilder builder, int port)
    {
        var anyAddress = builder.Configuration.GetValue("LISTEN_ANY", false);
        var https = ServerCertificate.Read(builder.Configuration, TimeProvider.System.GetUtcNow());
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            if (anyAddress)
                kestrel.ListenAnyIP(port, Listen);
            else
                kestrel.ListenLocalhost(port, Listen);
        });

        void Listen(ListenOptions listen)
        {
            listen.Protocols = HttpProtocols.Http1;
            if (https is not null)
                listen.UseHttps(https);
        }
    }

    /// <summary>A client of another service of ours, whose address is configured as <c>services__{name}__grpc__0</c>.</summary>
    public static void AddServiceClient<TClient>(this WebApplicationBuilder builder, string name)
        where TClient : class
    {
        if (builder.Configuration["Identity:Authority"] is { Length: > 0 }
            && builder.Configuration["Identity:ServiceTokenFile"] is null or "")
            throw new SettingsException("Set Identity__ServiceTokenFile, the token by which this service calls the others.");
        builder.Services.AddGrpcClient<TClient>(options => options.Address = new Uri(
            builder.Configuration[$"services:{name}:grpc:0"] ?? throw new SettingsException($"Set services__{name}__grpc__0.")));
    }

    public static void MapServiceDefaults(this WebApplication app)
    {
        app.Use(Compression.InKindAsync);
        app.Use(UnreadableRequests.HandleAsync);
        app.MapGrpcService<OperationsService>();
        app.MapGrpcService<IndicatorService>();
        app.MapGrpcService<PersonService>();
        // Definitions that the measures don't bear out stop the start, not the first who asks.
        app.Services.GetRequiredService<DefinitionStore>();
        app.MapGrpcHealthChecksService();
        app.MapGrpcReflectionService();
        app.MapHealthChecks("/ready", new HealthCheckOptions { ResultStatusCodes = { [HealthStatus.Degraded] = 200 } });
        app.MapHealthChecks("/alive", new HealthCheckOptions { Predicate = _ => false });
    }

    /// <summary>Migrates, then serves until told to stop. Settings that it cannot start with get one line and exit code 1.</summary>
    public static async Task<int> RunServiceAsync(Func<WebApplication> create)
    {
        try
        {
            var app = create();
            await app.MigrateAsync();
            await app.RunAsync();
            return 0;
        }
        catch (SettingsException problem)
        {
            await Console.Error.WriteLineAsync(problem.Message);
            return 1;
        }
    }

    public static async Task MigrateAsync(this WebApplication app) =>
        await app.Services.GetRequiredService<Migrations>().RunAsync([typeof(ServiceHost).Assembly, app.Services.GetRequiredService<ServiceAssembly>().Value], CancellationToken.None);

    private static string Connection(IConfiguration configuration, string name) =>
        configuration.GetConnectionString(name) ?? throw new SettingsException($"Set ConnectionStrings__{name}.");

    private static void AddPorts(WebApplicationBuilder builder)
    {
        var grpc = builder.Configuration.GetValue<int?>("GRPC_PORT") ?? throw new SettingsException("Set GRPC_PORT.");
        var http = builder.Configuration.GetValue<int?>("HTTP_PORT") ?? throw new SettingsException("Set HTTP_PORT.");
        var anyAddress = builder.Configuration.GetValue("LISTEN_ANY", false);
        var https = ServerCertificate.Read(builder.Configuration, TimeProvider.System.GetUtcNow());
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            Action<ListenOptions> grpcOptions = listen =>
            {
                listen.Protocols = HttpProtocols.Http2;
                if (https is not null)
                    listen.UseHttps(https);
            };
            if (anyAddress)
            {
                kestrel.ListenAnyIP(grpc, grpcOptions);
                kestrel.ListenAnyIP(http, listen => listen.Protocols = HttpProtocols.Http1);
            }
            else
            {
                kestrel.ListenLocalhost(grpc, grpcOptions);
                kestrel.ListenLocalhost(http, listen => listen.Protocols = HttpProtocols.Http1);
            }
            kestrel.Limits.Http2.MaxStreamsPerConnection = 1000;
            kestrel.Limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(30);
        });
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(8));
    }

    private static async Task<IConnectionMultiplexer> ConnectRedisAsync(string connection)
    {
        var options = ConfigurationOptions.Parse(connection);
        options.AbortOnConnectFail = false;
        options.ConnectTimeout = 2000;
        options.AsyncTimeout = 1000;
        options.BacklogPolicy = BacklogPolicy.FailFast;
        // Everything here waits asynchronously, so replies need no threads of their own.
        options.SocketManager = SocketManager.ThreadPool;
        return await ConnectionMultiplexer.ConnectAsync(options);
    }

    private sealed record ServiceAssembly(Assembly Value);

    /// <summary>Services hold no state of a call, so one of each will do.</summary>
    private sealed class OneForAllCalls<TService>(IServiceProvider services) : IGrpcServiceActivator<TService>
        where TService : class
    {
        private readonly GrpcActivatorHandle<TService> handle = new(
            services.GetService<TService>() ?? ActivatorUtilities.CreateInstance<TService>(services), created: false, state: null);

        public GrpcActivatorHandle<TService> Create(IServiceProvider serviceProvider) => handle;

        public ValueTask ReleaseAsync(GrpcActivatorHandle<TService> service) => ValueTask.CompletedTask;
    }

    /// <summary>Ready when the database answers; an outbox that cannot leave, or Redis away, only degrades it.</summary>
    private sealed class ReadyCheck(NpgsqlDataSource source, OutboxRelay relay, RedisCache cache) : IHealthCheck
    {
        private const int FailuresToReport = 3;

        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            try
            {
                await using var command = source.CreateCommand("select 1");
                await command.ExecuteScalarAsync(cancellationToken);
            }
            catch (NpgsqlException exception)
            {
                return HealthCheckResult.Unhealthy("the database is away", exception);
            }
            if (relay.Failures >= FailuresToReport)
                return HealthCheckResult.Degraded("events can't be published");
            return await cache.IsReachableAsync() ? HealthCheckResult.Healthy() : HealthCheckResult.Degraded("Redis is away");
        }
    }
}
