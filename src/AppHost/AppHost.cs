// The whole system on one page. Runs with Aspire, and with local processes where Aspire's packages are not to be had.
#pragma warning disable ASPIREDOTNETPROJECT001 // AddDotnetProject is marked experimental in Aspire 17.
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Dotnet;
using Governance.AppHost;

if (Launch.Parse(args) is not { } launch) return;
var builder = DistributedApplication.CreateBuilder(launch.Configuration);

var postgres = builder.AddPostgres("postgres", port: launch.Port(15432)).WithImageTag("18").WithDataVolume("governance-postgres");
var redis = builder.AddRedis("redis", port: launch.Port(16379));
var rabbitmq = builder.AddRabbitMQ("rabbitmq", port: launch.Port(15673)).WithDataVolume("governance-rabbitmq");

var signingKey = builder.AddParameter("signing-key", launch.SigningKey, secret: true);
builder.AddParameter("signing-key-file", launch.SigningKeyFile);
builder.AddParameter("city", launch.City);

var organisations = AddService("organisations", "Organisations", 1);
var grids = AddService("grids", "Grids", 2).WithReference(organisations)
    .WithHttpEndpoint(launch.Port(5302), name: "open311", env: "OPEN311_PORT", isProxied: false)
    .WithEnvironment("Open311__Keys", launch.Open311KeyFile())
    .WithEnvironment("Webhooks__AllowedNetworks__0", "127.0.0.0/8"); // a developer's receiver listens on this machine
var volunteers = AddService("volunteers", "Volunteers", 3).WithReference(organisations);
var properties = AddService("properties", "Properties", 4).WithReference(organisations);

builder.AddDotnetProject("seed", "../Cli/Cli.csproj")
    .WithArgs("seed", "load", launch.City, "--packs", launch.Packs, "--unless-loaded", launch.LoadedFile)
    .WithReference(organisations).WaitFor(organisations)
    .WithReference(grids).WaitFor(grids)
    .WithReference(volunteers).WaitFor(volunteers)
    .WithReference(properties).WaitFor(properties)
    .WithEnvironment("Identity__SigningKey", signingKey);

builder.Eventing.Subscribe<AfterResourcesCreatedEvent>((_, _) => launch.SayHowToCallAsync());
builder.Build().Run();

// A service has a database of its own, a gRPC port (HTTP/2) and beside it a port for health checks (HTTP/1.1).
IResourceBuilder<DotnetProjectResource> AddService(string name, string project, int number)
{
    // Resources share one space of names: the process has the plain name, and the connection string has it too.
    var database = postgres.AddDatabase($"{name}-db", databaseName: name);
    return builder.AddDotnetProject(name, $"../Services/{project}/{project}.csproj")
        .WithHttpEndpoint(launch.Port(5100 + number), name: "grpc", env: "GRPC_PORT", isProxied: false)
        .WithEndpoint("grpc", endpoint => endpoint.Transport = "http2")
        .WithHttpEndpoint(launch.Port(5200 + number), name: "http", env: "HTTP_PORT", isProxied: false)
        .WithHttpHealthCheck("/ready", endpointName: "http")
        .WithReference(database, connectionName: name).WaitFor(database)
        .WithReference(redis).WaitFor(redis)
        .WithReference(rabbitmq).WaitFor(rabbitmq)
        .WithEnvironment("Identity__SigningKey", signingKey)
        .WithEnvironment("Privacy__KeyFile", launch.PrivacyKeyFile());
}
