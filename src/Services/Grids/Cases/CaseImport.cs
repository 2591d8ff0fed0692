using System.Security.Cryptography;
using Google.Protobuf;
using Governance.Grids.Policies;
using Governance.Grids.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Imports;
using Governance.ServiceDefaults.Privacy;
using Npgsql;
using NpgsqlTypes;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.Grids.Cases;

/// <summary>A row that is good, with the grid as the table keeps it.</summary>
public sealed record KeptCase(CaseRow Row, string Grid);

/// <summary>Past cases by the code that they had before. They come like any other into lists, history, watch and counts.</summary>
public sealed class CaseImport(PolicyStore policies, Actor actor, DateTimeOffset now) : ImportTarget<CaseRow, KeptCase>
{
    /// <summary>As the sequence's increment says.</summary>
    private const int NumbersAtOnce = 1000;

    private const int KeysPerOutboxRow = 1000;

    // Of the row and a case that its code names already.
    private const string Known =
        "left join cases c on left(c.territory, 4) = left(s.territory, 4) and c.import_code = s.code and c.import_code is not null";

    public override string CreateStaging => """
        create temporary table staging (
            row_number bigint, code text collate "C", id uuid, territory text collate "C", channel smallint, title text, category text,
            state smallint, answer text, satisfaction smallint, late smallint, dimensions smallint, reported_at timestamptz, ended_at timestamptz,
            assess_by timestamptz, escalate_at timestamptz, policy_version bigint, provisional_year smallint, hash uuid) on commit drop
        """;

    public override string CopyStaging => """
        copy staging (row_number, code, id, territory, channel, title, category, state, answer, satisfaction, late, dimensions, reported_at, ended_at,
            assess_by, escalate_at, policy_version, provisional_year, hash) from stdin (format binary)
        """;

    // Without it the planner takes a temporary table for a small one.
    public override IReadOnlyList<string> BeforeMerge { get; } = ["analyze staging"];

    public override string FindStagedErrors => $"""
        select s.row_number, s.code, f.field, f.reason
        from staging s
        {Known}
        left join grids g on g.code = s.territory
        cross join lateral (
            select case
                when g.code is null or (g.valid_to is not null and s.state = {(int)CaseState.Reported}) then '{PastCaseErrors.GridUnknown.Reason}'
                when c.territory < $1 or c.territory >= $2 then '{ImportErrors.TerritoryOutside.Reason}'
                when c.territory <> s.territory then '{PastCaseErrors.Elsewhere.Reason}'
                when c.import_hash <> s.hash and c.steps <> c.import_steps then '{PastCaseErrors.ActedOn.Reason}' end) judged (reason)
        cross join lateral (
            values (case judged.reason when '{PastCaseErrors.ActedOn.Reason}' then 'code' else 'grid_code' end, judged.reason)) f (field, reason)
        where judged.reason is not null
        order by s.row_number
        """;

    // Readers ask the cache by id, so that the relay has to be told which ids are stale. A case that ended has changed last when it ended,
    // which is what is counted as its closing.
    public override string Merge => $"""
        with incoming as materialized (
            select s.*, coalesce(c.state, 0) as from_state, row_number() over (order by s.row_number) - 1 as n
            from staging s {Known}
            where c.id is null or (c.import_hash <> s.hash and c.steps = c.import_steps)
        ), blocks as materialized (
            select part, nextval('case_numbers') as start
            from generate_series(0, (select (count(*) + {NumbersAtOnce - 1}) / {NumbersAtOnce} - 1 from incoming)) part
        ), merged as (
            insert into cases as kept (id, number, territory, holder, title, description, channel, reporter, state, category, result, answer,
                satisfaction, assess_by, due_at, escalate_at, policy_version, provisional_year, steps, reported_at, updated_at, version, late,
                dimensions, import_code, import_hash, import_steps)
            select i.id, b.start + i.n % {NumbersAtOnce}, i.territory, left(i.territory, 12), i.title, '', i.channel, '', i.state, i.category, '',
                i.answer, i.satisfaction, i.assess_by, i.assess_by, i.escalate_at, i.policy_version, i.provisional_year, 1,
                i.reported_at, coalesce(i.ended_at, $1), 1, i.late, i.dimensions, i.code, i.hash, 1
            from incoming i join blocks b on b.part = i.n / {NumbersAtOnce}
            order by i.code
            on conflict (left(territory, 4), import_code) where import_code is not null do update
            set title = excluded.title, channel = excluded.channel, state = excluded.state, category = excluded.category,
                answer = excluded.answer, satisfaction = excluded.satisfaction, assess_by = excluded.assess_by, due_at = excluded.due_at,
                escalate_at = excluded.escalate_at, policy_version = excluded.policy_version,
                provisional_year = excluded.provisional_year, steps = kept.steps + 1, reported_at = excluded.reported_at, updated_at = excluded.updated_at, version = kept.version + 1, late = excluded.late,
                dimensions = excluded.dimensions,
                import_hash = excluded.import_hash, import_steps = kept.steps + 1
            where kept.import_hash <> excluded.import_hash and kept.steps = kept.import_steps
            returning id, territory, import_code, state, steps, holder, due_at, (xmax = 0) as created
        ), told as (
            insert into case_history (case_id, sequence, action, from_state, to_state, actor, actor_role, at, note, holder, due_at)
            select m.id, m.steps, 'Imported', i.from_state, m.state, $2, $3, $1, '', m.holder, m.due_at
            from merged m join incoming i on i.code = m.import_code and i.territory = m.territory
        ), stale as (
            insert into outbox (message_id, aggregate_id, cache_keys, created_at)
            select gen_random_uuid(), gen_random_uuid(), string_agg('{CaseStore.CachePrefix}' || replace(id::text, '-', ''), e'\n'), $1
            from (select id, row_number() over () / {KeysPerOutboxRow} as part from merged where not created) updated
            group by part
        )
        select count(*) filter (where created), count(*) filter (where not created) from merged
        """;

    public override IReadOnlyList<NpgsqlParameter> MergeParameters => [P(actor.Subject), P(actor.Role)];

    public override ErrorDefinition StagedError(string reason) =>
        reason == PastCaseErrors.GridUnknown.Reason ? PastCaseErrors.GridUnknown
        : reason == PastCaseErrors.Elsewhere.Reason ? PastCaseErrors.Elsewhere
        : reason == PastCaseErrors.ActedOn.Reason ? PastCaseErrors.ActedOn
        : base.StagedError(reason);

    public override string CodeOf(CaseRow row) => row.Code;

    public override string TerritoryOf(CaseRow row) => row.GridCode;

    public override KeptCase Prepare(CaseRow row, List<Violation> violations)
    {
        PastCaseRules.Check(row, now, violations);
        return new KeptCase(row, TerritoryCode.Parse(row.GridCode).ToString());
    }

    public override async Task StageAsync(NpgsqlBinaryImporter importer, KeptCase kept, CancellationToken cancellation)
    {
        var row = kept.Row;
        var reported = row.ReportedAt.ToDateTime();
        // Lists are in the order of ids: a case of long ago must not stand before those of today.
        var id = Guid.CreateVersion7(reported);
        var waiting = row.State is CaseState.Reported ? await OpenedAsync(id, kept, cancellation) : null;
        await importer.WriteAsync(row.Code, NpgsqlDbType.Text, cancellation);
        await importer.WriteAsync(id, NpgsqlDbType.Uuid, cancellation);
        await importer.WriteAsync(kept.Grid, NpgsqlDbType.Text, cancellation);
        await importer.WriteAsync((short)row.Channel, NpgsqlDbType.Smallint, cancellation);
        // It goes into queues and files; whom it names only the system of before knows.
        await importer.WriteAsync(Redaction.Clean(row.Title, []).Text, NpgsqlDbType.Text, cancellation);
        await importer.WriteAsync(row.Category, NpgsqlDbType.Text, cancellation);
        await importer.WriteAsync((short)row.State, NpgsqlDbType.Smallint, cancellation);
        await importer.WriteAsync(row.Answer, NpgsqlDbType.Text, cancellation);
        await importer.WriteAsync((short)row.Satisfaction, NpgsqlDbType.Smallint, cancellation);
        await importer.WriteAsync((short)(row.Late ? 1 : 0), NpgsqlDbType.Smallint, cancellation);
        await importer.WriteAsync(CaseStore.ToBits(row.Dimensions), NpgsqlDbType.Smallint, cancellation);
        await importer.WriteAsync(reported, NpgsqlDbType.TimestampTz, cancellation);
        await WriteInstantAsync(importer, row.EndedAt?.ToDateTime(), cancellation);
        await WriteInstantAsync(importer, waiting?.AssessBy?.UtcDateTime, cancellation);
        await WriteInstantAsync(importer, waiting?.EscalateAt?.UtcDateTime, cancellation);
        await importer.WriteAsync(waiting?.PolicyVersion ?? 0, NpgsqlDbType.Bigint, cancellation);
        await importer.WriteAsync((short)(waiting?.ProvisionalYear ?? 0), NpgsqlDbType.Smallint, cancellation);
        await importer.WriteAsync(HashOf(row), NpgsqlDbType.Uuid, cancellation);
    }

    /// <summary>The case as it would be if it were reported at the instant of the import.</summary>
    private async ValueTask<Case> OpenedAsync(Guid id, KeptCase kept, CancellationToken cancellation)
    {
        var report = new CaseReport(kept.Row.Title, "", kept.Row.Channel, null, "");
        return CaseRules.Report(id, 0, kept.Grid, report, await policies.OfAsync(kept.Grid, cancellation), now).OrRefuse().Next;
    }

    private static Guid HashOf(CaseRow row) => new(SHA256.HashData(row.ToByteArray()).AsSpan(0, 16));

    private static Task WriteInstantAsync(NpgsqlBinaryImporter importer, DateTime? instant, CancellationToken cancellation) =>
        instant is { } at ? importer.WriteAsync(at, NpgsqlDbType.TimestampTz, cancellation) : importer.WriteNullAsync(cancellation);
}
