using Governance.Common.V1;
using Governance.Grids.Cases;
using Governance.Grids.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Indicators;

namespace Governance.Grids.Dispatch;

/// <summary>How many cases wait in each state, from kept counts: a command centre looks often, at many.</summary>
public sealed class CommandCounts(Counting counting)
{
    private static readonly IndicatorDefinition Due = new() { Value = Waiting() };
    private static readonly IndicatorDefinition Overdue = new() { Value = Waiting(passed: true) };

    public async Task<IEnumerable<CommandCount>> OfAsync(TerritoryCode territory, DateTimeOffset now, CancellationToken cancellation)
    {
        var scope = new Scope(territory, Days.All, now);
        var due = await counting.PartsAsync(Due, scope, "state", cancellation);
        var overdue = await counting.PartsAsync(Overdue, scope, "state", cancellation);
        return due.Select(part => new CommandCount
        {
            Territory = territory.ToString(),
            CaseState = Enum.Parse<CaseState>(part.Key.Replace("_", "", StringComparison.Ordinal), ignoreCase: true),
            Count = part.Value.Numerator,
            Overdue = overdue.GetValueOrDefault(part.Key)?.Numerator ?? 0,
        }).OrderBy(count => count.CaseState);
    }

    private static IndicatorTerm Waiting(bool passed = false) => new() { Measure = CaseMeasures.Cases.Name, Instant = "due", Passed = passed };
}
