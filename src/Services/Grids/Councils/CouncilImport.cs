using Governance.Grids.Boundaries;
using Governance.Grids.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Imports;
using Npgsql;
using NpgsqlTypes;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.Grids.Councils;

/// <summary>A row that is good, with its parts as the tables keep them.</summary>
public sealed record KeptCouncil(CouncilRow Row, string Territory, Fraction Quorum, Term Term, IReadOnlyList<KeptSeat> Members);

/// <summary>A seat of a row. Two rows with the same people are equal, in whichever order they name them.</summary>
public sealed record KeptSeat(string Subject, short Kind, string Name, string Duty, short Seat);

/// <summary>Active councils by territory, with all their people: who is not in the row any more leaves the council.</summary>
public sealed class CouncilImport : ImportTarget<CouncilRow, KeptCouncil>
{
    private const string CurrentMembers = """
        (select coalesce(jsonb_agg(
            jsonb_build_object('subject', m.subject, 'kind', m.kind, 'name', m.name, 'duty', m.duty, 'seat', m.seat)
            order by m.subject), '[]')
         from council_members m where m.council_id = c.id and m.left_at is null)
        """;

    public override string CreateStaging => """
        create temporary table staging (
            row_number bigint, territory text collate "C", name text, quorum jsonb, term jsonb, concurrent_head smallint,
            concurrent_source text, members jsonb) on commit drop
        """;

    public override string StagedCode => "territory";

    public override string CopyStaging =>
        "copy staging (row_number, territory, name, quorum, term, concurrent_head, concurrent_source, members) from stdin (format binary)";

    public override string FindStagedErrors => $"""
        select s.row_number, s.territory, 'territory', '{BoundaryErrors.GridNotFound.Reason}'
        from staging s
        where s.territory >= $1 and s.territory < $2 and length(s.territory) > 12
          and not exists (select 1 from grids g where g.code = s.territory and g.valid_to is null)
        order by s.row_number
        """;

    // A term that begins later than the present one is a new term; any other corrects the present one. A council counts as
    // changed when its own columns or any of its members differ.
    public override string Merge => $"""
        with changed as (
            select s.* from staging s
            left join councils c on c.territory = s.territory and c.state = 1
            where c.id is null
               or (c.name, c.quorum, c.terms -> -1, c.concurrent_head, c.concurrent_source, {CurrentMembers})
                  is distinct from (s.name, s.quorum, s.term, s.concurrent_head, s.concurrent_source, s.members)),
        merged as (
            insert into councils as kept (
                id, territory, name, state, quorum, terms, concurrent_head, concurrent_source, dissolve_reason, established_at, updated_at,
                version)
            select gen_random_uuid(), territory, name, 1, quorum, jsonb_build_array(term), concurrent_head, concurrent_source, '', $1, $1, 1
            from changed order by territory
            on conflict (territory) where state = 1 do update
            set name = excluded.name, quorum = excluded.quorum,
                terms = case when kept.terms -> -1 ->> 'from' < excluded.terms -> 0 ->> 'from' then kept.terms else kept.terms - (-1) end
                    || excluded.terms,
                concurrent_head = excluded.concurrent_head, concurrent_source = excluded.concurrent_source,
                updated_at = excluded.updated_at, version = kept.version + 1
            returning (xmax = 0) as created)
        select count(*) filter (where created), count(*) filter (where not created) from merged
        """;

    // Statements of their own, after the councils were locked by the merge: they see the members that others wrote
    // meanwhile. Only of councils that this transaction wrote.
    public override IReadOnlyList<string> AfterMerge { get; } =
    [
        """
        update council_members m set left_at = c.updated_at
        from councils c join staging s on s.territory = c.territory
        where c.state = 1 and c.xmin = pg_current_xact_id()::xid and m.council_id = c.id and m.left_at is null
          and not exists (
              select 1 from jsonb_to_recordset(s.members) as p (subject text collate "C", kind smallint)
              where p.subject = m.subject and p.kind = m.kind)
        """,
        """
        insert into council_members as kept (id, council_id, subject, kind, name, duty, seat, joined_at)
        select gen_random_uuid(), c.id, p.subject, p.kind, p.name, p.duty, p.seat, c.updated_at
        from councils c join staging s on s.territory = c.territory
        cross join lateral jsonb_to_recordset(s.members) as p (subject text, kind smallint, name text, duty text, seat smallint)
        where c.state = 1 and c.xmin = pg_current_xact_id()::xid
        on conflict (council_id, subject) where left_at is null do update
        set name = excluded.name, duty = excluded.duty, seat = excluded.seat
        where (kept.name, kept.duty, kept.seat) is distinct from (excluded.name, excluded.duty, excluded.seat)
        """,
    ];

    public override ErrorDefinition StagedError(string reason) =>
        reason == BoundaryErrors.GridNotFound.Reason ? BoundaryErrors.GridNotFound : base.StagedError(reason);

    public override string CodeOf(CouncilRow row) => row.Territory;

    public override string TerritoryOf(CouncilRow row) => row.Territory;

    public override KeptCouncil Prepare(CouncilRow row, List<Violation> violations)
    {
        var (quorum, term) = (Fraction.Of(row.Quorum), CouncilMessages.ToTerm(row.Term));
        var members = row.Members.Select(m => CouncilMessages.ToMember(m, default, default)).ToList();
        violations.AddRange(CouncilRules.ProblemsOf(row.Territory, quorum, term, members, row.ConcurrentHead, row.ConcurrentSource));
        return new KeptCouncil(
            row,
            TerritoryCode.Parse(row.Territory).ToString(),
            quorum,
            term,
            [
                .. members.OrderBy(m => m.Subject, StringComparer.Ordinal)
                    .Select(m => new KeptSeat(m.Subject, (short)m.Kind, m.Name, m.Duty, (short)m.Seat)),
            ]);
    }

    public override async Task StageAsync(NpgsqlBinaryImporter importer, KeptCouncil kept, CancellationToken cancellation)
    {
        await importer.WriteAsync(kept.Territory, NpgsqlDbType.Text, cancellation);
        await importer.WriteAsync(kept.Row.Name, NpgsqlDbType.Text, cancellation);
        await importer.WriteAsync(Json(kept.Quorum), NpgsqlDbType.Jsonb, cancellation);
        await importer.WriteAsync(Json(kept.Term), NpgsqlDbType.Jsonb, cancellation);
        await importer.WriteAsync((short)kept.Row.ConcurrentHead, NpgsqlDbType.Smallint, cancellation);
        await importer.WriteAsync(kept.Row.ConcurrentSource, NpgsqlDbType.Text, cancellation);
        await importer.WriteAsync(Json(kept.Members), NpgsqlDbType.Jsonb, cancellation);
    }
}
