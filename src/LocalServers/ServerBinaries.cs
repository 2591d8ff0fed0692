namespace Governance.LocalServers;

/// <summary>Something that must be installed: a Debian package, and how to see that it is there.</summary>
/// <param name="Package">Its Debian package.</param>
/// <param name="Find">A path when present. Null: ask dpkg.</param>
public sealed record Requirement(string Package, Func<string?>? Find = null)
{
    public static implicit operator Requirement(string package) => new(package);
}

/// <summary>Finds what the servers run from, and installs what is missing where it may.</summary>
public static class ServerBinaries
{
    public static readonly Requirement PostgreSql = new("postgresql", () => FindPostgres("/usr/lib/postgresql"));
    public static readonly Requirement Redis = new("redis-server", () => OnPath("redis-server"));
    public static readonly Requirement RabbitMq = new("rabbitmq-server", () => FindRabbit("/usr/lib/rabbitmq/lib"));

    /// <summary>The three servers of the stack.</summary>
    public static IReadOnlyList<Requirement> Servers => [PostgreSql, Redis, RabbitMq];

    /// <summary>
    /// Makes sure that all of it is installed. As root on Debian it installs what is missing, without starting any system service;
    /// otherwise it throws one line that names the command to run.
    /// </summary>
    public static Task EnsureAsync(
        IReadOnlyCollection<Requirement> requirements, Action<string>? progress = null, CancellationToken cancellation = default)
    {
        if (!OperatingSystem.IsLinux()) throw new LocalServerException("the servers run as local processes on Linux only");
        return new Installer(Native.IsRoot, OnPath("apt-get"), progress ?? (_ => { })).EnsureAsync(requirements, cancellation);
    }

    /// <summary>Its path, or one line on how to get it.</summary>
    internal static string Require(Requirement requirement) =>
        requirement.Find?.Invoke()
            ?? throw new LocalServerException(Installer.Advice([requirement.Package], OnPath("apt-get") is not null));

    internal static string? OnPath(string program)
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries);
        // Debian keeps servers in sbin, which is not on every user's path.
        return folders.Concat(["/usr/sbin", "/usr/local/sbin", "/sbin"]).Select(folder => Path.Combine(folder, program))
            .FirstOrDefault(File.Exists);
    }

    // Debian keeps one folder a major version, /usr/lib/postgresql/15/bin, and only client tools on the path.
    internal static string? FindPostgres(string versions) =>
        Newest(versions, folder => Path.Combine(folder, "bin", "postgres")) ?? OnPath("postgres");

    // The wrapper on the path is for the system service; the script behind it runs anywhere.
    internal static string? FindRabbit(string versions) => Newest(versions, folder => Path.Combine(folder, "sbin", "rabbitmq-server"));

    private static string? Newest(string versions, Func<string, string> program) =>
        !Directory.Exists(versions)
            ? null
            : Directory.EnumerateDirectories(versions)
                .OrderByDescending(folder => Version.TryParse(VersionOf(folder), out var version) ? version : new Version())
                .Select(program).FirstOrDefault(File.Exists);

    // "15" or "rabbitmq_server-3.10.8"; Version wants a dot.
    private static string VersionOf(string folder)
    {
        var name = Path.GetFileName(folder).Split('-')[^1];
        return name.Contains('.') ? name : name + ".0";
    }
}
