using Governance.ServiceDefaults;

namespace Governance.Grids.Open311;

/// <summary>Open311 on a port of its own, <c>OPEN311_PORT</c>; without that setting there is none of it.</summary>
public static class Open311Setup
{
    private const int DefaultPostsPerMinute = 600;
    private const int DefaultReadsPerMinute = 600;

    public static void AddOpen311(this WebApplicationBuilder builder)
    {
        if (PortOf(builder.Configuration) is not { } port)
            return;
        builder.AddHttpPort(port);
        var services = builder.Services;
        services.AddSingleton(Open311Keys.Read(builder.Configuration));
        var postsPerMinute = builder.Configuration.GetValue("Open311:PostsPerMinute", DefaultPostsPerMinute);
        var readsPerMinute = builder.Configuration.GetValue("Open311:ReadsPerMinute", DefaultReadsPerMinute);
        services.AddSingleton(provider => new Open311Rates(postsPerMinute, readsPerMinute, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<Open311Store>();
        services.AddSingleton<Open311Cities>();
        services.AddSingleton<Open311Reads>();
        services.AddSingleton<Open311Posts>();
        services.AddSingleton<Open311Endpoint>();
    }

    public static void MapOpen311(this WebApplication app)
    {
        if (PortOf(app.Configuration) is not { } port)
            return;
        // A branch that never goes on: gRPC and health are not on this port, and Open311 is on no other.
        app.MapWhen(
            context => context.Connection.LocalPort == port,
            branch => branch.Run(branch.ApplicationServices.GetRequiredService<Open311Endpoint>().HandleAsync));
    }

    private static int? PortOf(IConfiguration configuration) => configuration.GetValue<int?>("OPEN311_PORT");
}
