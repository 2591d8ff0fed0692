namespace Governance.ServiceDefaults.Identity;

/// <summary>
/// Section <c>Identity</c> of the configuration. In production <see cref="Authority"/> names an OIDC issuer; on a
/// developer's machine <see cref="SigningKey"/> is a local key. Exactly one of the two must be set.
/// </summary>
public sealed class IdentityOptions
{
    public const string LocalIssuer = "governance.local";
    public const string DefaultAudience = "governance.micro";

    private const int MinKeyBytes = 32;

    /// <summary>An https address; http is for an authority on this machine only.</summary>
    public string? Authority { get; set; }

    /// <summary>At least 32 bytes, base64.</summary>
    public string? SigningKey { get; set; }

    /// <summary>
    /// A file with the token by which this service calls the others, kept fresh by the platform; where there is an
    /// authority, since only that can sign one.
    /// </summary>
    public string? ServiceTokenFile { get; set; }

    public string Audience { get; set; } = DefaultAudience;

    /// <summary>Refuses settings that no token could be checked with.</summary>
    public void Validate()
    {
        if (Authority is { Length: > 0 } == SigningKey is { Length: > 0 })
            throw new SettingsException("Set exactly one of Identity__Authority and Identity__SigningKey.");
        if (Audience is null or "")
            throw new SettingsException("Identity__Audience must not be empty.");
        if (Authority is { Length: > 0 })
            ValidateAuthority(Authority);
        else
            ValidateKey(SigningKey!);
    }

    private static void ValidateAuthority(string authority)
    {
        if (!Uri.TryCreate(authority, UriKind.Absolute, out var uri)
            || uri.Scheme is not ("https" or "http") || uri.Query is not "" || uri.Fragment is not "")
            throw new SettingsException($"Identity__Authority: {authority} is no address of an OIDC authority, as https://id.example.org/city is.");
        // Whoever can change the answer on its way could hand us keys of their own.
        if (uri.Scheme is "http" && !uri.IsLoopback)
            throw new SettingsException(
                $"Identity__Authority: {authority} must be https; plain http is for an authority on this machine only.");
    }

    private static void ValidateKey(string key)
    {
        var bytes = new byte[key.Length];
        if (!Convert.TryFromBase64String(key, bytes, out var length) || length < MinKeyBytes)
            throw new SettingsException($"Identity__SigningKey must be at least {MinKeyBytes} bytes in base64.");
    }
}
