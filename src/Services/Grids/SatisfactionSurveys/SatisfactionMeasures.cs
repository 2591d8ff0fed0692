using Governance.Grids.V1;
using Governance.ServiceDefaults.Indicators;

namespace Governance.Grids.SatisfactionSurveys;

public static class SatisfactionMeasures
{
    // A past case that was imported brings what its reporter said; one that waited yet is responded to here.
    private const string Responses = """
        (select id, territory, at, satisfaction, channel from satisfaction_responses
        union all
        select id, territory, updated_at, satisfaction, 0::smallint from cases
        where import_code is not null and assess_by is null and satisfaction <> 0)
        """;

    public static readonly IReadOnlyList<Measure> All =
    [
        new("satisfaction_responses", "满意度评价", "Responses of reporters", Responses)
        {
            Instants = [new("responded", "at")],
            Dimensions = [Dimension.Of<Satisfaction>("satisfaction"), Dimension.Of<ResponseChannel>("channel")],
        },
        new("satisfaction_reviews", "回访复核", "Reviews of answers that leave somebody dissatisfied", "satisfaction_reviews")
        {
            Instants = [new("opened", "opened_at"), new("due", "case when state = 1 then due_at end"), new("decided", "decided_at")],
            Dimensions = [Dimension.Of<SatisfactionReviewState>("state")],
        },
        new("improvements", "整改事项", "What is to be improved since somebody found fault", "improvements")
        {
            Instants =
            [
                new("opened", "opened_at"), new("due", "case when state = 1 then due_at end"),
                new("checked", "case when state = 3 then checked_at end"),
            ],
            Dimensions = [Dimension.Of<ImprovementState>("state")],
        },
        new("supervisors", "监督员", "Terms of supervisors", "supervisors")
        {
            // A day has no hour: it is placed by its beginning in local time.
            Instants = [new("began", "(from_day::timestamp - interval '8 hours') at time zone 'UTC'")],
            Dimensions = [Dimension.Of<SupervisorKind>("kind"), new("subject", "subject") { IsSubject = true }],
        },
        new("supervisor_reviews", "监督员评议", "Cases reviewed by supervisors",
            "(select *, draw_id || '/' || case_id as code from supervision_cases where reviewed_at is not null)")
        {
            Id = "code",
            IdType = "text",
            Instants = [new("reviewed", "reviewed_at")],
            Numbers = [new("mark_sum", "mark_sum"), new("marks", "mark_count")],
        },
    ];
}
