using Google.Protobuf.WellKnownTypes;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Paging;
using Npgsql;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.Grids.Dispatch;

public sealed class ConsultationStore(ServiceDatabase database)
{
    private const string Columns = """
        c.id, c.case_id, c.territory, c.convener, c.question, c.opened_at, c.due_at, c.participants, c.decision, c.decided_by,
        c.decided_at, c.lead_id, c.convened_from,
        (select coalesce(json_agg(json_build_object('organisationId', s.organisation_id, 'subject', s.subject, 'at', s.at, 'text', s.text)
                order by s.sequence), '[]') from dispatch_statements s where s.consultation_id = c.id)
        """;

    private static readonly Insert Consultations = new(
        "dispatch_consultations",
        "id uuid, case_id uuid, territory text, convener text, convened_from text, question text, opened_at timestamptz, due_at timestamptz, "
        + "participants jsonb, decision text, decided_by text");

    private static readonly Insert Statements = new(
        "dispatch_statements", "consultation_id uuid, sequence int, organisation_id uuid, subject text, at timestamptz, text text");

    private static readonly Update Decisions = new(
        "dispatch_consultations", "id uuid", "decision text, decided_by text, decided_at timestamptz, lead_id uuid",
        "kept.decided_at is null");

    public static Task<Consultation?> FindAsync(Guid id, Command command) =>
        command.FindAsync($"select {Columns} from dispatch_consultations c where c.id = any($1)", id, Read);

    public static Task<Consultation?> FindOpenAsync(Guid caseId, Command command) =>
        command.FirstAsync(
            $"select {Columns} from dispatch_consultations c where c.case_id = $1 and c.decided_at is null", Read, P(caseId));

    /// <summary>Those of a territory, or those that an organisation takes part in; soonest due first.</summary>
    public Task<List<Consultation>> ListAsync(
        (string Low, string High) range, Guid? organisation, Guid? caseId, bool openOnly, Page page, CancellationToken cancellation) =>
        database.QueryAsync(
            $"""
            select {Columns} from dispatch_consultations c
            where c.territory >= $1 and c.territory < $2
              and ($3::uuid is null or c.participants @> jsonb_build_array(jsonb_build_object('organisationId', $3)))
              and ($4::uuid is null or c.case_id = $4)
              and (not $5 or c.decided_at is null)
              and (c.due_at, c.id) > ($6, $7)
            order by c.due_at, c.id limit $8
            """,
            Read,
            [
                P(range.Low), P(range.High), N(organisation), N(caseId), P(openOnly),
                P(page.InstantAfter(0) ?? DateTimeOffset.MinValue), P(page.IdAfter(1) ?? Guid.Empty), P(page.Fetch),
            ],
            cancellation);

    public static string[] KeyOf(Consultation consultation) => [Page.Key(consultation.DueAt), consultation.Id.ToString()];

    public static void Add(Command command, Consultation opened)
    {
        command.Write(
            Consultations, opened.Id, opened.CaseId, opened.Territory, opened.Convener, opened.ConvenedFrom, opened.Question, opened.OpenedAt,
            opened.DueAt, Json(opened.Participants), "", "");
        command.Concerns(opened.Territory, opened.Id);
    }

    /// <summary>The newest statement. Two at once collide on their number, and the second is decided anew.</summary>
    public static void SaveStatement(Command command, Consultation stated)
    {
        var said = stated.Statements[^1];
        command.Write(Statements, stated.Id, stated.Statements.Count, said.OrganisationId, said.Subject, said.At, said.Text);
        command.Concerns(stated.Territory, stated.Id);
    }

    public static void SaveDecision(Command command, Consultation decided)
    {
        command.Write(Decisions, decided.Id, decided.Decision, decided.DecidedBy, decided.DecidedAt, decided.LeadId);
        command.Concerns(decided.Territory, decided.Id);
    }

    public static V1.CaseConsultation ToMessage(Consultation from, DateTimeOffset now)
    {
        var message = new V1.CaseConsultation
        {
            Id = from.Id.ToString(),
            CaseId = from.CaseId.ToString(),
            Territory = from.Territory,
            Convener = from.Convener,
            Question = from.Question,
            OpenedAt = from.OpenedAt.ToTimestamp(),
            DueAt = from.DueAt.ToTimestamp(),
            Late = (from.DecidedAt ?? now) > from.DueAt,
            Decision = from.Decision,
            DecidedBy = from.DecidedBy,
            DecidedAt = from.DecidedAt?.ToTimestamp(),
            LeadId = from.LeadId?.ToString() ?? "",
        };
        message.Participants.Add(from.Participants.Select(p => new V1.Participant
        {
            OrganisationId = p.OrganisationId.ToString(),
            OrganisationName = p.Name,
        }));
        message.Statements.Add(from.Statements.Select(s => new V1.Statement
        {
            OrganisationId = s.OrganisationId?.ToString() ?? "",
            Subject = s.Subject,
            At = s.At.ToTimestamp(),
            Text = s.Text,
        }));
        return message;
    }

    private static Consultation Read(NpgsqlDataReader reader) => new(
        reader.GetGuid(0), reader.GetGuid(1), reader.GetString(2), reader.GetString(3), reader.GetString(12), reader.GetString(4), reader.Instant(5),
        reader.Instant(6),
        reader.Json<Participant[]>(7),
        reader.Json<Statement[]>(13),
        reader.GetString(8), reader.GetString(9), reader.InstantOrNull(10), reader.GuidOrNull(11));
}
