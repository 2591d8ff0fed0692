using Governance.Grids.Boundaries;
using Governance.Grids.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Imports;
using Npgsql;
using NpgsqlTypes;

namespace Governance.Grids.Staffing;

/// <summary>A row that is good, with its grid and day as the table keeps them.</summary>
public sealed record KeptPost(StaffRow Row, string Grid, DateOnly From);

/// <summary>Active posts by grid and subject. Posts that no row names stay: people are imported grid by grid, and in parts.</summary>
/// <param name="today">The latest day that it is anywhere: which city a row lies in, and its offset, only the row tells.</param>
public sealed class StaffImport(DateOnly today) : ImportTarget<StaffRow, KeptPost>
{
    public override string CreateStaging => """
        create temporary table staging (
            row_number bigint, territory text collate "C", role smallint, subject text collate "C", name text, duty text,
            employment smallint, party_member smallint, from_day date) on commit drop
        """;

    public override string StagedCode => "territory || '/' || subject";

    public override string CopyStaging =>
        "copy staging (row_number, territory, role, subject, name, duty, employment, party_member, from_day) from stdin (format binary)";

    // Nobody else appoints a leader between the judgement and the merge.
    public override IReadOnlyList<string> BeforeMerge { get; } = ["lock table grid_staff in share row exclusive mode"];

    public override string FindStagedErrors => $"""
        select row_number, code, 'territory', reason from (
            select s.row_number, s.territory || '/' || s.subject as code, '{BoundaryErrors.GridNotFound.Reason}' as reason
            from staging s
            where s.territory >= $1 and s.territory < $2
              and not exists (select 1 from grids g where g.code = s.territory and g.valid_to is null)
            union all
            select s.row_number, s.territory || '/' || s.subject, '{StaffingErrors.LeaderExists.Reason}'
            from staging s
            where s.role = 1
              and (exists (
                      select 1 from grid_staff l
                      where l.territory = s.territory and l.role = 1 and l.until_day is null and l.subject <> s.subject)
                   or exists (
                      select 1 from staging o where o.territory = s.territory and o.role = 1 and o.row_number < s.row_number))) found
        order by row_number
        """;

    public override string Merge => """
        with merged as (
            insert into grid_staff as kept (
                id, territory, role, subject, name, duty, employment, party_member, from_day, updated_at, version)
            select gen_random_uuid(), territory, role, subject, name, duty, employment, party_member, from_day, $1, 1
            from staging order by territory, subject
            on conflict (territory, subject) where until_day is null do update
            set role = excluded.role, name = excluded.name, duty = excluded.duty, employment = excluded.employment,
                party_member = excluded.party_member, from_day = excluded.from_day, updated_at = excluded.updated_at,
                version = kept.version + 1
            where (kept.role, kept.name, kept.duty, kept.employment, kept.party_member, kept.from_day)
                is distinct from (excluded.role, excluded.name, excluded.duty, excluded.employment, excluded.party_member,
                excluded.from_day)
            returning (xmax = 0) as created)
        select count(*) filter (where created), count(*) filter (where not created) from merged
        """;

    public override ErrorDefinition StagedError(string reason) =>
        reason == BoundaryErrors.GridNotFound.Reason ? BoundaryErrors.GridNotFound
        : reason == StaffingErrors.LeaderExists.Reason ? StaffingErrors.LeaderExists
        : base.StagedError(reason);

    public override string CodeOf(StaffRow row) => $"{row.Territory}/{row.Subject}";

    public override string TerritoryOf(StaffRow row) => row.Territory;

    public override KeptPost Prepare(StaffRow row, List<Violation> violations)
    {
        var grid = TerritoryCode.Parse(row.Territory);
        if (grid.Level is not TerritoryLevel.Grid)
            violations.Add(Violation.Of("territory", BoundaryErrors.NotAGridCode));
        var from = IsoDate.Parse(row.From);
        if (from > today)
            violations.Add(Violation.Of("from", StaffingErrors.DayInvalid));
        return new KeptPost(row, grid.ToString(), from);
    }

    public override async Task StageAsync(NpgsqlBinaryImporter importer, KeptPost kept, CancellationToken cancellation)
    {
        await importer.WriteAsync(kept.Grid, NpgsqlDbType.Text, cancellation);
        await importer.WriteAsync((short)kept.Row.Role, NpgsqlDbType.Smallint, cancellation);
        await importer.WriteAsync(kept.Row.Subject, NpgsqlDbType.Text, cancellation);
        await importer.WriteAsync(kept.Row.Name, NpgsqlDbType.Text, cancellation);
        await importer.WriteAsync(kept.Row.Duty, NpgsqlDbType.Text, cancellation);
        await importer.WriteAsync((short)kept.Row.Employment, NpgsqlDbType.Smallint, cancellation);
        await importer.WriteAsync(Parts.Flag(kept.Row.PartyMember), NpgsqlDbType.Smallint, cancellation);
        await importer.WriteAsync(kept.From, NpgsqlDbType.Date, cancellation);
    }
}
