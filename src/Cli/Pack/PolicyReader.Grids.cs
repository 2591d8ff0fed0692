using Governance.Grids.V1;

namespace Governance.Cli.Pack;

/// <summary>Policies of those who work in grids.</summary>
internal sealed partial class PolicyReader
{
    private const int MostBuildings = 50;

    private static readonly IReadOnlyDictionary<string, GridStaffRole> StaffRoles = EnumWords.All<GridStaffRole>();

    private static StaffingPolicy Staffing(PackNode node)
    {
        var policy = new StaffingPolicy
        {
            MinBuildings = node.Number("min_buildings", 1, MostBuildings),
            MaxBuildings = node.Number("max_buildings", 1, MostBuildings),
        };
        if (policy.MinBuildings > policy.MaxBuildings)
            node.Problem("max_buildings", "the most buildings are fewer than the fewest");
        foreach (var item in node.Maps("duties"))
        {
            var duty = new GridDuty
            {
                Role = item.Word("role", StaffRoles, GridStaffRole.Unspecified),
                Code = item.Code("code"),
                Name = item.Text("name", 60),
            };
            if (policy.Duties.Any(other => other.Role == duty.Role && other.Code == duty.Code))
                item.Problem("code", $"the duty '{duty.Code}' of this role is there twice");
            policy.Duties.Add(duty);
            item.Finish();
        }

        Count(node, "duties", policy.Duties.Count, 60);
        node.Finish();
        return policy;
    }
}
