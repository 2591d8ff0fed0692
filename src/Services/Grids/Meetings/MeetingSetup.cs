using Governance.ServiceDefaults.Privacy;

namespace Governance.Grids.Meetings;

public static class MeetingSetup
{
    /// <summary>The stores of this capability, and what is counted of it.</summary>
    public static void AddMeetings(this IServiceCollection services)
    {
        services.AddSingleton<MeetingStore>();
        services.AddSingleton<ISubjectRecords, MeetingSubjects>();

        foreach (var measure in MeetingMeasures.All)
            services.AddSingleton(measure);
    }
}
