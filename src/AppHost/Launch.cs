using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace Governance.AppHost;

/// <summary>The command line, and what follows from it.</summary>
internal sealed partial class Launch
{
    public const int PortBaseDefault = 5100;

    private const string Help = """
        Starts the whole suite on this machine: PostgreSQL, Redis, RabbitMQ, the four services, and the data of a city.

          --city NAME      the pack to load (huaibei)
          --packs FOLDER   where city packs are (seeds)
          --reset          empty all data first
          --port-base N    shift every port by N - 5100 (5100: gRPC 5101…5104, health 5201…5204, Open311 5302,
                           PostgreSQL 15432, Redis 16379, RabbitMQ 15673); "auto" takes free ports
          --local FOLDER   where data, logs and keys are kept (.local; another one for each stack beside the first)
          --help           this text
        """;

    // Every port of the stack, at the default base.
    private static readonly int[] Ports = [5101, 5102, 5103, 5104, 5201, 5202, 5203, 5204, 5302, 15432, 15673, 16379];

    private readonly int shift;
    private readonly string folder;
    private readonly bool reset;

    private Launch(string city, string packs, int shift, string folder, bool reset)
    {
        City = city;
        Packs = packs;
        this.shift = shift;
        this.folder = folder;
        this.reset = reset;
    }

    public string City { get; }
    public string Packs { get; }
    public string SigningKeyFile => Path.Combine(folder, "signing.key");

    /// <summary>Says which state of the city's pack was loaded.</summary>
    public string LoadedFile => Path.Combine(folder, $"loaded-{City}");

    /// <summary>For the application's builder; Aspire itself has no use for these.</summary>
    public string[] Configuration => [$"--local={folder}", $"--reset={reset}"];

    /// <summary>Null when the answer was help or an error, which is then said and set as the exit code.</summary>
    public static Launch? Parse(string[] args)
    {
        var city = "huaibei";
        var packs = Path.Combine(Repository(), "seeds");
        var shift = 0;
        var reset = false;
        var folder = Environment.GetEnvironmentVariable("GOVERNANCE_LOCAL") is { Length: > 0 } asked ? asked : null;
        var portBase = Environment.GetEnvironmentVariable("GOVERNANCE_PORT_BASE");

        var rest = new Queue<string>(args);
        while (rest.TryDequeue(out var option))
        {
            switch (option)
            {
                case "--help" or "-h" or "-?":
                    Console.WriteLine(Help);
                    return null;
                case "--reset":
                    reset = true;
                    break;
                case "--city" when rest.TryDequeue(out var value):
                    city = value;
                    break;
                case "--packs" when rest.TryDequeue(out var value):
                    packs = Path.GetFullPath(value);
                    break;
                case "--port-base" when rest.TryDequeue(out var value):
                    portBase = value;
                    break;
                case "--local" when rest.TryDequeue(out var value):
                    folder = value;
                    break;
                default:
                    return Refuse($"'{option}' is not an option here, or lacks its value; try --help");
            }
        }

        if (portBase == "auto") shift = FreeShift();
        else if (portBase is not null && !TryShift(portBase, out shift))
            return Refuse($"--port-base {portBase} is not a number from 1024 to 50000, nor \"auto\"");

        folder = Path.GetFullPath(folder ?? Path.Combine(Repository(), ".local"));
        if (!Directory.Exists(Path.Combine(packs, city)))
            return Refuse($"there is no city pack {Path.GetRelativePath(Directory.GetCurrentDirectory(), Path.Combine(packs, city))}");
        return new Launch(city, packs, shift, folder, reset);
    }

    /// <summary>A port of the default layout, moved by --port-base.</summary>
    public int Port(int port) => port + shift;

    /// <summary>The key that signs tokens on this machine, 32 random bytes in base64; made once and readable by its owner alone.</summary>
    public string SigningKey()
    {
        if (File.Exists(SigningKeyFile)) return File.ReadAllText(SigningKeyFile).Trim();
        var key = NewKey();
        WriteSecret(SigningKeyFile, key);
        return key;
    }

    /// <summary>The file with the keys of personal data on this machine; made once and readable by its owner alone.</summary>
    public string PrivacyKeyFile()
    {
        var path = Path.Combine(folder, "privacy.keys");
        if (!File.Exists(path)) WriteSecret(path, $"index {NewKey()}\n1 {NewKey()}\n");
        return path;
    }

    /// <summary>The file with the key of an app that may report in the city over Open311; made once and readable by its owner alone.</summary>
    public string Open311KeyFile()
    {
        var path = Path.Combine(folder, $"open311-{City}.keys");
        if (!File.Exists(path))
        {
            var pack = File.ReadAllText(Path.Combine(Packs, City, "city.yaml"));
            WriteSecret(path, $"{NewKey()} {CityCode().Match(pack).Groups[1].Value} local-app\n");
        }
        return path;
    }

    [GeneratedRegex(@"^city:\s*\{\s*code:\s*""(\d+)""", RegexOptions.Multiline)]
    private static partial Regex CityCode();

    private static string NewKey() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    private void WriteSecret(string path, string text)
    {
        Directory.CreateDirectory(folder);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var file = new StreamWriter(path, options);
        file.Write(text);
    }

    public Task SayHowToCallAsync() => Console.Out.WriteLineAsync($"""
          City: {City}.
          A token: dotnet run --project src/Cli -- token --help
          Four stories all the way round: dotnet run --project src/Cli -- demo

        """);

    private static Launch? Refuse(string reason)
    {
        Console.Error.WriteLine($"error: {reason}");
        Environment.ExitCode = 2;
        return null;
    }

    private static bool TryShift(string portBase, out int shift)
    {
        var valid = int.TryParse(portBase, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number is >= 1024 and <= 50000;
        shift = number - PortBaseDefault;
        return valid;
    }

    // Up to 31000, so that every port stays below those that Linux gives to outgoing connections.
    private static int FreeShift()
    {
        while (true)
        {
            var shift = Random.Shared.Next(1000, 15000);
            if (Ports.All(port => IsFree(port + shift))) return shift;
        }
    }

    private static bool IsFree(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Any, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    // The folder of the solution, above where this program was built to.
    private static string Repository()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "Directory.Packages.props"))) return at.FullName;
        }
        return Directory.GetCurrentDirectory();
    }
}
