using Governance.ServiceDefaults.Indicators;
using Governance.Volunteers.V1;

namespace Governance.Volunteers.Activities;

public static class ActivityMeasures
{
    public static readonly Measure Activities = new("activities", "志愿活动", "Volunteers' activities", "activities")
    {
        Instants = [new("opened", "opened_at"), new("started", "starts_at"), new("completed", "completed_at")],
        Dimensions = [Dimension.Of<ActivityState>("state"), new("skill", "skill")],
        Numbers = [new("hands", "hands"), new("minutes", "minutes")],
    };

    /// <summary>Time that one volunteer served in one activity, where the activity was.</summary>
    public static readonly Measure ServiceRecords = new(
        "service_records", "志愿服务记录", "Records of service",
        "(select s.*, a.territory, a.skill from activities a join service_records s on s.activity_id = a.id)")
    {
        Id = "(activity_id::text || '/' || volunteer_number)",
        IdType = "text",
        Instants = [new("recorded", "recorded_at")],
        Dimensions =
        [
            new("skill", "skill"), new("team", "team_id"), new("activity", "activity_id"),
            new("volunteer", "volunteer_number") { IsSubject = true },
        ],
        Numbers = [new("minutes", "minutes")],
    };
}
