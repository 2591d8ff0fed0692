using System.Text.Json;
using Governance.Grids.V1;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Events;
using Governance.ServiceDefaults.Paging;
using Npgsql;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.Grids.Cases;

public sealed class CaseStore(ServiceDatabase database)
{
    private const string Columns = """
        id, number, territory, holder, title, description, longitude, latitude, channel, reporter, state, category, handler, whistle,
        result, answer, satisfaction, assess_by, handle_by, answer_by, confirm_by, policy_version, steps, reported_at, updated_at, version
        """;

    private const string ById = $"select {Columns} from cases where id = $1";

    public static string CacheKey(Guid id) => $"grids:v1:case:{id:N}";

    public Task<Case?> FindAsync(Guid id, CancellationToken cancellation) => database.FirstAsync<Case?>(ById, Read, [P(id)], cancellation);

    public static Task<Case?> FindAsync(Guid id, Command command) => command.FirstAsync<Case?>(ById, Read, P(id));

    public Task<List<Case>> ListAsync(
        (string Low, string High) range, CaseState state, DateTimeOffset? overdueAt, Page page, CancellationToken cancellation) =>
        database.QueryAsync(
            $"""
            select {Columns} from cases
            where territory >= $1 and territory < $2
              and ($3 = 0 or state = $3)
              and ($4::timestamptz is null or due_at < $4)
              and ($5::uuid is null or id < $5)
            order by id desc limit $6
            """,
            Read,
            [P(range.Low), P(range.High), P((int)state), N(overdueAt), N(page.IdAfter(0)), P(page.Fetch)],
            cancellation);

    public Task<List<CaseHistoryEntry>> HistoryAsync(Guid id, CancellationToken cancellation) =>
        database.QueryAsync(
            $"select {CaseMessages.EntryColumns} from case_history h where h.case_id = $1 order by h.sequence limit {CaseRules.MaxSteps}",
            r => CaseMessages.ReadEntry(r, 0),
            [P(id)],
            cancellation);

    public static void Add(Command command, CaseStep step)
    {
        var opened = step.Next;
        command.Write("""
            insert into cases (id, number, territory, holder, title, description, longitude, latitude, channel, reporter, state, category,
                result, answer, satisfaction, assess_by, due_at, policy_version, steps, reported_at, updated_at, version)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, '', '', '', 0, $12, $12, $13, 1, $14, $14, 1)
            """,
            P(opened.Id), P(opened.Number), P(opened.Territory), P(opened.Holder), P(opened.Title), P(opened.Description),
            N(opened.Place?.Longitude), N(opened.Place?.Latitude), P((int)opened.Channel), P(opened.Reporter), P((int)opened.State),
            P(opened.AssessBy), P(opened.PolicyVersion), P(opened.ReportedAt));
        Tell(command, step);
    }

    public static void Save(Command command, Case current, CaseStep step)
    {
        var next = step.Next;
        command.WriteGuarded("""
            update cases set holder = $3, state = $4, category = $5, handler = $6, whistle = $7, result = $8, answer = $9, satisfaction = $10,
                handle_by = $11, answer_by = $12, confirm_by = $13, due_at = $14, policy_version = $15, steps = $16, updated_at = $17, version = $18
            where id = $1 and version = $2
            """,
            P(current.Id), P(current.Version), P(next.Holder), P((int)next.State), P(next.Category), Jsonb(ToJson(next.Handler)),
            Jsonb(ToJson(next.Whistle)), P(next.Result), P(next.Answer), P((int)next.Satisfaction), N(next.HandleBy), N(next.AnswerBy),
            N(next.ConfirmBy), N(next.DueAt), P(next.PolicyVersion), P(next.Steps), P(next.UpdatedAt), P(next.Version));
        command.MakeStale(CacheKey(next.Id));
        Tell(command, step);
    }

    private static void Tell(Command command, CaseStep step)
    {
        var next = step.Next;
        command.Write("""
            insert into case_history (case_id, sequence, action, from_state, to_state, actor, actor_role, at, note, holder, due_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
            """,
            P(next.Id), P(next.Steps), P(step.Entry.Action), P((int)step.Entry.From), P((int)step.Entry.To), P(command.Actor.Subject),
            P(command.Actor.Role), P(command.Now), P(step.Entry.Note), P(next.Holder), N(next.DueAt));
        command.Concerns(next.Territory, next.Id);
        foreach (var happened in step.Events)
            command.Publish(happened);
    }

    private static string? ToJson<T>(T? part)
        where T : class => part is null ? null : JsonSerializer.Serialize(part, EventJson.Options);

    private static T? FromJson<T>(string? json)
        where T : class => json is null ? null : JsonSerializer.Deserialize<T>(json, EventJson.Options);

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
        Handler = FromJson<CaseHandler>(reader.TextOrNull(12)),
        Whistle = FromJson<CaseWhistle>(reader.TextOrNull(13)),
        Result = reader.GetString(14),
        Answer = reader.GetString(15),
        Satisfaction = (Satisfaction)reader.GetInt16(16),
        AssessBy = reader.Instant(17),
        HandleBy = reader.InstantOrNull(18),
        AnswerBy = reader.InstantOrNull(19),
        ConfirmBy = reader.InstantOrNull(20),
        PolicyVersion = reader.GetInt64(21),
        Steps = reader.GetInt32(22),
        ReportedAt = reader.Instant(23),
        UpdatedAt = reader.Instant(24),
        Version = reader.GetInt64(25),
    };
}
