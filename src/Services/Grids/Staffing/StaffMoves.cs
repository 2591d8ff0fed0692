using Governance.Grids.Boundaries;
using Governance.ServiceDefaults.Database;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.Grids.Staffing;

/// <summary>
/// Where posts, neighbour groups, squads, venues and studios go when one grid takes the place of theirs. What is over stays where it was.
/// </summary>
public static class StaffMoves
{
    // Codes of grids that have ended, the new one, now.
    private static readonly string[] Statements =
    [
        // Of two leaders, or two posts of one person, an officer ends one.
        """
        update grid_staff s set territory = $2, updated_at = $3, version = version + 1
        where territory = any($1) and until_day is null and not exists (
            select 1 from grid_staff o
            where o.territory = any($1) and o.until_day is null and o.id <> s.id
              and (o.subject = s.subject or (o.role = 1 and s.role = 1)))
        """,
        // With the posts that they are for.
        """
        update stand_ins i set territory = $2 from grid_staff s
        where i.territory = any($1) and i.cancelled_at is null and i.until_day >= ($3 at time zone 'UTC')::date - 1
          and s.id = i.staff_id and s.territory = $2
        """,
        Moved("neighbour_groups", "state = 1"),
        Moved("squads", "dissolved_on is null"),
        Moved("neighbour_venues", "state = 1"),
        "update neighbour_activities set territory = $2 where territory = any($1) and ends_at > $3",
        Moved("deputy_studios", "state = 1"),
    ];

    public static void Follow(Redraw redraw, Command command)
    {
        if (redraw.Made is not [var only])
            return;
        foreach (var statement in Statements)
            command.Write(statement, P(redraw.EndedCodes), P(only.Code), P(command.Now));
    }

    private static string Moved(string table, string lasts) =>
        $"update {table} set territory = $2, updated_at = $3, version = version + 1 where territory = any($1) and {lasts}";
}
