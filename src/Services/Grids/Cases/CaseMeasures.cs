using Governance.Grids.V1;
using Governance.ServiceDefaults.Indicators;

namespace Governance.Grids.Cases;

public static class CaseMeasures
{
    /// <summary>A row for each dimension of governance that a case touches.</summary>
    public static readonly Measure Dimensions = new(
        "case_dimensions", "诉求涉及的治理维度", "Dimensions of governance that cases touch",
        "(select c.id || '/' || d.n as code, c.territory, c.reported_at, d.n::smallint as dimension "
        + "from cases c cross join generate_series(1, 5) d (n) where c.dimensions <> 0 and c.dimensions & (1 << d.n) <> 0)")
    {
        // A case that touches two of them is two records.
        Id = "code",
        IdType = "text",
        Instants = [new("reported", "reported_at")],
        Dimensions = [Dimension.Of<GovernanceDimension>("dimension")],
    };

    /// <summary>Cases by their grid. Nothing changes a closed case but its reopening, so its last change is its closing.</summary>
    public static readonly Measure Cases = new("cases", "诉求", "Cases", "cases")
    {
        Instants = [new("reported", "reported_at"), new("closed", "case when state = 9 then updated_at end"), new("due", "due_at")],
        Dimensions =
        [
            Dimension.Of<CaseState>("state"),
            Dimension.Of<CaseChannel>("channel"),
            Dimension.Of<Satisfaction>("satisfaction"),
            new("category", "case when category = '' then 'none' else category end"),
            new("timeliness", "case when late = 1 then 'late' when due_at is null then 'on_time' else 'pending' end", "late", "on_time", "pending"),
            new(
                "holder_level",
                "case length(holder) when 12 then 'community' when 9 then 'subdistrict' when 6 then 'district' when 4 then 'city' else 'grid' end",
                "grid", "community", "subdistrict", "district", "city"),
            new("reporter", "reporter") { IsSubject = true },
        ],
        Numbers = [new("minutes_to_close", "case when state = 9 then floor(extract(epoch from updated_at - reported_at) / 60) end")],
        Kept = [["state", "timeliness"], ["channel", "state", "timeliness"], ["category", "state", "timeliness"]],
    };
}
