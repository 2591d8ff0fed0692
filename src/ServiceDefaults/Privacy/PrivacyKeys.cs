using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Configuration;

namespace Governance.ServiceDefaults.Privacy;

/// <summary>
/// The keys of personal data, from the file <c>Privacy__KeyFile</c>: one a line, its name and 32 bytes in base64. The line
/// <c>index</c> holds the key of blind indexes and pseudonyms, which never changes; numbered lines (1 to 255) hold keys of
/// fields, of which the last encrypts and all decrypt. See docs/decisions/0010.
/// </summary>
public sealed class PrivacyKeys
{
    private const int KeyBytes = 32;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private const int IndexBytes = 16;
    private const byte Form = 1;

    private readonly Dictionary<byte, byte[]> fields;
    private readonly byte newest;
    private readonly byte[] index;

    private PrivacyKeys(Dictionary<byte, byte[]> fields, byte newest, byte[] index) => (this.fields, this.newest, this.index) = (fields, newest, index);

    public static PrivacyKeys Read(IConfiguration configuration)
    {
        var path = configuration["Privacy:KeyFile"];
        if (path is null or "")
            throw new SettingsException("Set Privacy__KeyFile, the file with the keys of personal data.");
        try
        {
            return Parse(File.ReadAllLines(path));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or FormatException)
        {
            throw new SettingsException($"Privacy__KeyFile: {exception.Message}", exception);
        }
    }

    /// <summary>Problems name the line, never what it holds.</summary>
    public static PrivacyKeys Parse(IReadOnlyList<string> lines)
    {
        var fields = new Dictionary<byte, byte[]>();
        byte newest = 0;
        byte[]? index = null;
        for (var i = 0; i < lines.Count; i++)
        {
            var line = lines[i].Trim();
            if (line.Length is 0 || line[0] is '#')
                continue;
            if (line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is not [var name, var text] || KeyOf(text) is not { } key)
                throw new FormatException($"line {i + 1} is not a name and {KeyBytes} bytes in base64");
            if (name is "index" && index is null)
                index = key;
            else if (byte.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out newest) && newest > 0 && fields.TryAdd(newest, key))
                continue;
            else
                throw new FormatException($"line {i + 1} names neither a new number from 1 to 255 nor the one index");
        }
        return index is not null && fields.Count > 0
            ? new PrivacyKeys(fields, newest, index)
            : throw new FormatException("it needs a line 'index' and at least one numbered line");
    }

    /// <summary>Encrypts one field; <paramref name="place"/> says where it belongs, and nowhere else can it be read.</summary>
    public byte[] Encrypt(string place, string text)
    {
        var plain = Encoding.UTF8.GetBytes(text);
        var whole = new byte[2 + NonceBytes + TagBytes + plain.Length];
        (whole[0], whole[1]) = (Form, newest);
        var nonce = whole.AsSpan(2, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(fields[newest], TagBytes);
        aes.Encrypt(nonce, plain, whole.AsSpan(2 + NonceBytes + TagBytes), whole.AsSpan(2 + NonceBytes, TagBytes), Encoding.UTF8.GetBytes(place));
        return whole;
    }

    public string Decrypt(string place, byte[] whole)
    {
        if (whole.Length < 2 + NonceBytes + TagBytes || whole[0] is not Form)
            throw new CryptographicException($"{place} is not in a form that is known here");
        if (!fields.TryGetValue(whole[1], out var key))
            throw new CryptographicException($"{place} was encrypted with key {whole[1]}, which the key file lacks");
        var plain = new byte[whole.Length - 2 - NonceBytes - TagBytes];
        using var aes = new AesGcm(key, TagBytes);
        aes.Decrypt(
            whole.AsSpan(2, NonceBytes), whole.AsSpan(2 + NonceBytes + TagBytes), whole.AsSpan(2 + NonceBytes, TagBytes), plain, Encoding.UTF8.GetBytes(place));
        return Encoding.UTF8.GetString(plain);
    }

    /// <summary>A keyed hash that is the same for the same value of the same kind, and can't be tried without the key.</summary>
    public byte[] Index(string kind, string value) => HMACSHA256.HashData(index, Encoding.UTF8.GetBytes($"{kind}\0{value}"))[..IndexBytes];

    /// <summary>A keyed hash of several parts, for contents that hold personal data.</summary>
    public IncrementalHash NewHash() => IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, index);

    private static byte[]? KeyOf(string text)
    {
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var length) && length is KeyBytes ? bytes[..length] : null;
    }
}
