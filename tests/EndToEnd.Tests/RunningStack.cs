using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json.Nodes;
using Governance.LocalServers;
using Governance.TestKit;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;

namespace Governance.EndToEnd.Tests;

/// <summary>The whole suite as its users start it: the AppHost as a process, on free ports, with its data in a folder of its own.</summary>
internal sealed class RunningStack : IAsyncDisposable
{
    public const string City = "3406";

    private static readonly TimeSpan StartPatience = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, GrpcChannel> channels = new();
    private readonly ConcurrentQueue<string> lines = new();
    private readonly Process process;
    private readonly string folder;

    private RunningStack(Process process, string folder)
    {
        this.process = process;
        this.folder = folder;
    }

    /// <summary>From the start of the process until the stack called itself ready.</summary>
    public TimeSpan StartTook { get; private set; }

    public string StackFile => Path.Combine(folder, "stack.json");

    /// <summary>What it has written to the terminal so far.</summary>
    public IReadOnlyList<string> Lines => [.. lines];

    private string SigningKey => File.ReadAllText(Path.Combine(folder, "signing.key")).Trim();

    public static async Task<RunningStack> StartAsync(string folder)
    {
        var watch = Stopwatch.StartNew();
        var stack = new RunningStack(Process.Start(AppHost("--local", folder, "--port-base", "auto"))!, folder);
        stack.process.StandardInput.Close();
        stack.Listen();
        try
        {
            await Eventually.BecomesAsync(
                () => stack.process.HasExited
                    ? throw new InvalidOperationException($"The AppHost ended (exit code {stack.process.ExitCode}):\n{string.Join('\n', stack.Lines)}")
                    : Task.FromResult(stack.Describe()?["ready"]?.GetValue<bool>()),
                ready => ready is true,
                StartPatience);
        }
        catch (Exception failure)
        {
            await stack.DisposeAsync();
            throw new InvalidOperationException($"The stack did not start. It said:\n{string.Join('\n', stack.Lines)}", failure);
        }
        stack.StartTook = watch.Elapsed;
        return stack;
    }

    /// <summary>A start that is expected to fail.</summary>
    public static async Task<Ran> FailToStartAsync(params string[] options)
    {
        var command = AppHost(options);
        return await Programs.RunAsync(command.FileName, command.ArgumentList, command.WorkingDirectory);
    }

    /// <summary>Pids of one resource with all that it has started, as the stack tells them.</summary>
    public IReadOnlyList<int> PidsOf(string resource) =>
        [.. Describe()?["resources"]?[resource]?["pids"]?.AsArray().Select(pid => pid!.GetValue<int>()) ?? []];

    /// <summary>Every process of the stack, itself included.</summary>
    public IReadOnlyList<int> Pids() =>
        [process.Id, .. Describe()!["resources"]!.AsObject().SelectMany(resource => PidsOf(resource.Key)).Distinct()];

    public Uri Address(string service) => new(Describe()!["resources"]![service]!["endpoints"]!["grpc"]!.GetValue<string>());

    public Uri HealthAddress(string service) => new(Describe()!["resources"]![service]!["endpoints"]!["http"]!.GetValue<string>());

    public string Token(string role, string territory = City, string subject = "somebody") =>
        TestTokens.Make(role, territory, subject, key: SigningKey);

    public string ExpiredToken(string role) => TestTokens.Make(role, City, key: SigningKey, validFor: TimeSpan.FromHours(-1));

    public GrpcChannel Channel(string service) =>
        channels.GetOrAdd(service, name => GrpcChannel.ForAddress(Address(name), new GrpcChannelOptions { MaxSendMessageSize = null }));

    public CallInvoker As(string service, string role, string territory = City) => With(service, $"Bearer {Token(role, territory)}");

    /// <summary>Calls with this authorization, or without any. Errors come in English.</summary>
    public CallInvoker With(string service, string? authorization) => Channel(service).Intercept(headers =>
    {
        if (authorization is not null)
            headers.Add("authorization", authorization);
        headers.Add("accept-language", "en");
        return headers;
    });

    public Task<Ran> GovAsync(params string[] arguments) => Programs.GovAsync(StackFile, arguments);

    /// <summary>SIGTERM to the AppHost; how long all of it took to end.</summary>
    public async Task<(TimeSpan Took, int ExitCode)> TerminateAsync()
    {
        var watch = Stopwatch.StartNew();
        Native.Kill(process.Id, Native.SigTerm);
        await process.WaitForExitAsync().WaitAsync(StopPatience);
        return (watch.Elapsed, process.ExitCode);
    }

    /// <summary>Kill -9 to one resource and all that it has started.</summary>
    public void Kill(string resource)
    {
        foreach (var pid in PidsOf(resource))
            Native.Kill(pid, Native.SigKill);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var channel in channels.Values)
            channel.Dispose();
        if (!process.HasExited)
            await TerminateAsync();
        process.Dispose();
    }

    private static ProcessStartInfo AppHost(params string[] options) =>
        Programs.Command(Programs.Dotnet, [Programs.Built("AppHost", "Governance.AppHost"), .. options], Programs.Root);

    // Null as long as there is none.
    private JsonNode? Describe() => File.Exists(StackFile) ? JsonNode.Parse(File.ReadAllText(StackFile)) : null;

    private void Listen()
    {
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();

        void Keep(string? line)
        {
            if (line is not null)
                lines.Enqueue(line);
        }
    }
}
