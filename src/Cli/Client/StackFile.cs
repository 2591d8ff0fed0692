using System.Text.Json;
using System.Text.Json.Nodes;

namespace Governance.Cli.Client;

/// <summary>
/// What a running stack says about itself in `.local/stack.json`, as in
/// `{ "resources": { "grids": { "endpoints": { "grpc": "http://127.0.0.1:5102" } } },
/// "parameters": { "signing-key-file": "…", "city": "huaibei" } }`,
/// or shorter, for a stack that was set up by hand, `{ "services": { "grids": { "grpc": "…" } }, "signingKeyFile": "…", "city": "…" }`.
/// More members than these are ignored.
/// </summary>
internal sealed record StackFile(IReadOnlyDictionary<string, string> Grpc, string? SigningKeyFile, string? City)
{
    private static readonly StackFile Absent = new(new Dictionary<string, string>(), null, null);

    /// <summary>The stack that the environment names, else the one of this folder or of the nearest one above it.</summary>
    public static StackFile Find(string directory, Func<string, string?> variable)
    {
        if (variable("GOVERNANCE_STACK") is { Length: > 0 } file)
            return File.Exists(file) ? Read(file) : Absent;
        if (variable("GOVERNANCE_LOCAL") is { Length: > 0 } local)
            return Path.GetFullPath(Path.Combine(local, "stack.json"), directory) is var named && File.Exists(named) ? Read(named) : Absent;
        for (var folder = new DirectoryInfo(directory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, ".local", "stack.json");
            if (File.Exists(path))
                return Read(path);
        }

        return Absent;
    }

    private static StackFile Read(string path)
    {
        try
        {
            var root = JsonNode.Parse(File.ReadAllText(path)) as JsonObject ?? throw new JsonException("not an object");
            var grpc = new Dictionary<string, string>();
            foreach (var name in PublicApi.Services)
            {
                var address = root["services"]?[name]?["grpc"] ?? root["resources"]?[name]?["endpoints"]?["grpc"];
                if (address is not null)
                    grpc[name] = address.GetValue<string>();
            }

            var key = (root["signingKeyFile"] ?? root["parameters"]?["signing-key-file"])?.GetValue<string>();
            var city = (root["city"] ?? root["parameters"]?["city"])?.GetValue<string>();
            // A relative path is meant from the folder that holds .local, where the stack was started.
            var home = Path.GetDirectoryName(Path.GetDirectoryName(path))!;
            return new StackFile(grpc, key is null ? null : Path.GetFullPath(key, home), city);
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException or IOException)
        {
            throw new UsageException($"{path} can't be read: {broken.Message}. Start the stack again, or give the addresses as options.");
        }
    }
}
