using Governance.ServiceDefaults.Indicators;

namespace Governance.Grids.Staffing;

public static class StaffingSetup
{
    private const string StaffOfGrids = """
        from grids g left join grid_staff s on s.territory = g.code and s.until_day is null
        where g.code >= $1 and g.code < $2 and g.valid_to is null group by g.code
        """;

    /// <summary>The stores of this capability, and what is counted of it.</summary>
    public static void AddStaffing(this IServiceCollection services)
    {
        services.AddSingleton<AppointmentStore>();
        services.AddSingleton<GroupStore>();
        services.AddSingleton<SquadStore>();
        services.AddSingleton<VenueStore>();
        services.AddSingleton<StudioStore>();

        services.AddSingleton(new Measure(
            "grid_leaders_per_grid", "每个网格的网格长（最少）", "persons",
            $"select coalesce(min(n), 0) from (select count(s.id) filter (where s.role = 1) as n {StaffOfGrids}) counted"));
        services.AddSingleton(new Measure(
            "grid_workers_per_grid_min", "每个网格的网格员（最少）", "persons",
            $"select coalesce(min(n), 0) from (select count(s.id) filter (where s.role = 2) as n {StaffOfGrids}) counted"));
        services.AddSingleton(new Measure(
            "neighbour_groups", "邻里小组", "groups",
            "select count(*) from neighbour_groups where state = 1 and territory >= $1 and territory < $2"));
        services.AddSingleton(new Measure(
            "neighbour_heads", "党员邻长", "persons",
            """
            select count(distinct h.subject) from neighbour_heads h join neighbour_groups g on g.id = h.group_id
            where h.until is null and h.party_member = 1 and g.territory >= $1 and g.territory < $2
            """));
        services.AddSingleton(new Measure(
            "neighbourhood_venues", "邻里阵地", "venues",
            "select count(*) from neighbour_venues where state = 1 and territory >= $1 and territory < $2"));
        services.AddSingleton(new Measure(
            "receiving_deputies", "接待群众的两代表一委员", "persons",
            """
            select count(distinct d.subject) from studio_deputies d join deputy_studios s on s.id = d.studio_id
            where d.until is null and s.territory >= $1 and s.territory < $2
            """));
    }
}
