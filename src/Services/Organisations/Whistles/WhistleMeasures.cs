using Governance.ServiceDefaults.Indicators;

namespace Governance.Organisations.Whistles;

public static class WhistleMeasures
{
    /// <summary>Departments called to a case; they are due until they come or the whistle is closed.</summary>
    public static readonly Measure Summonses = new("summonses", "报到通知", "Summonses of departments", "summonses")
    {
        Instants = [new("reported", "reported_at"), new("due", "case when reported_at is null and closed_at is null then report_by end")],
        Dimensions =
        [
            new("organisation", "organisation_id"),
            new(
                "arrival",
                "case when reported_at is null or reported_at > closed_at then 'none' when reported_at > report_by then 'late' else 'in_time' end",
                "none", "late", "in_time"),
        ],
    };
}
