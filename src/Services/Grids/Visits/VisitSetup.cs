using Governance.ServiceDefaults.Privacy;

namespace Governance.Grids.Visits;

public static class VisitSetup
{
    /// <summary>The stores of this capability, and what is counted of it.</summary>
    public static void AddVisits(this IServiceCollection services)
    {
        services.AddSingleton<VisitStore>();
        services.AddSingleton<HazardStore>();
        services.AddSingleton<ISubjectRecords, VisitSubjects>();

        foreach (var measure in VisitMeasures.All)
            services.AddSingleton(measure);
    }
}
