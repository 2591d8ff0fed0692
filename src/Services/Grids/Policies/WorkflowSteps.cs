using Governance.Grids.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Indicators;

namespace Governance.Grids.Policies;

/// <summary>The steps that a city counts in the course of a case. Each state of a case belongs to exactly one of them.</summary>
public static class WorkflowSteps
{
    // As the dimension of the indicators calls them.
    private static readonly IReadOnlyList<string> States =
        [.. Dimension.Of<CaseState>("state").Values.Where(word => word != "unspecified")];

    /// <summary>What is wrong with the steps of a policy, or null; having none is right.</summary>
    public static Words? ProblemOf(IReadOnlyList<WorkflowStep> steps)
    {
        if (steps.Count is 0)
            return null;
        if (steps.GroupBy(s => s.Code).FirstOrDefault(g => g.Count() > 1) is { } twice)
            return new($"step {twice.Key} stands twice", $"步骤 {twice.Key} 重复");
        string[] covered = [.. steps.SelectMany(s => s.States)];
        if (covered.Except(States).FirstOrDefault() is { } unknown)
            return new($"a case has no state {unknown}", $"事项没有状态 {unknown}");
        if (covered.GroupBy(s => s).FirstOrDefault(g => g.Count() > 1) is { } shared)
            return new($"the state {shared.Key} belongs to two steps", $"状态 {shared.Key} 同属两个步骤");
        string[] missing = [.. States.Except(covered)];
        return missing.Length is 0
            ? null
            : new($"no step has the state {string.Join(", ", missing)}", $"没有步骤包含状态 {string.Join("、", missing)}");
    }
}
