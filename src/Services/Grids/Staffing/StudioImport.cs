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
public sealed record KeptStudio(StudioRow Row, string Territory, IReadOnlyList<KeptDeputy> Deputies);

/// <summary>A deputy of a row. Two rows with the same people are equal, in whichever order they name them.</summary>
public sealed record KeptDeputy(string Subject, short Kind);

/// <summary>Studios by code, with all their deputies; one that was given up and is named again is used again.</summary>
public sealed class StudioImport : ImportTarget<StudioRow, KeptStudio>
{
    private const string CurrentDeputies = """
        (select coalesce(jsonb_agg(jsonb_build_object('subject', d.subject, 'kind', d.kind) order by d.subject), '[]')
         from studio_deputies d where d.studio_id = k.id and d.until is null)
        """;

    public override string CreateStaging => """
        create temporary table staging (
            row_number bigint, code text collate "C", territory text collate "C", name text, deputies jsonb) on commit drop
        """;

    public override string CopyStaging => "copy staging (row_number, code, territory, name, deputies) from stdin (format binary)";

    public override string FindStagedErrors => PlaceImport.Errors("deputy_studios");

    public override string Merge => $"""
        with changed as (
            select s.* from staging s
            left join deputy_studios k on left(k.territory, 4) = left(s.territory, 4) and k.code = s.code
            where k.id is null
               or (k.territory, k.name, k.state, {CurrentDeputies}) is distinct from (s.territory, s.name, 1::smallint, s.deputies)),
        merged as (
            insert into deputy_studios as kept (id, code, territory, name, state, updated_at, version)
            select gen_random_uuid(), code, territory, name, 1, $1, 1 from changed order by code
            on conflict (left(territory, 4), code) do update
            set territory = excluded.territory, name = excluded.name, state = 1, updated_at = excluded.updated_at,
            version = kept.version + 1
            returning (xmax = 0) as created)
        select count(*) filter (where created), count(*) filter (where not created) from merged
        """;

    // Statements of their own, after the studios were locked by the merge: they see the deputies that others wrote meanwhile.
    // Only of studios that this transaction wrote. Who comes as another kind of deputy is assigned anew.
    public override IReadOnlyList<string> AfterMerge { get; } =
    [
        """
        update studio_deputies d set until = k.updated_at
        from deputy_studios k join staging s on left(k.territory, 4) = left(s.territory, 4) and k.code = s.code
        where k.xmin = pg_current_xact_id()::xid and d.studio_id = k.id and d.until is null
          and not exists (
              select 1 from jsonb_to_recordset(s.deputies) as p (subject text collate "C", kind smallint)
              where p.subject = d.subject and p.kind = d.kind)
        """,
        """
        insert into studio_deputies (id, studio_id, subject, kind, since)
        select gen_random_uuid(), k.id, p.subject, p.kind, k.updated_at
        from deputy_studios k join staging s on left(k.territory, 4) = left(s.territory, 4) and k.code = s.code
        cross join lateral jsonb_to_recordset(s.deputies) as p (subject text, kind smallint)
        where k.xmin = pg_current_xact_id()::xid
        on conflict (studio_id, subject) where until is null do nothing
        """,
    ];

    public override ErrorDefinition StagedError(string reason) =>
        reason == BoundaryErrors.GridNotFound.Reason ? BoundaryErrors.GridNotFound : base.StagedError(reason);

    public override string CodeOf(StudioRow row) => row.Code;

    public override string TerritoryOf(StudioRow row) => row.Territory;

    public override KeptStudio Prepare(StudioRow row, List<Violation> violations)
    {
        violations.AddRange(PlaceRules.ProblemsOf([.. row.Deputies.Select(d => d.Subject)]));
        return new KeptStudio(
            row,
            TerritoryCode.Parse(row.Territory).ToString(),
            [.. row.Deputies.OrderBy(d => d.Subject, StringComparer.Ordinal).Select(d => new KeptDeputy(d.Subject, (short)d.Kind))]);
    }

    public override async Task StageAsync(NpgsqlBinaryImporter importer, KeptStudio kept, CancellationToken cancellation)
    {
        await importer.WriteAsync(kept.Row.Code, NpgsqlDbType.Text, cancellation);
        await importer.WriteAsync(kept.Territory, NpgsqlDbType.Text, cancellation);
        await importer.WriteAsync(kept.Row.Name, NpgsqlDbType.Text, cancellation);
        await importer.WriteAsync(Json(kept.Deputies), NpgsqlDbType.Jsonb, cancellation);
    }
}
