using Governance.Grids.V1;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Paging;
using Npgsql;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.Grids.SatisfactionSurveys;

/// <summary>Responses and the reviews that they open.</summary>
public sealed class SatisfactionStore(ServiceDatabase database)
{
    private const string Columns = """
        id, case_id, answer_step, territory, holder, channel, satisfaction, score, comment, responder, asked_by, agent, answered_at, at,
        policy_version
        """;

    private const string ReviewColumns = """
        id, case_id, answer_step, response_id, territory, holder, state, opened_at, due_at, decided_by, decided_at, reason,
        policy_version, version, provisional_year
        """;

    private const string LastAnswer = """
        select sequence, at, actor from case_history
        where case_id = $1 and to_state = 7 and from_state <> 7 order by sequence desc limit 1
        """;

    private const string OfAnswer = $"select {Columns} from satisfaction_responses where case_id = $1 and answer_step = $2";

    private static readonly Insert Responses = new(
        "satisfaction_responses",
        "id uuid, case_id uuid, answer_step int, territory text, holder text, channel smallint, satisfaction smallint, score smallint, "
        + "comment text, responder text, asked_by text, agent text, answered_at timestamptz, at timestamptz, policy_version bigint");

    private static readonly Insert Reviews = new(
        "satisfaction_reviews",
        "id uuid, case_id uuid, answer_step int, response_id uuid, territory text, holder text, state smallint, opened_at timestamptz, "
        + "due_at timestamptz, decided_by text, decided_at timestamptz, reason text, policy_version bigint, version bigint, "
        + "provisional_year smallint");

    private static readonly Update Decisions = new(
        "satisfaction_reviews", "id uuid, version bigint",
        "state smallint, decided_by text, decided_at timestamptz, reason text, version bigint");

    /// <summary>The last answer that a case was given; null when it was given none here.</summary>
    public Task<GivenAnswer?> LastAnswerAsync(Guid caseId, CancellationToken cancellation) =>
        database.FirstAsync<GivenAnswer?>(LastAnswer, ReadAnswer, [P(caseId)], cancellation);

    public static Task<GivenAnswer?> LastAnswerAsync(Guid caseId, Command command) =>
        command.FirstAsync<GivenAnswer?>(LastAnswer, ReadAnswer, P(caseId));

    public Task<Response?> OfAnswerAsync(Guid caseId, GivenAnswer answer, CancellationToken cancellation) =>
        database.FirstAsync<Response?>(OfAnswer, Read, [P(caseId), P(answer.Step)], cancellation);

    public static async Task<bool> IsGivenAsync(Guid caseId, GivenAnswer answer, Command command) =>
        await command.FirstAsync<Response?>(OfAnswer, Read, P(caseId), P(answer.Step)) is not null;

    public static Task<Response?> FindResponseAsync(Guid id, Command command) =>
        command.FindAsync($"select {Columns} from satisfaction_responses where id = any($1)", id, Read);

    public Task<List<Response>> ListAsync(
        (string Low, string High) range, Satisfaction satisfaction, Page page, CancellationToken cancellation) =>
        database.QueryAsync(
            $"""
            select {Columns} from satisfaction_responses
            where territory >= $1 and territory < $2 and ($3 = 0 or satisfaction = $3) and ($4::uuid is null or id < $4)
            order by id desc limit $5
            """,
            Read,
            [P(range.Low), P(range.High), P((int)satisfaction), N(page.IdAfter(0)), P(page.Fetch)],
            cancellation);

    public static Task<Review?> FindReviewAsync(Guid id, Command command) =>
        command.FindAsync($"select {ReviewColumns} from satisfaction_reviews where id = any($1)", id, ReadReview);

    /// <param name="overdueAt">Only those that are open and were due before it; null for all.</param>
    public Task<List<Review>> ListReviewsAsync(
        (string Low, string High) range,
        SatisfactionReviewState state,
        DateTimeOffset? overdueAt,
        Page page,
        CancellationToken cancellation) =>
        database.QueryAsync(
            $"""
            select {ReviewColumns} from satisfaction_reviews
            where territory >= $1 and territory < $2 and ($3 = 0 or state = $3)
              and ($4::timestamptz is null or (state = 1 and due_at < $4))
              and ($5::timestamptz is null or (due_at, id) > ($5, $6))
            order by due_at, id limit $7
            """,
            ReadReview,
            [P(range.Low), P(range.High), P((int)state), N(overdueAt), N(page.InstantAfter(0)), N(page.IdAfter(1)), P(page.Fetch)],
            cancellation);

    public static void Add(Command command, Response taken, Review? opened)
    {
        command.Write(
            Responses, taken.Id, taken.CaseId, taken.AnswerStep, taken.Territory, taken.Holder, (short)taken.Channel,
            (short)taken.Satisfaction, (short)taken.Score, taken.Comment, taken.Responder, taken.AskedBy, taken.Agent, taken.AnsweredAt,
            taken.At, taken.PolicyVersion);
        if (opened is not null)
            command.Write(
                Reviews, opened.Id, opened.CaseId, opened.AnswerStep, opened.ResponseId, opened.Territory, opened.Holder,
                (short)opened.State, opened.OpenedAt, opened.DueAt, opened.DecidedBy, opened.DecidedAt, opened.Reason,
                opened.PolicyVersion, opened.Version, (short)opened.ProvisionalYear);
        command.Concerns(taken.Territory, taken.CaseId);
    }

    public static void Save(Command command, Review current, Review decided)
    {
        command.Write(
            Decisions, current.Id, current.Version, (short)decided.State, decided.DecidedBy, decided.DecidedAt, decided.Reason,
            decided.Version);
        command.Concerns(decided.Territory, decided.Id);
    }

    private static GivenAnswer ReadAnswer(NpgsqlDataReader reader) => new(reader.GetInt32(0), reader.Instant(1), reader.GetString(2));

    private static Response Read(NpgsqlDataReader reader) => new(
        reader.GetGuid(0), reader.GetGuid(1), reader.GetInt32(2), reader.GetString(3), reader.GetString(4),
        (ResponseChannel)reader.GetInt16(5), (Satisfaction)reader.GetInt16(6), reader.GetInt16(7), reader.GetString(8),
        reader.GetString(9), reader.GetString(10), reader.GetString(11), reader.Instant(12), reader.Instant(13), reader.GetInt64(14));

    private static Review ReadReview(NpgsqlDataReader reader) => new()
    {
        Id = reader.GetGuid(0),
        CaseId = reader.GetGuid(1),
        AnswerStep = reader.GetInt32(2),
        ResponseId = reader.GetGuid(3),
        Territory = reader.GetString(4),
        Holder = reader.GetString(5),
        State = (SatisfactionReviewState)reader.GetInt16(6),
        OpenedAt = reader.Instant(7),
        DueAt = reader.Instant(8),
        DecidedBy = reader.GetString(9),
        DecidedAt = reader.InstantOrNull(10),
        Reason = reader.GetString(11),
        PolicyVersion = reader.GetInt64(12),
        Version = reader.GetInt64(13),
        ProvisionalYear = reader.GetInt16(14),
    };
}
