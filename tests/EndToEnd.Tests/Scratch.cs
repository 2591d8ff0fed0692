using Governance.LocalServers;

namespace Governance.EndToEnd.Tests;

/// <summary>A folder for one stack, gone afterwards with all that its servers kept.</summary>
internal sealed class Scratch : IDisposable
{
    private static readonly string[] Servers = ["postgres", "redis", "rabbitmq"];

    public Scratch()
    {
        // PostgreSQL's own user has to walk down to its data.
        File.SetUnixFileMode(Folder, (UnixFileMode)0b111_101_101);
    }

    public string Folder { get; } = Directory.CreateTempSubdirectory("governance-e2e-").FullName;

    public string At(string name) => Path.Combine(Folder, name);

    public void Dispose()
    {
        foreach (var server in Servers)
            LocalData.Delete(At(server));
        Directory.Delete(Folder, recursive: true);
    }
}
