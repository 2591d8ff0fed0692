using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Grpc;
using Npgsql;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.ServiceDefaults.Database;

/// <summary>What every write of a caller leaves beside its own rows: the answer, for a repeat, and who did it.</summary>
internal static class Records
{
    /// <summary>The constraint that a second answer to one request_id breaks.</summary>
    public const string AnswerKey = "requests_pkey";

    /// <summary>A repeat is the same method by the same subject with the same content: nobody is given another caller's answer.</summary>
    public static byte[] HashOf(Call call, IMessage request)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(call.Method));
        hash.AppendData(Encoding.UTF8.GetBytes(call.Caller.Subject));
        hash.AppendData(request.ToByteArray());
        return hash.GetHashAndReset();
    }

    public static NpgsqlBatchCommand Answer(Guid requestId, Call call, byte[] hash, IMessage response, DateTimeOffset now) => Command.Statement(
        """
        insert into requests (request_id, method, subject, body_hash, response, answered_at)
        values ($1, $2, $3, $4, $5, $6)
        """,
        P(requestId), P(call.Method), P(call.Caller.Subject), P(hash), P(response.ToByteArray()), P(now));

    public static NpgsqlBatchCommand Audit(DateTimeOffset now, Actor actor, string action, Guid requestId, string? territory, Guid? recordId) => Command.Statement(
        """
        insert into audit (at, subject, role, action, request_id, territory, record_id, peer)
        values ($1, $2, $3, $4, $5, $6, $7, $8)
        """,
        P(now), P(actor.Subject), P(actor.Role), P(action), P(requestId), N(territory), N(recordId), N(actor.Peer));

    /// <summary>What a request_id was answered before; null when it is new.</summary>
    public static Task<TResponse?> FirstAnswerAsync<TResponse>(
        this ServiceDatabase database, Guid requestId, byte[] hash, CancellationToken cancellation)
        where TResponse : class, IMessage<TResponse>, new() =>
        database.FirstAsync<TResponse?>(
            "select body_hash, response from requests where request_id = $1",
            reader =>
            {
                if (!reader.GetFieldValue<byte[]>(0).AsSpan().SequenceEqual(hash))
                    throw new RefusedException(CommonErrors.RequestIdReused.With());
                var response = new TResponse();
                response.MergeFrom(reader.GetFieldValue<byte[]>(1));
                return response;
            },
            [P(requestId)],
            cancellation);
}
