using Google.Protobuf.WellKnownTypes;
using Governance.Common.V1;
using Governance.ServiceDefaults.Database;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.ServiceDefaults.Privacy;

/// <summary>What a capability keeps under the subject of a token, beside <see cref="PersonStore"/>; each registers its own.</summary>
public interface ISubjectRecords
{
    IAsyncEnumerable<ExportSubjectResponse> ExportAsync(string subject, (string Low, string High) range, CancellationToken cancellation);

    /// <summary>
    /// Adds to the command what takes the subject out of the records; how many. Refuses while one that is under way needs it.
    /// </summary>
    Task<int> EraseAsync(Command command, string subject, (string Low, string High) range);
}

/// <summary>How records stop naming a subject; tables, columns and values are constants of the program.</summary>
public static class SubjectErasure
{
    public static void Clear(Command command, string table, string key, Guid[] ids, string subject, params string[] columns) =>
        command.Write(
            $"""
            update {table} set {string.Join(", ", columns.Select(c => $"{c} = {Cleared(c)}"))}
            where {key} = any($1) and $2 in ({string.Join(", ", columns)})
            """,
            P(ids), P(subject));

    /// <summary>In a statement: the value, or nothing in the place of the subject, which is $2.</summary>
    public static string Cleared(string value) => $"case when {value} = $2 then '' else {value} end";
}

/// <summary>How a record is told to whom it is about.</summary>
public static class SubjectExport
{
    /// <summary>Fields that hold nothing are left out.</summary>
    public static ExportSubjectResponse Of(
        string kind, Guid id, string territory, DateTimeOffset at, params ReadOnlySpan<(string Name, string Value)> fields)
    {
        var export = new ExportSubjectResponse { Kind = kind, RecordId = id.ToString(), Territory = territory, At = at.ToTimestamp() };
        foreach (var (name, value) in fields)
            if (value.Length > 0)
                export.Fields.Add(name, value);
        return export;
    }
}
