using System.Text;

namespace Governance.Organisations.Directory;

/// <summary>How names are compared in a search: without difference of case, and full-width forms as their plain ones.</summary>
public static class DirectoryNames
{
    private const char FirstFullWidth = '\uFF01';
    private const char LastFullWidth = '\uFF5E';
    private const int FullWidthOffset = FirstFullWidth - '!';

    public static string Fold(string text)
    {
        var folded = new StringBuilder(text.Length);
        foreach (var c in text)
            folded.Append(char.ToLowerInvariant(c is >= FirstFullWidth and <= LastFullWidth ? (char)(c - FullWidthOffset) : c));
        return folded.ToString();
    }

    /// <summary>One LIKE pattern a word; what would be a wildcard in a word stands for itself.</summary>
    public static string[] Patterns(string query) =>
    [
        .. Fold(query)
            .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
            .Distinct(StringComparer.Ordinal)
            .Select(word => '%' + word.Replace(@"\", @"\\").Replace("%", @"\%").Replace("_", @"\_") + '%'),
    ];
}
