using Governance.Grids.V1;
using Governance.ServiceDefaults.Indicators;

namespace Governance.Grids.Mediations;

public static class MediationMeasures
{
    public static readonly Measure Mediations = new("mediations", "矛盾纠纷调解", "Mediations of disputes", "mediations")
    {
        Instants = [new("opened", "opened_at"), new("concluded", "concluded_at"), new("due", "case when state = 1 then due_at end")],
        Dimensions = [Dimension.Of<MediationState>("state")],
    };
}
