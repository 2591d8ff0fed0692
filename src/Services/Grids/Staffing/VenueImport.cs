using Governance.Grids.Boundaries;
using Governance.Grids.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Imports;
using Npgsql;
using NpgsqlTypes;

namespace Governance.Grids.Staffing;

/// <summary>A row that is good, with its territory as the table keeps it.</summary>
public sealed record KeptVenue(VenueRow Row, string Territory);

/// <summary>Venues by code; one that was given up and is named again is used again.</summary>
public sealed class VenueImport : ImportTarget<VenueRow, KeptVenue>
{
    public override string CreateStaging => """
        create temporary table staging (
            row_number bigint, code text collate "C", territory text collate "C", name text, premises smallint, kind smallint
        ) on commit drop
        """;

    public override string CopyStaging => "copy staging (row_number, code, territory, name, premises, kind) from stdin (format binary)";

    public override string FindStagedErrors => PlaceImport.Errors("neighbour_venues");

    public override string Merge => """
        with merged as (
            insert into neighbour_venues as kept (id, code, territory, name, premises, kind, state, updated_at, version)
            select gen_random_uuid(), code, territory, name, premises, kind, 1, $1, 1 from staging order by code
            on conflict (left(territory, 4), code) do update
            set territory = excluded.territory, name = excluded.name, premises = excluded.premises, kind = excluded.kind, state = 1,
                updated_at = excluded.updated_at, version = kept.version + 1
            where (kept.territory, kept.name, kept.premises, kept.kind, kept.state)
                is distinct from (excluded.territory, excluded.name, excluded.premises, excluded.kind, excluded.state)
            returning (xmax = 0) as created)
        select count(*) filter (where created), count(*) filter (where not created) from merged
        """;

    public override ErrorDefinition StagedError(string reason) =>
        reason == BoundaryErrors.GridNotFound.Reason ? BoundaryErrors.GridNotFound : base.StagedError(reason);

    public override string CodeOf(VenueRow row) => row.Code;

    public override string TerritoryOf(VenueRow row) => row.Territory;

    public override KeptVenue Prepare(VenueRow row, List<Violation> violations) => new(row, TerritoryCode.Parse(row.Territory).ToString());

    public override async Task StageAsync(NpgsqlBinaryImporter importer, KeptVenue kept, CancellationToken cancellation)
    {
        await importer.WriteAsync(kept.Row.Code, NpgsqlDbType.Text, cancellation);
        await importer.WriteAsync(kept.Territory, NpgsqlDbType.Text, cancellation);
        await importer.WriteAsync(kept.Row.Name, NpgsqlDbType.Text, cancellation);
        await importer.WriteAsync((short)kept.Row.Premises, NpgsqlDbType.Smallint, cancellation);
        await importer.WriteAsync((short)PlaceRules.KindOf(kept.Row.Kind), NpgsqlDbType.Smallint, cancellation);
    }
}

/// <summary>What imports of places by code have in common.</summary>
internal static class PlaceImport
{
    /// <summary>Rows of grids that are not in force, and of codes that lie outside the import's territory.</summary>
    public static string Errors(string table) => $"""
        select row_number, code, 'territory', reason from (
            select s.row_number, s.code, '{BoundaryErrors.GridNotFound.Reason}' as reason
            from staging s
            where length(s.territory) > 12 and not exists (select 1 from grids g where g.code = s.territory and g.valid_to is null)
            union all
            select s.row_number, s.code, '{ImportErrors.TerritoryOutside.Reason}'
            from staging s join {table} k on left(k.territory, 4) = left(s.territory, 4) and k.code = s.code
            where k.territory < $1 or k.territory >= $2) found
        order by row_number
        """;
}
