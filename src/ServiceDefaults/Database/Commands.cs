using Google.Protobuf;
using Governance.ServiceDefaults.Cache;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Events;
using Governance.ServiceDefaults.Grpc;
using Governance.ServiceDefaults.Privacy;
using Governance.ServiceDefaults.Webhooks;
using Grpc.Core;
using Npgsql;

namespace Governance.ServiceDefaults.Database;

/// <summary>A statement that locks records for whoever runs it (<c>for update skip locked</c>), with how to read them.</summary>
public sealed record Claim<T>(string Sql, Func<NpgsqlDataReader, T> Read, params NpgsqlParameter[] Parameters);

/// <summary>
/// Runs commands: read, decide, then write everything in one transaction, with the outbox rows, the audit row and the
/// stored answer. See docs/decisions/0004.
/// </summary>
public sealed class Commands(
    ServiceDatabase database,
    CommitGroups groups,
    IIds ids,
    RedisCache cache,
    OutboxSignal outbox,
    WebhookRoutes webhooks,
    PrivacyKeys keys,
    TimeProvider clock)
{
    private const string WrittenConcurrently = "GV409";
    private const string InboxKey = "inbox_pkey";

    /// <summary>How often a command is decided anew after others changed its record first.</summary>
    private const int MaxAttempts = 5;

    /// <summary>
    /// Runs a command of a caller. Its request_id is looked up only when the command is refused or finds its id taken: a
    /// repeat meets one of the two, and everybody else pays nothing.
    /// </summary>
    public Task<TResponse> RunAsync<TResponse>(ServerCallContext context, IMessage request, string requestId, Func<Command, Task<TResponse>> decide)
        where TResponse : class, IMessage<TResponse>, new()
    {
        var call = context.Call();
        return RunAsync(Actor.Of(call), call.Method, request, Guid.ParseExact(requestId, "D"), decide, call.Repeats, context.CancellationToken);
    }

    /// <summary>The same for a caller who comes another way than over gRPC.</summary>
    public Task<TResponse> RunAsync<TResponse>(
        Actor actor, string method, IMessage request, Guid id, Func<Command, Task<TResponse>> decide, CancellationToken cancellation)
        where TResponse : class, IMessage<TResponse>, new() =>
        RunAsync(actor, method, request, id, decide, () => { }, cancellation);

    private async Task<TResponse> RunAsync<TResponse>(
        Actor actor, string method, IMessage request, Guid id, Func<Command, Task<TResponse>> decide, Action repeats, CancellationToken cancellation)
        where TResponse : class, IMessage<TResponse>, new()
    {
        var hash = Records.HashOf(method, actor.Subject, request, keys);
        for (var attempt = 1; ; attempt++)
        {
            var command = new Command(database, ids, actor, clock.GetUtcNow(), cancellation);
            try
            {
                var response = await decide(command);
                command.Write(Records.Answer(id, method, command.Actor.Subject, hash, response, command.Now));
                await CommitAsync(command, method, id);
                return response;
            }
            catch (RefusedException)
            {
                // Also when the first one took the record out of the caller's reach: it is the same caller, and the same request.
                if (await database.FirstAnswerAsync<TResponse>(id, hash, cancellation) is not { } first)
                    throw;
                repeats();
                return first;
            }
            catch (PostgresException taken) when (taken is { SqlState: PostgresErrorCodes.UniqueViolation, ConstraintName: Records.AnswerKey })
            {
                return await database.FirstAnswerAsync<TResponse>(id, hash, cancellation)
                    ?? throw new RefusedException(CommonErrors.RequestIdReused.With());
            }
            catch (PostgresException conflict) when (IsConflict(conflict))
            {
                if (attempt >= MaxAttempts)
                    throw new RefusedException(CommonErrors.Contended.With());
            }
        }
    }

    /// <summary>Writes what a call that only reads leaves behind, such as the trace of who saw what; a repeat leaves it again.</summary>
    public Task TraceAsync(ServerCallContext context, Action<Command> write)
    {
        var call = context.Call();
        var command = new Command(database, ids, Actor.Of(call), clock.GetUtcNow(), context.CancellationToken);
        write(command);
        return CommitAsync(command, call.Method, command.NewId());
    }

    /// <summary>Applies an event once, however often it arrives.</summary>
    public async Task ApplyAsync(Guid messageId, string consumer, Actor actor, Func<Command, Task> decide, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            var command = new Command(database, ids, actor, clock.GetUtcNow(), cancellation);
            try
            {
                await decide(command);
                // Whoever has no use for an event keeps no row of it: a repeat would have no effect either.
                if (!command.HasEffect)
                    return;
                command.WriteFirst(Records.Inbox, messageId, consumer, command.Now);
                await CommitAsync(command, consumer, messageId);
                return;
            }
            catch (PostgresException repeated) when (repeated is { SqlState: PostgresErrorCodes.UniqueViolation, ConstraintName: InboxKey })
            {
                return;
            }
            catch (PostgresException conflict) when (IsConflict(conflict) && attempt < MaxAttempts)
            {
            }
        }
    }

    /// <summary>
    /// Handles records that have come due by themselves, in one transaction with their claim: of several replicas each gets
    /// others, and what a killed one had claimed is free again. Returns how many it claimed.
    /// </summary>
    public async Task<int> ClaimAsync<T>(string action, Claim<T> claim, Func<Command, T, Task> decide, CancellationToken cancellation)
    {
        var actor = new Actor(action, "service", null);
        await using var connection = await database.Source.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var claimed = new List<T>();
        await using (var select = new NpgsqlCommand(claim.Sql, connection))
        {
            select.Parameters.AddRange(claim.Parameters);
            await using var reader = await select.ExecuteReaderAsync(cancellation);
            while (await reader.ReadAsync(cancellation))
                claimed.Add(claim.Read(reader));
        }
        var decided = new List<Command>();
        foreach (var record in claimed)
        {
            var command = new Command(database, ids, actor, clock.GetUtcNow(), cancellation);
            await decide(command, record);
            if (command.HasEffect)
                decided.Add(command);
        }
        if (decided.Count is 0)
            return claimed.Count;

        await using (var batch = new NpgsqlBatch(connection, transaction))
        {
            foreach (var statement in Writes.Together(decided.ConvertAll(command => command.Seal(action, command.NewId(), webhooks))))
                batch.BatchCommands.Add(statement);
            await batch.ExecuteNonQueryAsync(CancellationToken.None);
        }
        await transaction.CommitAsync(CancellationToken.None);
        decided.ForEach(Tell);
        return claimed.Count;
    }

    /// <summary>Refuses when the caller last saw another version than the current one.</summary>
    public static void RequireEtag(string etag, long version)
    {
        if (etag.Length > 0 && etag != Etag(version))
            throw new RefusedException(CommonErrors.EtagStale.With());
    }

    public static string Etag(long version) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"v{version}");

    private static bool IsConflict(PostgresException exception) =>
        exception.SqlState is WrittenConcurrently or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure
        || (exception.SqlState is PostgresErrorCodes.UniqueViolation && exception.ConstraintName is not (Records.AnswerKey or InboxKey));

    private async Task CommitAsync(Command command, string action, Guid requestId)
    {
        await groups.CommitAsync(command.Seal(action, requestId, webhooks));
        Tell(command);
    }

    private void Tell(Command command)
    {
        if (command.StaleKeys.Count > 0)
            cache.MakeStale(command.StaleKeys);
        if (command.HasEvents || command.StaleKeys.Count > 0)
            outbox.Written();
        if (command.HasEvents)
            webhooks.Written();
    }
}
