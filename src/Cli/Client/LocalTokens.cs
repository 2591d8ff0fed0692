using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Governance.Cli.Client;

/// <summary>Signs tokens with the local key of a developer's stack. A production stack trusts only its identity provider.</summary>
internal sealed class LocalTokens(byte[] key, TimeProvider clock)
{
    public const string Issuer = "governance.local";
    public const string Audience = "governance.micro";

    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Reads the key from a file that holds it in base64.</summary>
    public static LocalTokens FromFile(string path, TimeProvider clock) => File.Exists(path)
        ? FromText(File.ReadAllText(path), $"The signing key file {path}", clock)
        : throw new UsageException($"The signing key file {path} does not exist. Is the stack of this folder running?");

    /// <summary>Takes the key in base64.</summary>
    public static LocalTokens FromText(string text, string where, TimeProvider clock)
    {
        var key = new byte[text.Length];
        if (!Convert.TryFromBase64String(text.Trim(), key, out var length))
            throw new UsageException($"{where} is not in base64.");
        if (length < 32)
            throw new UsageException($"{where} holds {length} bytes; HS256 needs at least 32.");
        return new LocalTokens(key[..length], clock);
    }

    public string Sign(Caller caller, TimeSpan lifetime)
    {
        var now = clock.GetUtcNow();
        var claims = new JsonObject
        {
            ["sub"] = caller.Subject,
            ["roles"] = new JsonArray([.. caller.Roles.Select(role => (JsonNode)role)]),
            ["iss"] = Issuer,
            ["aud"] = Audience,
            ["iat"] = now.ToUnixTimeSeconds(),
            ["nbf"] = now.ToUnixTimeSeconds(),
            ["exp"] = now.Add(lifetime).ToUnixTimeSeconds(),
        };
        if (caller.Territory.Length > 0)
            claims["territory"] = caller.Territory;
        if (caller.Organisation.Length > 0)
            claims["organisation"] = caller.Organisation;

        var signed = $"{Encode("""{"alg":"HS256","typ":"JWT"}""")}.{Encode(claims.ToJsonString(Plain))}";
        return $"{signed}.{Base64Url.EncodeToString(HMACSHA256.HashData(key, Encoding.ASCII.GetBytes(signed)))}";
    }

    private static string Encode(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));
}
