using Governance.Grids.V1;
using Governance.ServiceDefaults.Indicators;

namespace Governance.Grids.Boundaries;

public static class BoundaryMeasures
{
    /// <summary>Those in force: also all grids and communities there are, for what each of them must have.</summary>
    public static readonly Measure Grids = new("grids", "网格", "Grids in force", "(select * from grids where valid_to is null)", "code")
    {
        Id = "code",
        IdType = "text",
        Dimensions = [Dimension.Of<GridKind>("kind")],
        Numbers = [new("households", "households")],
    };
}
