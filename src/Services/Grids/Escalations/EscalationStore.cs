using Google.Protobuf.WellKnownTypes;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Paging;
using Npgsql;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.Grids.Escalations;

public sealed class EscalationStore(ServiceDatabase database)
{
    private const string Columns =
        "id, case_id, territory, ordered, issued_by, issued_at, instruction, reply_by, reply, replied_by, replied_at, provisional_year";

    private static readonly Insert Orders = new(
        "supervision_orders",
        "id uuid, case_id uuid, territory text, ordered text, issued_by text, issued_at timestamptz, instruction text, reply_by timestamptz, "
        + "reply text, replied_by text, replied_at timestamptz, provisional_year smallint");

    private static readonly Update Replies = new(
        "supervision_orders", "id uuid", "reply text, replied_by text, replied_at timestamptz", "kept.replied_at is null");

    public static Task<SupervisionOrder?> FindAsync(Guid id, Command command) =>
        command.FindAsync($"select {Columns} from supervision_orders where id = any($1)", id, Read);

    public Task<List<SupervisionOrder>> ListAsync(
        (string Low, string High) range, Guid? caseId, bool openOnly, Page page, CancellationToken cancellation) =>
        database.QueryAsync(
            $"""
            select {Columns} from supervision_orders
            where territory >= $1 and territory < $2
              and ($3::uuid is null or case_id = $3)
              and (not $4 or replied_at is null)
              and ($5::timestamptz is null or (reply_by, id) > ($5, $6))
            order by reply_by, id limit $7
            """,
            Read,
            [P(range.Low), P(range.High), N(caseId), P(openOnly), N(page.InstantAfter(0)), N(page.IdAfter(1)), P(page.Fetch)],
            cancellation);

    public static string[] KeyOf(SupervisionOrder order) => [Page.Key(order.ReplyBy), order.Id.ToString()];

    public static void Add(Command command, SupervisionOrder order)
    {
        command.Write(
            Orders, order.Id, order.CaseId, order.Territory, order.Ordered, order.IssuedBy, order.IssuedAt, order.Instruction, order.ReplyBy,
            order.Reply, order.RepliedBy, order.RepliedAt, (short)order.ProvisionalYear);
        command.Concerns(order.Territory, order.Id);
    }

    public static void SaveReply(Command command, SupervisionOrder replied)
    {
        command.Write(Replies, replied.Id, replied.Reply, replied.RepliedBy, replied.RepliedAt);
        command.Concerns(replied.Territory, replied.Id);
    }

    public static V1.SupervisionOrder ToMessage(SupervisionOrder from, DateTimeOffset now) => new()
    {
        Id = from.Id.ToString(),
        CaseId = from.CaseId.ToString(),
        Territory = from.Territory,
        Ordered = from.Ordered,
        IssuedBy = from.IssuedBy,
        IssuedAt = from.IssuedAt.ToTimestamp(),
        Instruction = from.Instruction,
        ReplyBy = from.ReplyBy.ToTimestamp(),
        Reply = from.Reply,
        RepliedBy = from.RepliedBy,
        RepliedAt = from.RepliedAt?.ToTimestamp(),
        Late = from.IsLate(now),
        ProvisionalYear = from.ProvisionalYear,
    };

    private static SupervisionOrder Read(NpgsqlDataReader reader) => new(
        reader.GetGuid(0), reader.GetGuid(1), reader.GetString(2), reader.GetString(3), reader.GetString(4), reader.Instant(5),
        reader.GetString(6), reader.Instant(7), reader.GetString(8), reader.GetString(9), reader.InstantOrNull(10), reader.GetInt16(11));
}
