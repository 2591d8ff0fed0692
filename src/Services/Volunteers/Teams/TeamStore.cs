using Google.Protobuf.WellKnownTypes;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Paging;
using Npgsql;
using static Governance.ServiceDefaults.Database.Sql;
using TeamMessage = Governance.Volunteers.V1.Team;

namespace Governance.Volunteers.Teams;

/// <summary>Teams are not cached: an import changes thousands at once, and a read by key is one index look-up.</summary>
public sealed class TeamStore(ServiceDatabase database)
{
    private const string Columns = "t.id, t.code, t.name, t.territory, t.skills, m.numbers, m.names, m.leaders, t.updated_at, t.version";

    private const string ById = $"select {Columns} from teams t cross join lateral {MembersOfT} m where t.id = any($1)";

    /// <summary>One row with the members of the team <c>t</c> as three arrays of the same order.</summary>
    internal const string MembersOfT = """
        (select coalesce(array_agg(number order by number), '{}') as numbers,
                coalesce(array_agg(name order by number), '{}') as names,
                coalesce(array_agg(leader order by number), '{}') as leaders
         from team_members where team_id = t.id)
        """;

    public Task<Team?> FindAsync(Guid id, CancellationToken cancellation) =>
        database.FindAsync(ById, id, Read, cancellation);

    public static Task<Team?> FindAsync(Guid id, Command command) => command.FindAsync(ById, id, Read);

    /// <summary>The page is cut before the members are gathered, so that nobody's are gathered in vain.</summary>
    public Task<List<Team>> ListAsync((string Low, string High) range, string skill, Page page, CancellationToken cancellation) =>
        database.QueryAsync(
            $"""
            select {Columns}
            from (select * from teams
                  where territory >= $1 and territory < $2 and ($3 = '' or skills @> array[$3]) and code > $4
                  order by code limit $5) t
            cross join lateral {MembersOfT} m
            order by t.code
            """,
            Read,
            [P(range.Low), P(range.High), P(skill), P(page.After?[0] ?? ""), P(page.Fetch)],
            cancellation);

    public static TeamMessage ToMessage(Team from)
    {
        var message = new TeamMessage
        {
            Id = from.Id.ToString(),
            Code = from.Code,
            Name = from.Name,
            Territory = from.Territory,
            UpdatedAt = from.UpdatedAt.ToTimestamp(),
            Etag = Commands.Etag(from.Version),
        };
        message.Skills.Add(from.Skills);
        message.Members.Add(from.Members.Select(m => new V1.TeamMember { Number = m.Number, Name = m.Name, Leader = m.Leader }));
        return message;
    }

    private static Team Read(NpgsqlDataReader reader)
    {
        var names = reader.GetFieldValue<string[]>(6);
        var leaders = reader.GetFieldValue<bool[]>(7);
        return new Team(
            reader.GetGuid(0),
            reader.GetString(1),
            reader.GetString(2),
            reader.GetString(3),
            reader.GetFieldValue<string[]>(4),
            [.. reader.GetFieldValue<string[]>(5).Select((number, i) => new TeamMember(number, names[i], leaders[i]))],
            reader.Instant(8),
            reader.GetInt64(9));
    }
}
