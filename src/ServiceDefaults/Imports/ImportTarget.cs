using Governance.ServiceDefaults.Errors;
using Grpc.Core;
using Npgsql;

namespace Governance.ServiceDefaults.Imports;

public static class ImportErrors
{
    public static readonly ErrorDefinition HeaderMissing = new("IMPORT_HEADER_MISSING", StatusCode.InvalidArgument,
        "The first message of an import must be its header, and only the first.", "导入流的第一条消息必须是导入头，且只能出现一次。");

    public static readonly ErrorDefinition Interrupted = new("IMPORT_INTERRUPTED", StatusCode.Aborted,
        "The stream ended early; nothing was written.", "导入流中断，未写入任何数据。");

    public static readonly ErrorDefinition TooManyRows = new("IMPORT_TOO_MANY_ROWS", StatusCode.ResourceExhausted,
        "An import has at most {max} rows.", "单次导入最多 {max} 行。");

    public static readonly ErrorDefinition TerritoryOutside = new("ROW_TERRITORY_OUTSIDE", StatusCode.InvalidArgument,
        "lies outside the import's territory", "超出本次导入的行政范围");

    public static readonly ErrorDefinition Duplicate = new("ROW_DUPLICATE", StatusCode.InvalidArgument,
        "stands in this import more than once", "在本次导入中重复出现");
}

/// <summary>
/// What one capability adds to the import that all share. Each row that comes is prepared, which either finds what is wrong
/// with it or gives what is kept of it; what is kept is copied into a temporary table, and merged from there at the end in
/// the same transaction.
/// </summary>
public abstract class ImportTarget<TRow, TKept>
    where TKept : class
{
    /// <summary>Creates the temporary table <c>staging</c>, whose first column is <c>row_number bigint</c>, on commit drop.</summary>
    public abstract string CreateStaging { get; }

    /// <summary>What <see cref="CodeOf"/> says of a row, in terms of staging: of rows with the same the first one counts.</summary>
    public virtual string StagedCode => "code";

    /// <summary>COPY into staging in binary: row_number, then the columns in the order of <see cref="StageAsync"/>.</summary>
    public abstract string CopyStaging { get; }

    /// <summary>
    /// Merges staging into the table. Answers one row: how many were created, how many updated. $1 is the instant,
    /// <see cref="MergeParameters"/> follow it.
    /// </summary>
    public abstract string Merge { get; }

    /// <summary>What <see cref="Merge"/> needs beside the instant, as who imports.</summary>
    public virtual IReadOnlyList<NpgsqlParameter> MergeParameters => [];

    /// <summary>Statements before the staged rows are judged beside what is already there, as for a lock on what they are judged by.</summary>
    public virtual IReadOnlyList<string> BeforeMerge => [];

    /// <summary>
    /// Finds staged rows that can't stand beside what is already there: row_number, code, field, reason. $1 and $2 are the
    /// ends of the range of the import's territory. Null when rows can be judged one by one.
    /// </summary>
    public virtual string? FindStagedErrors => null;

    /// <summary>Further statements after the merge in the same transaction, as for a revision.</summary>
    public virtual IReadOnlyList<string> AfterMerge => [];

    /// <summary>The definition behind a reason that <see cref="FindStagedErrors"/> names.</summary>
    public virtual ErrorDefinition StagedError(string reason) => reason == ImportErrors.TerritoryOutside.Reason
        ? ImportErrors.TerritoryOutside
        : throw new InvalidOperationException($"unknown staged error {reason}");

    public abstract string CodeOf(TRow row);

    public abstract string TerritoryOf(TRow row);

    /// <summary>
    /// What is kept of a row whose fields are within their limits. Whatever else is wrong with it is added to
    /// <paramref name="violations"/>: then the row is rejected, and the answer means nothing.
    /// </summary>
    public abstract TKept? Prepare(TRow row, List<Violation> violations);

    /// <summary>Writes what <see cref="Prepare"/> kept of a row: its columns after row_number.</summary>
    public abstract Task StageAsync(NpgsqlBinaryImporter importer, TKept kept, CancellationToken cancellation);
}
