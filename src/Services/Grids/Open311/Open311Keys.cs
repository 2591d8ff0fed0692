using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Governance.Primitives;
using Governance.ServiceDefaults;

namespace Governance.Grids.Open311;

/// <summary>An app that may report, and where.</summary>
public sealed record Open311Key(string Name, TerritoryCode Territory)
{
    public TerritoryCode City { get; } = Territory.AtLevel(TerritoryLevel.City)!;
}

/// <summary>
/// The keys of apps, from the setting <c>Open311__Keys</c>: a file with one a line, or the lines themselves with
/// semicolons between them. A line is a key, the territory in which it may report, and a name for it.
/// </summary>
public sealed class Open311Keys
{
    private const int MinLength = 16;
    private const int MaxLength = 200;
    private const int MaxName = 40;

    // By their hashes, so that the time of a look-up tells nothing of any key.
    private readonly Dictionary<string, Open311Key> keys = [];

    public IReadOnlySet<TerritoryCode> Cities { get; private init; } = new HashSet<TerritoryCode>();

    public Open311Key? Find(string key) => keys.GetValueOrDefault(HashOf(key));

    public static Open311Keys Read(IConfiguration configuration)
    {
        if (configuration["Open311:Keys"] is not { Length: > 0 } text)
            throw new SettingsException("Set Open311__Keys, the keys of the apps that may report: OPEN311_PORT is set.");
        try
        {
            return Parse(File.Exists(text) ? File.ReadAllLines(text) : text.Split(';'));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or FormatException)
        {
            throw new SettingsException($"Open311__Keys: {exception.Message}", exception);
        }
    }

    /// <summary>Problems name the line, never what it holds.</summary>
    public static Open311Keys Parse(IReadOnlyList<string> lines)
    {
        var cities = new HashSet<TerritoryCode>();
        var names = new HashSet<string>();
        var read = new Open311Keys { Cities = cities };
        for (var i = 0; i < lines.Count; i++)
        {
            var line = lines[i].Trim();
            if (line.Length is 0 || line[0] is '#')
                continue;
            if (line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is not [var key, var code, var name]
                || key.Length is < MinLength or > MaxLength
                || !TerritoryCode.TryParse(code, out var territory, out _)
                || name.Length > MaxName || !name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-'))
                throw new FormatException(
                    $"line {i + 1} is not a key of {MinLength} to {MaxLength} characters, a territory and a name of small letters, digits and '-'");
            if (!names.Add(name) || !read.keys.TryAdd(HashOf(key), new Open311Key(name, territory)))
                throw new FormatException($"line {i + 1} repeats a key or a name");
            cities.Add(territory.AtLevel(TerritoryLevel.City)!);
        }
        return names.Count > 0 ? read : throw new FormatException("it holds no key");
    }

    private static string HashOf(string key) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
}

/// <summary>How many reports each key has sent within the minute, and questions each peer has asked, to this replica.</summary>
public sealed class Open311Rates(int postsPerMinute, int readsPerMinute, TimeProvider clock)
{
    private readonly Counts posts = new(), reads = new();

    public int PostsPerMinute { get; } = postsPerMinute;

    public int ReadsPerMinute { get; } = readsPerMinute;

    public bool AllowsPost(Open311Key key) => posts.Add(key.Name, Minute()) <= PostsPerMinute;

    public bool AllowsRead(IPAddress? peer) => reads.Add(NameOf(peer), Minute()) <= ReadsPerMinute;

    private long Minute() => clock.GetUtcNow().ToUnixTimeSeconds() / 60;

    // Of IPv6 a peer has a whole network of 64 bits to itself.
    private static string NameOf(IPAddress? peer) => peer switch
    {
        null => "",
        { IsIPv4MappedToIPv6: true } => peer.MapToIPv4().ToString(),
        { AddressFamily: AddressFamily.InterNetworkV6 } => Convert.ToHexString(peer.GetAddressBytes().AsSpan(0, 8)),
        _ => peer.ToString(),
    };

    private sealed class Counts
    {
        private const int MaxNames = 10_000;

        private readonly Dictionary<string, int> counts = [];
        private long of;

        public int Add(string name, long minute)
        {
            lock (counts)
            {
                if (of != minute)
                    counts.Clear();
                of = minute;
                // So that no crowd fills the memory, whoever comes after so many shares one count.
                if (counts.Count >= MaxNames && !counts.ContainsKey(name))
                    name = "";
                return counts[name] = counts.GetValueOrDefault(name) + 1;
            }
        }
    }
}
