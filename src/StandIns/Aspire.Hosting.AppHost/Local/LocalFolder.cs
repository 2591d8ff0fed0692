namespace Aspire.Hosting.Local;

/// <summary>Where a stack keeps what belongs to this machine: data, logs, keys and the file that describes what runs.</summary>
internal sealed class LocalFolder
{
    private FileStream? held;

    /// <summary>Configuration <c>local</c> names the folder; otherwise it is <c>.local</c> at the root of the repository.</summary>
    public LocalFolder(IDistributedApplicationBuilder builder)
    {
        Path = builder.Configuration["local"] is { Length: > 0 } asked
            ? System.IO.Path.GetFullPath(asked)
            : System.IO.Path.Combine(Repository(builder.AppHostDirectory), ".local");
        Root = System.IO.Path.GetDirectoryName(Path)!;
    }

    public string Path { get; }
    public string Logs => System.IO.Path.Combine(Path, "logs");
    public string Run => System.IO.Path.Combine(Path, "run");
    public string StackFile => System.IO.Path.Combine(Path, "stack.json");

    private string Root { get; }

    public string Data(string resource) => System.IO.Path.Combine(Path, resource);
    public string Log(string name) => System.IO.Path.Combine(Logs, name + ".log");

    /// <summary>As short as it can be said from the folder that holds the local one.</summary>
    public string Show(string path) => System.IO.Path.GetRelativePath(Root, path);

    /// <summary>One stack a folder.</summary>
    public void Hold()
    {
        Directory.CreateDirectory(Logs);
        Directory.CreateDirectory(Run);
        try
        {
            held = new FileStream(System.IO.Path.Combine(Path, "stack.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException busy)
        {
            throw new DistributedApplicationException(
                $"a stack already runs from {Path}; stop that one first, or start this one in another folder", busy);
        }
        // A run that was killed could not take its description away.
        File.Delete(StackFile);
    }

    public void Release()
    {
        held?.Dispose();
        held = null;
    }

    private static string Repository(string folder)
    {
        for (var at = new DirectoryInfo(folder); at is not null; at = at.Parent)
        {
            if (at.EnumerateFiles("Directory.Packages.props").Any() || at.EnumerateFiles("*.sln*").Any()) return at.FullName;
        }
        return folder;
    }
}
