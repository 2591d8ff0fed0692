using Governance.Contracts.Events;
using Governance.Organisations.Directory;
using Governance.Organisations.Whistles;
using Governance.ServiceDefaults;

namespace Governance.Organisations;

public static class Program
{
    public static Task<int> Main(string[] args) => ServiceHost.RunServiceAsync(() => Create(args));

    /// <summary>The service, ready to be started; tests adjust what they must.</summary>
    public static WebApplication Create(string[] args, Action<WebApplicationBuilder>? adjust = null)
    {
        var builder = WebApplication.CreateBuilder(args);
        builder.AddServiceDefaults("organisations", typeof(Program).Assembly, events =>
        {
            events.Add<WhistleBlownConsumer, WhistleBlown>();
            events.Add<WhistleClosedConsumer, WhistleClosed>();
        });

        var services = builder.Services;
        services.AddSingleton<DirectoryStore>();
        services.AddSingleton<WhistleStore>();

        services.AddSingleton(DirectoryMeasures.Organisations);
        services.AddSingleton(WhistleMeasures.Summonses);

        adjust?.Invoke(builder);
        var app = builder.Build();
        app.MapServiceDefaults();
        app.MapGrpcService<DirectoryService>();
        app.MapGrpcService<WhistleService>();
        return app;
    }
}
