using Governance.Grids.V1;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Paging;
using Npgsql;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.Grids.Councils;

public sealed class TopicStore(ServiceDatabase database)
{
    private const int MaxRows = 1000;

    private const string Columns = """
        t.id, t.council_id, t.territory, t.kind, t.title, t.text, t.edition, t.proposer, t.case_id, t.state, t.supporters_needed,
        t.session_id, t.decision, t.result, t.answer, t.support_by, t.decide_by, t.carry_out_by, t.answer_by, t.policy_version, t.steps,
        t.proposed_at, t.updated_at, t.version, t.provisional_year,
        (select count(*)::int from topic_supports s where s.topic_id = t.id and s.edition = t.edition), t.tasks
        """;

    private const string ById = $"select {Columns} from topics t where t.id = any($1)";

    // The row of the council is held while the topic is written: whoever dissolves the council waits for it, and finds it open; a
    // topic that comes after finds no council, and is decided anew. So with a council that goes to another grid.
    private const string Proposing =
        "select require_written(count(*), 1) from (select 1 from councils where id = $1 and territory = $2 and state = 1 for share) active";

    // Supporters of a topic write one after another, but not each over the other: only who finds that there is enough support,
    // without having known it, must be decided anew.
    private const string Lock = "select 1 from topics where id = $1 for update";

    private const string Support = """
        with written as (
            insert into topic_supports (topic_id, edition, subject, at)
            select id, edition, $3, $4 from topics where id = $1 and edition = $2 and state = 1 returning 1)
        select require_written(count(*), 1) from written
        """;

    private const string StillTooFew = """
        select require_written(count(*) filter (where supporters < $3), 1)
        from (select count(*) as supporters from topic_supports where topic_id = $1 and edition = $2) counted
        """;

    private static readonly Insert Topics = new(
        "topics",
        "id uuid, council_id uuid, territory text, kind smallint, title text, text text, edition int, proposer text, case_id uuid, "
        + "state smallint, supporters_needed int, result text, answer text, support_by timestamptz, decide_by timestamptz, "
        + "due_at timestamptz, policy_version bigint, steps int, proposed_at timestamptz, updated_at timestamptz, version bigint, "
        + "provisional_year smallint");

    private static readonly Update Changes = new(
        "topics",
        "id uuid, version bigint",
        "title text, text text, edition int, state smallint, session_id uuid, decision jsonb, tasks jsonb, result text, answer text, "
        + "decide_by timestamptz, carry_out_by timestamptz, answer_by timestamptz, due_at timestamptz, policy_version bigint, steps int, "
        + "updated_at timestamptz, version bigint, provisional_year smallint");

    private static readonly Insert History = new(
        "topic_history",
        "topic_id uuid, sequence int, action text, from_state smallint, to_state smallint, actor text, actor_role text, at timestamptz, "
        + "note text, due_at timestamptz");

    private static readonly Insert Editions = new(
        "topic_editions", "topic_id uuid, edition int, title text, text text, reason text, at timestamptz");

    private static readonly Insert Supports = new("topic_supports", "topic_id uuid, edition int, subject text, at timestamptz");

    private static readonly Insert Consultations = new(
        "topic_consultations", "id uuid, topic_id uuid, territory text, form smallint, held_on date, parties jsonb, summary text");

    public Task<Topic?> FindAsync(Guid id, CancellationToken cancellation) => database.FindAsync(ById, id, Read, cancellation);

    public static Task<Topic?> FindAsync(Guid id, Command command) => command.FindAsync(ById, id, Read);

    public static Task<List<Topic>> FindAsync(Guid[] ids, Command command) => command.QueryAsync(ById, Read, P(ids));

    public static async Task<bool> IsSupportedByAsync(Topic topic, string subject, Command command) =>
        await command.FirstAsync(
            "select 1 from topic_supports where topic_id = $1 and edition = $2 and subject = $3",
            r => r.GetInt32(0), P(topic.Id), P(topic.Edition), P(subject)) is 1;

    public static Task<List<Topic>> OnAgendaAsync(Guid sessionId, Command command) =>
        command.QueryAsync(
            $"select {Columns} from topics t where t.session_id = $1 and t.state = $2", Read, P(sessionId), P((int)TopicState.OnAgenda));

    public static Task<int> OpenCountAsync(Guid councilId, Command command) =>
        command.FirstAsync(
            "select count(*)::int from topics where council_id = $1 and due_at is not null", r => r.GetInt32(0), P(councilId));

    /// <summary>When a topic was proposed since the command was decided, it is decided anew.</summary>
    public static void RequireNoneOpen(Command command, Guid councilId) =>
        command.Check(
            "select require_no_more(count(*), 0) from topics where council_id = $1 and due_at is not null", P(councilId));

    public Task<List<Topic>> ListAsync(
        (string Low, string High) range,
        Guid? councilId,
        TopicState state,
        DateTimeOffset? overdueAt,
        Page page,
        CancellationToken cancellation) =>
        database.QueryAsync(
            $"""
            select {Columns} from topics t
            where t.territory >= $1 and t.territory < $2
              and ($3::uuid is null or t.council_id = $3)
              and ($4 = 0 or t.state = $4)
              and ($5::timestamptz is null or t.due_at < $5)
              and ($6::uuid is null or t.id < $6)
            order by t.id desc limit $7
            """,
            Read,
            [P(range.Low), P(range.High), N(councilId), P((int)state), N(overdueAt), N(page.IdAfter(0)), P(page.Fetch)],
            cancellation);

    public Task<List<TopicHistoryEntry>> HistoryAsync(Guid id, CancellationToken cancellation) =>
        database.QueryAsync(
            $"""
            select sequence, action, from_state, to_state, actor_role, at, note, due_at from topic_history
            where topic_id = $1 order by sequence limit {MaxRows}
            """,
            TopicMessages.ReadEntry, [P(id)], cancellation);

    public Task<List<TopicEdition>> EditionsAsync(Guid id, CancellationToken cancellation) =>
        database.QueryAsync(
            $"select edition, title, text, reason, at from topic_editions where topic_id = $1 order by edition limit {MaxRows}",
            TopicMessages.ReadEdition, [P(id)], cancellation);

    public Task<List<Consultation>> ConsultationsAsync(Guid id, CancellationToken cancellation) =>
        database.QueryAsync(
            $"select form, held_on, parties, summary from topic_consultations where topic_id = $1 order by held_on, id limit {MaxRows}",
            r => new Consultation(
                (ConsultationForm)r.GetInt16(0), r.GetFieldValue<DateOnly>(1), r.Json<List<string>>(2), r.GetString(3)),
            [P(id)],
            cancellation);

    public static void Add(Command command, TopicStep step)
    {
        var topic = step.Next;
        command.Write(Proposing, P(topic.CouncilId), P(topic.Territory));
        command.Write(
            Topics, topic.Id, topic.CouncilId, topic.Territory, (short)topic.Kind, topic.Title, topic.Text, topic.Edition, topic.Proposer,
            topic.CaseId, (short)topic.State, topic.SupportersNeeded, topic.Result, topic.Answer, topic.SupportBy, topic.DecideBy,
            topic.DueAt, topic.PolicyVersion, topic.Steps, topic.ProposedAt, topic.UpdatedAt, topic.Version,
            (short)topic.ProvisionalYear);
        command.Write(Editions, topic.Id, topic.Edition, topic.Title, topic.Text, "", command.Now);
        Tell(command, step);
    }

    public static void Save(Command command, Topic current, TopicStep step)
    {
        var next = step.Next;
        if (next.Version == current.Version)
        {
            command.Write(Lock, P(next.Id));
            command.Write(Support, P(next.Id), P(next.Edition), P(step.Supporter!), P(command.Now));
            command.Write(StillTooFew, P(next.Id), P(next.Edition), P(next.SupportersNeeded));
            command.Concerns(next.Territory, next.Id);
            return;
        }
        command.Write(
            Changes, current.Id, current.Version, next.Title, next.Text, next.Edition, (short)next.State, next.SessionId,
            JsonOrNull(next.Decision), next.Tasks is [] ? null : Json(next.Tasks), next.Result, next.Answer, next.DecideBy, next.CarryOutBy,
            next.AnswerBy, next.DueAt, next.PolicyVersion, next.Steps, next.UpdatedAt, next.Version, (short)next.ProvisionalYear);
        if (next.Edition != current.Edition)
            command.Write(Editions, next.Id, next.Edition, next.Title, next.Text, step.Note, command.Now);
        if (step.Consultation is { } held)
            command.Write(
                Consultations, command.NewId(), next.Id, next.Territory, (short)held.Form, held.HeldOn, Json(held.Parties),
                held.Summary);
        Tell(command, step);
    }

    private static void Tell(Command command, TopicStep step)
    {
        var next = step.Next;
        if (step.Supporter is { } subject)
            command.Write(Supports, next.Id, next.Edition, subject, command.Now);
        command.Write(
            History, next.Id, next.Steps, step.Action, (short)step.From, (short)next.State, command.Actor.Subject, command.Actor.Role,
            command.Now, step.Note, next.DueAt);
        command.Concerns(next.Territory, next.Id);
    }

    private static Topic Read(NpgsqlDataReader reader) => new()
    {
        Id = reader.GetGuid(0),
        CouncilId = reader.GetGuid(1),
        Territory = reader.GetString(2),
        Kind = (TopicKind)reader.GetInt16(3),
        Title = reader.GetString(4),
        Text = reader.GetString(5),
        Edition = reader.GetInt32(6),
        Proposer = reader.GetString(7),
        CaseId = reader.GuidOrNull(8),
        State = (TopicState)reader.GetInt16(9),
        SupportersNeeded = reader.GetInt32(10),
        SessionId = reader.GuidOrNull(11),
        Decision = reader.JsonOrNull<Decision>(12),
        Result = reader.GetString(13),
        Answer = reader.GetString(14),
        SupportBy = reader.Instant(15),
        DecideBy = reader.InstantOrNull(16),
        CarryOutBy = reader.InstantOrNull(17),
        AnswerBy = reader.InstantOrNull(18),
        PolicyVersion = reader.GetInt64(19),
        Steps = reader.GetInt32(20),
        ProposedAt = reader.Instant(21),
        UpdatedAt = reader.Instant(22),
        Version = reader.GetInt64(23),
        ProvisionalYear = reader.GetInt16(24),
        Supporters = reader.GetInt32(25),
        Tasks = reader.JsonOrNull<TopicTask[]>(26) ?? [],
    };
}
