using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Governance.Grids.Cases;
using Governance.Grids.V1;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Exports;
using Grpc.Core;
using Npgsql;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.Grids.Exports;

public static class ExportErrors
{
    public static readonly ErrorDefinition Redrawn = new("EXPORT_REDRAWN", StatusCode.Aborted,
        "Grids were redrawn or imported while the file was written; ask for it again.", "导出期间网格发生调整或导入，请重新导出。");
}

/// <summary>A case as a line of a file. Nothing that a reporter wrote but the title, which holds no personal data.</summary>
public sealed record ExportedCase(
    Guid Id,
    long Number,
    string Territory,
    string Holder,
    string Title,
    CaseState State,
    string Category,
    CaseChannel Channel,
    Satisfaction Satisfaction,
    bool Late,
    DateTimeOffset ReportedAt,
    DateTimeOffset UpdatedAt,
    DateTimeOffset? DueAt,
    DateTimeOffset? HandleBy,
    int ProvisionalYear)
{
    private static readonly (string English, string Chinese)[] Columns =
    [
        ("number", "编号"), ("id", "标识"), ("territory", "网格编码"), ("holder", "办理层级"), ("title", "标题"), ("state", "状态"),
        ("category", "类别"), ("channel", "渠道"), ("satisfaction", "满意度"), ("late", "曾逾期"), ("reported_at", "上报时间"),
        ("updated_at", "更新时间"), ("due_at", "当前步骤截止"), ("handle_by", "办理截止"), ("provisional_year", "暂定日历年度"),
    ];

    public static void WriteHeader(CsvWriter csv, Language language)
    {
        foreach (var (english, chinese) in Columns)
            csv.Text(language is Language.English ? english : chinese);
        csv.EndLine();
    }

    public void WriteTo(CsvWriter csv)
    {
        csv.Number(Number).Text(Id.ToString()).Text(Territory).Text(Holder).Text(Title);
        csv.Text(Word(State)).Text(Category).Text(Word(Channel));
        csv.Text(Satisfaction is Satisfaction.Unspecified ? "" : Word(Satisfaction)).Number(Late ? 1 : 0);
        csv.Instant(ReportedAt).Instant(UpdatedAt).Instant(DueAt).Instant(HandleBy);
        csv.Text(ProvisionalYear is 0 ? "" : ProvisionalYear.ToString(CultureInfo.InvariantCulture)).EndLine();
    }

    private static string Word(Enum value) => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());
}

/// <summary>Reads cases for a file, a page at a time: between pages nothing is held, however slowly the caller reads.</summary>
public sealed class CaseExport(ServiceDatabase database)
{
    private const int PageRows = 500;

    private const string Columns = """
        id, number, territory, holder, title, state, category, channel, satisfaction, late, reported_at, updated_at, due_at, handle_by,
        provisional_year
        """;

    public async IAsyncEnumerable<ExportedCase> ReadAsync(
        (string Low, string High) range, CaseState state, bool overdueOnly, DateTimeOffset now,
        [EnumeratorCancellation] CancellationToken cancellation)
    {
        var redraws = await RedrawsAsync(cancellation);
        List<ExportedCase> page = [];
        do
        {
            page = overdueOnly || state is not (CaseState.Unspecified or CaseState.Closed)
                ? await FewAsync(range, state, overdueOnly, now, page.LastOrDefault(), cancellation)
                : await ManyAsync(range, state, now, page.LastOrDefault(), cancellation);
            foreach (var row in page)
                yield return row;
        }
        while (page.Count is PageRows);
        // Cases that went with their grid may have come twice, or not at all.
        if (await RedrawsAsync(cancellation) != redraws)
            throw new RefusedException(ExportErrors.Redrawn.With());
    }

    private Task<long> RedrawsAsync(CancellationToken cancellation) =>
        database.FirstAsync("select count(*) from grid_successions", r => r.GetInt64(0), [], cancellation);

    /// <summary>In the order of the index cases_territory; while no grid is redrawn none comes twice.</summary>
    private Task<List<ExportedCase>> ManyAsync(
        (string Low, string High) range, CaseState state, DateTimeOffset now, ExportedCase? last, CancellationToken cancellation) =>
        database.QueryAsync(
            $"""
            select {Columns} from cases
            where territory >= $1 and territory < $2 and ($3::uuid is null or territory > $1 or id < $3)
              and reported_at <= $4 and ($5 = 0 or state = $5)
            order by territory, id desc limit $6
            """,
            Read,
            [P(last?.Territory ?? range.Low), P(range.High), N(last?.Id), P(now), P((int)state), P(PageRows)],
            cancellation);

    /// <summary>Newest first: a page of those that few are among would else read all others of the territory.</summary>
    private Task<List<ExportedCase>> FewAsync(
        (string Low, string High) range, CaseState state, bool overdueOnly, DateTimeOffset now, ExportedCase? last,
        CancellationToken cancellation)
    {
        var where = new Conditions(P(last?.Id ?? Guid.AllBitsSet), P(now), P(PageRows)).Within("territory", range);
        CaseStore.Only(where, state, overdueOnly ? now : null);
        return database.QueryAsync(
            $"select {Columns} from cases where id < $1 and reported_at <= $2{where.Text} order by id desc limit $3",
            Read,
            where.Parameters,
            cancellation);
    }

    private static ExportedCase Read(NpgsqlDataReader reader) => new(
        reader.GetGuid(0),
        reader.GetInt64(1),
        reader.GetString(2),
        reader.GetString(3),
        reader.GetString(4),
        (CaseState)reader.GetInt16(5),
        reader.GetString(6),
        (CaseChannel)reader.GetInt16(7),
        (Satisfaction)reader.GetInt16(8),
        reader.GetInt16(9) is 1,
        reader.Instant(10),
        reader.Instant(11),
        reader.InstantOrNull(12),
        reader.InstantOrNull(13),
        reader.GetInt16(14));
}
