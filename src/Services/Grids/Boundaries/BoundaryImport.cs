using Governance.Grids.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Geography;
using Governance.ServiceDefaults.Imports;
using Npgsql;
using NpgsqlTypes;

namespace Governance.Grids.Boundaries;

/// <summary>A row that is good, with its boundary as the table keeps it.</summary>
public sealed record KeptGrid(GridRow Row, byte[] Boundary);

/// <summary>Grids by code.</summary>
public sealed class BoundaryImport : ImportTarget<GridRow, KeptGrid>
{
    public override string CreateStaging => """
        create temporary table staging (
            row_number bigint, code text collate "C", name text, kind smallint, boundary bytea, households int) on commit drop
        """;

    public override string CopyStaging => "copy staging (row_number, code, name, kind, boundary, households) from stdin (format binary)";

    public override string Merge => """
        with corrected as (
            insert into grid_revisions (code, version, name, kind, boundary, households, updated_at, until)
            select k.code, k.version, k.name, k.kind, k.boundary, k.households, k.updated_at, $1
            from staging s join grids k on k.code = s.code
            where (k.name, k.kind, k.boundary, k.households) is distinct from (s.name, s.kind, s.boundary, s.households)),
        merged as (
            insert into grids as kept (code, name, kind, boundary, households, updated_at, version, valid_from)
            select code, name, kind, boundary, households, $1, 1, $1 from staging order by code
            on conflict (code) do update
            set name = excluded.name, kind = excluded.kind, boundary = excluded.boundary, households = excluded.households,
                updated_at = excluded.updated_at, version = kept.version + 1
            where (kept.name, kept.kind, kept.boundary, kept.households)
                is distinct from (excluded.name, excluded.kind, excluded.boundary, excluded.households)
            returning (xmax = 0) as created)
        select count(*) filter (where created), count(*) filter (where not created) from merged
        """;

    // Before all else: whoever redraws grids holds the revision too, so that neither judges by what the other changes.
    public override IReadOnlyList<string> BeforeMerge { get; } = [Revisions.Touch(BoundaryStore.Revision)];

    public override string FindStagedErrors => $"""
        select s.row_number, s.code, 'code', '{BoundaryErrors.RowOfEnded.Reason}'
        from staging s join grids g on g.code = s.code
        where g.valid_to is not null
        order by s.row_number
        """;

    public override ErrorDefinition StagedError(string reason) =>
        reason == BoundaryErrors.RowOfEnded.Reason ? BoundaryErrors.RowOfEnded : base.StagedError(reason);

    public override string CodeOf(GridRow row) => row.Code;

    public override string TerritoryOf(GridRow row) => row.Code;

    public override KeptGrid? Prepare(GridRow row, List<Violation> violations)
    {
        if (TerritoryCode.Parse(row.Code).Level is not TerritoryLevel.Grid)
            violations.Add(Violation.Of("code", BoundaryErrors.NotAGridCode));
        return Areas.Parse(row.Boundary, "boundary", violations) is { } boundary ? new KeptGrid(row, boundary) : null;
    }

    public override async Task StageAsync(NpgsqlBinaryImporter importer, KeptGrid kept, CancellationToken cancellation)
    {
        var row = kept.Row;
        await importer.WriteAsync(row.Code, NpgsqlDbType.Text, cancellation);
        await importer.WriteAsync(row.Name, NpgsqlDbType.Text, cancellation);
        await importer.WriteAsync((short)row.Kind, NpgsqlDbType.Smallint, cancellation);
        await importer.WriteAsync(kept.Boundary, NpgsqlDbType.Bytea, cancellation);
        await importer.WriteAsync(row.Households, NpgsqlDbType.Integer, cancellation);
    }
}
