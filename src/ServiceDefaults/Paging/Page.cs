using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Governance.ServiceDefaults.Errors;

namespace Governance.ServiceDefaults.Paging;

/// <summary>
/// Keyset paging. A token holds the last row's key and a mark of the query that it came from; with any other query it is
/// refused.
/// </summary>
public sealed class Page
{
    public const int DefaultSize = 50;
    public const int MaxSize = 500;

    private static readonly string[] PagingFields = ["page_size", "page_token"];

    private readonly string query;

    private Page(string query, int size, string[]? after)
    {
        this.query = query;
        Size = size;
        After = after;
    }

    public int Size { get; }

    /// <summary>One more than the size, to see whether another page follows.</summary>
    public int Fetch => Size + 1;

    /// <summary>The key after which this page starts; null on the first page.</summary>
    public string[]? After { get; }

    /// <summary>A part of that key that is an id; null on the first page.</summary>
    public Guid? IdAfter(int part) =>
        After is null ? null
        : Guid.TryParseExact(After[part], "D", out var id) ? id
        : throw new RefusedException(CommonErrors.PageTokenInvalid.With());

    /// <summary>A part of that key that is an instant, written by <see cref="Key"/>; null on the first page.</summary>
    public DateTimeOffset? InstantAfter(int part) =>
        After is null ? null
        : DateTimeOffset.TryParseExact(After[part], "O", CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var instant) ? instant
        : throw new RefusedException(CommonErrors.PageTokenInvalid.With());

    public static string Key(DateTimeOffset instant) => instant.ToString("O", CultureInfo.InvariantCulture);

    public static Page Of(IMessage request, int pageSize, string pageToken, int keys)
    {
        var size = pageSize is 0 ? DefaultSize : Math.Min(pageSize, MaxSize);
        var query = MarkOf(request);
        if (pageToken.Length is 0)
            return new Page(query, size, null);
        try
        {
            var parts = JsonSerializer.Deserialize<string[]>(Base64Url.DecodeFromChars(pageToken));
            if (parts is not null && parts.Length == keys + 1 && parts[0] == query && parts.All(p => p is not null))
                return new Page(query, size, parts[1..]);
        }
        catch (Exception exception) when (exception is FormatException or JsonException)
        {
        }
        throw new RefusedException(CommonErrors.PageTokenInvalid.With());
    }

    /// <summary>Cuts the row too many off the list; the token for the next page, empty on the last one.</summary>
    public string Next<T>(List<T> rows, Func<T, string[]> key)
    {
        if (rows.Count <= Size)
            return "";
        rows.RemoveRange(Size, rows.Count - Size);
        return Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes<string[]>([query, .. key(rows[^1])]));
    }

    private static string MarkOf(IMessage request)
    {
        var text = new StringBuilder(request.Descriptor.FullName);
        foreach (var field in request.Descriptor.Fields.InFieldNumberOrder())
            if (!PagingFields.Contains(field.Name))
                text.Append('\n').Append(field.Accessor.GetValue(request));
        return Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())).AsSpan(0, 8));
    }
}
