using Governance.ServiceDefaults.Privacy;

namespace Governance.Grids.Staffing;

public static class StaffingSetup
{
    /// <summary>The stores of this capability, and what is counted of it.</summary>
    public static void AddStaffing(this IServiceCollection services)
    {
        services.AddSingleton<AppointmentStore>();
        services.AddSingleton<GroupStore>();
        services.AddSingleton<SquadStore>();
        services.AddSingleton<VenueStore>();
        services.AddSingleton<StudioStore>();
        services.AddSingleton<ISubjectRecords, StaffingSubjects>();

        foreach (var measure in StaffingMeasures.All)
            services.AddSingleton(measure);
    }
}
