using Governance.Contracts.Events;
using Governance.Properties.Estates;
using Governance.Properties.WorkOrders;
using Governance.ServiceDefaults;

namespace Governance.Properties;

public static class Program
{
    public static Task<int> Main(string[] args) => ServiceHost.RunServiceAsync(() => Create(args));

    /// <summary>The service, ready to be started; tests adjust what they must.</summary>
    public static WebApplication Create(string[] args, Action<WebApplicationBuilder>? adjust = null)
    {
        var builder = WebApplication.CreateBuilder(args);
        builder.AddServiceDefaults("properties", typeof(Program).Assembly, events =>
        {
            events.Add<CaseDispatchedConsumer, CaseDispatched>();
            events.Add<DispatchWithdrawnConsumer, DispatchWithdrawn>();
            events.Add<CaseDeadlineMovedConsumer, CaseDeadlineMoved>();
        });

        builder.Services.AddSingleton<EstateStore>();
        builder.Services.AddSingleton<WorkOrderStore>();

        builder.Services.AddSingleton(EstateMeasures.Estates);
        builder.Services.AddSingleton(WorkOrderMeasures.WorkOrders);

        adjust?.Invoke(builder);
        var app = builder.Build();
        app.MapServiceDefaults();
        app.MapGrpcService<EstateService>();
        app.MapGrpcService<WorkOrderService>();
        return app;
    }
}
