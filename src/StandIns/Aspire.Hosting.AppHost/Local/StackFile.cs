using System.Text.Json;

namespace Aspire.Hosting.Local;

/// <summary>
/// The description of a running stack for clients on the same machine. It holds passwords, so only its owner may read it.
/// </summary>
internal sealed record StackDescription(
    int Pid, bool Ready, DateTimeOffset StartedAt, string Folder,
    IReadOnlyDictionary<string, string> Parameters,
    IReadOnlyDictionary<string, string> ConnectionStrings,
    IReadOnlyDictionary<string, StackResource> Resources)
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>In one step, so that no reader sees half of it.</summary>
    public void Write(string path)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        using (var file = new FileStream(path + ".new", options)) JsonSerializer.Serialize(file, this, Options);
        File.Move(path + ".new", path, overwrite: true);
    }
}

internal sealed record StackResource(IReadOnlyDictionary<string, string> Endpoints, IReadOnlyList<int> Pids, string Log);
