using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;

namespace Governance.ServiceDefaults.Webhooks;

/// <summary>Posts a body to a destination. What the destination answers beyond its status is neither read nor kept.</summary>
public sealed class WebhookClient : IDisposable
{
    private const int KiB = 1024;

    private readonly NetworkGuard guard;
    private readonly HttpClient client;

    public WebhookClient(NetworkGuard guard)
    {
        this.guard = guard;
        client = new HttpClient(new SocketsHttpHandler
        {
            // A redirect, a proxy or a trace header would lead past the guard, or tell of the inside.
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            ActivityHeadersPropagator = null,
            ConnectCallback = ConnectAsync,
            ConnectTimeout = TimeSpan.FromSeconds(5),
            // Names are looked up again after that.
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
            MaxResponseHeadersLength = 16,
            MaxResponseDrainSize = 64 * KiB,
            ResponseDrainTimeout = TimeSpan.FromSeconds(1),
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    /// <summary>One try; only the caller's own cancellation is thrown.</summary>
    public async Task<PostResult> PostAsync(
        Uri url, Guid id, DateTimeOffset at, string signature, byte[] body, CancellationToken cancellation)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        timeout.CancelAfter(DeliveryRules.Timeout);
        try
        {
            using var content = new ByteArrayContent(body);
            content.Headers.ContentType = new MediaTypeHeaderValue("application/json", "utf-8");
            using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = content };
            request.Headers.TryAddWithoutValidation("user-agent", "governance-micro");
            request.Headers.TryAddWithoutValidation(Signing.IdHeader, id.ToString());
            request.Headers.TryAddWithoutValidation(Signing.TimestampHeader, at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
            request.Headers.TryAddWithoutValidation(Signing.SignatureHeader, signature);
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, timeout.Token);
            return new PostResult((int)response.StatusCode, response.IsSuccessStatusCode ? "" : "status");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new PostResult(0, "timeout");
        }
        catch (HttpRequestException exception)
        {
            return new PostResult(0, WordOf(exception));
        }
    }

    public void Dispose() => client.Dispose();

    private static string WordOf(HttpRequestException exception) => exception switch
    {
        { InnerException: AddressRefusedException } => "address refused",
        { InnerException: SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain } } =>
            "name not found",
        { HttpRequestError: HttpRequestError.SecureConnectionError } => "tls",
        { HttpRequestError: HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded } => "bad answer",
        _ => "connection",
    };

    // Looked up once, checked, and then connected to by number: a name can't lead elsewhere in between.
    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        var found = await Dns.GetHostAddressesAsync(context.DnsEndPoint.Host, cancellation);
        var addresses = found.Where(guard.Allows).ToArray();
        if (addresses.Length is 0)
            throw new AddressRefusedException();
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, context.DnsEndPoint.Port, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private sealed class AddressRefusedException : IOException;
}
