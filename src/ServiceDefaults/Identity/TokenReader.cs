using System.Collections.Concurrent;
using Governance.Primitives;
using Governance.ServiceDefaults.Errors;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
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

    private static readonly string[] AuthorityAlgorithms = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "ES512"];
    private static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, Remembered> remembered = new(StringComparer.Ordinal);
    private readonly JsonWebTokenHandler handler = new() { MapInboundClaims = false };
    private readonly TimeProvider clock;
    private readonly IdentityOptions identity;
    private readonly AuthorityKeys? authority;
    private readonly SigningCredentials? localCredentials;
    private volatile Judge? judge;

    public TokenReader(IOptions<IdentityOptions> options, TimeProvider clock, ILogger<TokenReader> logger)
    {
        this.clock = clock;
        identity = options.Value;
        identity.Validate();
        if (identity.Authority is { Length: > 0 } address)
        {
            authority = new AuthorityKeys(address, clock, logger);
            return;
        }
        var key = new SymmetricSecurityKey(Convert.FromBase64String(identity.SigningKey!));
        localCredentials = new SigningCredentials(key, SecurityAlgorithms.HmacSha256);
        judge = new Judge(null, Parameters(IdentityOptions.LocalIssuer, [key], [SecurityAlgorithms.HmacSha256]));
    }

    public async ValueTask<Outcome<Caller>> ReadAsync(string? authorization)
    {
        if (authorization is null || !authorization.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
            return CommonErrors.TokenMissing.With();
        if (authorization.AsSpan("Bearer ".Length).Trim().Length is (0 or > MaxTokenLength) and var length)
            return CommonErrors.TokenInvalid.With(
                ("problem", length is 0 ? new Words("empty", "it is empty", "内容为空") : new Words("too long", "it is too long", "过长")));
        if (await JudgeAsync() is not { } now)
            return CommonErrors.Unavailable.With();
        // A token of a key that was withdrawn since is judged again.
        if (remembered.TryGetValue(authorization, out var known) && known.By == now && known.Until > clock.GetUtcNow())
            return known.Caller;

        var token = authorization["Bearer ".Length..].Trim();
        var result = await handler.ValidateTokenAsync(token, now.Parameters);
        if (result.Exception is SecurityTokenSignatureKeyNotFoundException && now.Keys is { } seen)
        {
            if (await authority!.BeyondAsync(seen) is not { } newer)
                return CommonErrors.Unavailable.With();
            if (newer != seen)
            {
                now = JudgeBy(newer);
                result = await handler.ValidateTokenAsync(token, now.Parameters);
            }
        }
        if (!result.IsValid)
        {
            remembered.TryRemove(authorization, out _);
            return result.Exception is SecurityTokenExpiredException
                ? CommonErrors.TokenExpired.With()
                : CommonErrors.TokenInvalid.With(("problem", Problem(result.Exception)));
        }

        var caller = CallerOf((JsonWebToken)result.SecurityToken);
        if (caller.Refusal is not null)
            return caller;

        if (remembered.Count >= MaxRemembered)
            remembered.Clear();
        remembered[authorization] = new Remembered(caller.OrRefuse(), result.SecurityToken.ValidTo, now);
        return caller;
    }

    /// <summary>The token by which a service of ours calls another, for the whole country.</summary>
    public string ServiceToken(string service)
    {
        if (localCredentials is null)
        {
            return identity.ServiceTokenFile is { Length: > 0 } file
                ? File.ReadAllText(file).Trim()
                : throw new SettingsException("Set Identity__ServiceTokenFile, the token by which this service calls the others.");
        }
        var now = clock.GetUtcNow();
        return handler.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = IdentityOptions.LocalIssuer,
            Audience = identity.Audience,
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

    private async ValueTask<Judge?> JudgeAsync()
    {
        if (authority is null)
            return judge;
        return await authority.CurrentAsync() is { } keys ? JudgeBy(keys) : null;
    }

    private Judge JudgeBy(PublishedKeys keys) => judge is { } same && same.Keys == keys
        ? same
        : judge = new Judge(keys, Parameters(keys.Issuer, keys.Keys, AuthorityAlgorithms));

    private TokenValidationParameters Parameters(string issuer, IReadOnlyList<SecurityKey> keys, string[] algorithms) => new()
    {
        ValidIssuer = issuer,
        ValidAudience = identity.Audience,
        IssuerSigningKeys = keys,
        ValidAlgorithms = algorithms,
        ValidateLifetime = true,
        RequireExpirationTime = true,
        RequireSignedTokens = true,
        ClockSkew = ClockSkew,
        LifetimeValidator = (notBefore, expires, _, _) =>
            clock.GetUtcNow() is var now && (notBefore is null || notBefore.Value <= (now + ClockSkew).UtcDateTime)
                ? expires > (now - ClockSkew).UtcDateTime ? true : throw new SecurityTokenExpiredException()
                : throw new SecurityTokenNotYetValidException(),
    };

    private static Outcome<Caller> CallerOf(JsonWebToken token)
    {
        if (token.Subject is not { Length: > 0 and <= 200 })
            return CommonErrors.TokenInvalid.With(("problem", new Words("no subject", "it names no subject", "未载明主体")));
        var roles = token.Claims.Where(c => c.Type is "roles").Select(c => c.Value).Distinct(StringComparer.Ordinal).ToArray();
        if (roles.Length is 0)
            return CommonErrors.TokenInvalid.With(("problem", new Words("no roles", "it names no roles", "未载明角色")));
        if (!token.TryGetPayloadValue<string>("territory", out var text)
            || !TerritoryCode.TryParseScope(text, out var territory, out _))
            return CommonErrors.TokenInvalid.With(("problem", new Words("no territory", "it names no territory", "未载明管辖范围")));
        Guid? organisation = null;
        if (token.TryGetPayloadValue<string>("organisation", out var id))
        {
            if (!Guid.TryParse(id, out var parsed))
                return CommonErrors.TokenInvalid.With(
                    ("problem", new Words("organisation is not a UUID", "its organisation is not a UUID", "所属组织不是 UUID")));
            organisation = parsed;
        }
        return new Caller(token.Subject, roles, territory, organisation);
    }

    // The library's own messages quote parts of the token; callers get a short name of the problem instead.
    private static Words Problem(Exception? exception) => exception switch
    {
        SecurityTokenInvalidSignatureException or SecurityTokenSignatureKeyNotFoundException
            => new("signature", "its signature does not hold", "签名无效"),
        SecurityTokenInvalidIssuerException => new("issuer", "its issuer is not trusted here", "签发方不受信任"),
        SecurityTokenInvalidAudienceException => new("audience", "it was issued for another audience", "不是为本服务签发"),
        SecurityTokenNotYetValidException => new("not valid yet", "it is not valid yet", "尚未生效"),
        SecurityTokenInvalidAlgorithmException => new("algorithm", "its algorithm is not taken here", "签名算法不被接受"),
        SecurityTokenNoExpirationException => new("no expiry", "it never expires", "未载明有效期"),
        SecurityTokenMalformedException or ArgumentException => new("malformed", "it is malformed", "格式有误"),
        _ => new("refused", "it was refused", "未通过校验"),
    };

    /// <summary>How tokens are judged with one set of keys; of an authority, or our own.</summary>
    private sealed record Judge(PublishedKeys? Keys, TokenValidationParameters Parameters);

    private sealed record Remembered(Caller Caller, DateTimeOffset Until, Judge By);
}
