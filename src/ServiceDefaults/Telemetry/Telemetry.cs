using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Governance.ServiceDefaults.Telemetry;

/// <summary>
/// Structured logs on the console, always; traces, metrics and logs over OTLP when <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is
/// set. Messages name ids, methods and counts, never people.
/// </summary>
public static class Telemetry
{
    private static readonly string[] Sources = ["Microsoft.AspNetCore", "System.Net.Http", "Npgsql", "MassTransit", "Governance.*"];
    private static readonly string[] Meters =
        ["Microsoft.AspNetCore.*", "System.Net.Http", "System.Runtime", "Npgsql", "MassTransit", "Governance.*"];

    public static void AddTelemetry(this IHostApplicationBuilder builder, string service)
    {
        builder.Logging.ClearProviders();
        builder.Logging.AddJsonConsole(options =>
        {
            options.UseUtcTimestamp = true;
            options.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";
        });
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        builder.Logging.AddFilter("Grpc", LogLevel.Warning);
        builder.Logging.AddFilter("System.Net.Http", LogLevel.Warning);
        builder.Logging.AddFilter("Npgsql", LogLevel.Warning);
        builder.Logging.AddFilter("MassTransit", LogLevel.Warning);

        if (builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"] is not { Length: > 0 })
        {
            // Whoever may log a request has a trace made of each; here nobody would see it.
            builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
            return;
        }

        var resource = ResourceBuilder.CreateDefault().AddService($"governance-{service}");
        builder.Logging.AddOpenTelemetry(options => options.SetResourceBuilder(resource).AddOtlpExporter());
        builder.Services.AddSingleton(_ => Sdk.CreateTracerProviderBuilder().ConfigureServices(UseConfiguration)
            .SetResourceBuilder(resource).AddSource(Sources).AddOtlpExporter().Build());
        builder.Services.AddSingleton(_ => Sdk.CreateMeterProviderBuilder().ConfigureServices(UseConfiguration)
            .SetResourceBuilder(resource).AddMeter(Meters).AddOtlpExporter().Build());
        builder.Services.AddHostedService<TelemetryLifetime>();

        // By themselves the exporters see the process's environment only, and would send elsewhere than where we were told.
        void UseConfiguration(IServiceCollection services) => services.AddSingleton<IConfiguration>(builder.Configuration);
    }

    /// <summary>
    /// Providers begin to listen when they are made. They end here, all at once and within a limit: left to the container,
    /// a collector that does not answer would hold up the end of the process three times over. Each ends on a thread of its
    /// own: ending blocks, and on two cores three blocked threads of the pool leave none to speak with the collector.
    /// </summary>
    private sealed class TelemetryLifetime(TracerProvider traces, MeterProvider metrics, LoggerProvider logs) : IHostedService
    {
        private const int PatienceMilliseconds = 2000;

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.WhenAll(
            OnThread(() => traces.Shutdown(PatienceMilliseconds)),
            OnThread(() => metrics.Shutdown(PatienceMilliseconds)),
            OnThread(() => logs.Shutdown(PatienceMilliseconds)));

        private static Task OnThread(Func<bool> shutdown) => Task.Factory.StartNew(
            shutdown, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }
}
