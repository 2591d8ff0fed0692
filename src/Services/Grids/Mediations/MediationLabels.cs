using Governance.Grids.V1;
using Governance.Primitives;

namespace Governance.Grids.Mediations;

/// <summary>What people call the states of mediations.</summary>
public static class MediationLabels
{
    public static Words Told(this MediationState state) => Words.Of(state, state switch
    {
        MediationState.Open => ("open", "调解中"),
        MediationState.Agreed => ("agreed", "已达成协议"),
        MediationState.Performed => ("performed", "已履行"),
        MediationState.Breached => ("breached", "未履行"),
        MediationState.Failed => ("failed", "调解不成"),
        MediationState.Withdrawn => ("withdrawn", "已撤回"),
        _ => ("unspecified", "未指明"),
    });
}
