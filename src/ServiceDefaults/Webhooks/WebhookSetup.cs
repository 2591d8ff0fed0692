using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Governance.ServiceDefaults.Webhooks;

/// <summary>For services that tell destinations of their events.</summary>
public static class WebhookSetup
{
    public static void AddWebhooks(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton(NetworkGuard.Read(builder.Configuration));
        services.AddSingleton<WebhookClient>();
        services.AddSingleton<DeliveryStore>();
        services.AddSingleton<WebhookSender>();
        services.AddHostedService(provider => provider.GetRequiredService<WebhookSender>());
    }

    public static void MapWebhooks(this WebApplication app) => app.MapGrpcService<DestinationService>();
}
