using Governance.LocalServers;
using Governance.ServiceDefaults;
using Governance.ServiceDefaults.Database;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Xunit;

namespace Governance.TestKit;

/// <summary>
/// One service in this process on real servers and real ports, with a database of its own: one a test class.
/// <paramref name="create"/> is the service's own Program.Create.
/// </summary>
public abstract class ServiceFixture(TestServers servers, string name, Func<string[], Action<WebApplicationBuilder>, WebApplication> create) : IAsyncLifetime
{
    private WebApplication app = null!;

    /// <summary>A Monday morning in working hours of a year whose holidays are known: 09:00 in China.</summary>
    public static readonly DateTimeOffset Morning = new(2026, 3, 9, 1, 0, 0, TimeSpan.Zero);

    public TestServers Servers { get; } = servers;

    public TestClock Clock { get; } = new();

    public LogScope Logs { get; } = new();

    public GrpcChannel Channel { get; private set; } = null!;

    public Uri HttpAddress { get; private set; } = null!;

    public NpgsqlDataSource Database { get; private set; } = null!;

    public string ConnectionString { get; private set; } = null!;

    public IServiceProvider Services => app.Services;

    /// <summary>Those of whose root the service shows a certificate that <see cref="Settings"/> name; null for plain HTTP/2.</summary>
    protected virtual Certificates? Trusted => null;

    /// <summary>Further settings, as <c>--name=value</c>.</summary>
    protected virtual IEnumerable<string> Settings => [];

    public virtual async ValueTask InitializeAsync()
    {
        Clock.Set(Morning);
        var connection = ConnectionString = await Servers.NewDatabaseAsync(name, MigrateAsync);
        var (grpc, http) = (Ports.Free(), Ports.Free());
        app = create(Arguments(connection, grpc, http), builder =>
        {
            builder.Logging.AddProvider(Logs);
            builder.Services.AddSingleton<TimeProvider>(Clock);
        });
        await app.StartAsync();
        Channel = Trusted is { } trusted
            ? GrpcChannel.ForAddress(
                $"https://127.0.0.1:{grpc}", new GrpcChannelOptions { HttpHandler = trusted.TrustingHandler(), DisposeHttpClient = true })
            : GrpcChannel.ForAddress($"http://127.0.0.1:{grpc}");
        HttpAddress = new Uri($"http://127.0.0.1:{http}");
        Database = NpgsqlDataSource.Create(connection);
    }

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        Channel.Dispose();
        await Database.DisposeAsync();
        await app.StopAsync();
        await app.DisposeAsync();
    }

    /// <summary>Calls as somebody with that role and territory.</summary>
    public CallInvoker As(string role, string territory, string subject = "somebody", Guid? organisation = null) =>
        With(TestTokens.Make(role, territory, subject, organisation));

    /// <summary>Calls with that token, or without any. Errors come in Chinese, as they do unless a caller asks for English.</summary>
    public CallInvoker With(string? token) => Channel.Intercept(headers =>
    {
        if (token is not null)
            headers.Add("authorization", $"Bearer {token}");
        return headers;
    });

    /// <summary>The same calls of somebody who reads English.</summary>
    public static CallInvoker InEnglish(CallInvoker caller) => caller.Intercept(headers =>
    {
        headers.Add("accept-language", "en");
        return headers;
    });

    public async Task<T> ScalarAsync<T>(string sql)
    {
        await using var command = Database.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    private async Task MigrateAsync(string connection)
    {
        await using var source = ServiceDatabase.CreateSource(connection, "tests");
        await new Migrations(source, NullLogger<Migrations>.Instance).RunAsync(
            [typeof(ServiceHost).Assembly, create.Method.DeclaringType!.Assembly], CancellationToken.None);
    }

    private string[] Arguments(string connection, int grpc, int http) =>
    [
        $"--ConnectionStrings:{name}={connection}",
        $"--ConnectionStrings:redis={Servers.Redis.ConnectionString}",
        $"--ConnectionStrings:rabbitmq={Servers.Rabbit.ConnectionString}",
        $"--GRPC_PORT={grpc}",
        $"--HTTP_PORT={http}",
        $"--Identity:SigningKey={TestTokens.SigningKey}",
        $"--Privacy:KeyFile={TestTokens.PrivacyKeyFile}",
        .. Settings,
    ];
}

/// <summary>Base of test classes on a service: after each test, no error may have been logged that the test did not expect.</summary>
public abstract class ServiceTest(ServiceFixture fixture) : IAsyncLifetime
{
    public virtual async ValueTask InitializeAsync()
    {
        fixture.Clock.Set(ServiceFixture.Morning);
        // What an earlier test has written must not reach the queues of this one.
        await Eventually.BecomesAsync(() => fixture.ScalarAsync<long>("select count(*) from outbox"), waiting => waiting is 0);
        fixture.Logs.Clear();
    }

    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        var errors = fixture.Logs.UnexpectedErrors();
        return errors.Count is 0
            ? ValueTask.CompletedTask
            : throw new InvalidOperationException($"The service logged errors that the test did not expect:\n{string.Join('\n', errors)}");
    }
}
