using System.Security.Cryptography;
using System.Text;

namespace Governance.Cli.Pack;

/// <summary>A file that remembers which pack was loaded, so that a stack that starts again need not be told all of it again.</summary>
internal sealed class LoadedPack
{
    private readonly string path;
    private readonly string fingerprint;

    private LoadedPack(string path, string fingerprint, string? city)
    {
        this.path = path;
        this.fingerprint = fingerprint;
        City = city;
    }

    /// <summary>Code of the city when the pack was loaded as it is now; null otherwise.</summary>
    public string? City { get; }

    public static LoadedPack Of(string folder, bool withHistory, string path)
    {
        var fingerprint = FingerprintOf(folder, withHistory);
        var written = File.Exists(path) ? File.ReadAllText(path).Split(' ', StringSplitOptions.TrimEntries) : [];
        return new LoadedPack(path, fingerprint, written.Length == 2 && written[1] == fingerprint ? written[0] : null);
    }

    /// <summary>Before a load: one that is cut off is no load.</summary>
    public void Forget() => File.Delete(path);

    public void Write(string city) => File.WriteAllText(path, $"{city} {fingerprint}\n");

    /// <summary>Of the files and of this program, which makes the rows out of them.</summary>
    private static string FingerprintOf(string folder, bool withHistory)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(typeof(LoadedPack).Module.ModuleVersionId.ToByteArray());
        hash.AppendData([(byte)(withHistory ? 1 : 0)]);
        var files = System.IO.Directory.Exists(folder) ? System.IO.Directory.GetFiles(folder, "*", SearchOption.AllDirectories) : [];
        foreach (var file in files.Order(StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(Path.GetRelativePath(folder, file)));
            hash.AppendData(SHA256.HashData(File.ReadAllBytes(file)));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
