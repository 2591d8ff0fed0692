using System.Text;
using Google.Protobuf;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Grpc;
using Governance.ServiceDefaults.Privacy;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.ServiceDefaults.Database;

/// <summary>What every command leaves beside its own rows: the answer, for a repeat, who did it, and what is to be told.</summary>
internal static class Records
{
    /// <summary>The constraint that a second answer to one request_id breaks.</summary>
    public const string AnswerKey = "requests_pkey";

    /// <summary>
    /// A repeat is the same method by the same subject with the same content: nobody is given another caller's answer. Keyed,
    /// since whoever reads the table could try every telephone number that the content may hold.
    /// </summary>
    public static byte[] HashOf(Call call, IMessage request, PrivacyKeys keys) => HashOf(call.Method, call.Caller.Subject, request, keys);

    public static byte[] HashOf(string method, string subject, IMessage request, PrivacyKeys keys)
    {
        using var hash = keys.NewHash();
        hash.AppendData(Encoding.UTF8.GetBytes(method));
        hash.AppendData(Encoding.UTF8.GetBytes(subject));
        hash.AppendData(request.ToByteArray());
        return hash.GetHashAndReset();
    }

    private static readonly Insert Answers = new(
        "requests", "request_id uuid, method text, subject text, body_hash bytea, response bytea, answered_at timestamptz");

    private static readonly Insert Audits = new(
        "audit", "at timestamptz, subject text, role text, action text, request_id uuid, territory text, record_id uuid, peer text");

    public static readonly Insert Inbox = new("inbox", "message_id uuid, consumer text, handled_at timestamptz");

    /// <summary>The cache keys one a line.</summary>
    public static readonly Insert Outbox = new(
        "outbox", "message_id uuid, aggregate_id uuid, event text, payload bytea, cache_keys text, trace_parent text, created_at timestamptz");

    public static RowWrite.Row Answer(Guid requestId, string method, string subject, byte[] hash, IMessage response, DateTimeOffset now) =>
        Answers.Of([requestId, method, subject, hash, response.ToByteArray(), now]);

    public static RowWrite.Row Audit(DateTimeOffset now, Actor actor, string action, Guid requestId, string? territory, Guid? recordId) =>
        Audits.Of([now, actor.Subject, actor.Role, action, requestId, territory, recordId, actor.Peer]);

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
