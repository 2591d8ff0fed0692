using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Governance.LocalServers;
using Xunit;

namespace Governance.EndToEnd.Tests;

/// <summary>
/// Clients that nobody here wrote: Debian's grpcio and npm's grpc-js. What they need is installed, each is run once against the stack,
/// and what it saw is kept by check.
/// </summary>
internal sealed class ForeignClients(RunningStack stack, Scratch scratch)
{
    private static readonly string Clients = Path.Combine(Programs.Root, "tests", "EndToEnd.Tests", "clients");
    private static readonly string Protos = Path.Combine(Programs.Root, "src", "Contracts", "protos");

    // grpcio's own packages for these two are not in Debian.
    private static readonly string HealthProtos = Path.Combine(Programs.Root, "src", "StandIns", "Grpc.AspNetCore.HealthChecks", "Protos");
    private static readonly string ReflectionProtos =
        Path.Combine(Programs.Root, "src", "StandIns", "Grpc.AspNetCore.Server.Reflection", "Protos");

    private readonly ConcurrentDictionary<string, Lazy<Task<IReadOnlyDictionary<string, JsonNode>>>> runs = new();

    /// <summary>What the client saw in one check.</summary>
    public async Task<JsonNode> SawAsync(string client, string check)
    {
        var run = runs.GetOrAdd(client, name => new(() => name == "python" ? RunPythonAsync() : RunJsAsync()));
        return (await run.Value)[check];
    }

    private async Task<IReadOnlyDictionary<string, JsonNode>> RunPythonAsync()
    {
        await InstallAsync(
            "python3-grpcio", "protobuf-compiler-grpc",
            new Requirement("protobuf-compiler", () => OnPath("protoc")),
            // The protos of timestamps and durations.
            "libprotobuf-dev");
        var stubs = Directory.CreateDirectory(scratch.At("stubs")).FullName;
        string[] folders = [Protos, HealthProtos, ReflectionProtos];
        var files = folders.SelectMany(folder => Directory.EnumerateFiles(folder, "*.proto", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(folder, file)));
        await RunAsync("protoc",
        [
            .. folders.Select(folder => $"-I{folder}"), $"--python_out={stubs}", $"--grpc_out={stubs}",
            "--plugin=protoc-gen-grpc=/usr/bin/grpc_python_plugin", .. files,
        ], scratch.Folder);
        // Debian's own Python: another one on the path does not see Debian's packages.
        return Facts(await RunAsync("/usr/bin/python3", [Path.Combine(Clients, "python", "client.py"), Settings(stubs)], scratch.Folder));
    }

    private async Task<IReadOnlyDictionary<string, JsonNode>> RunJsAsync()
    {
        await InstallAsync(new Requirement("nodejs", () => OnPath("node")), new Requirement("npm", () => OnPath("npm")));
        var folder = Directory.CreateDirectory(scratch.At("js")).FullName;
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Clients, "js")))
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        await RunAsync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], folder);
        return Facts(await RunAsync("node", ["client.js", Settings("")], folder));
    }

    private string Settings(string stubs) => new JsonObject
    {
        ["stubs"] = stubs,
        ["protos"] = new JsonArray(Protos, HealthProtos, ReflectionProtos),
        ["grids"] = stack.Address("grids").Authority,
        ["organisations"] = stack.Address("organisations").Authority,
        ["token"] = stack.Token("officer,operator"),
        ["city"] = RunningStack.City,
    }.ToJsonString();

    private static Task InstallAsync(params Requirement[] requirements) =>
        ServerBinaries.EnsureAsync(requirements, line => TestContext.Current.SendDiagnosticMessage(line));

    private static async Task<Ran> RunAsync(string program, IEnumerable<string> arguments, string folder)
    {
        var ran = await Programs.RunAsync(program, arguments, folder);
        return ran.ExitCode == 0 ? ran : throw new InvalidOperationException($"{program} failed: {ran}");
    }

    // One line a check, as in {"check": "unary", "grids": 552}.
    private static Dictionary<string, JsonNode> Facts(Ran ran) =>
        ran.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!)
            .ToDictionary(facts => facts["check"]!.GetValue<string>());

    private static string? OnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);
}
