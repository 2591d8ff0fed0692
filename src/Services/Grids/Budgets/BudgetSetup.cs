using Governance.ServiceDefaults.Privacy;

namespace Governance.Grids.Budgets;

public static class BudgetSetup
{
    /// <summary>The stores of this capability, and what is counted of it.</summary>
    public static void AddBudgets(this IServiceCollection services)
    {
        services.AddSingleton<BudgetStore>();
        services.AddSingleton<ProjectStore>();
        services.AddSingleton<ISubjectRecords, BudgetSubjects>();

        foreach (var measure in BudgetMeasures.All)
            services.AddSingleton(measure);
    }
}
