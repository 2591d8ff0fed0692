using Governance.Contracts.Events;
using Governance.Organisations.Directory;
using Governance.Organisations.V1;
using Governance.Organisations.Whistles;
using Governance.ServiceDefaults;
using Governance.ServiceDefaults.Indicators;

namespace Governance.Organisations;

public static class Program
{
    public static Task<int> Main(string[] args) => ServiceHost.RunServiceAsync(() => Create(args));

    /// <summary>The service, ready to be started; tests adjust what they must.</summary>
    public static WebApplication Create(string[] args, Action<WebApplicationBuilder>? adjust = null)
    {
        var builder = WebApplication.CreateBuilder(args);
        builder.AddServiceDefaults("organisations", typeof(Program).Assembly, events => events.Add<WhistleBlownConsumer, WhistleBlown>());

        var services = builder.Services;
        services.AddSingleton<DirectoryStore>();
        services.AddSingleton<WhistleStore>();

        services.AddSingleton(new Measure(
            "organisations", "组织", "organisations", "select count(*) from organisations where territory >= $1 and territory < $2"));
        services.AddSingleton(CountOf("communities", "社区", OrganisationKind.Community));
        services.AddSingleton(CountOf("grid_party_organisations", "网格党组织", OrganisationKind.GridPartyOrganisation));
        services.AddSingleton(CountOf("industry_party_organisations", "行业党组织", OrganisationKind.IndustryPartyOrganisation));
        services.AddSingleton(CountOf("municipal_units", "市直单位", OrganisationKind.MunicipalUnit));
        services.AddSingleton(CountOf("resident_units", "驻区单位", OrganisationKind.ResidentUnit));

        adjust?.Invoke(builder);
        var app = builder.Build();
        app.MapServiceDefaults();
        app.MapGrpcService<DirectoryService>();
        app.MapGrpcService<WhistleService>();
        return app;
    }

    private static Measure CountOf(string name, string title, OrganisationKind kind) => new(
        name,
        title,
        "organisations",
        $"select count(*) from organisations where kind = {(int)kind} and territory >= $1 and territory < $2");
}
