using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace Governance.ServiceDefaults.Identity;

/// <summary>What an authority publishes for checking its tokens. The same instance for as long as it stays the same.</summary>
public sealed record PublishedKeys(string Issuer, string Fingerprint, IReadOnlyList<SecurityKey> Keys);

/// <summary>
/// The keys of an OIDC authority: fetched when the first token asks for them, renewed in the background, and fetched again
/// at once for a token signed by a key that is not among them. Why not the library's ConfigurationManager:
/// docs/decisions/0007-authority-keys.md.
/// </summary>
public sealed partial class AuthorityKeys(string authority, TimeProvider clock, ILogger logger)
{
    /// <summary>A key that the authority withdraws is refused at most this long after.</summary>
    public static readonly TimeSpan RenewAfter = TimeSpan.FromMinutes(15);

    /// <summary>Tokens with made-up keys cause at most one fetch in this time.</summary>
    public static readonly TimeSpan RefreshPause = TimeSpan.FromSeconds(10);

    /// <summary>An authority that is away is asked at most this often.</summary>
    public static readonly TimeSpan FailurePause = TimeSpan.FromSeconds(1);

    private const int MaxDocumentBytes = 1024 * 1024;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private static readonly HttpClient Http = new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
    {
        Timeout = Patience,
        MaxResponseContentBufferSize = MaxDocumentBytes,
    };

    private readonly string address = authority.TrimEnd('/');
    private readonly Lock gate = new();
    private Task<PublishedKeys?>? fetch;
    private long? failedAt;
    private volatile Fetched? last;

    /// <summary>Null while the authority is away and was never reached.</summary>
    public ValueTask<PublishedKeys?> CurrentAsync()
    {
        if (last is not { } known)
            return new ValueTask<PublishedKeys?>(FetchAsync());
        if (clock.GetElapsedTime(known.At) > RenewAfter)
            _ = FetchAsync();
        return new ValueTask<PublishedKeys?>(known.Keys);
    }

    /// <summary>
    /// Keys for a token whose key is not among <paramref name="seen"/>: the same when they were fetched a moment ago, null
    /// when the authority is away, so that nobody can tell whether the token is good.
    /// </summary>
    public async ValueTask<PublishedKeys?> BeyondAsync(PublishedKeys seen)
    {
        if (last is { } known && (known.Keys != seen || clock.GetElapsedTime(known.At) < RefreshPause))
            return known.Keys;
        return await FetchAsync();
    }

    private Task<PublishedKeys?> FetchAsync()
    {
        lock (gate)
        {
            if (fetch is { IsCompleted: false })
                return fetch;
            if (failedAt is { } failed && clock.GetElapsedTime(failed) < FailurePause)
                return Task.FromResult<PublishedKeys?>(null);
            // Not in the context of the call that happens to be first: the fetch outlives it.
            using (ExecutionContext.SuppressFlow())
                return fetch = Task.Run(FetchOnceAsync);
        }
    }

    private async Task<PublishedKeys?> FetchOnceAsync()
    {
        try
        {
            using var patience = new CancellationTokenSource(Patience);
            var documents = new HttpDocumentRetriever(Http) { RequireHttps = new Uri(address).Scheme is "https" };
            var document = await OpenIdConnectConfigurationRetriever.GetAsync(
                address + "/.well-known/openid-configuration", documents, patience.Token);
            if (document.Issuer?.TrimEnd('/') != address)
                throw new InvalidOperationException($"it calls itself {document.Issuer}");
            if (document.SigningKeys.Count is 0)
                throw new InvalidOperationException("it publishes no signing keys");

            var fingerprint = string.Join(
                '\n', document.JsonWebKeySet.Keys.Select(k => $"{k.Kid} {k.Kty} {k.Crv} {k.N} {k.E} {k.X} {k.Y}"));
            var keys = last?.Keys is { } before && before.Issuer == document.Issuer && before.Fingerprint == fingerprint
                ? before
                : new PublishedKeys(document.Issuer, fingerprint, [.. document.SigningKeys]);
            last = new Fetched(keys, clock.GetTimestamp());
            lock (gate)
                failedAt = null;
            return keys;
        }
        catch (Exception exception)
        {
            lock (gate)
                failedAt = clock.GetTimestamp();
            Away(authority, exception.GetBaseException().Message);
            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "No keys from the authority {Authority}: {Problem}")]
    private partial void Away(string authority, string problem);

    private sealed record Fetched(PublishedKeys Keys, long At);
}
