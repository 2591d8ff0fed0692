namespace Governance.Cli;

/// <summary>What the command line takes from its process, so that a test can give it something else.</summary>
internal sealed record CliHost(
    TextWriter Out,
    TextWriter Error,
    Func<string, string?> Variable,
    string Directory,
    TimeProvider Clock,
    bool Interactive)
{
    /// <summary>A path as the user wrote it, from where the user stands.</summary>
    public string Absolute(string path) => Path.GetFullPath(path, Directory);

    public static CliHost OfThisProcess() => new(
        Console.Out,
        Console.Error,
        Environment.GetEnvironmentVariable,
        Environment.CurrentDirectory,
        TimeProvider.System,
        !Console.IsOutputRedirected);
}
