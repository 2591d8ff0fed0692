using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Governance.ServiceDefaults.Events;

namespace Governance.ServiceDefaults.Webhooks;

/// <summary>What is posted, and how it is signed: the convention of Standard Webhooks.</summary>
public static class Signing
{
    public const string IdHeader = "webhook-id";
    public const string TimestampHeader = "webhook-timestamp";
    public const string SignatureHeader = "webhook-signature";

    private const string SecretPrefix = "whsec_";
    private const int SecretBytes = 32;

    public static string NewSecret() => SecretPrefix + Convert.ToBase64String(RandomNumberGenerator.GetBytes(SecretBytes));

    /// <summary>One signature for each secret.</summary>
    public static string Sign(string id, DateTimeOffset at, byte[] body, params IEnumerable<string> secrets)
    {
        var start = string.Create(CultureInfo.InvariantCulture, $"{id}.{at.ToUnixTimeSeconds()}.");
        byte[] signed = [.. Encoding.ASCII.GetBytes(start), .. body];
        return string.Join(' ', secrets.Select(secret =>
            "v1," + Convert.ToBase64String(HMACSHA256.HashData(Convert.FromBase64String(secret[SecretPrefix.Length..]), signed))));
    }

    /// <summary>The same bytes at every try.</summary>
    public static byte[] Body(ClaimedDelivery delivery)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = EventJson.Options.Encoder }))
        {
            json.WriteStartObject();
            json.WriteString("id", delivery.EventId);
            json.WriteString("type", delivery.Event);
            json.WriteString("timestamp", delivery.HappenedAt);
            json.WriteString("territory", delivery.Territory);
            json.WritePropertyName("data");
            json.WriteRawValue(delivery.Payload);
            json.WriteEndObject();
        }
        return buffer.ToArray();
    }
}
