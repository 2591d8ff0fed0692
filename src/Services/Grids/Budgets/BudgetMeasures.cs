using Governance.Grids.V1;
using Governance.ServiceDefaults.Indicators;

namespace Governance.Grids.Budgets;

public static class BudgetMeasures
{
    public static readonly IReadOnlyList<Measure> All =
    [
        new("budget_rounds", "参与式预算轮次", "Rounds of participatory budgets", "budget_rounds")
        {
            Dimensions = [Dimension.Of<BudgetPhase>("phase")],
            Numbers = [new("amount_fen", "amount"), new("ballots", "ballots")],
        },
        new("budget_projects", "参与式预算项目", "Projects of participatory budgets", "budget_projects")
        {
            Instants = [new("proposed", "proposed_at"), new("done", "case when state = 6 then updated_at end")],
            Dimensions = [Dimension.Of<ProjectState>("state")],
            Numbers = [new("amount_fen", "amount"), new("votes", "votes")],
        },
        new("budget_spending", "参与式预算支出", "Entries in the accounts of participatory budgets",
            "(select s.*, r.territory from budget_spending s join budget_rounds r on r.id = s.round_id)")
        {
            Instants = [new("booked", "at")],
            Numbers = [new("amount_fen", "amount")],
        },
    ];
}
