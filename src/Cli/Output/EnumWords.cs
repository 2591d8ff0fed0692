using System.Text;

namespace Governance.Cli.Output;

/// <summary>Enum values as they are written at the command line and in city packs:
/// `PROPERTY_COMPANY` of the proto is `property_company`.</summary>
internal static class EnumWords
{
    public static string Of(Enum value)
    {
        var name = value.ToString();
        var word = new StringBuilder(name.Length + 8);
        for (var index = 0; index < name.Length; index++)
        {
            // Wgs84 stays wgs84: only a capital begins a new word.
            if (char.IsUpper(name[index]) && index > 0)
                word.Append('_');
            word.Append(char.ToLowerInvariant(name[index]));
        }

        return word.ToString();
    }

    /// <summary>Every word of an enum, without `unspecified`.</summary>
    public static IReadOnlyDictionary<string, TEnum> All<TEnum>()
        where TEnum : struct, Enum =>
        Enum.GetValues<TEnum>().Where(value => Convert.ToInt32(value) != 0).ToDictionary(value => Of(value));
}
