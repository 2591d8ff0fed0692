using System.Runtime.InteropServices;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Governance.Common.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Grpc;
using Governance.ServiceDefaults.Privacy;
using Grpc.Core;
using Npgsql;
using NpgsqlTypes;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.ServiceDefaults.Imports;

/// <summary>
/// Runs import streams: checks every row, stages the good ones with COPY while the stream goes on, and merges them in one
/// transaction after its end. Whatever is left out is told; a stream that breaks leaves nothing behind.
/// </summary>
public sealed class Importer(ServiceDatabase database, PrivacyKeys keys, TimeProvider clock)
{
    /// <summary>A transaction of this size still fits beside the day's work.</summary>
    public const long MaxRows = 5_000_000;

    private const int MaxErrors = 1000;
    private const int MaxMessageRows = 1000;

    /// <summary>The merge puts tens of thousands of rows in order.</summary>
    private const string SortInMemory = "set local work_mem = '64MB'";

    /// <summary>
    /// <paramref name="parts"/> takes a message apart: its header, or null, and its rows.
    /// </summary>
    public async Task<ImportSummary> RunAsync<TMessage, TRow, TKept>(
        IAsyncStreamReader<TMessage> stream,
        ServerCallContext context,
        Func<TMessage, (ImportHeader? Header, RepeatedField<TRow> Rows)> parts,
        ImportTarget<TRow, TKept> target)
        where TMessage : IMessage
        where TRow : class, IMessage
        where TKept : class
    {
        var cancellation = context.CancellationToken;
        var call = context.Call();
        if (!await MoveNextAsync(stream, cancellation) || parts(stream.Current) is not ({ } header, var first))
            throw new RefusedException(ImportErrors.HeaderMissing.With());
        if (RequestValidator.Check(header) is { } refusal)
            throw new RefusedException(refusal);
        RequireCount(first);
        var territory = TerritoryCode.Parse(header.Territory);
        call.Authorize(territory);

        var (requestId, hash) = (Guid.ParseExact(header.RequestId, "D"), Records.HashOf(call, header, keys));
        if (await database.FirstAnswerAsync<ImportSummary>(requestId, hash, cancellation) is { } finished)
        {
            await SkipRestAsync(stream, cancellation);
            return finished;
        }

        await using var connection = await database.Source.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await ExecuteAsync(connection, SortInMemory, cancellation);
        await ExecuteAsync(connection, target.CreateStaging, cancellation);
        var run = new Run<TRow, TKept>(target, territory, call.Language);
        await using (var importer = await connection.BeginBinaryImportAsync(target.CopyStaging, cancellation))
        {
            importer.Timeout = Timeout.InfiniteTimeSpan;
            for (RepeatedField<TRow>? rows = first; rows is not null;)
            {
                // The next message is decoded while the rows of this one are judged and written.
                var next = Task.Run(() => NextAsync(stream, parts, cancellation), cancellation);
                await StageAsync(importer, run, rows, cancellation);
                rows = await next;
            }
            await importer.CompleteAsync(cancellation);
        }

        if (!run.Rises)
            await RejectRepeatedAsync(connection, run, cancellation);
        foreach (var statement in target.BeforeMerge)
            await ExecuteAsync(connection, statement, cancellation);
        await RejectStagedAsync(connection, run, territory, cancellation);
        var summary = run.Summary;
        summary.DryRun = header.DryRun;
        if (header.DryRun)
            return summary;

        var now = clock.GetUtcNow();
        await MergeAsync(connection, run, now, cancellation);
        foreach (var statement in target.AfterMerge)
            await ExecuteAsync(connection, statement, cancellation);
        await using (var records = new NpgsqlBatch(connection))
        {
            var writes = new Writes();
            writes.Add(Records.Answer(requestId, call.Method, call.Caller.Subject, hash, summary, now));
            writes.Add(Records.Audit(now, Actor.Of(call), call.Method, requestId, header.Territory, recordId: null));
            foreach (var statement in Writes.Together([writes]))
                records.BatchCommands.Add(statement);
            try
            {
                await records.ExecuteNonQueryAsync(cancellation);
            }
            catch (PostgresException taken) when (taken is { SqlState: PostgresErrorCodes.UniqueViolation, ConstraintName: Records.AnswerKey })
            {
                // The same import ran twice at once, and the other one was first.
                return await database.FirstAnswerAsync<ImportSummary>(requestId, hash, cancellation)
                    ?? throw new RefusedException(CommonErrors.RequestIdReused.With());
            }
        }
        await transaction.CommitAsync(CancellationToken.None);
        return summary;
    }

    private static async Task StageAsync<TRow, TKept>(
        NpgsqlBinaryImporter importer, Run<TRow, TKept> run, RepeatedField<TRow> rows, CancellationToken cancellation)
        where TRow : class, IMessage
        where TKept : class
    {
        foreach (var row in rows)
        {
            if (run.Accept(row) is not { } kept)
                continue;
            await importer.StartRowAsync(cancellation);
            await importer.WriteAsync(run.Summary.Received, NpgsqlDbType.Bigint, cancellation);
            await run.Target.StageAsync(importer, kept, cancellation);
        }
    }

    /// <summary>The rows of the next message; null after the last.</summary>
    private static async Task<RepeatedField<TRow>?> NextAsync<TMessage, TRow>(
        IAsyncStreamReader<TMessage> stream, Func<TMessage, (ImportHeader? Header, RepeatedField<TRow> Rows)> parts, CancellationToken cancellation)
    {
        if (!await MoveNextAsync(stream, cancellation))
            return null;
        if (parts(stream.Current) is not (null, { Count: > 0 } rows))
            throw new RefusedException(ImportErrors.HeaderMissing.With());
        RequireCount(rows);
        return rows;
    }

    // The contract's limit; all others are held against each row by itself.
    private static void RequireCount<TRow>(RepeatedField<TRow> rows)
    {
        if (rows.Count > MaxMessageRows)
            throw new RefusedException(CommonErrors.Invalid(Violation.Of("rows", FieldErrors.TooMany, ("count", rows.Count), ("max", MaxMessageRows))));
    }

    // A client that goes away breaks the stream: not an error of ours, and nothing was written.
    private static async Task<bool> MoveNextAsync<TMessage>(IAsyncStreamReader<TMessage> stream, CancellationToken cancellation)
    {
        try
        {
            return await stream.MoveNext(cancellation);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            throw new RefusedException(ImportErrors.Interrupted.With());
        }
    }

    // An answer in the middle of the stream would meet a client that still writes, and whose next write then fails: a repeat
    // must look to it as the original did. A refusal does not wait: it spares the client the rest.
    private static async Task SkipRestAsync<TMessage>(IAsyncStreamReader<TMessage> stream, CancellationToken cancellation)
    {
        for (var messages = 0L; messages < MaxRows && await MoveNextAsync(stream, cancellation); messages++)
        {
        }
    }

    // In the table, since the codes of millions of rows would not fit into memory. A row that is wrong in itself is not there, and does
    // not take its code away from a later, correct one.
    private static async Task RejectRepeatedAsync<TRow, TKept>(NpgsqlConnection connection, Run<TRow, TKept> run, CancellationToken cancellation)
        where TRow : class, IMessage
        where TKept : class
    {
        var code = run.Target.StagedCode;
        var repeated = $"""
            select row_number, code from (
                select row_number, {code} as code, row_number() over (partition by {code} order by row_number) as n from staging
                where {code} in (select {code} from staging group by 1 having count(*) > 1)) numbered
            where n > 1
            """;
        var rejected = run.Summary.Rejected;
        await using (var find = new NpgsqlCommand($"{repeated} order by row_number", connection) { CommandTimeout = 0 })
        await using (var reader = await find.ExecuteReaderAsync(cancellation))
        {
            while (await reader.ReadAsync(cancellation))
                run.Reject(reader.GetInt64(0), reader.GetString(1), [Violation.Of("code", ImportErrors.Duplicate)]);
        }
        if (run.Summary.Rejected == rejected)
            return;
        run.OrderErrors();
        await ExecuteAsync(connection, $"delete from staging where row_number in (select row_number from ({repeated}) again)", cancellation);
    }

    private static async Task RejectStagedAsync<TRow, TKept>(
        NpgsqlConnection connection, Run<TRow, TKept> run, TerritoryCode territory, CancellationToken cancellation)
        where TRow : class, IMessage
        where TKept : class
    {
        if (run.Target.FindStagedErrors is not { } sql)
            return;
        var rejected = new HashSet<long>();
        var (low, high) = territory.PrefixRange;
        await using (var find = new NpgsqlCommand(sql, connection) { CommandTimeout = 0, Parameters = { P(low), P(high) } })
        await using (var reader = await find.ExecuteReaderAsync(cancellation))
        {
            while (await reader.ReadAsync(cancellation))
            {
                var row = reader.GetInt64(0);
                var error = Violation.Of(reader.GetString(2), run.Target.StagedError(reader.GetString(3)));
                if (rejected.Add(row))
                    run.Reject(row, reader.GetString(1), [error]);
            }
        }
        if (rejected.Count is 0)
            return;
        await using var delete = new NpgsqlCommand("delete from staging where row_number = any($1)", connection) { Parameters = { P(rejected.ToArray()) } };
        await delete.ExecuteNonQueryAsync(cancellation);
    }

    private static async Task MergeAsync<TRow, TKept>(
        NpgsqlConnection connection, Run<TRow, TKept> run, DateTimeOffset now, CancellationToken cancellation)
        where TRow : class, IMessage
        where TKept : class
    {
        await using var merge = new NpgsqlCommand(run.Target.Merge, connection) { CommandTimeout = 0, Parameters = { P(now) } };
        merge.Parameters.AddRange(run.Target.MergeParameters.ToArray());
        await using var reader = await merge.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        run.Summary.Created = reader.GetInt64(0);
        run.Summary.Updated = reader.GetInt64(1);
        run.Summary.Unchanged = run.Summary.Received - run.Summary.Rejected - run.Summary.Created - run.Summary.Updated;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>The judgement of rows, one after another.</summary>
    private sealed class Run<TRow, TKept>(ImportTarget<TRow, TKept> target, TerritoryCode territory, Language language)
        where TRow : class, IMessage
        where TKept : class
    {
        private string last = "";

        // Of the row at hand.
        private readonly List<Violation> violations = [];

        public ImportTarget<TRow, TKept> Target { get; } = target;

        public ImportSummary Summary { get; } = new();

        /// <summary>Whether each code came after the one before it, as in most files: then none stands there twice.</summary>
        public bool Rises { get; private set; } = true;

        /// <summary>What is kept of a good row; null for one that is rejected.</summary>
        public TKept? Accept(TRow row)
        {
            if (++Summary.Received > MaxRows)
                throw new RefusedException(ImportErrors.TooManyRows.With(("max", MaxRows)));

            TKept? kept = null;
            violations.Clear();
            RequestValidator.Check(row, violations);
            if (violations.Count is 0)
            {
                if (!territory.Contains(TerritoryCode.Parse(Target.TerritoryOf(row))))
                    violations.Add(Violation.Of("territory", ImportErrors.TerritoryOutside));
                kept = Target.Prepare(row, violations);
            }
            if (violations.Count is 0)
            {
                if (Rises)
                {
                    var code = Target.CodeOf(row);
                    Rises = string.CompareOrdinal(code, last) > 0;
                    last = code;
                }
                return kept;
            }
            Reject(Summary.Received, Target.CodeOf(row), violations);
            return null;
        }

        /// <summary>By row, as they were sent.</summary>
        public void OrderErrors()
        {
            var ordered = Summary.Errors.OrderBy(e => e.Row).ToList();
            Summary.Errors.Clear();
            Summary.Errors.Add(ordered);
        }

        public void Reject(long row, string code, List<Violation> reasons)
        {
            Summary.Rejected++;
            if (Summary.Errors.Count >= MaxErrors)
                return;
            var error = new RowError { Row = row, Code = code };
            foreach (var violation in CollectionsMarshal.AsSpan(reasons))
                error.Violations.Add(ErrorAnswers.ToProto(violation, language));
            Summary.Errors.Add(error);
        }
    }
}
