using Governance.Contracts.Events;
using Governance.ServiceDefaults;
using Governance.Volunteers.Activities;
using Governance.Volunteers.Teams;

namespace Governance.Volunteers;

public static class Program
{
    public static Task<int> Main(string[] args) => ServiceHost.RunServiceAsync(() => Create(args));

    /// <summary>The service, ready to be started; tests adjust what they must.</summary>
    public static WebApplication Create(string[] args, Action<WebApplicationBuilder>? adjust = null)
    {
        var builder = WebApplication.CreateBuilder(args);
        builder.AddServiceDefaults("volunteers", typeof(Program).Assembly, events =>
        {
            events.Add<CaseDispatchedConsumer, CaseDispatched>();
            events.Add<DispatchWithdrawnConsumer, DispatchWithdrawn>();
        });

        var services = builder.Services;
        services.AddSingleton<TeamStore>();
        services.AddSingleton<ActivityStore>();

        services.AddSingleton(TeamMeasures.Teams);
        services.AddSingleton(TeamMeasures.Members);
        services.AddSingleton(ActivityMeasures.Activities);
        services.AddSingleton(ActivityMeasures.ServiceRecords);

        adjust?.Invoke(builder);
        var app = builder.Build();
        app.MapServiceDefaults();
        app.MapGrpcService<TeamService>();
        app.MapGrpcService<ActivityService>();
        return app;
    }
}
