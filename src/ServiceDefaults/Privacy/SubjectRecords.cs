using Google.Protobuf.WellKnownTypes;
using Governance.Common.V1;
using Governance.ServiceDefaults.Database;

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
