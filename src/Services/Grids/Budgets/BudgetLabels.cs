using Governance.Grids.V1;
using Governance.Primitives;

namespace Governance.Grids.Budgets;

/// <summary>What people call the phases of rounds and the states of projects.</summary>
public static class BudgetLabels
{
    public static Words Told(this BudgetPhase phase) => Words.Of(phase, phase switch
    {
        BudgetPhase.Proposals => ("proposals", "征集提案"),
        BudgetPhase.Review => ("review", "审查"),
        BudgetPhase.Voting => ("voting", "投票"),
        BudgetPhase.Decided => ("decided", "已决定"),
        BudgetPhase.CarriedOut => ("carried out", "已实施"),
        BudgetPhase.Cancelled => ("cancelled", "已取消"),
        _ => ("unspecified", "未指明"),
    });

    public static Words Told(this ProjectState state) => Words.Of(state, state switch
    {
        ProjectState.Proposed => ("proposed", "已提出"),
        ProjectState.Feasible => ("feasible", "可行"),
        ProjectState.Infeasible => ("infeasible", "不可行"),
        ProjectState.Won => ("won", "已入选"),
        ProjectState.Lost => ("lost", "未入选"),
        ProjectState.Done => ("done", "已完成"),
        _ => ("unspecified", "未指明"),
    });
}
