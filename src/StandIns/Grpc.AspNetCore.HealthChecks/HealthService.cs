using Grpc.Core;
using Grpc.Health.V1;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Grpc.AspNetCore.HealthChecks;

internal sealed class HealthService(
    HealthStatuses statuses,
    HealthCheckService healthChecks,
    IOptions<GrpcHealthChecksOptions> options,
    IHostApplicationLifetime lifetime) : Health.V1.Health.HealthBase
{
    public override async Task<HealthCheckResponse> Check(HealthCheckRequest request, ServerCallContext context)
    {
        if (!options.Value.Services.TryGetValue(request.Service, out var mapping))
            throw new RpcException(new Status(StatusCode.NotFound, $"Service '{request.Service}' is not known here."));
        await RefreshAsync(mapping, context.CancellationToken);
        return new HealthCheckResponse { Status = statuses.Get(mapping.Name).Status };
    }

    public override async Task Watch(
        HealthCheckRequest request, IServerStreamWriter<HealthCheckResponse> responseStream, ServerCallContext context)
    {
        // A stream without end would hold up the shutdown of the app until its timeout.
        var stopping = options.Value.SuppressCompletionOnShutdown ? CancellationToken.None : lifetime.ApplicationStopping;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, stopping);
        try
        {
            if (!options.Value.Services.TryGetValue(request.Service, out var mapping))
            {
                await WriteAsync(HealthCheckResponse.Types.ServingStatus.ServiceUnknown);
                await Task.Delay(Timeout.InfiniteTimeSpan, stop.Token);
                return;
            }

            await RefreshAsync(mapping, stop.Token);
            HealthCheckResponse.Types.ServingStatus? told = null;
            while (true)
            {
                var (status, changed) = statuses.Get(mapping.Name);
                if (status != told)
                    await WriteAsync(status);
                told = status;
                await changed.WaitAsync(stop.Token);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested && !context.CancellationToken.IsCancellationRequested)
        {
            await responseStream.WriteAsync(new HealthCheckResponse { Status = HealthCheckResponse.Types.ServingStatus.NotServing });
        }
        catch (OperationCanceledException) when (context.CancellationToken.IsCancellationRequested)
        {
            // The watcher has gone; that is the usual end of a watch and no error.
        }

        Task WriteAsync(HealthCheckResponse.Types.ServingStatus status) =>
            responseStream.WriteAsync(new HealthCheckResponse { Status = status }, stop.Token);
    }

    private async Task RefreshAsync(ServiceMapping mapping, CancellationToken cancellationToken)
    {
        if (options.Value.UseHealthChecksCache)
            return;
        var report = await healthChecks.CheckHealthAsync(
            check => mapping.HealthCheckPredicate(new HealthCheckMapContext(check.Name, check.Tags)), cancellationToken);
        statuses.Set(mapping.Name, HealthStatuses.ToServingStatus(report.Entries.Values.Select(entry => entry.Status)));
    }
}
