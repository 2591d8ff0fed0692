using Governance.Primitives;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Imports;
using Governance.Volunteers.V1;
using Npgsql;
using NpgsqlTypes;

namespace Governance.Volunteers.Teams;

/// <summary>A row that is good. What may be written in two ways is here in one, so that equal rows don't look changed.</summary>
public sealed record KeptTeam(TeamRow Row, string Territory, string[] Skills, V1.TeamMember[] Members);

/// <summary>Teams by code, with all their people: who is not in the row any more leaves the team.</summary>
public sealed class TeamImport : ImportTarget<TeamRow, KeptTeam>
{
    public override string CreateStaging => """
        create temporary table staging (
            row_number bigint, code text collate "C", name text, territory text collate "C", skills text[],
            numbers text[] collate "C", names text[], leaders boolean[]) on commit drop
        """;

    public override string CopyStaging =>
        "copy staging (row_number, code, name, territory, skills, numbers, names, leaders) from stdin (format binary)";

    // A code does not say where its team is: a row may be within the import's territory and yet take over a team that is not.
    public override string FindStagedErrors => $"""
        select s.row_number, s.code, 'code', '{ImportErrors.TerritoryOutside.Reason}'
        from staging s join teams t on t.code = s.code
        where t.territory < $1 or t.territory >= $2
        order by s.row_number
        """;

    // A team counts as changed when its own columns or any of its members differ.
    public override string Merge => $"""
        with changed as (
            select s.* from staging s
            left join teams t on t.code = s.code
            left join lateral {TeamStore.MembersOfT} m on t.id is not null
            where t.id is null
               or (t.name, t.territory, t.skills, m.numbers, m.names, m.leaders)
                  is distinct from (s.name, s.territory, s.skills, s.numbers, s.names, s.leaders)),
        merged as (
            insert into teams as kept (id, code, name, territory, skills, updated_at, version)
            select gen_random_uuid(), code, name, territory, skills, $1, 1 from changed order by code
            on conflict (code) do update
            set name = excluded.name, territory = excluded.territory, skills = excluded.skills,
                updated_at = excluded.updated_at, version = kept.version + 1
            returning id, code, (xmax = 0) as created),
        people as (
            insert into team_members as kept (team_id, number, name, leader)
            select w.id, p.number, p.name, p.leader
            from merged w join changed c on c.code = w.code
            cross join lateral unnest(c.numbers, c.names, c.leaders) as p (number, name, leader)
            on conflict (team_id, number) do update set name = excluded.name, leader = excluded.leader
            where (kept.name, kept.leader) is distinct from (excluded.name, excluded.leader))
        select count(*) filter (where created), count(*) filter (where not created) from merged
        """;

    // A statement of its own, after the teams were locked by the merge: it sees the members that another import wrote
    // meanwhile. Only of teams that this transaction wrote: the others are as they were, or belong to that other import.
    public override IReadOnlyList<string> AfterMerge { get; } =
    [
        """
        delete from team_members m using teams t, staging s
        where t.code = s.code and t.xmin = pg_current_xact_id()::xid and m.team_id = t.id and not m.number = any(s.numbers)
        """,
    ];

    public override string CodeOf(TeamRow row) => row.Code;

    public override string TerritoryOf(TeamRow row) => row.Territory;

    public override KeptTeam Prepare(TeamRow row, List<Violation> violations)
    {
        var numbers = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < row.Members.Count; i++)
        {
            if (!numbers.Add(row.Members[i].Number))
                violations.Add(Violation.Of($"members[{i}].number", TeamErrors.MemberDuplicate, ("number", row.Members[i].Number)));
        }
        return new KeptTeam(
            row,
            TerritoryCode.Parse(row.Territory).ToString(),
            [.. row.Skills.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
            [.. row.Members.OrderBy(m => m.Number, StringComparer.Ordinal)]);
    }

    public override async Task StageAsync(NpgsqlBinaryImporter importer, KeptTeam kept, CancellationToken cancellation)
    {
        var (row, members) = (kept.Row, kept.Members);
        await importer.WriteAsync(row.Code, NpgsqlDbType.Text, cancellation);
        await importer.WriteAsync(row.Name, NpgsqlDbType.Text, cancellation);
        await importer.WriteAsync(kept.Territory, NpgsqlDbType.Text, cancellation);
        await importer.WriteAsync(kept.Skills, NpgsqlDbType.Array | NpgsqlDbType.Text, cancellation);
        await importer.WriteAsync(members.Select(m => m.Number).ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Text, cancellation);
        await importer.WriteAsync(members.Select(m => m.Name).ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Text, cancellation);
        await importer.WriteAsync(members.Select(m => m.Leader).ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Boolean, cancellation);
    }
}
