using Governance.Grids.V1;
using Governance.ServiceDefaults.Indicators;

namespace Governance.Grids.Visits;

public static class VisitMeasures
{
    public static readonly IReadOnlyList<Measure> All =
    [
        new("visit_plans", "走访计划", "Visit plans", "visit_plans")
        {
            Instants = [new("consented", "consent_at"), new("due", "due_at")],
            Dimensions = [Dimension.Of<VisitPlanState>("state")],
        },
        new("visits", "入户走访", "Visits to households", "visits")
        {
            Instants = [new("visited", "at")],
            Dimensions = [Dimension.Of<VisitOutcome>("outcome")],
        },
        new("hazards", "隐患", "Hazards seen in visits", "hazards")
        {
            Instants = [new("found", "found_at"), new("due", "due_at"), new("resolved", "resolved_at")],
            Dimensions = [Dimension.Of<HazardCategory>("category")],
        },
    ];
}
