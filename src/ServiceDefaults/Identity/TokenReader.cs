using System.Collections.Concurrent;
using Governance.Primitives;
using Governance.ServiceDefaults.Errors;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace Governance.ServiceDefaults.Identity;

/// <summary>
/// Reads bearer tokens. A token that was found good is remembered until it expires: checking a signature costs more than
/// answering a cached read.
/// </summary>
public sealed class TokenReader
{
    private const int MaxRemembered = 10_000;
    private const int MaxTokenLength = 8 * 1024;

    private static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, (Caller Caller, DateTimeOffset Until)> remembered = new(StringComparer.Ordinal);
    private readonly JsonWebTokenHandler handler = new() { MapInboundClaims = false };
    private readonly TokenValidationParameters parameters;
    private readonly TimeProvider clock;
    private readonly SigningCredentials? localCredentials;
    private readonly string? serviceTokenFile;

    public TokenReader(IOptions<IdentityOptions> options, TimeProvider clock)
    {
        this.clock = clock;
        var identity = options.Value;
        serviceTokenFile = identity.ServiceTokenFile;
        parameters = new TokenValidationParameters
        {
            ValidAudience = identity.Audience,
            ValidateLifetime = true,
            RequireExpirationTime = true,
            RequireSignedTokens = true,
            ClockSkew = ClockSkew,
            LifetimeValidator = (notBefore, expires, _, _) =>
                clock.GetUtcNow() is var now && (notBefore is null || notBefore.Value <= (now + ClockSkew).UtcDateTime)
                    ? expires > (now - ClockSkew).UtcDateTime ? true : throw new SecurityTokenExpiredException()
                    : throw new SecurityTokenNotYetValidException(),
        };

        if (identity.Authority is { Length: > 0 } authority && identity.SigningKey is null or "")
        {
            parameters.ConfigurationManager = new ConfigurationManager<OpenIdConnectConfiguration>(
                authority.TrimEnd('/') + "/.well-known/openid-configuration",
                new OpenIdConnectConfigurationRetriever(),
                new HttpDocumentRetriever { RequireHttps = authority.StartsWith("https:", StringComparison.OrdinalIgnoreCase) });
            parameters.ValidIssuer = authority.TrimEnd('/');
            parameters.ValidIssuers = [authority, authority.TrimEnd('/'), authority.TrimEnd('/') + "/"];
            parameters.ValidAlgorithms = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "ES512"];
        }
        else if (identity.Authority is null or "" && identity.SigningKey is { Length: > 0 } key)
        {
            var securityKey = new SymmetricSecurityKey(Convert.FromBase64String(key));
            localCredentials = new SigningCredentials(securityKey, SecurityAlgorithms.HmacSha256);
            parameters.IssuerSigningKey = securityKey;
            parameters.ValidIssuer = IdentityOptions.LocalIssuer;
            parameters.ValidAlgorithms = [SecurityAlgorithms.HmacSha256];
        }
        else
        {
            throw new InvalidOperationException("Set exactly one of Identity:Authority and Identity:SigningKey.");
        }
    }

    public async ValueTask<Outcome<Caller>> ReadAsync(string? authorization)
    {
        if (authorization is null || !authorization.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
            return CommonErrors.TokenMissing.With();
        var token = authorization["Bearer ".Length..].Trim();
        if (remembered.TryGetValue(token, out var known) && known.Until > clock.GetUtcNow())
            return known.Caller;
        if (token.Length > MaxTokenLength)
            return CommonErrors.TokenInvalid.With(("problem", "too long"));

        var result = await handler.ValidateTokenAsync(token, parameters);
        if (!result.IsValid)
        {
            remembered.TryRemove(token, out _);
            return result.Exception is SecurityTokenExpiredException
                ? CommonErrors.TokenExpired.With()
                : CommonErrors.TokenInvalid.With(("problem", Problem(result.Exception)));
        }

        var caller = CallerOf((JsonWebToken)result.SecurityToken);
        if (caller.Refusal is not null)
            return caller;

        if (remembered.Count >= MaxRemembered)
            remembered.Clear();
        remembered[token] = (caller.OrRefuse(), result.SecurityToken.ValidTo);
        return caller;
    }

    /// <summary>The token by which a service of ours calls another, for the whole country.</summary>
    public string ServiceToken(string service)
    {
        if (localCredentials is null)
        {
            return serviceTokenFile is { Length: > 0 } file
                ? File.ReadAllText(file).Trim()
                : throw new InvalidOperationException("Set Identity:ServiceTokenFile, the token by which this service calls the others.");
        }
        var now = clock.GetUtcNow();
        return handler.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = IdentityOptions.LocalIssuer,
            Audience = parameters.ValidAudience,
            IssuedAt = now.UtcDateTime,
            NotBefore = now.UtcDateTime,
            Expires = now.AddMinutes(10).UtcDateTime,
            SigningCredentials = localCredentials,
            Claims = new Dictionary<string, object>
            {
                ["sub"] = $"service:{service}",
                ["roles"] = new[] { Roles.Service },
                ["territory"] = TerritoryCode.All.ToString(),
            },
        });
    }

    private static Outcome<Caller> CallerOf(JsonWebToken token)
    {
        if (token.Subject is not { Length: > 0 and <= 200 })
            return CommonErrors.TokenInvalid.With(("problem", "no subject"));
        var roles = token.Claims.Where(c => c.Type is "roles").Select(c => c.Value).Distinct(StringComparer.Ordinal).ToArray();
        if (roles.Length is 0)
            return CommonErrors.TokenInvalid.With(("problem", "no roles"));
        if (!token.TryGetPayloadValue<string>("territory", out var text)
            || !TerritoryCode.TryParseScope(text, out var territory, out _))
            return CommonErrors.TokenInvalid.With(("problem", "no territory"));
        Guid? organisation = null;
        if (token.TryGetPayloadValue<string>("organisation", out var id))
        {
            if (!Guid.TryParse(id, out var parsed))
                return CommonErrors.TokenInvalid.With(("problem", "organisation is not a UUID"));
            organisation = parsed;
        }
        return new Caller(token.Subject, roles, territory, organisation);
    }

    // The library's own messages quote parts of the token; callers get a short name of the problem instead.
    private static string Problem(Exception? exception) => exception switch
    {
        SecurityTokenInvalidSignatureException or SecurityTokenSignatureKeyNotFoundException => "signature",
        SecurityTokenInvalidIssuerException => "issuer",
        SecurityTokenInvalidAudienceException => "audience",
        SecurityTokenNotYetValidException => "not valid yet",
        SecurityTokenInvalidAlgorithmException => "algorithm",
        SecurityTokenNoExpirationException => "no expiry",
        SecurityTokenMalformedException or ArgumentException => "malformed",
        _ => "refused",
    };
}
