using System.Globalization;

namespace Governance.Primitives;

/// <summary>
/// A value as people read it, in each language, and as programs do. What is the same for all of them, a code, a name, a number or a day,
/// becomes one by itself; a word of ours is made from its two texts. An enum has no other way than a table of its words beside it, named
/// Told.
/// </summary>
public sealed record Words(string Value, string English, string Chinese)
{
    public Words(string english, string chinese)
        : this(english, english, chinese)
    {
    }

    /// <summary>A value of an enum, which programs know by its name.</summary>
    public static Words Of(Enum value, (string English, string Chinese) told)
    {
        ArgumentNullException.ThrowIfNull(value);
        return new(value.ToString(), told.English, told.Chinese);
    }

    /// <summary>Any of several.</summary>
    public static Words OneOf(IEnumerable<Words> several)
    {
        Words[] all = [.. several];
        return new(
            string.Join(" / ", all.Select(w => w.Value)),
            string.Join(" or ", all.Select(w => w.English)),
            string.Join('或', all.Select(w => w.Chinese)));
    }

    /// <summary>As programs read it.</summary>
    public override string ToString() => Value;

    public static implicit operator Words(string? data) => new(data ?? "", data ?? "", data ?? "");

    public static implicit operator Words(Guid data) => data.ToString();

    public static implicit operator Words(TerritoryCode data) => data?.ToString();

    public static implicit operator Words(long data) => data.ToString(CultureInfo.InvariantCulture);

    public static implicit operator Words(double data) => data.ToString(CultureInfo.InvariantCulture);

    public static implicit operator Words(DateTimeOffset data) => data.ToString("O", CultureInfo.InvariantCulture);
}
