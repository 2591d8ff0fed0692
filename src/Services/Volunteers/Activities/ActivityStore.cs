using Google.Protobuf.WellKnownTypes;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Paging;
using Governance.Volunteers.V1;
using Npgsql;
using static Governance.ServiceDefaults.Database.Sql;
using ActivityMessage = Governance.Volunteers.V1.Activity;

namespace Governance.Volunteers.Activities;

public sealed class ActivityStore(ServiceDatabase database)
{
    private const string Columns = """
        a.id, a.case_id, a.title, a.territory, a.skill, a.hands, a.starts_at, a.minutes, a.state, a.summary,
        a.opened_at, a.completed_at, a.version, a.dispatch_id,
        (select coalesce(json_agg(json_build_object('teamId', team_id, 'teamName', team_name, 'hands', hands, 'signedUpAt', signed_up_at)
                order by signed_up_at, team_id), '[]')
         from activity_sign_ups where activity_id = a.id),
        (select coalesce(json_agg(json_build_object('teamId', team_id, 'volunteerNumber', volunteer_number, 'minutes', minutes,
                'recordedAt', recorded_at) order by recorded_at, volunteer_number), '[]')
         from service_records where activity_id = a.id)
        """;

    private const string ById = $"select {Columns} from activities a where a.id = any($1)";

    private static readonly Insert Activities = new(
        "activities",
        "id uuid, case_id uuid, title text, territory text, skill text, hands int, starts_at timestamptz, minutes int, state smallint, summary text, "
        + "opened_at timestamptz, version bigint, dispatch_id uuid");

    private static readonly Update Changes = new(
        "activities", "id uuid, version bigint", "state smallint, summary text, completed_at timestamptz, version bigint");

    private static readonly Insert SignUps = new(
        "activity_sign_ups", "activity_id uuid, team_id uuid, team_name text, hands int, signed_up_at timestamptz");

    private static readonly Insert Services = new(
        "service_records", "activity_id uuid, volunteer_number text, team_id uuid, minutes int, recorded_at timestamptz");

    public static string CacheKey(Guid id) => $"volunteers:v1:activity:{id:N}";

    public Task<Activity?> FindAsync(Guid id, CancellationToken cancellation) =>
        database.FindAsync(ById, id, Read, cancellation);

    public static Task<Activity?> FindAsync(Guid id, Command command) => command.FindAsync(ById, id, Read);

    /// <summary>The activities of a case; one that came back has several.</summary>
    public static Task<List<Activity>> OfCaseAsync(Guid caseId, Command command) =>
        command.QueryAsync($"select {Columns} from activities a where a.case_id = $1", Read, P(caseId));

    /// <summary>The page is cut before sign-ups and services are gathered, so that none are gathered in vain.</summary>
    public Task<List<Activity>> ListAsync(
        (string Low, string High) range, ActivityState state, Guid? caseId, Page page, CancellationToken cancellation) =>
        database.QueryAsync(
            $"""
            select {Columns}
            from (select * from activities
                  where territory >= $1 and territory < $2
                    and ($3 = 0 or state = $3)
                    and ($4::uuid is null or case_id = $4)
                    and ($5::timestamptz is null or (starts_at, id) > ($5, $6))
                  order by starts_at, id limit $7) a
            order by a.starts_at, a.id
            """,
            Read,
            [P(range.Low), P(range.High), P((int)state), N(caseId), N(page.InstantAfter(0)), N(page.IdAfter(1)), P(page.Fetch)],
            cancellation);

    /// <summary>The key of an activity in the order of lists.</summary>
    public static string[] KeyOf(Activity activity) =>
        [Page.Key(activity.StartsAt), activity.Id.ToString()];

    public static void Add(Command command, ActivityStep step)
    {
        var opened = step.Next;
        command.Write(
            Activities, opened.Id, opened.CaseId, opened.Title, opened.Territory, opened.Skill, opened.Hands, opened.StartsAt,
            opened.Minutes, (short)opened.State, opened.Summary, opened.OpenedAt, opened.Version, opened.DispatchId);
        Tell(command, step);
    }

    /// <summary>Rules only ever append sign-ups and services.</summary>
    public static void Save(Command command, Activity current, ActivityStep step)
    {
        var next = step.Next;
        command.Write(Changes, current.Id, current.Version, (short)next.State, next.Summary, next.CompletedAt, next.Version);
        foreach (var signUp in next.SignUps.Skip(current.SignUps.Count))
            command.Write(SignUps, next.Id, signUp.TeamId, signUp.TeamName, signUp.Hands, signUp.SignedUpAt);
        foreach (var service in next.Services.Skip(current.Services.Count))
            command.Write(Services, next.Id, service.VolunteerNumber, service.TeamId, service.Minutes, service.RecordedAt);
        command.MakeStale(CacheKey(next.Id));
        Tell(command, step);
    }

    public static ActivityMessage ToMessage(Activity from)
    {
        var message = new ActivityMessage
        {
            Id = from.Id.ToString(),
            CaseId = from.CaseId.ToString(),
            Title = from.Title,
            Territory = from.Territory,
            Skill = from.Skill,
            Hands = from.Hands,
            StartsAt = from.StartsAt.ToTimestamp(),
            Minutes = from.Minutes,
            State = from.State,
            OpenedAt = from.OpenedAt.ToTimestamp(),
            CompletedAt = from.CompletedAt?.ToTimestamp(),
            Etag = Commands.Etag(from.Version),
        };
        message.SignUps.Add(from.SignUps.Select(s => new V1.SignUp
        {
            TeamId = s.TeamId.ToString(),
            TeamName = s.TeamName,
            Hands = s.Hands,
            SignedUpAt = s.SignedUpAt.ToTimestamp(),
        }));
        message.Services.Add(from.Services.Select(s => new V1.ServiceRecord
        {
            TeamId = s.TeamId.ToString(),
            VolunteerNumber = s.VolunteerNumber,
            Minutes = s.Minutes,
            RecordedAt = s.RecordedAt.ToTimestamp(),
        }));
        return message;
    }

    private static void Tell(Command command, ActivityStep step)
    {
        command.Concerns(step.Next.Territory, step.Next.Id);
        foreach (var happened in step.Events)
            command.Publish(happened);
    }

    private static Activity Read(NpgsqlDataReader reader) => new()
    {
        Id = reader.GetGuid(0),
        CaseId = reader.GetGuid(1),
        Title = reader.GetString(2),
        Territory = reader.GetString(3),
        Skill = reader.GetString(4),
        Hands = reader.GetInt32(5),
        StartsAt = reader.Instant(6),
        Minutes = reader.GetInt32(7),
        State = (ActivityState)reader.GetInt16(8),
        Summary = reader.GetString(9),
        OpenedAt = reader.Instant(10),
        CompletedAt = reader.InstantOrNull(11),
        Version = reader.GetInt64(12),
        DispatchId = reader.GuidOrNull(13),
        SignUps = reader.Json<SignUp[]>(14),
        Services = reader.Json<ServiceRecord[]>(15),
    };
}
