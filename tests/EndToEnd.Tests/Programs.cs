using System.Diagnostics;

namespace Governance.EndToEnd.Tests;

/// <summary>What a program that has ended left behind.</summary>
internal sealed record Ran(int ExitCode, string Out, string Error)
{
    public override string ToString() => $"exit code {ExitCode}\n{Out}\n{Error}";
}

/// <summary>Runs programs: those of the suite, as they were built together with these tests, and the machine's own.</summary>
internal static class Programs
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>The folder of the solution.</summary>
    public static string Root { get; } = FindRoot();

    public static string Seeds { get; } = Path.Combine(Root, "seeds");

    public static string Dotnet { get; } =
        Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } host ? host : "dotnet";

    /// <summary>
    /// <c>src/{project}/bin/{configuration}/{framework}/{assembly}.dll</c>, in the configuration and framework of these tests.
    /// </summary>
    public static string Built(string project, string assembly)
    {
        var framework = new DirectoryInfo(AppContext.BaseDirectory);
        var path = Path.Combine(Root, "src", project, "bin", framework.Parent!.Name, framework.Name, assembly + ".dll");
        return File.Exists(path) ? path : throw new FileNotFoundException($"{path} is not built", path);
    }

    /// <summary>The command line, against the stack that a file describes; from the folder of the solution.</summary>
    public static Task<Ran> GovAsync(string stackFile, params string[] arguments) =>
        RunAsync(Dotnet, [Built("Cli", "gov"), .. arguments], Root, new Dictionary<string, string> { ["GOVERNANCE_STACK"] = stackFile });

    public static ProcessStartInfo Command(
        string program, IEnumerable<string> arguments, string folder, IReadOnlyDictionary<string, string>? environment = null)
    {
        var command = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // What a developer has set for a stack of their own must not reach the one under test.
        foreach (var name in command.Environment.Keys.Where(name => name.StartsWith("GOV", StringComparison.Ordinal)).ToList())
            command.Environment.Remove(name);
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            command.Environment[name] = value;
        return command;
    }

    public static async Task<Ran> RunAsync(
        string program, IEnumerable<string> arguments, string folder, IReadOnlyDictionary<string, string>? environment = null)
    {
        using var process = Process.Start(Command(program, arguments, folder, environment))!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        try
        {
            await process.WaitForExitAsync().WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} {string.Join(' ', arguments)} did not end within {Patience}:\n{await output}\n{await error}");
        }
        return new Ran(process.ExitCode, await output, await error);
    }

    private static string FindRoot()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "Directory.Packages.props")))
                return at.FullName;
        }
        throw new DirectoryNotFoundException($"no Directory.Packages.props above {AppContext.BaseDirectory}");
    }
}
