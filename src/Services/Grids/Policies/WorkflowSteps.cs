using Governance.Grids.V1;
using Governance.ServiceDefaults.Indicators;

namespace Governance.Grids.Policies;

/// <summary>The steps that a city counts in the course of a case. Each state of a case belongs to exactly one of them.</summary>
public static class WorkflowSteps
{
    // As the dimension of the indicators calls them.
    private static readonly IReadOnlyList<string> States =
        [.. Dimension.Of<CaseState>("state").Values.Where(word => word != "unspecified")];

    /// <summary>What is wrong with the steps of a policy, or null; having none is right.</summary>
    public static string? ProblemOf(IReadOnlyList<WorkflowStep> steps)
    {
        if (steps.Count is 0)
            return null;
        if (steps.GroupBy(s => s.Code).FirstOrDefault(g => g.Count() > 1) is { } twice)
            return $"step {twice.Key} stands twice";
        string[] covered = [.. steps.SelectMany(s => s.States)];
        if (covered.Except(States).FirstOrDefault() is { } unknown)
            return $"a case has no state {unknown}";
        if (covered.GroupBy(s => s).FirstOrDefault(g => g.Count() > 1) is { } shared)
            return $"the state {shared.Key} belongs to two steps";
        string[] missing = [.. States.Except(covered)];
        return missing.Length is 0 ? null : $"no step has the state {string.Join(", ", missing)}";
    }
}
