using Governance.Contracts.Events;
using Governance.Properties.Estates;
using Governance.Properties.WorkOrders;
using Governance.ServiceDefaults;
using Governance.ServiceDefaults.Indicators;

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
        });

        builder.Services.AddSingleton<EstateStore>();
        builder.Services.AddSingleton<WorkOrderStore>();

        builder.Services.AddSingleton(new Measure(
            "estates", "住宅小区", "estates", "select count(*) from estates where territory >= $1 and territory < $2"));
        builder.Services.AddSingleton(new Measure(
            "estates_with_company", "有物业服务企业的小区", "estates",
            "select count(*) from estates where territory >= $1 and territory < $2 and company_id is not null"));
        builder.Services.AddSingleton(new Measure(
            "work_orders", "物业工单", "work_orders", "select count(*) from work_orders where territory >= $1 and territory < $2"));
        builder.Services.AddSingleton(new Measure(
            "work_orders_open", "未办结物业工单", "work_orders",
            "select count(*) from work_orders where territory >= $1 and territory < $2 and ended_at is null"));

        adjust?.Invoke(builder);
        var app = builder.Build();
        app.MapServiceDefaults();
        app.MapGrpcService<EstateService>();
        app.MapGrpcService<WorkOrderService>();
        return app;
    }
}
