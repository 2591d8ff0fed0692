using Governance.Grids.V1;
using Governance.ServiceDefaults.Indicators;

namespace Governance.Grids.Boundaries;

public static class BoundaryMeasures
{
    private const string Table = """
        (select g.*, exists (
            select from neighbour_venues v where v.territory = g.code and v.kind = 2 and v.state = 1) as has_talk_point
         from grids g where g.valid_to is null)
        """;

    /// <summary>Those in force: also all grids and communities there are, for what each of them must have.</summary>
    public static readonly Measure Grids = new("grids", "网格", "Grids in force", Table, "code")
    {
        Id = "code",
        IdType = "text",
        Dimensions = [Dimension.Of<GridKind>("kind"), new("talk_point", "case when has_talk_point then 'yes' else 'no' end", "yes", "no")],
        Numbers = [new("households", "households")],
    };
}
