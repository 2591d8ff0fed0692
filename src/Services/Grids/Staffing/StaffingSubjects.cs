using System.Runtime.CompilerServices;
using Governance.Common.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Privacy;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.Grids.Staffing;

/// <summary>The posts that somebody has and had: on grids, as head of neighbours, as deputy. A post that lasts is needed.</summary>
public sealed class StaffingSubjects(ServiceDatabase database) : ISubjectRecords
{
    private const string Found = """
        select 'grid_staff' as kind, id, territory, from_day::timestamptz as at, name, duty, until_day is null as lasts
        from grid_staff where subject = $1
        union all
        select 'neighbour_head', h.id, g.territory, h.since, '', '', h.until is null
        from neighbour_heads h join neighbour_groups g on g.id = h.group_id where h.subject = $1
        union all
        select 'deputy_assignment', d.id, s.territory, d.since, '', '', d.until is null
        from studio_deputies d join deputy_studios s on s.id = d.studio_id where d.subject = $1
        """;

    public async IAsyncEnumerable<ExportSubjectResponse> ExportAsync(
        string subject, (string Low, string High) range, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var found = await database.QueryAsync(
            $"select kind, id, territory, at, name, duty from ({Found}) f where territory >= $2 and territory < $3 order by at, id",
            reader => SubjectExport.Of(
                reader.GetString(0), reader.GetGuid(1), reader.GetString(2), reader.Instant(3),
                ("name", reader.GetString(4)), ("duty", reader.GetString(5))),
            [P(subject), P(range.Low), P(range.High)],
            cancellation);
        foreach (var export in found)
            yield return export;
    }

    private static Words Told(string kind) => kind switch
    {
        "grid_staff" => new(kind, "grid staff", "网格任职"),
        "neighbour_head" => new(kind, "neighbour head", "邻长任职"),
        "deputy_assignment" => new(kind, "deputy assignment", "代表委员派驻"),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };

    public async Task<int> EraseAsync(Command command, string subject, (string Low, string High) range)
    {
        var found = await command.QueryAsync(
            $"select kind, id, lasts from ({Found}) f where territory >= $2 and territory < $3",
            reader => (Kind: reader.GetString(0), Id: reader.GetGuid(1), Lasts: reader.GetBoolean(2)),
            P(subject), P(range.Low), P(range.High));
        if (found.FirstOrDefault(f => f.Lasts) is { Kind: { } needed })
            throw new RefusedException(PersonErrors.SubjectNeeded.With(("count", found.Count(f => f.Lasts)), ("kind", Told(needed))));
        if (found.Count is 0)
            return 0;
        var ids = found.ConvertAll(f => f.Id).ToArray();
        command.Write(
            "update grid_staff set subject = '', name = '', duty = '', version = version + 1 where id = any($1) and until_day is not null",
            P(ids));
        command.Write("update neighbour_heads set subject = '' where id = any($1) and until is not null", P(ids));
        command.Write("update studio_deputies set subject = '' where id = any($1) and until is not null", P(ids));
        return found.Count;
    }
}
