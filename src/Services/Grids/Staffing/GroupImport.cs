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
public sealed record KeptGroup(NeighbourGroupRow Row, string Grid, IReadOnlyList<KeptHead> Heads);

/// <summary>A head of a row. Two rows with the same people are equal, in whichever order they name them.</summary>
public sealed record KeptHead(string Subject, bool PartyMember);

/// <summary>Active groups by code, with all their heads: who is not in the row any more is no head any more.</summary>
public sealed class GroupImport : ImportTarget<NeighbourGroupRow, KeptGroup>
{
    private const string CurrentHeads = """
        (select coalesce(jsonb_agg(jsonb_build_object('subject', h.subject, 'partyMember', h.party_member = 1) order by h.subject), '[]')
         from neighbour_heads h where h.group_id = g.id and h.until is null)
        """;

    public override string CreateStaging => """
        create temporary table staging (
            row_number bigint, code text collate "C", territory text collate "C", name text, buildings jsonb, heads jsonb) on commit drop
        """;

    public override string CopyStaging => "copy staging (row_number, code, territory, name, buildings, heads) from stdin (format binary)";

    public override string FindStagedErrors => $"""
        select row_number, code, 'territory', reason from (
            select s.row_number, s.code, '{BoundaryErrors.GridNotFound.Reason}' as reason
            from staging s
            where not exists (select 1 from grids g where g.code = s.territory and g.valid_to is null)
            union all
            select s.row_number, s.code,
                case when g.territory >= $1 and g.territory < $2 then '{NeighbourErrors.GroupElsewhere.Reason}'
                     else '{ImportErrors.TerritoryOutside.Reason}' end
            from staging s join neighbour_groups g on left(g.territory, 4) = left(s.territory, 4) and g.code = s.code and g.state = 1
            where g.territory <> s.territory) found
        order by row_number
        """;

    public override string Merge => $"""
        with changed as (
            select s.* from staging s
            left join neighbour_groups g on left(g.territory, 4) = left(s.territory, 4) and g.code = s.code and g.state = 1
            where g.id is null or (g.name, g.buildings, {CurrentHeads}) is distinct from (s.name, s.buildings, s.heads)),
        merged as (
            insert into neighbour_groups as kept (id, code, territory, name, buildings, state, updated_at, version)
            select gen_random_uuid(), code, territory, name, buildings, 1, $1, 1 from changed order by code
            on conflict (left(territory, 4), code) where state = 1 do update
            set name = excluded.name, buildings = excluded.buildings, updated_at = excluded.updated_at, version = kept.version + 1
            returning (xmax = 0) as created)
        select count(*) filter (where created), count(*) filter (where not created) from merged
        """;

    // Statements of their own, after the groups were locked by the merge: they see the heads that others wrote meanwhile. Only
    // of groups that this transaction wrote.
    public override IReadOnlyList<string> AfterMerge { get; } =
    [
        """
        update neighbour_heads h set until = g.updated_at
        from neighbour_groups g join staging s on left(g.territory, 4) = left(s.territory, 4) and g.code = s.code
        where g.state = 1 and g.xmin = pg_current_xact_id()::xid and h.group_id = g.id and h.until is null
          and not exists (
              select 1 from jsonb_to_recordset(s.heads) as p (subject text collate "C") where p.subject = h.subject)
        """,
        """
        insert into neighbour_heads as kept (id, group_id, subject, party_member, since)
        select gen_random_uuid(), g.id, p.subject, p."partyMember"::int, g.updated_at
        from neighbour_groups g join staging s on left(g.territory, 4) = left(s.territory, 4) and g.code = s.code
        cross join lateral jsonb_to_recordset(s.heads) as p (subject text, "partyMember" boolean)
        where g.state = 1 and g.xmin = pg_current_xact_id()::xid
        on conflict (group_id, subject) where until is null do update
        set party_member = excluded.party_member where kept.party_member <> excluded.party_member
        """,
    ];

    public override ErrorDefinition StagedError(string reason) =>
        reason == BoundaryErrors.GridNotFound.Reason ? BoundaryErrors.GridNotFound
        : reason == NeighbourErrors.GroupElsewhere.Reason ? NeighbourErrors.GroupElsewhere
        : base.StagedError(reason);

    public override string CodeOf(NeighbourGroupRow row) => row.Code;

    public override string TerritoryOf(NeighbourGroupRow row) => row.Territory;

    public override KeptGroup Prepare(NeighbourGroupRow row, List<Violation> violations)
    {
        var grid = TerritoryCode.Parse(row.Territory);
        if (grid.Level is not TerritoryLevel.Grid)
            violations.Add(Violation.Of("territory", BoundaryErrors.NotAGridCode));
        violations.AddRange(NeighbourRules.ProblemsOf(row.Buildings, [.. row.Heads.Select(h => h.Subject)]));
        return new KeptGroup(
            row,
            grid.ToString(),
            [.. row.Heads.OrderBy(h => h.Subject, StringComparer.Ordinal).Select(h => new KeptHead(h.Subject, h.PartyMember))]);
    }

    public override async Task StageAsync(NpgsqlBinaryImporter importer, KeptGroup kept, CancellationToken cancellation)
    {
        await importer.WriteAsync(kept.Row.Code, NpgsqlDbType.Text, cancellation);
        await importer.WriteAsync(kept.Grid, NpgsqlDbType.Text, cancellation);
        await importer.WriteAsync(kept.Row.Name, NpgsqlDbType.Text, cancellation);
        await importer.WriteAsync(Json(kept.Row.Buildings), NpgsqlDbType.Jsonb, cancellation);
        await importer.WriteAsync(Json(kept.Heads), NpgsqlDbType.Jsonb, cancellation);
    }
}
