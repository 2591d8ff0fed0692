using Governance.Grids.V1;
using Governance.Primitives;

namespace Governance.Grids.Staffing;

/// <summary>What people call the roles on a grid.</summary>
public static class StaffingLabels
{
    public static Words Told(this GridStaffRole role) => Words.Of(role, role switch
    {
        GridStaffRole.Leader => ("leader", "网格长"),
        GridStaffRole.Worker => ("worker", "网格员"),
        GridStaffRole.Substitute => ("substitute", "替岗网格员"),
        _ => ("unspecified", "未指明"),
    });
}
