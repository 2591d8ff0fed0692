using Governance.ServiceDefaults.Indicators;

namespace Governance.Volunteers.Teams;

public static class TeamMeasures
{
    public static readonly Measure Teams = new("teams", "志愿服务队", "Volunteer teams", "teams");

    public static readonly Measure Members = new(
        "team_members", "志愿服务队成员", "Members of volunteer teams",
        "(select m.*, t.territory from teams t join team_members m on m.team_id = t.id)")
    {
        Id = "(team_id::text || '/' || number)",
        IdType = "text",
        Dimensions =
        [
            new("team", "team_id"), new("leader", "case when leader then 'yes' else 'no' end", "yes", "no"),
            new("volunteer", "number") { IsSubject = true },
        ],
    };
}
