using Governance.ServiceDefaults.Database;
using Npgsql;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.Grids.Attachments;

public sealed class AttachmentStore(ServiceDatabase database)
{
    public const string RecordKind = "attachment";

    private const string Columns =
        "id, case_id, territory, reference, media_type, size, sha256, note, added_by, added_at, removed_at, removal_reason";

    private const string OfCases = $"select {Columns} from attachments where case_id = any($1) order by case_id, id";

    private static readonly Insert Attachments = new(
        "attachments",
        "id uuid, case_id uuid, territory text, reference text, media_type text, size bigint, sha256 bytea, note text, added_by text, added_at timestamptz, "
        + "removal_reason text");

    public Task<List<Attachment>> OfCaseAsync(Guid caseId, CancellationToken cancellation) => OfCasesAsync([caseId], cancellation);

    public Task<List<Attachment>> OfCasesAsync(Guid[] caseIds, CancellationToken cancellation) =>
        database.QueryAsync(OfCases, Read, [P(caseIds)], cancellation);

    public static Task<List<Attachment>> OfCaseAsync(Guid caseId, Command command) => command.QueryAsync(OfCases, Read, P([caseId]));

    public static Task<Attachment?> FindAsync(Guid id, Command command) =>
        command.FindAsync($"select {Columns} from attachments where id = any($1)", id, Read);

    /// <summary>Added if the case has no more than the rules saw; else the command is decided anew.</summary>
    public static void Add(Command command, Attachment added, int seen)
    {
        // Those who add to one case at once wait for each other on its row, and those in one group are told apart by the check.
        command.Write("select 1 from cases where id = $1 for no key update", P(added.CaseId));
        command.Write(
            Attachments, added.Id, added.CaseId, added.Territory, added.Reference, added.MediaType, added.Size, added.Sha256, added.Note, added.AddedBy,
            added.AddedAt, added.RemovalReason);
        command.Check("select require_no_more(count(*), $2) from attachments where case_id = $1", P(added.CaseId), P(seen + 1));
        command.Concerns(added.Territory, added.CaseId);
    }

    public static void Remove(Command command, Attachment removed)
    {
        command.Write(
            "update attachments set reference = '', removed_at = $2, removal_reason = $3 where id = $1 and removed_at is null",
            P(removed.Id), N(removed.RemovedAt), P(removed.RemovalReason));
        command.Concerns(removed.Territory, removed.CaseId);
    }

    private static Attachment Read(NpgsqlDataReader reader) => new(
        reader.GetGuid(0),
        reader.GetGuid(1),
        reader.GetString(2),
        reader.GetString(3),
        reader.GetString(4),
        reader.GetInt64(5),
        reader.GetFieldValue<byte[]>(6),
        reader.GetString(7),
        reader.GetString(8),
        reader.Instant(9),
        reader.InstantOrNull(10),
        reader.GetString(11));
}
