using Microsoft.AspNetCore.Http;

namespace Governance.ServiceDefaults.Grpc;

/// <summary>
/// Compresses an answer only when the request was compressed: gRPC clients offer gzip by default, and compressing every
/// small answer would cost more than handling it.
/// </summary>
public static class Compression
{
    public static Task InKindAsync(HttpContext context, RequestDelegate next)
    {
        var headers = context.Request.Headers;
        if (headers.GrpcEncoding.ToString() is "" or "identity")
            headers.GrpcAcceptEncoding = default;
        return next(context);
    }
}
