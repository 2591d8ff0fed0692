using Governance.Grids.V1;
using Governance.ServiceDefaults.Indicators;

namespace Governance.Grids.Staffing;

public static class StaffingMeasures
{
    private const string Active = "case state when 1 then 'active' else 'over' end";

    public static readonly IReadOnlyList<Measure> All =
    [
        new("grid_staff", "网格在任人员", "Present posts in grids in force",
            "(select s.* from grid_staff s join grids g on g.code = s.territory and g.valid_to is null where s.until_day is null)")
        {
            Dimensions =
            [
                Dimension.Of<GridStaffRole>("role"), Dimension.Of<StaffEmployment>("employment"), PartyMember("party_member"),
                new("subject", "subject") { IsSubject = true },
            ],
        },
        new("neighbour_groups", "邻里小组", "Neighbour groups", "neighbour_groups")
        {
            Dimensions = [new("state", Active, "active", "over")],
            Numbers = [new("buildings", "jsonb_array_length(buildings)")],
        },
        new("neighbour_heads", "在任邻长", "Present heads of neighbour groups",
            "(select h.*, g.territory from neighbour_heads h join neighbour_groups g on g.id = h.group_id where h.until is null)")
        {
            Instants = [new("appointed", "since")],
            Dimensions = [PartyMember("party_member"), new("subject", "subject") { IsSubject = true }],
        },
        new("squads", "邻长小队", "Present squads of neighbour heads", "(select * from squads where dissolved_on is null)")
        {
            Dimensions = [new("squad", "id")],
        },
        new("squad_exchanges", "邻长小队交流", "Exchanges of neighbour-head squads",
            "(select e.*, s.territory from squad_exchanges e join squads s on s.id = e.squad_id)")
        {
            // A day has no hour: it is placed by its beginning in local time.
            Instants = [new("held", "(day::timestamp - interval '8 hours') at time zone 'UTC'")],
            Dimensions = [Dimension.Of<ExchangeKind>("kind"), new("squad", "squad_id")],
            Numbers = [new("attendance", "attendance")],
        },
        new("neighbourhood_venues", "邻里阵地、说事点、流动办公桌", "Neighbourhood venues, talk points, mobile desks",
            "neighbour_venues")
        {
            Dimensions =
            [
                new("state", Active, "active", "over"), Dimension.Of<VenuePremises>("premises"), Dimension.Of<VenueKind>("kind"),
            ],
        },
        new("neighbour_activities", "邻里活动", "Activities of neighbours", "neighbour_activities")
        {
            Instants = [new("started", "starts_at")],
            Numbers = [new("participants", "participants")],
        },
        new("receiving_deputies", "接待群众的两代表一委员", "Present assignments of deputies to studios",
            "(select d.*, s.territory from studio_deputies d join deputy_studios s on s.id = d.studio_id where d.until is null)")
        {
            Instants = [new("assigned", "since")],
            Dimensions = [Dimension.Of<DeputyKind>("kind"), new("studio", "studio_id"), new("subject", "subject") { IsSubject = true }],
        },
        new("receptions", "代表委员接待", "Receptions by deputies", "receptions")
        {
            Instants = [new("held", "held_at")],
            Numbers = [new("received", "received")],
        },
    ];

    private static Dimension PartyMember(string column) => new("party_member", $"case {column} when 1 then 'yes' else 'no' end", "yes", "no");
}
