using Governance.Grids.V1;
using Governance.ServiceDefaults.Indicators;

namespace Governance.Grids.Policies;

/// <summary>
/// The numbers of policies that indicators read. Every policy of a kind writes all standards of its kind, so that a later one
/// supersedes each of them, and none stays in force that its policy no longer has.
/// </summary>
public static class PolicyStandards
{
    private static readonly IReadOnlyList<(string Name, Policy.ContentOneofCase Kind, Func<Policy, long> ValueOf)> Declared =
    [
        ("grid_worker_duties", Policy.ContentOneofCase.Staffing, p => p.Staffing.Duties.Count(d => d.Role is GridStaffRole.Worker)),
        ("neighbour_group_buildings_min", Policy.ContentOneofCase.Staffing, p => p.Staffing.MinBuildings),
        ("neighbour_group_buildings_max", Policy.ContentOneofCase.Staffing, p => p.Staffing.MaxBuildings),
        ("case_workflow_steps", Policy.ContentOneofCase.Cases, p => p.Cases.Steps.Count),
    ];

    public static IReadOnlyList<string> Names { get; } = [.. Declared.Select(d => d.Name)];

    public static IEnumerable<(string Name, long Value)> Of(Policy policy) =>
        Declared.Where(d => d.Kind == policy.ContentCase).Select(d => (d.Name, d.ValueOf(policy)));
}

public static class StandardMeasures
{
    // A day has no hour: it is placed by its beginning in local time. Of two policies of one day the later version counts.
    private const string Table = """
        (select s.city, s.city || '/' || s.version || '/' || s.name as id, s.name, s.value,
            (s.effective_from::timestamp - interval '8 hours') at time zone 'UTC' as begins_at,
            (lead(s.effective_from) over (partition by s.city, s.name order by s.effective_from, s.version)::timestamp
                - interval '8 hours') at time zone 'UTC' as ends_at
         from policy_standards s)
        """;

    public static readonly Measure Standards = new("standards", "政策标准", "Numbers of policies", Table, "city")
    {
        IdType = "text",
        Instants = [new("in_force", "begins_at") { Until = "ends_at" }],
        Dimensions = [new("standard", "name", PolicyStandards.Names)],
        Numbers = [new("value", "value")],
    };
}
