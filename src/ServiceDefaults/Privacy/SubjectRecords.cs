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
