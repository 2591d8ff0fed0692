using System.CommandLine;
using Governance.Cli.Client;
using Governance.Cli.Commands;
using Governance.Cli.Output;
using Governance.Cli.Pack;

namespace Governance.Cli;

/// <summary>One run of a command: where the stack is, who calls, and where the answer goes.</summary>
internal sealed class Session : IDisposable
{
    private static readonly TimeSpan OwnTokenLifetime = TimeSpan.FromMinutes(15);

    /// <summary>The AppHost loads the city pack with this program and hands it the key and the addresses as it does to services.</summary>
    private const string KeyVariable = "Identity__SigningKey";

    private static readonly string[] DefaultPorts = ["5101", "5102", "5103", "5104"];

    private readonly ParseResult line;
    private readonly CliHost host;
    private readonly StackFile stack;
    private readonly Channels channels;
    private readonly Lazy<LocalTokens> tokens;
    private readonly Lazy<string> city;

    public Session(ParseResult line, CliHost host)
    {
        this.line = line;
        this.host = host;
        stack = StackFile.Find(host.Directory, host.Variable);
        channels = new Channels(AddressOf);
        tokens = new Lazy<LocalTokens>(OpenTokens);
        city = new Lazy<string>(FindCity);
        Out = new Printer(host, line.GetValue(GlobalOptions.Json));
        Api = new PublicApi(name => channels.To(name, Policy(name, method => OwnToken(method, City))));
    }

    public Printer Out { get; }

    public TimeProvider Clock => host.Clock;

    /// <summary>The API with the token that the options say, or the least one that each call needs.</summary>
    public PublicApi Api { get; }

    /// <summary>Territory code of the city that the stack serves.</summary>
    public string City => city.Value;

    public LocalTokens Tokens => tokens.Value;

    /// <summary>True when one token was given for all calls, so that several actors can't be played.</summary>
    public bool HasFixedToken => FixedToken is not null;

    private string? FixedToken => Option(GlobalOptions.Token, "GOV_TOKEN");

    /// <summary>The API as somebody in particular reaches it.</summary>
    public PublicApi As(Caller caller) => new(name => channels.To(name, Policy(name, _ => Tokens.Sign(caller, OwnTokenLifetime))));

    /// <summary>The API for work on one city as a whole, whatever city the stack of this folder has.</summary>
    public PublicApi ForCity(string code) => new(name => channels.To(name, Policy(name, method => OwnToken(method, code))));

    /// <summary>Id for one command; a retry repeats it.</summary>
    public string NewRequestId() => Guid.CreateVersion7(Clock.GetUtcNow()).ToString();

    /// <summary>Folder of one city's pack.</summary>
    public string PackFolder(string name)
    {
        var packs = Option(GlobalOptions.Packs, null);
        if (packs is not null)
            return Path.Combine(host.Absolute(packs), name);
        for (var folder = new DirectoryInfo(host.Directory); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine(folder.FullName, "seeds", name);
            if (System.IO.Directory.Exists(candidate))
                return candidate;
        }

        throw new UsageException($"There is no city pack seeds/{name} here or above. Name the folder of the packs with --packs.");
    }

    /// <summary>A path as it reads from where the user stands.</summary>
    public string Relative(string path) => Path.GetRelativePath(host.Directory, path);

    public void Dispose() => channels.Dispose();

    private CallPolicy Policy(string service, Func<string, string> token) =>
        new(AddressOf(service), token, LanguageOf(), TimeSpan.FromSeconds(line.GetValue(GlobalOptions.Timeout)), Clock);

    private string OwnToken(string method, string territory)
    {
        if (FixedToken is { } token)
            return token;
        var roles = line.GetValue(GlobalOptions.Role) is { Length: > 0 } given ? given : [LeastRole.For(method)];
        var subject = Option(GlobalOptions.Subject, null) ?? "gov";
        return Tokens.Sign(new Caller(subject, roles, territory, Option(GlobalOptions.Organisation, null) ?? ""), OwnTokenLifetime);
    }

    private LocalTokens OpenTokens()
    {
        var asked = Option(GlobalOptions.SigningKeyFile, "GOV_SIGNING_KEY_FILE");
        if (asked is null && host.Variable(KeyVariable) is { Length: > 0 } key)
            return LocalTokens.FromText(key, KeyVariable, Clock);
        var file = asked ?? stack.SigningKeyFile;
        return file is null
            ? throw new UsageException(
                "No token and no local signing key: no stack runs from this folder or one above it. "
                + "Start one (dotnet run --project src/AppHost), or give --token, GOV_TOKEN or --signing-key-file.")
            : LocalTokens.FromFile(host.Absolute(file), Clock);
    }

    private string FindCity()
    {
        if (Option(GlobalOptions.Territory, "GOV_TERRITORY") is { } given)
            return given;
        if (stack.City is not { Length: > 0 } name)
            throw new UsageException("Which city? No stack runs here that says so: give --territory, as in --territory 3406.");
        return name.All(char.IsAsciiDigit) ? name : PackReader.ReadCityCode(PackFolder(name));
    }

    private Uri AddressOf(string service)
    {
        var text = Option(GlobalOptions.Addresses[service], GlobalOptions.VariableOf(service))
            ?? host.Variable($"services__{service}__grpc__0")
            ?? stack.Grpc.GetValueOrDefault(service)
            ?? $"http://127.0.0.1:{DefaultPorts[PublicApi.Services.Index().First(entry => entry.Item == service).Index]}";
        return Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
            ? address
            : throw new UsageException($"'{text}' is not an address of the {service} service; write it as http://host:port.");
    }

    private string LanguageOf() =>
        line.GetValue(GlobalOptions.Language)
        ?? (host.Variable("LANG")?.StartsWith("en", StringComparison.OrdinalIgnoreCase) == true ? "en" : "zh");

    private string? Option(Option<string> option, string? variable)
    {
        var text = line.GetValue(option) ?? (variable is null ? null : host.Variable(variable));
        return string.IsNullOrWhiteSpace(text) ? null : text;
    }
}
