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
    public static CliHost OfThisProcess() => new(
        Console.Out,
        Console.Error,
        Environment.GetEnvironmentVariable,
        Environment.CurrentDirectory,
        TimeProvider.System,
        !Console.IsOutputRedirected);
}
