using System.Diagnostics;
using Google.Protobuf;
using Governance.Grids.V1;
using Governance.ServiceDefaults.Identity;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Governance.Benchmarks;

/// <summary>
/// GetCase of cases that are in Redis and GetGrid from memory, each against a gRPC service that does nothing but give the same answer.
/// </summary>
internal static class Read
{
    private const int Records = 1000;

    public static async Task RunAsync(Stack stack, Settings settings)
    {
        await using var grids = stack.Database("grids");
        var token = stack.Token(Roles.Operator);
        var channels = stack.Channels("grids", Load.Connections);
        var clients = channels.Select(c => new Cases.CasesClient(c)).ToArray();
        try
        {
            var places = await Intake.PlacesAsync(stack);
            var ids = new string[Records];
            await Parallel.ForAsync(0, Records, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, _) =>
                ids[i] = (await clients[i % clients.Length].ReportCaseAsync(Intake.Request(places), token)).Case.Id);

            var answer = await clients[0].GetCaseAsync(new GetCaseRequest { Id = ids[0] }, token);
            await CompareAsync("read, from Redis", answer, channel => new Cases.CasesClient(channel), client => GetAsync(client, ids, token));

            var codes = (await new Boundaries.BoundariesClient(channels[0]).ListGridsAsync(
                new ListGridsRequest { Territory = Stack.City, PageSize = 200 }, token)).Grids.Select(g => g.Code).ToArray();
            var grid = await new Boundaries.BoundariesClient(channels[0]).GetGridAsync(new GetGridRequest { Code = codes[0] }, token);
            await CompareAsync(
                "read, from memory", grid, channel => new Boundaries.BoundariesClient(channel),
                async client => await client.GetGridAsync(new GetGridRequest { Code = codes[Random.Shared.Next(codes.Length)] }, token));
        }
        finally
        {
            await Intake.ForgetAsync(grids);
        }

        async Task CompareAsync<TClient>(string name, IMessage answer, Func<GrpcChannel, TClient> over, Func<TClient, Task> ask)
        {
            using var bare = await AnswerHost.StartAsync(answer);
            var (ours, limit) = (channels.Select(over).ToArray(), bare.Channels.Select(over).ToArray());
            await Load.RunAsync(settings.WarmUp / 2, [], i => ask(limit[i % limit.Length]));
            await Load.RunAsync(settings.WarmUp, [], i => ask(ours[i % ours.Length]));
            await Report.InTurnsAsync(
                name, "answers/s", "a bare gRPC service with the same answer", settings.Rounds,
                () => Load.RunAsync(settings.Round, [bare.Processes, ProcessGroup.Self], i => ask(limit[i % limit.Length])),
                () => Load.RunAsync(settings.Round, [.. stack.Processes, ProcessGroup.Self], i => ask(ours[i % ours.Length])));
        }
    }

    private static async Task GetAsync(Cases.CasesClient client, string[] ids, Metadata token) =>
        await client.GetCaseAsync(new GetCaseRequest { Id = ids[Random.Shared.Next(ids.Length)] }, token);
}

/// <summary>A process of its own, so that its CPU can be told from the client's.</summary>
internal sealed class AnswerHost : IDisposable
{
    private readonly Process process;

    private AnswerHost(Process process, string address)
    {
        this.process = process;
        Processes = new ProcessGroup("bare_grpc", [process.Id]);
        Channels = Stack.Open(address, Load.Connections);
    }

    public ProcessGroup Processes { get; }

    public IReadOnlyList<GrpcChannel> Channels { get; }

    public static async Task<AnswerHost> StartAsync(IMessage answer)
    {
        var process = Process.Start(new ProcessStartInfo(
            Environment.ProcessPath!, [.. Entry(), "serve-answer", answer.Descriptor.Name, Convert.ToBase64String(answer.ToByteArray())])
        { RedirectStandardOutput = true, RedirectStandardInput = true })!;
        return await process.StandardOutput.ReadLineAsync() is { } address
            ? new AnswerHost(process, address)
            : throw new InvalidOperationException("the bare gRPC service did not start");
    }

    public static async Task<int> RunAsync(string kind, byte[] answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0, o => o.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc();
        var isCase = kind == GetCaseResponse.Descriptor.Name;
        builder.Services.AddSingleton(isCase ? GetCaseResponse.Parser.ParseFrom(answer) : new GetCaseResponse());
        builder.Services.AddSingleton(isCase ? new GetGridResponse() : GetGridResponse.Parser.ParseFrom(answer));
        var app = builder.Build();
        app.MapGrpcService<CaseAnswer>();
        app.MapGrpcService<GridAnswer>();
        await app.StartAsync();
        Console.WriteLine(app.Urls.Single());
        // Ends with the process that started it, however that ends.
        await Console.In.ReadToEndAsync();
        await app.StopAsync();
        return 0;
    }

    public void Dispose()
    {
        process.StandardInput.Close();
        if (!process.WaitForExit(5000))
            process.Kill();
        process.Dispose();
    }

    // Started as "dotnet Governance.Benchmarks.dll", the process's own path is that of dotnet.
    private static string[] Entry() =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) is "dotnet" ? [typeof(AnswerHost).Assembly.Location] : [];

    private sealed class CaseAnswer(GetCaseResponse answer) : Cases.CasesBase
    {
        public override Task<GetCaseResponse> GetCase(GetCaseRequest request, ServerCallContext context) => Task.FromResult(answer);
    }

    private sealed class GridAnswer(GetGridResponse answer) : Boundaries.BoundariesBase
    {
        public override Task<GetGridResponse> GetGrid(GetGridRequest request, ServerCallContext context) => Task.FromResult(answer);
    }
}
