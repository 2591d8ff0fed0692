using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Governance.LocalServers;
using Governance.ServiceDefaults.Identity;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Governance.ServiceDefaults.Tests.Hosting;

/// <summary>A small OIDC authority on the loopback: discovery, keys, tokens. It can be away, and change its key.</summary>
internal sealed class Authority : IAsyncDisposable
{
    private static readonly JsonWebTokenHandler Handler = new();

    private readonly int port = Ports.Free();
    private WebApplication? app;
    private RsaSecurityKey key = NewKey();
    private int fetches;

    public Authority() => Issuer = Address;

    public string Address => $"http://127.0.0.1:{port}";

    /// <summary>What it calls itself.</summary>
    public string Issuer { get; set; }

    /// <summary>How often its keys were asked for.</summary>
    public int Fetches => Volatile.Read(ref fetches);

    public RsaSecurityKey Key => key;

    public static async Task<Authority> StartedAsync()
    {
        var authority = new Authority();
        await authority.StartAsync();
        return authority;
    }

    public async Task StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(Address);
        app = builder.Build();
        app.MapGet("/.well-known/openid-configuration", () => Results.Text(new JsonObject
        {
            ["issuer"] = Issuer,
            ["jwks_uri"] = $"{Address}/keys",
        }.ToJsonString(), "application/json"));
        app.MapGet("/keys", () =>
        {
            Interlocked.Increment(ref fetches);
            return Results.Text(new JsonObject { ["keys"] = new JsonArray(Published()) }.ToJsonString(), "application/json");
        });
        await app.StartAsync();
    }

    public async Task StopAsync()
    {
        await app!.StopAsync();
        await app.DisposeAsync();
        app = null;
    }

    public void Rotate() => key = NewKey();

    public static RsaSecurityKey NewKey() => new(RSA.Create(2048)) { KeyId = Guid.NewGuid().ToString("N") };

    public string Token(Action<SecurityTokenDescriptor>? change = null)
    {
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        var descriptor = new SecurityTokenDescriptor
        {
            Issuer = Issuer,
            Audience = IdentityOptions.DefaultAudience,
            NotBefore = now.AddMinutes(-5),
            IssuedAt = now.AddMinutes(-5),
            Expires = now.AddHours(1),
            SigningCredentials = new SigningCredentials(key, SecurityAlgorithms.RsaSha256),
            Claims = new Dictionary<string, object> { ["sub"] = "u-1", ["roles"] = new[] { "officer" }, ["territory"] = "340603" },
        };
        change?.Invoke(descriptor);
        return Handler.CreateToken(descriptor);
    }

    /// <summary>Signed with what is public, as if it were a secret.</summary>
    public string SignedWithPublicKey()
    {
        var secret = new SymmetricSecurityKey(Encoding.UTF8.GetBytes(key.Rsa.ExportSubjectPublicKeyInfoPem())) { KeyId = key.KeyId };
        return Token(t => t.SigningCredentials = new SigningCredentials(secret, SecurityAlgorithms.HmacSha256));
    }

    public async ValueTask DisposeAsync()
    {
        if (app is not null)
            await StopAsync();
    }

    private JsonObject Published()
    {
        var parameters = key.Rsa.ExportParameters(false);
        return new JsonObject
        {
            ["kty"] = "RSA",
            ["use"] = "sig",
            ["kid"] = key.KeyId,
            ["n"] = Base64UrlEncoder.Encode(parameters.Modulus),
            ["e"] = Base64UrlEncoder.Encode(parameters.Exponent),
        };
    }
}
