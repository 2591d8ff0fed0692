using System.Diagnostics;
using System.Xml.Linq;

namespace Aspire.Hosting.Local;

/// <summary>
/// Finds the assembly that a project was built to. Running it directly starts a second sooner than <c>dotnet run</c> would.
/// </summary>
internal static class ProjectOutput
{
    // Projects share others, which two builds at once would write over each other.
    private static readonly SemaphoreSlim Building = new(1);

    public static string DotnetHost =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? Environment.ProcessPath!
        : Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } host ? host
        : "dotnet";

    /// <summary>The built assembly. A project that was not built together with the AppHost is built now.</summary>
    public static async Task<string> FindAsync(string projectFile, Action<string> progress, CancellationToken cancellation)
    {
        if (!File.Exists(projectFile)) throw new DistributedApplicationException($"there is no project {projectFile}");
        if (Find(projectFile) is { } built) return built;
        await Building.WaitAsync(cancellation);
        try
        {
            progress($"building {Path.GetFileName(projectFile)}");
            var output = await BuildAsync(projectFile, cancellation);
            if (Find(projectFile) is { } now) return now;
            var reason = output.Split('\n', StringSplitOptions.TrimEntries)
                .FirstOrDefault(line => line.Contains(" error ", StringComparison.Ordinal));
            throw new DistributedApplicationException($"{projectFile} does not build: {reason ?? "no assembly that runs came out of it"}");
        }
        finally
        {
            Building.Release();
        }
    }

    private static async Task<string> BuildAsync(string projectFile, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo(DotnetHost, ["build", projectFile, "-c", Configuration, "-nodeReuse:false", "-v:q", "-nologo"])
        {
            RedirectStandardOutput = true,
        };
        using var build = Process.Start(start)!;
        try
        {
            var output = await build.StandardOutput.ReadToEndAsync(cancellation);
            await build.WaitForExitAsync(cancellation);
            return output;
        }
        catch (OperationCanceledException)
        {
            build.Kill(entireProcessTree: true);
            throw;
        }
    }

    // bin/<configuration>/<framework>/<assembly>.dll, in the configuration and framework that the AppHost itself was built in.
    private static string? Find(string projectFile)
    {
        var folder = Path.Combine(Path.GetDirectoryName(projectFile)!, "bin", Configuration, Framework);
        if (!Directory.Exists(folder)) return null;
        var name = Path.GetFileNameWithoutExtension(projectFile);
        var named = XDocument.Load(projectFile).Descendants("AssemblyName").FirstOrDefault()?.Value.Trim();
        const string runs = ".runtimeconfig.json";
        var programs = Directory.EnumerateFiles(folder, "*" + runs).Select(file => Path.GetFileName(file)[..^runs.Length]).ToList();
        // The name may also come from a Directory.Build.props that puts the company's before it.
        var assembly = programs.Find(program => program == named)
            ?? programs.Find(program => program == name || program.EndsWith("." + name, StringComparison.Ordinal));
        return assembly is null ? null : Path.Combine(folder, assembly + ".dll");
    }

    private static string Framework => new DirectoryInfo(AppContext.BaseDirectory).Name;

    private static string Configuration => new DirectoryInfo(AppContext.BaseDirectory).Parent?.Name ?? "Debug";
}
