using Governance.Grids.V1;
using Governance.ServiceDefaults.Indicators;

namespace Governance.Grids.Councils;

public static class CouncilMeasures
{
    public static readonly IReadOnlyList<Measure> All =
    [
        new("councils", "居民议事会", "Residents' councils", "councils")
        {
            Instants = [new("established", "established_at")],
            Dimensions = [Dimension.Of<CouncilState>("state"), Dimension.Of<ConcurrentHead>("concurrent_head")],
        },
        new(
            "council_members", "议事会成员", "Present members of active councils",
            "(select m.*, c.territory from council_members m join councils c on c.id = m.council_id where m.left_at is null and c.state = 1)")
        {
            Instants = [new("joined", "joined_at")],
            Dimensions =
            [
                Dimension.Of<CouncilMemberKind>("kind"), Dimension.Of<CouncilSeat>("seat"), new("council", "council_id"),
                new("subject", "subject") { IsSubject = true },
            ],
        },
        new("topics", "议题", "Topics of councils", "topics")
        {
            Instants = [new("proposed", "proposed_at"), new("answered", "case when state = 8 then updated_at end"), new("due", "due_at")],
            Dimensions = [Dimension.Of<TopicKind>("kind"), Dimension.Of<TopicState>("state"), new("council", "council_id")],
        },
        new("council_sessions", "议事会会议", "Sessions of councils", "sessions")
        {
            Instants = [new("started", "starts_at")],
            Dimensions = [Dimension.Of<SessionState>("state"), new("council", "council_id")],
        },
        new("consultations", "社区协商", "Consultations on topics", "topic_consultations")
        {
            // A day has no hour: it is placed by its beginning in local time.
            Instants = [new("held", "(held_on::timestamp - interval '8 hours') at time zone 'UTC'")],
            Dimensions = [Dimension.Of<ConsultationForm>("form")],
        },
    ];
}
