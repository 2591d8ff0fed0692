using System.Diagnostics;
using Google.Protobuf;
using Governance.Grids.V1;
using Governance.ServiceDefaults.Identity;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Governance.Benchmarks;

/// <summary>GetCase of cases that are in the cache, against a gRPC service that does nothing but give the same answer.</summary>
internal static class Read
{
    private const int Records = 1000;

    public static async Task RunAsync(Stack stack, Settings settings)
    {
        await using var grids = stack.Database("grids");
        var token = stack.Token(Roles.Operator);
        var clients = stack.Channels("grids", Load.Connections).Select(c => new Cases.CasesClient(c)).ToArray();
        try
        {
            var places = await Intake.PlacesAsync(stack);
            var ids = new string[Records];
            await Parallel.ForAsync(0, Records, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, _) =>
                ids[i] = (await clients[i % clients.Length].ReportCaseAsync(Intake.Request(places), token)).Case.Id);

            var answer = await clients[0].GetCaseAsync(new GetCaseRequest { Id = ids[0] }, token);
            using var echo = await AnswerHost.StartAsync(answer);
            var echoes = echo.Clients;

            await Load.RunAsync(settings.WarmUp / 2, [], i => GetAsync(echoes[i % echoes.Length], ids, token));
            await Load.RunAsync(settings.WarmUp, [], i => GetAsync(clients[i % clients.Length], ids, token));
            await Report.InTurnsAsync(
                "read", "answers/s", "a bare gRPC service with the same answer", settings.Rounds,
                () => Load.RunAsync(settings.Round, [echo.Processes, ProcessGroup.Self], i => GetAsync(echoes[i % echoes.Length], ids, token)),
                () => Load.RunAsync(settings.Round, [.. stack.Processes, ProcessGroup.Self], i => GetAsync(clients[i % clients.Length], ids, token)));
        }
        finally
        {
            await Intake.ForgetAsync(grids);
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
        Clients = [.. Stack.Open(address, Load.Connections).Select(c => new Cases.CasesClient(c))];
    }

    public ProcessGroup Processes { get; }

    public Cases.CasesClient[] Clients { get; }

    public static async Task<AnswerHost> StartAsync(GetCaseResponse answer)
    {
        var process = Process.Start(new ProcessStartInfo(
            Environment.ProcessPath!, [.. Entry(), "serve-answer", Convert.ToBase64String(answer.ToByteArray())])
        { RedirectStandardOutput = true, RedirectStandardInput = true })!;
        return await process.StandardOutput.ReadLineAsync() is { } address
            ? new AnswerHost(process, address)
            : throw new InvalidOperationException("the bare gRPC service did not start");
    }

    public static async Task<int> RunAsync(byte[] answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0, o => o.Protocols = HttpProtocols.Http2));
        builder.Services.AddSingleton(GetCaseResponse.Parser.ParseFrom(answer));
        builder.Services.AddGrpc();
        var app = builder.Build();
        app.MapGrpcService<AnswerService>();
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

    private sealed class AnswerService(GetCaseResponse answer) : Cases.CasesBase
    {
        public override Task<GetCaseResponse> GetCase(GetCaseRequest request, ServerCallContext context) => Task.FromResult(answer);
    }
}
