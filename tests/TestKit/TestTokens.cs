using Governance.ServiceDefaults.Identity;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Governance.TestKit;

/// <summary>Tokens as the local issuer signs them, and forged ones.</summary>
public static class TestTokens
{
    public const string SigningKey = "dGVzdHMtb25seS10ZXN0cy1vbmx5LXRlc3RzLW9ubHktdGVzdHM=";

    /// <summary>Keys of personal data that everybody knows.</summary>
    public static string PrivacyKeyFile { get; } = WritePrivacyKeys();

    private static readonly JsonWebTokenHandler Handler = new();

    public static string Make(
        string role,
        string territory,
        string subject = "somebody",
        Guid? organisation = null,
        string key = SigningKey,
        TimeSpan? validFor = null,
        string issuer = IdentityOptions.LocalIssuer,
        string audience = IdentityOptions.DefaultAudience)
    {
        var claims = new Dictionary<string, object> { ["sub"] = subject, ["roles"] = role.Split(','), ["territory"] = territory };
        if (organisation is { } id)
            claims["organisation"] = id.ToString();
        // Far on both sides: tests set the clock to other years.
        var now = DateTime.UtcNow;
        return Handler.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = issuer,
            Audience = audience,
            NotBefore = now.AddYears(-20),
            IssuedAt = now.AddYears(-20),
            Expires = validFor is { } time ? now + time : now.AddYears(20),
            SigningCredentials = new SigningCredentials(new SymmetricSecurityKey(Convert.FromBase64String(key)), SecurityAlgorithms.HmacSha256),
            Claims = claims,
        });
    }

    private static string WritePrivacyKeys()
    {
        var path = Path.Combine(AppContext.BaseDirectory, "privacy.keys");
        File.WriteAllText(path, $"index {KeyOf(1)}\n1 {KeyOf(2)}\n");
        return path;

        static string KeyOf(byte filler) => Convert.ToBase64String([.. Enumerable.Repeat(filler, 32)]);
    }
}
