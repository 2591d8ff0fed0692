using Governance.Primitives;
using Governance.Properties.V1;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Geography;
using Governance.ServiceDefaults.Imports;
using Npgsql;
using NpgsqlTypes;

namespace Governance.Properties.Estates;

/// <summary>A row that is good, with its boundary as the table keeps it.</summary>
public sealed record KeptEstate(EstateRow Row, byte[] Boundary);

/// <summary>Estates by the city's code.</summary>
public sealed class EstateImport : ImportTarget<EstateRow, KeptEstate>
{
    public override string CreateStaging => """
        create temporary table staging (
            row_number bigint, code text collate "C", name text, territory text collate "C", boundary bytea, mode smallint,
            company_id uuid, company_name text, households int) on commit drop
        """;

    public override string CopyStaging =>
        "copy staging (row_number, code, name, territory, boundary, mode, company_id, company_name, households) from stdin (format binary)";

    public override string Merge => """
        with merged as (
            insert into estates as kept
                (id, code, name, territory, boundary, mode, company_id, company_name, households, updated_at, version)
            select gen_random_uuid(), code, name, territory, boundary, mode, company_id, company_name, households, $1, 1
            from staging order by code
            on conflict (city, code) do update
            set name = excluded.name, territory = excluded.territory, boundary = excluded.boundary, mode = excluded.mode,
                company_id = excluded.company_id, company_name = excluded.company_name, households = excluded.households,
                updated_at = excluded.updated_at, version = kept.version + 1
            where (kept.name, kept.territory, kept.boundary, kept.mode, kept.company_id, kept.company_name, kept.households)
                is distinct from (excluded.name, excluded.territory, excluded.boundary, excluded.mode, excluded.company_id,
                    excluded.company_name, excluded.households)
            returning (xmax = 0) as created)
        select count(*) filter (where created), count(*) filter (where not created) from merged
        """;

    // A code does not say where its estate lies: a row may be within the import's territory and yet take over one that is not.
    public override string FindStagedErrors => $"""
        select s.row_number, s.code, 'code', '{ImportErrors.TerritoryOutside.Reason}'
        from staging s join estates e on e.city = left(s.territory, 4) and e.code = s.code
        where e.territory < $1 or e.territory >= $2
        order by s.row_number
        """;

    public override IReadOnlyList<string> AfterMerge { get; } = [Revisions.Touch(EstateStore.Revision)];

    public override string CodeOf(EstateRow row) => row.Code;

    public override string TerritoryOf(EstateRow row) => row.Territory;

    public override KeptEstate? Prepare(EstateRow row, List<Violation> violations)
    {
        if (TerritoryCode.Parse(row.Territory).Level is not (TerritoryLevel.Community or TerritoryLevel.Grid))
            violations.Add(Violation.Of("territory", EstateErrors.TerritoryTooWide));
        if (row.Mode is ManagementMode.PropertyCompany && row.CompanyId.Length is 0)
            violations.Add(Violation.Of("company_id", EstateErrors.CompanyMissing));
        if (row.Mode is not ManagementMode.PropertyCompany && row.CompanyId.Length > 0)
            violations.Add(Violation.Of("company_id", EstateErrors.CompanyUnexpected));
        if (row.Mode is not ManagementMode.PropertyCompany && row.CompanyName.Length > 0)
            violations.Add(Violation.Of("company_name", EstateErrors.CompanyUnexpected));
        return Areas.Parse(row.Boundary, "boundary", violations) is { } boundary ? new KeptEstate(row, boundary) : null;
    }

    public override async Task StageAsync(NpgsqlBinaryImporter importer, KeptEstate kept, CancellationToken cancellation)
    {
        var row = kept.Row;
        await importer.WriteAsync(row.Code, NpgsqlDbType.Text, cancellation);
        await importer.WriteAsync(row.Name, NpgsqlDbType.Text, cancellation);
        await importer.WriteAsync(row.Territory, NpgsqlDbType.Text, cancellation);
        await importer.WriteAsync(kept.Boundary, NpgsqlDbType.Bytea, cancellation);
        await importer.WriteAsync((short)row.Mode, NpgsqlDbType.Smallint, cancellation);
        if (row.CompanyId.Length is 0)
            await importer.WriteNullAsync(cancellation);
        else
            await importer.WriteAsync(Guid.ParseExact(row.CompanyId, "D"), NpgsqlDbType.Uuid, cancellation);
        await importer.WriteAsync(row.CompanyName, NpgsqlDbType.Text, cancellation);
        await importer.WriteAsync(row.Households, NpgsqlDbType.Integer, cancellation);
    }
}
