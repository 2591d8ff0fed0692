using Governance.ServiceDefaults.Indicators;

namespace Governance.Grids.Visits;

public static class VisitSetup
{
    /// <summary>The stores of this capability, and what is counted of it.</summary>
    public static void AddVisits(this IServiceCollection services)
    {
        services.AddSingleton<VisitStore>();
        services.AddSingleton<HazardStore>();

        services.AddSingleton(new Measure(
            "visit_plans", "在用的走访计划", "plans", "select count(*) from visit_plans where state = 1 and territory >= $1 and territory < $2"));
        services.AddSingleton(new Measure("visits", "入户走访", "visits", "select count(*) from visits where territory >= $1 and territory < $2"));
        services.AddSingleton(new Measure(
            "hazards_open", "未消除的隐患", "hazards",
            "select count(*) from hazards where due_at is not null and territory >= $1 and territory < $2"));
    }
}
