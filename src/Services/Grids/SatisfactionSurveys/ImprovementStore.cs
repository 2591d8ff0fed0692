using Governance.Grids.V1;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Paging;
using Npgsql;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.Grids.SatisfactionSurveys;

public sealed class ImprovementStore(ServiceDatabase database)
{
    private const string Columns = """
        id, case_id, territory, draw_id, response_id, text, responsible, due_at, state, opened_by, opened_at, result, done_by, done_at,
        check_note, checked_by, checked_at, version
        """;

    private static readonly Insert Improvements = new(
        "improvements",
        "id uuid, case_id uuid, territory text, draw_id uuid, response_id uuid, text text, responsible text, due_at timestamptz, "
        + "state smallint, opened_by text, opened_at timestamptz, result text, done_by text, check_note text, checked_by text, "
        + "version bigint");

    private static readonly Update Changes = new(
        "improvements", "id uuid, version bigint",
        "due_at timestamptz, state smallint, result text, done_by text, done_at timestamptz, check_note text, checked_by text, "
        + "checked_at timestamptz, version bigint");

    public static Task<Betterment?> FindAsync(Guid id, Command command) =>
        command.FindAsync($"select {Columns} from improvements where id = any($1)", id, Read);

    /// <summary>Whether the finding or the response is the cause of one already.</summary>
    public static async Task<bool> ExistsAsync(Guid caseId, Guid? drawId, Guid? responseId, Command command) =>
        await command.FirstAsync(
            "select 1 from improvements where case_id = $1 and (draw_id = $2 or response_id = $3)",
            r => r.GetInt32(0), P(caseId), N(drawId), N(responseId)) is 1;

    /// <param name="overdueAt">Only those that are open and were due before it; null for all.</param>
    public Task<List<Betterment>> ListAsync(
        (string Low, string High) range, ImprovementState state, DateTimeOffset? overdueAt, Page page, CancellationToken cancellation) =>
        database.QueryAsync(
            $"""
            select {Columns} from improvements
            where territory >= $1 and territory < $2 and ($3 = 0 or state = $3)
              and ($4::timestamptz is null or (state = 1 and due_at < $4))
              and ($5::timestamptz is null or (due_at, id) > ($5, $6))
            order by due_at, id limit $7
            """,
            Read,
            [P(range.Low), P(range.High), P((int)state), N(overdueAt), N(page.InstantAfter(0)), N(page.IdAfter(1)), P(page.Fetch)],
            cancellation);

    public static void Add(Command command, Betterment opened)
    {
        command.Write(
            Improvements, opened.Id, opened.CaseId, opened.Territory, opened.DrawId, opened.ResponseId, opened.Text, opened.Responsible,
            opened.DueAt, (short)opened.State, opened.OpenedBy, opened.OpenedAt, opened.Result, opened.DoneBy, opened.CheckNote,
            opened.CheckedBy, opened.Version);
        command.Concerns(opened.Territory, opened.Id);
    }

    public static void Save(Command command, Betterment current, Betterment next)
    {
        command.Write(
            Changes, current.Id, current.Version, next.DueAt, (short)next.State, next.Result, next.DoneBy, next.DoneAt, next.CheckNote,
            next.CheckedBy, next.CheckedAt, next.Version);
        command.Concerns(next.Territory, next.Id);
    }

    private static Betterment Read(NpgsqlDataReader reader) => new()
    {
        Id = reader.GetGuid(0),
        CaseId = reader.GetGuid(1),
        Territory = reader.GetString(2),
        DrawId = reader.GuidOrNull(3),
        ResponseId = reader.GuidOrNull(4),
        Text = reader.GetString(5),
        Responsible = reader.GetString(6),
        DueAt = reader.Instant(7),
        State = (ImprovementState)reader.GetInt16(8),
        OpenedBy = reader.GetString(9),
        OpenedAt = reader.Instant(10),
        Result = reader.GetString(11),
        DoneBy = reader.GetString(12),
        DoneAt = reader.InstantOrNull(13),
        CheckNote = reader.GetString(14),
        CheckedBy = reader.GetString(15),
        CheckedAt = reader.InstantOrNull(16),
        Version = reader.GetInt64(17),
    };
}
