using Governance.LocalServers;
using Governance.Organisations.V1;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Governance.Grids.Tests;

/// <summary>The other side of a call to Organisations, on a real port; the whole chain is tested end to end elsewhere.</summary>
internal sealed class FakeDirectory : IAsyncDisposable
{
    private readonly int port = Ports.Free();
    private WebApplication? app;

    public string Address => $"http://127.0.0.1:{port}";

    public async Task StartAsync()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k => k.ListenLocalhost(port, l => l.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc();
        app = builder.Build();
        app.MapGrpcService<Answers>();
        await app.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (app is not null)
            await app.DisposeAsync();
    }

    private sealed class Answers : Organisations.V1.Directory.DirectoryBase
    {
        public override Task<GetOrganisationResponse> GetOrganisation(GetOrganisationRequest request, ServerCallContext context) =>
            Guid.Parse(request.Id) is var id && id == GridsFixture.UnknownOrganisation
                ? throw new RpcException(new Status(StatusCode.NotFound, "no such organisation"))
                : id == GridsFixture.SilentOrganisation
                ? throw new RpcException(new Status(StatusCode.Unavailable, "the directory is away"))
                : Task.FromResult(new GetOrganisationResponse
                {
                    Organisation = new Organisation
                    {
                        Id = request.Id,
                        Name = $"部门 {request.Id[..4]}",
                        Kind = OrganisationKind.LawEnforcementDepartment,
                        Territory = id == GridsFixture.ForeignOrganisation ? GridsFixture.OtherCity : GridsFixture.City,
                    },
                });
    }
}
