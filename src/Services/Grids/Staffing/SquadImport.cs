using Governance.Grids.Boundaries;
using Governance.Grids.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Imports;
using Npgsql;
using NpgsqlTypes;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.Grids.Staffing;

/// <summary>A row that is good, with its parts as the tables keep them.</summary>
public sealed record KeptSquad(SquadRow Row, string Grid, DateOnly FormedOn, IReadOnlyList<string> Groups);

/// <summary>Active squads by code, with all their groups: a group that is not in the row any more is free.</summary>
/// <param name="today">The latest day that it is anywhere: which city a row lies in, and its offset, only the row tells.</param>
public sealed class SquadImport(DateOnly today) : ImportTarget<SquadRow, KeptSquad>
{
    private const string CurrentGroups =
        "(select coalesce(jsonb_agg(g.code order by g.code), '[]') from neighbour_groups g where g.squad_id = q.id)";

    public override string CreateStaging => """
        create temporary table staging (
            row_number bigint, code text collate "C", territory text collate "C", name text, leader text collate "C",
            formed_on date, groups jsonb) on commit drop
        """;

    public override string CopyStaging =>
        "copy staging (row_number, code, territory, name, leader, formed_on, groups) from stdin (format binary)";

    // Nobody else takes a group between the judgement and the merge.
    public override IReadOnlyList<string> BeforeMerge { get; } = ["lock table neighbour_groups in share row exclusive mode"];

    public override string FindStagedErrors => $"""
        with members as (
            select s.row_number, s.code, s.territory, m.code as member, min(s.row_number) over (partition by m.code) as first
            from staging s cross join lateral jsonb_array_elements_text(s.groups) as m (code))
        select row_number, code, field, reason from (
            select s.row_number, s.code, 'territory' as field, '{BoundaryErrors.GridNotFound.Reason}' as reason
            from staging s
            where not exists (select 1 from grids g where g.code = s.territory and g.valid_to is null)
            union all
            select s.row_number, s.code, 'territory',
                case when q.territory >= $1 and q.territory < $2 then '{NeighbourErrors.SquadElsewhere.Reason}'
                     else '{ImportErrors.TerritoryOutside.Reason}' end
            from staging s join squads q on left(q.territory, 4) = left(s.territory, 4) and q.code = s.code and q.dissolved_on is null
            where q.territory <> s.territory
            union all
            select s.row_number, s.code, 'leader_subject', '{NeighbourErrors.SquadLeaderInvalid.Reason}'
            from staging s
            where not exists (
                select 1 from grid_staff l
                where l.territory = s.territory and l.subject = s.leader and l.until_day is null and l.role in (1, 2))
            union all
            select distinct m.row_number, m.code, 'group_codes', '{NeighbourErrors.SquadGroupsInvalid.Reason}'
            from members m
            left join neighbour_groups g on g.code = m.member collate "C" and g.state = 1 and g.territory = m.territory
            left join squads q on q.id = g.squad_id
            where g.id is null or m.row_number > m.first or (q.id is not null and q.code is distinct from m.code)) found
        order by row_number, field desc
        """;

    public override string Merge => $"""
        with changed as (
            select s.*, l.id as leader_id
            from staging s
            join grid_staff l on l.territory = s.territory and l.subject = s.leader and l.until_day is null
            left join squads q on left(q.territory, 4) = left(s.territory, 4) and q.code = s.code and q.dissolved_on is null
            where q.id is null or (q.name, q.leader_id, {CurrentGroups}) is distinct from (s.name, l.id, s.groups)),
        merged as (
            insert into squads as kept (id, code, territory, name, leader_id, formed_on, updated_at, version)
            select gen_random_uuid(), code, territory, name, leader_id, formed_on, $1, 1 from changed order by code
            on conflict (left(territory, 4), code) where dissolved_on is null do update
            set name = excluded.name, leader_id = excluded.leader_id, updated_at = excluded.updated_at, version = kept.version + 1
            returning (xmax = 0) as created)
        select count(*) filter (where created), count(*) filter (where not created) from merged
        """;

    // Only of squads that this transaction wrote.
    public override IReadOnlyList<string> AfterMerge { get; } =
    [
        """
        update neighbour_groups g set squad_id = null, updated_at = q.updated_at, version = g.version + 1
        from squads q join staging s on left(q.territory, 4) = left(s.territory, 4) and q.code = s.code
        where q.dissolved_on is null and q.xmin = pg_current_xact_id()::xid and g.squad_id = q.id and not s.groups ? g.code
        """,
        """
        update neighbour_groups g set squad_id = q.id, updated_at = q.updated_at, version = g.version + 1
        from squads q join staging s on left(q.territory, 4) = left(s.territory, 4) and q.code = s.code
        where q.dissolved_on is null and q.xmin = pg_current_xact_id()::xid
          and g.territory = s.territory and g.state = 1 and s.groups ? g.code and g.squad_id is distinct from q.id
        """,
    ];

    public override ErrorDefinition StagedError(string reason) =>
        reason == BoundaryErrors.GridNotFound.Reason ? BoundaryErrors.GridNotFound
        : reason == NeighbourErrors.SquadElsewhere.Reason ? NeighbourErrors.SquadElsewhere
        : reason == NeighbourErrors.SquadLeaderInvalid.Reason ? NeighbourErrors.SquadLeaderInvalid
        : reason == NeighbourErrors.SquadGroupsInvalid.Reason ? NeighbourErrors.SquadGroupsInvalid
        : base.StagedError(reason);

    public override string CodeOf(SquadRow row) => row.Code;

    public override string TerritoryOf(SquadRow row) => row.Territory;

    public override KeptSquad Prepare(SquadRow row, List<Violation> violations)
    {
        var grid = TerritoryCode.Parse(row.Territory);
        if (grid.Level is not TerritoryLevel.Grid)
            violations.Add(Violation.Of("territory", BoundaryErrors.NotAGridCode));
        var formedOn = IsoDate.Parse(row.FormedOn);
        if (formedOn > today)
            violations.Add(Violation.Of("formed_on", NeighbourErrors.SquadDayInvalid));
        string[] groups = [.. row.GroupCodes.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        if (groups.Length < row.GroupCodes.Count)
            violations.Add(Violation.Of("group_codes", NeighbourErrors.SquadGroupsInvalid));
        return new KeptSquad(row, grid.ToString(), formedOn, groups);
    }

    public override async Task StageAsync(NpgsqlBinaryImporter importer, KeptSquad kept, CancellationToken cancellation)
    {
        await importer.WriteAsync(kept.Row.Code, NpgsqlDbType.Text, cancellation);
        await importer.WriteAsync(kept.Grid, NpgsqlDbType.Text, cancellation);
        await importer.WriteAsync(kept.Row.Name, NpgsqlDbType.Text, cancellation);
        await importer.WriteAsync(kept.Row.LeaderSubject, NpgsqlDbType.Text, cancellation);
        await importer.WriteAsync(kept.FormedOn, NpgsqlDbType.Date, cancellation);
        await importer.WriteAsync(Json(kept.Groups), NpgsqlDbType.Jsonb, cancellation);
    }
}
