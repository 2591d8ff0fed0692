using Governance.Common.V1;
using Governance.Grids.Dispatch;
using Governance.Grids.Intake;
using Governance.Grids.Mediations;
using Governance.Grids.V1;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Paging;
using Governance.ServiceDefaults.Privacy;
using Npgsql;
using static Governance.ServiceDefaults.Database.Sql;
using Assignment = Governance.Grids.Dispatch.Assignment;

namespace Governance.Grids.Cases;

public sealed class CaseStore(ServiceDatabase database)
{
    /// <summary>The kind of record under which people's data are kept.</summary>
    public const string RecordKind = "case";

    private const string Columns = """
        id, number, territory, holder, title, description, longitude, latitude, channel, reporter, state, category, handler, whistle,
        result, answer, satisfaction, assess_by, handle_by, answer_by, confirm_by, policy_version, steps, reported_at, updated_at, version,
        escalate_at, deadline, receiver, assignments, confidential, people, late, reopen_by, reopenings,
        verification, merged_into, followers, transferred_to, review, dimensions, provisional_year
        """;

    private const string ById = $"select {Columns} from cases where id = any($1)";

    private static readonly Insert Cases = new(
        "cases",
        "id uuid, number bigint, territory text, holder text, title text, description text, longitude float8, latitude float8, channel smallint, "
        + "reporter text, state smallint, category text, result text, answer text, satisfaction smallint, assess_by timestamptz, due_at timestamptz, "
        + "policy_version bigint, steps int, reported_at timestamptz, updated_at timestamptz, version bigint, escalate_at timestamptz, "
        + "confidential bool, people smallint, provisional_year smallint");

    private static readonly Update Changes = new(
        "cases",
        "id uuid, version bigint",
        "holder text, state smallint, category text, handler jsonb, whistle jsonb, result text, answer text, satisfaction smallint, "
        + "assess_by timestamptz, handle_by timestamptz, answer_by timestamptz, confirm_by timestamptz, due_at timestamptz, policy_version bigint, steps int, "
        + "updated_at timestamptz, version bigint, escalate_at timestamptz, deadline jsonb, receiver jsonb, assignments jsonb, late smallint, "
        + "reopen_by timestamptz, reopenings smallint, verification jsonb, merged_into uuid, followers smallint, transferred_to text, "
        + "review jsonb, dimensions smallint, close_at timestamptz, provisional_year smallint");

    private static readonly Insert History = new(
        "case_history",
        "case_id uuid, sequence int, action text, from_state smallint, to_state smallint, actor text, actor_role text, at timestamptz, note text, "
        + "holder text, due_at timestamptz");

    private static readonly string[] Moves =
    [
        "update cases set territory = $2 where id = any($1)",
        "update attachments set territory = $2 where case_id = any($1)",
        "update supervision_orders set territory = $2, ordered = left($2, length(ordered)) where case_id = any($1)",
        "update dispatch_assignments set territory = $2 where case_id = any($1)",
        "update dispatch_whistles set territory = $2, blown_by = left($2, length(blown_by)) where case_id = any($1)",
        "update dispatch_consultations set territory = $2, convened_from = left($2, length(convened_from)) where case_id = any($1)",
        "update satisfaction_reviews set territory = $2, holder = left($2, length(holder)) where case_id = any($1) and decided_at is null",
        """
        update persons set territory = $2
        where record_id = any($1) or record_id in (select id from mediations where case_id = any($1))
        """,
        "update mediations set territory = $2, version = version + 1 where case_id = any($1)",
    ];

    /// <summary>Of an entry <c>h</c> of a case <c>c</c>: also what somebody else recorded on the reporter's behalf.</summary>
    internal const string SaidByReporter = "h.actor = c.reporter or h.action in ('Confirmed', 'Reopened', 'ReviewRequested')";

    public const string CachePrefix = "grids:v1:case:";

    public static string CacheKey(Guid id) => $"{CachePrefix}{id:N}";

    public Task<Case?> FindAsync(Guid id, CancellationToken cancellation) => database.FindAsync(ById, id, Read, cancellation);

    public static Task<Case?> FindAsync(Guid id, Command command) => command.FindAsync(ById, id, Read);

    /// <summary>Cases of a territory, newest first.</summary>
    public Task<List<Case>> ListAsync(
        (string Low, string High) range, CaseState state, DateTimeOffset? overdueAt, Page page, CancellationToken cancellation)
    {
        var where = Only(new Conditions(P(page.IdAfter(0) ?? Guid.AllBitsSet), P(page.Fetch)).Within("territory", range), state, overdueAt);
        return database.QueryAsync(
            $"select {Columns} from cases where id < $1{where.Text} order by id desc limit $2", Read, where.Parameters, cancellation);
    }

    /// <summary>
    /// Those in a state, and those that are overdue at an instant. No index holds the state, which every step changes: newest first, few
    /// lie on either of two small indexes, and those that are closed are most.
    /// </summary>
    internal static Conditions Only(Conditions where, CaseState state, DateTimeOffset? overdueAt)
    {
        if (state is not CaseState.Unspecified)
            where.And("state = {0}", P((int)state));
        if (Case.AsideOf(state) is { } aside)
            where.And("aside = {0}", P((int)aside));
        else if (overdueAt is not null || state is not (CaseState.Unspecified or CaseState.Closed))
            where.And("due_at is not null");
        return overdueAt is { } now ? where.And("due_at < {0}", P(now)) : where;
    }

    /// <summary>Those that wait for the answer to a case.</summary>
    public static Task<List<Case>> FollowersAsync(Guid primary, Command command) =>
        command.QueryAsync($"select {Columns} from cases where merged_into = $1 and state = {(int)CaseState.Merged} order by id", Read, P(primary));

    /// <summary>Cases of some grids that are under way and were reported within a span before or after a case, newest first.</summary>
    public Task<List<Case>> NearAsync(Case current, string[] grids, TimeSpan within, CancellationToken cancellation) =>
        database.QueryAsync(
            $"""
            select {Columns} from cases
            where territory = any($1) and id <> $2 and reported_at between $3 and $4
              and state not in ({Case.EndedInSql}, {(int)CaseState.Merged})
            order by id desc limit {DuplicateRules.MaxCompared}
            """,
            Read,
            [P(grids), P(current.Id), P(current.ReportedAt - within), P(current.ReportedAt + within)],
            cancellation);

    /// <summary>What a subject has reported, newest first; what it reported confidentially is found by its data's index.</summary>
    public Task<List<Case>> OwnAsync(string subject, byte[] subjectIndex, Guid? before, int limit, CancellationToken cancellation) =>
        database.QueryAsync(
            $"""
            select {Columns} from cases where id in (
                (select id from cases where reporter = $1 and ($3::uuid is null or id < $3) order by id desc limit $4)
                union all
                select record_id from persons where subject_index = $2 and part = {(int)PersonPart.Reporter} and ($3::uuid is null or record_id < $3))
            order by id desc limit $4
            """,
            Read,
            [P(subject), P(subjectIndex), N(before), P(limit)],
            cancellation);

    /// <summary>What is due after an instant and until another, soonest first.</summary>
    public Task<List<Case>> DueAsync(
        (string Low, string High) range, DateTimeOffset after, DateTimeOffset until, Page page, CancellationToken cancellation)
    {
        var where = new Conditions(P(page.InstantAfter(0) ?? after), P(page.IdAfter(1) ?? Guid.AllBitsSet), P(until), P(page.Fetch))
            .Within("territory", range);
        return database.QueryAsync(
            $"select {Columns} from cases where (due_at, id) > ($1, $2) and due_at <= $3{where.Text} order by due_at, id limit $4",
            Read,
            where.Parameters,
            cancellation);
    }

    /// <summary>
    /// Up to <paramref name="limit"/> cases that must go up now, oldest first, for the one who asks: who asks at the same time
    /// gets others.
    /// </summary>
    public static Claim<Case> Overdue(DateTimeOffset now, int limit) => new(
        $"select {Columns} from cases where escalate_at <= $1 order by escalate_at limit $2 for update skip locked", Read, P(now), P(limit));

    /// <summary>The same of cases with an answer that nobody waits for any more.</summary>
    public static Claim<Case> ToClose(DateTimeOffset now, int limit) => new(
        $"select {Columns} from cases where close_at <= $1 order by close_at limit $2 for update skip locked", Read, P(now), P(limit));

    public Task<List<CaseHistoryEntry>> HistoryAsync(Guid id, CancellationToken cancellation) =>
        database.QueryAsync(
            $"select {CaseMessages.EntryColumns} from case_history h where h.case_id = $1 order by h.sequence limit {CaseRoom.MaxSteps}",
            r => CaseMessages.ReadEntry(r, 0),
            [P(id)],
            cancellation);

    /// <summary>What the reporters of cases said besides their reports.</summary>
    public Task<List<(Guid CaseId, DateTimeOffset At, string Action, string Note)>> NotesOfReportersAsync(
        Guid[] ids, CancellationToken cancellation) =>
        database.QueryAsync(
            $"""
            select h.case_id, h.at, h.action, h.note from case_history h join cases c on c.id = h.case_id
            where h.case_id = any($1) and ({SaidByReporter}) and h.note <> '' order by h.case_id, h.sequence
            """,
            r => (r.GetGuid(0), r.Instant(1), r.GetString(2), r.GetString(3)),
            [P(ids)],
            cancellation);

    public static KeptText TextOf(Case of) => new(of.Id, RecordKind, of.Territory);

    public static void Add(Command command, CaseStep step)
    {
        var opened = step.Next;
        command.Write(
            Cases, opened.Id, opened.Number, opened.Territory, opened.Holder, opened.Title, opened.Description,
            opened.Place?.Longitude, opened.Place?.Latitude, (short)opened.Channel, opened.Reporter, (short)opened.State, opened.Category,
            opened.Result, opened.Answer, (short)opened.Satisfaction, opened.AssessBy, opened.DueAt, opened.PolicyVersion, opened.Steps,
            opened.ReportedAt, opened.UpdatedAt, opened.Version, opened.EscalateAt, opened.Confidential, (short)opened.People, (short)opened.ProvisionalYear);
        Tell(command, step);
    }

    public static void Save(Command command, Case current, CaseStep step)
    {
        var next = step.Next;
        command.Write(
            Changes, current.Id, current.Version, next.Holder, (short)next.State, next.Category, JsonOrNull(next.Handler), JsonOrNull(next.Whistle),
            next.Result, next.Answer, (short)next.Satisfaction, next.AssessBy, next.HandleBy, next.AnswerBy, next.ConfirmBy, next.DueAt, next.PolicyVersion,
            next.Steps, next.UpdatedAt, next.Version, next.EscalateAt,
            JsonOrNull(next.Deadline), JsonOrNull(next.Receiver), next.Assignments is [] ? null : Json(next.Assignments), (short)(next.Late ? 1 : 0),
            next.ReopenBy, (short)next.Reopenings, JsonOrNull(next.Verification), next.MergedInto, (short)next.Followers, next.TransferredTo,
            JsonOrNull(next.Review), ToBits(next.Dimensions), next.CloseAt, (short)next.ProvisionalYear);
        if (next.HasEnded != current.HasEnded)
        {
            KeptTexts.KeepUntil(command, TextOf(next), step.KeepPeopleUntil);
            MediationStore.KeepWith(command, next.Id, step.KeepPeopleUntil);
            if (next.People > 0)
                PersonStore.KeepUntil(command, next.Id, step.KeepPeopleUntil);
        }
        AssignmentStore.Save(command, current, next);
        WhistleRecords.Save(command, current, next);
        command.MakeStale(CacheKey(next.Id));
        Tell(command, step);
    }

    /// <summary>Beside a step, when more is known of people whom the title may name.</summary>
    public static void Retitle(Command command, Case current, string title)
    {
        if (title != current.Title)
            command.Write("update cases set title = $2 where id = $1", P(current.Id), P(title));
    }

    /// <summary>What has not ended in grids.</summary>
    public static Task<List<Case>> OpenOfAsync(string[] grids, Command command) =>
        command.QueryAsync(
            $"select {Columns} from cases where territory = any($1) and state not in ({Case.EndedInSql}) order by id", Read, P(grids));

    /// <summary>Fails when more are open in some grids by the end of the command: they were reported while it looked for them.</summary>
    public static void RequireOpen(Command command, string[] grids, int atMost) =>
        command.Check(
            $"select require_no_more(count(*), $2) from cases where territory = any($1) and state not in ({Case.EndedInSql})", P(grids), P(atMost));

    /// <summary>Beside a step: cases lie in another grid, and all that is kept of them with them. A level is named by how its code begins.</summary>
    public static void Move(Command command, Guid[] ids, string grid)
    {
        foreach (var sql in Moves)
            command.Write(sql, P(ids), P(grid));
    }

    private static void Tell(Command command, CaseStep step)
    {
        if (step.Before is { } before)
            Tell(command, before);
        var next = step.Next;
        command.Write(
            History, next.Id, next.Steps, step.Entry.Action, (short)step.Entry.From, (short)step.Entry.To, command.Actor.Subject,
            command.Actor.Role, command.Now, step.Entry.Note, next.Holder, next.DueAt);
        command.Concerns(next.Territory, next.Id);
        foreach (var happened in step.Events)
            command.Publish(happened);
    }

    /// <summary>A bit for each dimension: they fit a column that most cases leave at nought.</summary>
    internal static short ToBits(IEnumerable<GovernanceDimension> dimensions) =>
        (short)dimensions.Aggregate(0, (bits, dimension) => bits | (1 << (int)dimension));

    private static GovernanceDimension[] FromBits(short bits) =>
        bits is 0 ? [] : [.. Enum.GetValues<GovernanceDimension>().Where(dimension => (bits & (1 << (int)dimension)) is not 0)];

    private static Case Read(NpgsqlDataReader reader) => new()
    {
        Id = reader.GetGuid(0),
        Number = reader.GetInt64(1),
        Territory = reader.GetString(2),
        Holder = reader.GetString(3),
        Title = reader.GetString(4),
        Description = reader.GetString(5),
        Place = reader.DoubleOrNull(6) is { } longitude ? (longitude, reader.GetDouble(7)) : null,
        Channel = (CaseChannel)reader.GetInt16(8),
        Reporter = reader.GetString(9),
        State = (CaseState)reader.GetInt16(10),
        Category = reader.GetString(11),
        Handler = reader.JsonOrNull<CaseHandler>(12),
        Whistle = reader.JsonOrNull<CaseWhistle>(13),
        Result = reader.GetString(14),
        Answer = reader.GetString(15),
        Satisfaction = (Satisfaction)reader.GetInt16(16),
        AssessBy = reader.InstantOrNull(17),
        HandleBy = reader.InstantOrNull(18),
        AnswerBy = reader.InstantOrNull(19),
        ConfirmBy = reader.InstantOrNull(20),
        PolicyVersion = reader.GetInt64(21),
        Steps = reader.GetInt32(22),
        ReportedAt = reader.Instant(23),
        UpdatedAt = reader.Instant(24),
        Version = reader.GetInt64(25),
        EscalateAt = reader.InstantOrNull(26),
        Deadline = reader.JsonOrNull<CaseDeadline>(27),
        Receiver = reader.JsonOrNull<CaseReceiver>(28),
        Assignments = reader.JsonOrNull<Assignment[]>(29) ?? [],
        Confidential = reader.GetBoolean(30),
        People = reader.GetInt16(31),
        Late = reader.GetInt16(32) is 1,
        ReopenBy = reader.InstantOrNull(33),
        Reopenings = reader.GetInt16(34),
        Verification = reader.JsonOrNull<CaseVerification>(35),
        MergedInto = reader.GuidOrNull(36),
        Followers = reader.GetInt16(37),
        TransferredTo = reader.GetString(38),
        Review = reader.JsonOrNull<CaseReview>(39),
        Dimensions = FromBits(reader.GetInt16(40)),
        ProvisionalYear = reader.GetInt16(41),
    };
}
