using Governance.Grids.V1;
using Governance.ServiceDefaults.Indicators;

namespace Governance.Grids.Meetings;

public static class MeetingMeasures
{
    public static readonly IReadOnlyList<Measure> All =
    [
        new("grid_meetings", "网格会议", "Meetings of grid Party branches", "meetings")
        {
            Instants = [new("held", "case when state in (3, 4) then starts_at end"), new("planned", "starts_at")],
            Dimensions = [Dimension.Of<MeetingKind>("kind"), Dimension.Of<MeetingState>("state")],
        },
        new("debrief_appraisals", "述职评议结果", "Debriefs with published appraisal",
            """
            (select d.*, m.starts_at from meeting_debriefs d join meetings m on m.id = d.meeting_id
             where d.papers is not null and m.state = 4)
            """)
        {
            Instants = [new("held", "starts_at")],
            Dimensions = [new("organisation", "organisation_id")],
            Numbers = [new("papers", "papers"), new("favourable", "good + fairly_good"), new("poor", "poor")],
        },
    ];
}
