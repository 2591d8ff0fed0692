using Governance.ServiceDefaults.Privacy;

namespace Governance.Grids.SatisfactionSurveys;

public static class SatisfactionSetup
{
    /// <summary>The stores of this capability, and what is counted of it.</summary>
    public static void AddSatisfactionSurveys(this IServiceCollection services)
    {
        services.AddSingleton<SatisfactionStore>();
        services.AddSingleton<SupervisionStore>();
        services.AddSingleton<ImprovementStore>();
        services.AddSingleton<ISubjectRecords, SatisfactionSubjects>();
        services.AddSingleton<IKeptTexts, SatisfactionTexts>();
        foreach (var measure in SatisfactionMeasures.All)
            services.AddSingleton(measure);
    }
}
