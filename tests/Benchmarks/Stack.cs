using System.Text.Json.Nodes;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Identity;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Npgsql;

namespace Governance.Benchmarks;

/// <summary>The running stack, as its stack.json describes it.</summary>
internal sealed class Stack
{
    public const string City = "3406";

    /// <summary>Whose cases and requests are ours, and may be deleted afterwards.</summary>
    public const string Subject = "benchmark";

    private readonly JsonNode file;
    private readonly SigningCredentials credentials;

    private Stack(string path)
    {
        file = JsonNode.Parse(File.ReadAllText(path))!;
        var key = File.ReadAllText(file["parameters"]!["signing-key-file"]!.GetValue<string>()).Trim();
        credentials = new SigningCredentials(new SymmetricSecurityKey(Convert.FromBase64String(key)), SecurityAlgorithms.HmacSha256);
        Processes = [.. Names.Select(name => new ProcessGroup(name, [.. file["resources"]![name]!["pids"]!.AsArray().Select(p => p!.GetValue<int>())]))];
    }

    private static readonly string[] Names = ["organisations", "grids", "volunteers", "properties", "postgres", "rabbitmq", "redis"];

    public static IReadOnlyList<string> Services => Names[..4];

    public IReadOnlyList<ProcessGroup> Processes { get; }

    public static Stack? Find()
    {
        if (Environment.GetEnvironmentVariable("GOVERNANCE_STACK") is { Length: > 0 } named)
            return File.Exists(named) ? new Stack(named) : null;
        for (var folder = new DirectoryInfo(Directory.GetCurrentDirectory()); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, ".local", "stack.json");
            if (File.Exists(path))
                return new Stack(path);
        }
        return null;
    }

    public string Connection(string name) => file["connectionStrings"]![name]!.GetValue<string>();

    public NpgsqlDataSource Database(string service) => ServiceDatabase.CreateSource(Connection($"{service}-db"), "governance-benchmarks");

    /// <summary>As many connections as asked for, each with its own socket.</summary>
    public IReadOnlyList<GrpcChannel> Channels(string service, int count) =>
        Open(file["resources"]![service]!["endpoints"]!["grpc"]!.GetValue<string>(), count);

    public static IReadOnlyList<GrpcChannel> Open(string address, int count) =>
    [
        .. Enumerable.Range(0, count).Select(_ => GrpcChannel.ForAddress(address, new GrpcChannelOptions
        {
            HttpHandler = new SocketsHttpHandler { EnableMultipleHttp2Connections = false },
            DisposeHttpClient = true,
        })),
    ];

    public Metadata Token(string role)
    {
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        var token = new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Issuer = IdentityOptions.LocalIssuer,
            Audience = IdentityOptions.DefaultAudience,
            IssuedAt = now,
            NotBefore = now,
            Expires = now.AddHours(2),
            SigningCredentials = credentials,
            Claims = new Dictionary<string, object> { ["sub"] = Subject, ["roles"] = new[] { role }, ["territory"] = role is Roles.Operator ? "*" : City },
        });
        return new Metadata { { "authorization", $"Bearer {token}" }, { "accept-language", "en" } };
    }
}
