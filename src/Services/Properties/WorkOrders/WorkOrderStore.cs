using Governance.Properties.V1;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Paging;
using Npgsql;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.Properties.WorkOrders;

public sealed class WorkOrderStore(ServiceDatabase database)
{
    private const string Columns =
        "id, case_id, estate_id, estate_name, territory, company_id, title, state, due_at, result, opened_at, ended_at, version, "
        + "dispatch_id, provisional_year";

    private const string ById = $"select {Columns} from work_orders where id = any($1)";

    private static readonly Insert WorkOrders = new(
        "work_orders",
        "id uuid, case_id uuid, estate_id uuid, estate_name text, territory text, company_id uuid, title text, state smallint, due_at timestamptz, "
        + "result text, opened_at timestamptz, version bigint, dispatch_id uuid, provisional_year smallint");

    private static readonly Update Changes = new(
        "work_orders", "id uuid, version bigint", "state smallint, result text, ended_at timestamptz, version bigint, due_at timestamptz, provisional_year smallint");

    public static string CacheKey(Guid id) => $"properties:v1:work_order:{id:N}";

    public Task<WorkOrder?> FindAsync(Guid id, CancellationToken cancellation) =>
        database.FindAsync(ById, id, Read, cancellation);

    public static Task<WorkOrder?> FindAsync(Guid id, Command command) => command.FindAsync(ById, id, Read);

    /// <summary>The orders of a case; a case that came back has several.</summary>
    public static Task<List<WorkOrder>> OfCaseAsync(Guid caseId, Command command) =>
        command.QueryAsync($"select {Columns} from work_orders where case_id = $1", Read, P(caseId));

    /// <summary>Those of a company wherever they lie, or those of a territory.</summary>
    public Task<List<WorkOrder>> ListAsync(
        Guid? company,
        (string Low, string High) range,
        WorkOrderState state,
        Guid? caseId,
        Page page,
        CancellationToken cancellation)
    {
        NpgsqlParameter[] scope = company is { } own ? [P(own)] : [P(range.Low), P(range.High)];
        return database.QueryAsync(
            $"""
            select {Columns} from work_orders
            where {(company is null ? "territory >= $6 and territory < $7" : "company_id = $6")}
              and ($1 = 0 or state = $1)
              and ($2::uuid is null or case_id = $2)
              and ($3::timestamptz is null or (due_at, id) > ($3, $4))
            order by due_at, id limit $5
            """,
            Read,
            [P((int)state), N(caseId), N(page.InstantAfter(0)), N(page.IdAfter(1)), P(page.Fetch), .. scope],
            cancellation);
    }

    public static void Add(Command command, WorkOrderStep step)
    {
        var opened = step.Next;
        command.Write(
            WorkOrders, opened.Id, opened.CaseId, opened.EstateId, opened.EstateName, opened.Territory, opened.CompanyId,
            opened.Title, (short)opened.State, opened.DueAt, opened.Result, opened.OpenedAt, opened.Version, opened.DispatchId,
            (short)opened.ProvisionalYear);
        Tell(command, step);
    }

    public static void Save(Command command, WorkOrder current, WorkOrderStep step)
    {
        var next = step.Next;
        command.Write(Changes, current.Id, current.Version, (short)next.State, next.Result, next.EndedAt, next.Version, next.DueAt, (short)next.ProvisionalYear);
        command.MakeStale(CacheKey(next.Id));
        Tell(command, step);
    }

    private static void Tell(Command command, WorkOrderStep step)
    {
        command.Concerns(step.Next.Territory, step.Next.Id);
        foreach (var happened in step.Events)
            command.Publish(happened);
    }

    private static WorkOrder Read(NpgsqlDataReader reader) => new()
    {
        Id = reader.GetGuid(0),
        CaseId = reader.GetGuid(1),
        EstateId = reader.GetGuid(2),
        EstateName = reader.GetString(3),
        Territory = reader.GetString(4),
        CompanyId = reader.GetGuid(5),
        Title = reader.GetString(6),
        State = (WorkOrderState)reader.GetInt16(7),
        DueAt = reader.Instant(8),
        Result = reader.GetString(9),
        OpenedAt = reader.Instant(10),
        EndedAt = reader.InstantOrNull(11),
        Version = reader.GetInt64(12),
        DispatchId = reader.GuidOrNull(13),
        ProvisionalYear = reader.GetInt16(14),
    };
}
