using Governance.Contracts.Events;
using Governance.ServiceDefaults;
using Governance.ServiceDefaults.Indicators;
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

        services.AddSingleton(new Measure(
            "teams", "志愿服务队", "teams", "select count(*) from teams where territory >= $1 and territory < $2"));
        services.AddSingleton(new Measure("volunteers", "志愿者", "people", """
            select count(distinct m.number)
            from teams t join team_members m on m.team_id = t.id
            where t.territory >= $1 and t.territory < $2
            """));
        services.AddSingleton(new Measure(
            "activities", "志愿活动", "activities", "select count(*) from activities where territory >= $1 and territory < $2"));
        services.AddSingleton(new Measure("service_minutes", "志愿服务时长", "minutes", """
            select coalesce(sum(s.minutes), 0)::bigint
            from activities a join service_records s on s.activity_id = a.id
            where a.territory >= $1 and a.territory < $2
            """));

        adjust?.Invoke(builder);
        var app = builder.Build();
        app.MapServiceDefaults();
        app.MapGrpcService<TeamService>();
        app.MapGrpcService<ActivityService>();
        return app;
    }
}
