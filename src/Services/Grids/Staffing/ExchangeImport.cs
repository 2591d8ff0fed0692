using Governance.Grids.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Imports;
using Npgsql;
using NpgsqlTypes;

namespace Governance.Grids.Staffing;

/// <summary>A row that is good, with its grid and day as the tables keep them.</summary>
public sealed record KeptExchange(ExchangeRow Row, string Grid, DateOnly Day);

/// <summary>What imported squads did, one exchange a squad, kind and day; what is recorded of such a day stays.</summary>
/// <param name="today">The latest day that it is anywhere: which city a row lies in, and its offset, only the row tells.</param>
public sealed class ExchangeImport(DateOnly today) : ImportTarget<ExchangeRow, KeptExchange>
{
    public override string CreateStaging => """
        create temporary table staging (
            row_number bigint, squad text collate "C", territory text collate "C", kind smallint, day date, attendance int, note text)
        on commit drop
        """;

    public override string StagedCode => "squad || '/' || kind || '/' || day";

    public override string CopyStaging =>
        "copy staging (row_number, squad, territory, kind, day, attendance, note) from stdin (format binary)";

    // No other import writes the same days between the look and the merge.
    public override IReadOnlyList<string> BeforeMerge { get; } = ["lock table squad_exchanges in share row exclusive mode"];

    public override string FindStagedErrors => $"""
        select s.row_number, s.squad || '/' || s.kind || '/' || s.day,
            case when q.id is null then 'squad_code' else 'day' end,
            case when q.id is null then '{NeighbourErrors.SquadCodeUnknown.Reason}' else '{NeighbourErrors.ExchangeDayInvalid.Reason}' end
        from staging s
        left join squads q on q.code = s.squad and q.dissolved_on is null
            and q.territory = s.territory and q.territory >= $1 and q.territory < $2
        where q.id is null or s.day < q.formed_on
        order by s.row_number
        """;

    public override string Merge => """
        with merged as (
            insert into squad_exchanges (id, squad_id, kind, day, attendance, note)
            select gen_random_uuid(), q.id, s.kind, s.day, s.attendance, s.note
            from staging s join squads q on left(q.territory, 4) = left(s.territory, 4) and q.code = s.squad and q.dissolved_on is null
            where not exists (select 1 from squad_exchanges e where e.squad_id = q.id and e.kind = s.kind and e.day = s.day)
              and $1::timestamptz is not null
            order by s.row_number
            returning 1)
        select count(*), 0::bigint from merged
        """;

    public override ErrorDefinition StagedError(string reason) =>
        reason == NeighbourErrors.SquadCodeUnknown.Reason ? NeighbourErrors.SquadCodeUnknown
        : reason == NeighbourErrors.ExchangeDayInvalid.Reason ? NeighbourErrors.ExchangeDayInvalid
        : base.StagedError(reason);

    public override string CodeOf(ExchangeRow row) => $"{row.SquadCode}/{(int)row.Kind}/{row.Day}";

    public override string TerritoryOf(ExchangeRow row) => row.Territory;

    public override KeptExchange Prepare(ExchangeRow row, List<Violation> violations)
    {
        var day = IsoDate.Parse(row.Day);
        if (day > today)
            violations.Add(Violation.Of("day", NeighbourErrors.ExchangeDayInvalid));
        return new KeptExchange(row, TerritoryCode.Parse(row.Territory).ToString(), day);
    }

    public override async Task StageAsync(NpgsqlBinaryImporter importer, KeptExchange kept, CancellationToken cancellation)
    {
        await importer.WriteAsync(kept.Row.SquadCode, NpgsqlDbType.Text, cancellation);
        await importer.WriteAsync(kept.Grid, NpgsqlDbType.Text, cancellation);
        await importer.WriteAsync((short)kept.Row.Kind, NpgsqlDbType.Smallint, cancellation);
        await importer.WriteAsync(kept.Day, NpgsqlDbType.Date, cancellation);
        await importer.WriteAsync(kept.Row.Attendance, NpgsqlDbType.Integer, cancellation);
        await importer.WriteAsync(kept.Row.Note, NpgsqlDbType.Text, cancellation);
    }
}
