using Google.Protobuf.WellKnownTypes;
using Governance.Organisations.V1;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Paging;
using Npgsql;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.Organisations.Whistles;

public sealed class WhistleStore(ServiceDatabase database)
{
    private const string Columns =
        "id, whistle_id, case_id, organisation_id, organisation_name, territory, subject, report_by, reported_at, note, "
        + "provisional_year, closed_at";

    private static readonly Update Reports = new(
        "summonses", "id uuid", "reported_at timestamptz, note text", "kept.reported_at is null and kept.closed_at is null");

    public static Task<Summons?> FindAsync(Guid id, Command command) =>
        command.FindAsync($"select {Columns} from summonses where id = any($1)", id, Read);

    /// <summary>Of one organisation wherever the cases lie, or of all organisations within the range.</summary>
    public Task<List<Summons>> ListAsync(
        (string Low, string High) range, Guid? organisation, ListSummonsesRequest filter, Page page, CancellationToken cancellation)
    {
        var parameters = new List<NpgsqlParameter>
        {
            P(page.InstantAfter(0) ?? DateTimeOffset.MinValue), P(page.IdAfter(1) ?? Guid.Empty), P(page.Fetch),
        };
        var conditions = "";
        if (organisation is { } own)
        {
            And("organisation_id =", P(own));
        }
        else
        {
            And("territory >=", P(range.Low));
            And("territory <", P(range.High));
        }
        if (filter.CaseId.Length > 0)
            And("case_id =", P(Guid.Parse(filter.CaseId)));
        if (filter.OpenOnly)
            conditions += " and reported_at is null and closed_at is null";
        return database.QueryAsync(
            $"select {Columns} from summonses where (report_by, id) > ($1, $2){conditions} order by report_by, id limit $3",
            Read,
            [.. parameters],
            cancellation);

        void And(string condition, NpgsqlParameter value)
        {
            parameters.Add(value);
            conditions += $" and {condition} ${parameters.Count}";
        }
    }

    public static string[] KeyOf(Summons summons) => [Page.Key(summons.ReportBy), summons.Id.ToString()];

    public static void Add(Command command, Summons called) =>
        command.Write(
            $"""
            insert into summonses ({Columns}) values ($1, $2, $3, $4, $5, $6, $7, $8, null, '', $9, null)
            on conflict (whistle_id, organisation_id) do nothing
            """,
            P(called.Id), P(called.WhistleId), P(called.CaseId), P(called.OrganisationId), P(called.OrganisationName), P(called.Territory),
            P(called.Subject), P(called.ReportBy), P((short)called.ProvisionalYear));

    public static void SaveReport(Command command, Summons reported) =>
        command.Write(Reports, reported.Id, reported.ReportedAt, reported.Note);

    /// <summary>All of one whistle, also those of departments that came.</summary>
    public static void Close(Command command, Guid whistleId, DateTimeOffset at) =>
        command.Write("update summonses set closed_at = $2 where whistle_id = $1 and closed_at is null", P(whistleId), P(at));

    public static V1.Summons ToMessage(Summons from, DateTimeOffset now) => new()
    {
        Id = from.Id.ToString(),
        WhistleId = from.WhistleId.ToString(),
        CaseId = from.CaseId.ToString(),
        OrganisationId = from.OrganisationId.ToString(),
        OrganisationName = from.OrganisationName,
        Territory = from.Territory,
        Subject = from.Subject,
        ReportBy = from.ReportBy.ToTimestamp(),
        ProvisionalYear = from.ProvisionalYear,
        ReportedAt = from.ReportedAt?.ToTimestamp(),
        Late = from.IsLate(now),
        ClosedAt = from.ClosedAt?.ToTimestamp(),
    };

    private static Summons Read(NpgsqlDataReader reader) => new()
    {
        Id = reader.GetGuid(0),
        WhistleId = reader.GetGuid(1),
        CaseId = reader.GetGuid(2),
        OrganisationId = reader.GetGuid(3),
        OrganisationName = reader.GetString(4),
        Territory = reader.GetString(5),
        Subject = reader.GetString(6),
        ReportBy = reader.Instant(7),
        ReportedAt = reader.InstantOrNull(8),
        Note = reader.GetString(9),
        ProvisionalYear = reader.GetInt16(10),
        ClosedAt = reader.InstantOrNull(11),
    };
}
