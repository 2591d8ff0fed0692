using System.CommandLine;

namespace Governance.Cli.Commands;

/// <summary>Options that every command takes.</summary>
internal static class GlobalOptions
{
    public static readonly Option<bool> Json = Of<bool>("--json",
        "Print JSON instead of text: one document, or one line an item where items arrive as a stream.");

    public static readonly Option<string> Language = Of<string>("--language",
        "Language of the services' messages. By default zh, or en when LANG begins with en.", "zh|en");

    public static readonly Option<string> Token = Of<string>("--token",
        "Bearer token to call with; also GOV_TOKEN. Without it a local key signs one for the role that the call needs.", "JWT");

    public static readonly Option<string[]> Role = Of<string[]>("--role",
        "Role of a locally signed token; repeat for several: resident, grid_worker, officer, responder, volunteer, operator, auditor.",
        "ROLE");

    public static readonly Option<string> Territory = Of<string>("--territory",
        "Territory of a locally signed token, as in 340603 (a district); also GOV_TERRITORY. By default the whole city of the stack.",
        "CODE");

    public static readonly Option<string> Subject = Of<string>("--subject",
        "Subject of a locally signed token: the name under which the audit keeps what was done.", "NAME");

    public static readonly Option<string> Organisation = Of<string>("--organisation",
        "Organisation of a locally signed token, for the role responder.", "UUID");

    public static readonly Option<string> SigningKeyFile = Of<string>("--signing-key-file",
        "File with the local signing key. By default the one that the stack of this folder names.", "FILE");

    public static readonly Option<string> Packs = Of<string>("--packs",
        "Folder of the city packs. By default the nearest folder `seeds`, here or above.", "DIR");

    public static readonly Option<int> Timeout = Of<int>("--timeout", "Longest time for one call, in seconds.", "SECONDS", 10);

    /// <summary>Where a service listens, by the service's name.</summary>
    public static readonly IReadOnlyDictionary<string, Option<string>> Addresses = Client.PublicApi.Services.ToDictionary(
        name => name,
        name => Of<string>($"--{name}", $"Address of the {name} service; also {VariableOf(name)}.", "URL"));

    public static readonly IReadOnlyList<Option> All =
        [Json, Language, Token, Role, Territory, Subject, Organisation, SigningKeyFile, Packs, Timeout, .. Addresses.Values];

    static GlobalOptions() => Language.AcceptOnlyFromAmong("zh", "en");

    public static string VariableOf(string service) => $"GOV_{service.ToUpperInvariant()}";

    private static Option<T> Of<T>(string name, string description, string? helpName = null, T? fallback = default)
    {
        var option = new Option<T>(name) { Description = description, Recursive = true, HelpName = helpName };
        if (fallback is not null && !EqualityComparer<T>.Default.Equals(fallback, default))
            option.DefaultValueFactory = _ => fallback;
        return option;
    }
}
