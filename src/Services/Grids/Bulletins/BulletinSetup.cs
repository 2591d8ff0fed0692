using Governance.ServiceDefaults.Privacy;

namespace Governance.Grids.Bulletins;

public static class BulletinSetup
{
    /// <summary>The store of this capability, what drafts for it, and what is counted of it.</summary>
    public static void AddBulletins(this IServiceCollection services)
    {
        services.AddSingleton<BulletinStore>();
        services.AddSingleton<BulletinDrafts>();
        services.AddSingleton<ISubjectRecords, BulletinSubjects>();
        foreach (var measure in BulletinMeasures.All)
            services.AddSingleton(measure);
    }
}
