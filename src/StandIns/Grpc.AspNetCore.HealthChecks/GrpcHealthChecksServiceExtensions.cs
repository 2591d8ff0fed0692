using Grpc.AspNetCore.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Microsoft.Extensions.DependencyInjection;

public static class GrpcHealthChecksServiceExtensions
{
    /// <summary>The app's health checks answer for the whole server, under the empty service name.</summary>
    public static IHealthChecksBuilder AddGrpcHealthChecks(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddGrpc();
        if (services.All(service => service.ServiceType != typeof(HealthStatuses)))
        {
            services.AddSingleton<HealthStatuses>();
            services.AddSingleton<IHealthCheckPublisher>(provider => provider.GetRequiredService<HealthStatuses>());
            services.Configure<GrpcHealthChecksOptions>(options => options.Services.Map("", _ => true));
        }

        return services.AddHealthChecks();
    }

    public static IHealthChecksBuilder AddGrpcHealthChecks(this IServiceCollection services, Action<GrpcHealthChecksOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        var builder = services.AddGrpcHealthChecks();
        services.Configure(configure);
        return builder;
    }
}
