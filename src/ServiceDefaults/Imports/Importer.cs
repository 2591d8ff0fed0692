using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;
using Governance.Common.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Grpc;
using Grpc.Core;
using Npgsql;
using NpgsqlTypes;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.ServiceDefaults.Imports;

/// <summary>
/// Runs import streams: checks every row, stages the good ones with COPY while the stream goes on, and merges them in one
/// transaction after its end. Whatever is left out is told; a stream that breaks leaves nothing behind.
/// </summary>
public sealed class Importer(ServiceDatabase database, TimeProvider clock)
{
    /// <summary>A transaction of this size still fits beside the day's work.</summary>
    public const long MaxRows = 5_000_000;

    private const int MaxErrors = 1000;

    /// <summary>
    /// <paramref name="part"/> takes a message apart: its header, or its row, or neither when it is empty.
    /// </summary>
    public async Task<ImportSummary> RunAsync<TMessage, TRow, TKept>(
        IAsyncStreamReader<TMessage> stream,
        ServerCallContext context,
        Func<TMessage, (ImportHeader? Header, TRow? Row)> part,
        ImportTarget<TRow, TKept> target)
        where TMessage : IMessage
        where TRow : class, IMessage
        where TKept : class
    {
        var cancellation = context.CancellationToken;
        var call = context.Call();
        if (!await MoveNextAsync(stream, cancellation) || part(stream.Current).Header is not { } header)
            throw new RefusedException(ImportErrors.HeaderMissing.With());
        if (RequestValidator.Check(header) is { } refusal)
            throw new RefusedException(refusal);
        var territory = TerritoryCode.Parse(header.Territory);
        call.Authorize(territory);

        await using var connection = await database.Source.OpenConnectionAsync(cancellation);
        if (await FinishedBeforeAsync(connection, header, call, cancellation) is { } finished)
        {
            await SkipRestAsync(stream, cancellation);
            return finished;
        }

        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await ExecuteAsync(connection, target.CreateStaging, cancellation);
        var run = new Run<TRow, TKept>(target, territory, call.Language);
        await using (var importer = await connection.BeginBinaryImportAsync(target.CopyStaging, cancellation))
        {
            importer.Timeout = Timeout.InfiniteTimeSpan;
            while (await MoveNextAsync(stream, cancellation))
            {
                if (part(stream.Current).Row is not { } row)
                    throw new RefusedException(ImportErrors.HeaderMissing.With());
                if (run.Accept(row) is not { } kept)
                    continue;
                await importer.StartRowAsync(cancellation);
                await importer.WriteAsync(run.Summary.Received, NpgsqlDbType.Bigint, cancellation);
                await target.StageAsync(importer, kept, cancellation);
            }
            await importer.CompleteAsync(cancellation);
        }

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
        await RecordAsync(connection, header, call, summary, now, cancellation);
        await transaction.CommitAsync(CancellationToken.None);
        return summary;
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
        for (var rows = 0L; rows < MaxRows && await MoveNextAsync(stream, cancellation); rows++)
        {
        }
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
        await using var reader = await merge.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        run.Summary.Created = reader.GetInt64(0);
        run.Summary.Updated = reader.GetInt64(1);
        run.Summary.Unchanged = run.Summary.Received - run.Summary.Rejected - run.Summary.Created - run.Summary.Updated;
    }

    private static async Task<ImportSummary?> FinishedBeforeAsync(NpgsqlConnection connection, ImportHeader header, Call call, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand("select body_hash, response from requests where request_id = $1", connection)
        {
            Parameters = { P(Guid.Parse(header.RequestId)) },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        if (!await reader.ReadAsync(cancellation))
            return null;
        return reader.GetFieldValue<byte[]>(0).AsSpan().SequenceEqual(HashOf(header, call))
            ? ImportSummary.Parser.ParseFrom(reader.GetFieldValue<byte[]>(1))
            : throw new RefusedException(CommonErrors.RequestIdReused.With());
    }

    private static async Task RecordAsync(
        NpgsqlConnection connection, ImportHeader header, Call call, ImportSummary summary, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new NpgsqlBatchCommand("""
                    insert into requests (request_id, method, subject, body_hash, response, answered_at) values ($1, $2, $3, $4, $5, $6)
                    """)
                {
                    Parameters =
                    {
                        P(Guid.Parse(header.RequestId)), P(call.Method), P(call.Caller.Subject), P(HashOf(header, call)), P(summary.ToByteArray()), P(now),
                    },
                },
                new NpgsqlBatchCommand("""
                    insert into audit (at, subject, role, action, request_id, territory, peer) values ($1, $2, $3, $4, $5, $6, $7)
                    """)
                {
                    Parameters =
                    {
                        P(now), P(call.Caller.Subject), P(call.ActingRole), P(call.Method), P(Guid.Parse(header.RequestId)), P(header.Territory), P(call.Peer),
                    },
                },
            },
        };
        await batch.ExecuteNonQueryAsync(cancellation);
    }

    private static byte[] HashOf(ImportHeader header, Call call) =>
        SHA256.HashData([.. Encoding.UTF8.GetBytes(call.Method), .. Encoding.UTF8.GetBytes(call.Caller.Subject), .. header.ToByteArray()]);

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
        private readonly HashSet<string> codes = new(StringComparer.Ordinal);

        // Of the row at hand.
        private readonly List<Violation> violations = [];

        public ImportTarget<TRow, TKept> Target { get; } = target;

        public ImportSummary Summary { get; } = new();

        /// <summary>What is kept of a good row; null for one that is rejected.</summary>
        public TKept? Accept(TRow row)
        {
            if (++Summary.Received > MaxRows)
                throw new RefusedException(ImportErrors.TooManyRows.With(("max", MaxRows)));

            TKept? kept = null;
            violations.Clear();
            RequestValidator.Check(row, "", violations);
            if (violations.Count is 0)
            {
                if (!territory.Contains(TerritoryCode.Parse(Target.TerritoryOf(row))))
                    violations.Add(Violation.Of("territory", ImportErrors.TerritoryOutside));
                kept = Target.Prepare(row, violations);
            }
            // A row that is wrong in itself does not take its code away from a later, correct one.
            if (violations.Count is 0 && !codes.Add(Target.CodeOf(row)))
                violations.Add(Violation.Of("code", ImportErrors.Duplicate));
            if (violations.Count is 0)
                return kept;
            Reject(Summary.Received, Target.CodeOf(row), violations);
            return null;
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
