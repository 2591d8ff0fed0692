using System.Security.Cryptography;
using System.Text;

namespace Governance.LocalServers;

/// <summary>The folder a server keeps its data, settings, log and secrets in. Held by one process at a time.</summary>
internal sealed class DataFolder : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode Traversable = OwnerOnly | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
    private const UnixFileMode OwnerFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly FileStream held;

    private DataFolder(string path, FileStream held)
    {
        Path = path;
        this.held = held;
    }

    public string Path { get; }

    /// <param name="asked">Where the caller wants the data.</param>
    /// <param name="othersEnter">The server runs as another user, who must be able to walk down to the folder.</param>
    public static DataFolder Open(string asked, bool othersEnter)
    {
        asked = System.IO.Path.GetFullPath(asked);
        var path = Place(asked, othersEnter);
        FileStream held;
        try
        {
            held = new FileStream(System.IO.Path.Combine(path, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException busy) when (busy is not FileNotFoundException and not DirectoryNotFoundException)
        {
            throw new LocalServerException($"the data in {asked} is in use by another running process; stop that one first", busy);
        }
        return new DataFolder(path, held);
    }

    /// <summary>Deletes the data, also where it had to live elsewhere.</summary>
    public static void Delete(string asked)
    {
        asked = System.IO.Path.GetFullPath(asked);
        if (Directory.ResolveLinkTarget(asked, returnFinalTarget: true) is { } target)
        {
            if (target.Exists) Directory.Delete(target.FullName, recursive: true);
            File.Delete(asked);
        }
        else if (Directory.Exists(asked))
        {
            Directory.Delete(asked, recursive: true);
        }
    }

    public string At(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>A random secret, made once and kept readable by its owner alone.</summary>
    public string Secret(string name)
    {
        if (File.Exists(At(name)) && File.ReadAllText(At(name)).Trim() is { Length: > 0 } kept) return kept;
        var made = RandomNumberGenerator.GetHexString(32, lowercase: true);
        Write(name, made);
        return made;
    }

    public string Write(string name, string content)
    {
        var path = At(name);
        File.Delete(path);
        using (var file = new FileStream(path,
            new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerFile }))
        {
            file.Write(Encoding.UTF8.GetBytes(content));
        }
        return path;
    }

    public void Dispose() => held.Dispose();

    private static string Place(string asked, bool othersEnter)
    {
        if (new DirectoryInfo(asked).LinkTarget is { } linked)
        {
            Directory.CreateDirectory(linked, Traversable);
            return linked;
        }
        if (!othersEnter || AllCanEnter(System.IO.Path.GetDirectoryName(asked)!))
        {
            Directory.CreateDirectory(asked, othersEnter ? Traversable : OwnerOnly);
            if (othersEnter) File.SetUnixFileMode(asked, Traversable);
            return asked;
        }
        if (Directory.Exists(asked))
        {
            if (Directory.EnumerateFileSystemEntries(asked).Any())
                throw new LocalServerException($"the data in {asked} cannot be reached by the server's own user; move it or delete it");
            Directory.Delete(asked);
        }
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(asked)))[..12];
        // Only root gets here, and only root can write there: nobody else can have laid a folder of that name in wait.
        var elsewhere = $"/var/lib/governance-micro/{hash}-{System.IO.Path.GetFileName(asked)}";
        Directory.CreateDirectory(elsewhere, Traversable);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(asked)!);
        Directory.CreateSymbolicLink(asked, elsewhere);
        return elsewhere;
    }

    private static bool AllCanEnter(string folder)
    {
        for (var at = new DirectoryInfo(folder); at is not null; at = at.Parent)
        {
            if (at.Exists && !at.UnixFileMode.HasFlag(UnixFileMode.OtherExecute)) return false;
        }
        return true;
    }
}
