using System.Runtime.CompilerServices;
using Governance.Common.V1;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Privacy;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.Grids.Escalations;

/// <summary>
/// Who issued supervision orders, or replied to them. An order that is open waits for a level, whoever issued it. Asked for rarely, so
/// that it scans.
/// </summary>
public sealed class EscalationSubjects(ServiceDatabase database) : ISubjectRecords
{
    private const string Named = "territory >= $2 and territory < $3 and $1 in (issued_by, replied_by)";

    public async IAsyncEnumerable<ExportSubjectResponse> ExportAsync(
        string subject, (string Low, string High) range, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var found = await database.QueryAsync(
            $"""
            select id, territory, issued_at, case $1 when issued_by then instruction else '' end, case $1 when replied_by then reply else '' end
            from supervision_orders where {Named} order by id
            """,
            reader => SubjectExport.Of(
                "supervision_order", reader.GetGuid(0), reader.GetString(1), reader.Instant(2),
                ("instruction", reader.GetString(3)), ("reply", reader.GetString(4))),
            [P(subject), P(range.Low), P(range.High)],
            cancellation);
        foreach (var export in found)
            yield return export;
    }

    /// <summary>What was ordered and replied is the city's own act and stays.</summary>
    public async Task<int> EraseAsync(Command command, string subject, (string Low, string High) range)
    {
        var ids = await command.QueryAsync(
            $"select id from supervision_orders where {Named}", reader => reader.GetGuid(0), P(subject), P(range.Low), P(range.High));
        if (ids.Count > 0)
            SubjectErasure.Clear(command, "supervision_orders", "id", [.. ids], subject, "issued_by", "replied_by");
        return ids.Count;
    }
}
