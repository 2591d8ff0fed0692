namespace Governance.ServiceDefaults.Identity;

/// <summary>
/// Section <c>Identity</c> of the configuration. In production <see cref="Authority"/> names an OIDC issuer; on a
/// developer's machine <see cref="SigningKey"/> is a local key. Exactly one of the two must be set.
/// </summary>
public sealed class IdentityOptions
{
    public const string LocalIssuer = "governance.local";
    public const string DefaultAudience = "governance.micro";

    public string? Authority { get; set; }

    /// <summary>At least 32 bytes, base64.</summary>
    public string? SigningKey { get; set; }

    /// <summary>
    /// A file with the token by which this service calls the others, kept fresh by the platform; where there is an
    /// authority, since only that can sign one.
    /// </summary>
    public string? ServiceTokenFile { get; set; }

    public string Audience { get; set; } = DefaultAudience;
}
