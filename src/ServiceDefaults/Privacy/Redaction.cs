using System.Text;
using System.Text.RegularExpressions;
using Governance.Common.V1;

namespace Governance.ServiceDefaults.Privacy;

/// <summary>
/// Removes from a text what nobody may read in public, or in an event: telephone, identity and bank card numbers, e-mail addresses,
/// and whatever is known of certain people. It knows how such things are written, not what a text means: an officer still reads it. Pure.
/// </summary>
public static partial class Redaction
{
    public const string Mask = "***";

    /// <summary>A single character is no name: it would be found everywhere.</summary>
    private const int ShortestValue = 2;

    /// <summary>How people part the digits of a number, as in 139-5555 0001.</summary>
    private const string Gap = @"[\s\-.·_()（）]{0,2}";

    /// <summary>How people part the characters of a name.</summary>
    private const string WideGap = @"[\s·•・‧]{0,3}";

    /// <summary>Where the value itself has a mark, as in 买买提·艾力 and 3-2-401, it may be any, or none.</summary>
    private const string MarkGap = @"[\s\p{P}\p{S}]{0,3}";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>The text without them, and at how many places something was removed.</summary>
    public static (string Text, int Removed) Clean(string text, IReadOnlyCollection<Person> people) => Clean(text, people, [.. Patterns()]);

    /// <summary>The text without what is known of the people, and with whatever else it says.</summary>
    public static string Without(string text, IReadOnlyCollection<Person> people) => Clean(text, people, []).Text;

    private static (string Text, int Removed) Clean(string text, IReadOnlyCollection<Person> people, IReadOnlyCollection<Regex> patterns)
    {
        // Where something was removed, a number that stood behind it may be one now. Each round leaves fewer letters and digits.
        var (clean, removed) = Once(text, people, patterns);
        if (removed is 0)
            return (clean, 0);
        var (rest, more) = Clean(clean, people, patterns);
        return (rest, removed + more);
    }

    private static (string Text, int Removed) Once(string text, IReadOnlyCollection<Person> people, IReadOnlyCollection<Regex> patterns)
    {
        var plain = Folded(text, spoken: false);
        var spoken = Folded(text, spoken: true);
        var hits = patterns
            .SelectMany(pattern => pattern.Matches(plain).Concat(pattern.Matches(spoken)))
            .Select(match => (Start: match.Index, End: match.Index + match.Length))
            .ToList();
        foreach (var value in people.SelectMany(ValuesOf))
            foreach (Match match in Regex.Matches(plain, value, RegexOptions.CultureInvariant, Patience))
                hits.Add((match.Index, match.Index + match.Length));
        return hits.Count is 0 ? (text, 0) : Masked(text, hits);
    }

    private static (string, int) Masked(string text, List<(int Start, int End)> hits)
    {
        hits.Sort();
        var masked = new StringBuilder();
        var (from, removed) = (0, 0);
        foreach (var (start, end) in hits)
        {
            // What overlaps what was removed before is removed with it.
            if (start >= from)
            {
                masked.Append(text, from, start - from).Append(Mask);
                removed++;
            }
            from = Math.Max(from, end);
        }
        return (masked.Append(text, from, text.Length - from).ToString(), removed);
    }

    /// <summary>How each value of a person may be written in a folded text.</summary>
    private static IEnumerable<string> ValuesOf(Person person)
    {
        foreach (var (value, gap) in new[] { (person.Name, WideGap), (person.Home, WideGap), (person.Phone, Gap), (person.CitizenId, Gap), (person.Email, WideGap) })
        {
            var pattern = new StringBuilder();
            var (letters, marked) = (0, false);
            foreach (var rune in Folded(value, spoken: false).EnumerateRunes())
            {
                if (Rune.IsLetterOrDigit(rune))
                {
                    pattern.Append(letters++ is 0 ? "" : marked ? MarkGap : gap).Append(Regex.Escape(rune.ToString()));
                    marked = false;
                }
                else
                {
                    marked = true;
                }
            }
            if (letters >= ShortestValue)
                yield return pattern.ToString();
        }
    }

    /// <summary>
    /// The text in one form, character by character, so that what is found in it is found at the same place of the original: half
    /// width, upper case, digits as 0 to 9; <paramref name="spoken"/>, also those that are written as words (幺三九).
    /// </summary>
    private static string Folded(string text, bool spoken) => string.Create(text.Length, (text, spoken), static (folded, given) =>
    {
        for (var i = 0; i < folded.Length; i++)
        {
            var c = given.text[i];
            folded[i] = c switch
            {
                >= '\uFF01' and <= '\uFF5E' => char.ToUpperInvariant((char)(c - 0xFEE0)),
                '\u3000' => ' ',
                _ when char.IsDigit(c) => (char)('0' + (int)char.GetNumericValue(c)),
                _ when given.spoken && SpokenDigits.IndexOf(c) is >= 0 and var at => (char)('0' + (at % 10)),
                _ => char.ToUpperInvariant(c),
            };
        }
    });

    // Ten digits a row: as they are written, and as they are read out or written on forms.
    private const string SpokenDigits = "零一二三四五六七八九" + "〇幺两叁肆伍陆柒捌玖" + "洞壹贰叄亖伍陸拐扒勾";

    private static IEnumerable<Regex> Patterns() => [Mobile(), Identity(), LongNumber(), Landline(), Named(), Mail()];

    [GeneratedRegex($"(?<![0-9])(?:\\+?86{Gap})?1{Gap}[3-9](?:{Gap}[0-9]){{9}}(?![0-9])")]
    private static partial Regex Mobile();

    [GeneratedRegex($"(?<![0-9])[1-9](?:{Gap}[0-9]){{16}}{Gap}[0-9X](?![0-9])")]
    private static partial Regex Identity();

    // Identity numbers of before and of bank cards.
    [GeneratedRegex($"(?<![0-9])[0-9](?:{Gap}[0-9]){{14,18}}(?![0-9])")]
    private static partial Regex LongNumber();

    [GeneratedRegex($"(?<![0-9])[(]?0[0-9]{{2,3}}[)]?{Gap}[2-9](?:{Gap}[0-9]){{6,7}}(?![0-9])")]
    private static partial Regex Landline();

    // A short number is one where the text says so; a date is none.
    [GeneratedRegex(
        "(?<=(?:电话|手机|座机|联系|TEL|QQ|微信)[^0-9\\n]{0,8})(?!(?:19|20)[0-9]{2}-[0-9]{1,2}-[0-9])"
        + $"[0-9](?:{Gap}[0-9]){{5,13}}(?![0-9])")]
    private static partial Regex Named();

    [GeneratedRegex(@"[A-Z0-9._%+\-]+@[A-Z0-9\-]+(?:\.[A-Z0-9\-]+)+")]
    private static partial Regex Mail();
}
