using System.Collections.Concurrent;
using Aspire.Hosting.ApplicationModel;
using Governance.LocalServers;

namespace Aspire.Hosting.Local;

/// <summary>One run of the application on this machine: starts resources in the order of their waits, watches them, stops them.</summary>
internal sealed class LocalRun(DistributedApplicationBuilder builder, TextWriter output)
{
    private readonly LocalFolder folder = new(builder);
    private readonly Board board = new(output, TimeProvider.System);
    private readonly DateTimeOffset startedAt = TimeProvider.System.GetUtcNow();
    private readonly ConcurrentDictionary<IResource, Lazy<Task>> starts = new();
    private readonly ConcurrentBag<ProjectRunner> runners = [];
    private readonly Lock writing = new();
    private bool holds;
    private bool ready;

    private IEnumerable<LocalServerResource> Servers => builder.Resources.OfType<LocalServerResource>();
    private IEnumerable<LocalProjectResource> Projects => builder.Resources.OfType<LocalProjectResource>();

    public async Task StartAsync(CancellationToken cancellation)
    {
        folder.Hold();
        holds = true;
        if (bool.TryParse(builder.Configuration["reset"], out var reset) && reset) Reset();
        AllocatePorts();
        var needed = Servers.Select(server => server.Requirement).ToList();
        await ServerBinaries.EnsureAsync(needed, line => board.Say("install", line), cancellation);

        using var failing = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var all = builder.Resources.Select(resource => StartOnceAsync(resource, failing.Token)).ToList();
        try
        {
            // The first failure ends the start; the others would only say that they were not waited for.
            await foreach (var done in Task.WhenEach(all).WithCancellation(failing.Token)) await done;
        }
        catch
        {
            await failing.CancelAsync();
            await Task.WhenAll(all).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            throw;
        }
        ready = true;
        Describe();
        Show();
        await builder.Eventing.PublishAsync(new AfterResourcesCreatedEvent(), cancellation);
    }

    /// <summary>Restarts services that crash. Throws when a server dies: what the services hold in it is then unsure.</summary>
    public async Task WatchAsync(CancellationToken cancellation)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var watches = runners.Select(runner => runner.KeepAsync(Describe, ending.Token))
            .Concat(Servers.Select(server => FailWhenEndedAsync(server, ending.Token)))
            .Append(Task.Delay(Timeout.Infinite, ending.Token)).ToList();
        try
        {
            await foreach (var done in Task.WhenEach(watches).WithCancellation(ending.Token)) await done;
        }
        finally
        {
            await ending.CancelAsync();
            await Task.WhenAll(watches).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    public async Task StopAsync()
    {
        if (!holds) return;
        holds = false;
        if (!runners.IsEmpty) board.Say("stack", "stopping");
        // Services first, so that they can still finish what they do.
        await Task.WhenAll(runners.Select(runner => runner.DisposeAsync().AsTask()));
        await Task.WhenAll(Servers.Where(server => server.Server is not null).Select(server => server.Server!.DisposeAsync().AsTask()));
        File.Delete(folder.StackFile);
        folder.Release();
        if (!runners.IsEmpty) board.Say("stack", "stopped");
    }

    private void Reset()
    {
        foreach (var server in Servers) LocalData.Delete(folder.Data(server.Name));
        board.Say("stack", "data emptied");
    }

    // Before anything starts, so that a busy port costs no time and leaves nothing half begun.
    private void AllocatePorts()
    {
        foreach (var server in Servers.Where(server => server.Port is not null)) Ports.Require(server.Port!.Value, server.Name);
        foreach (var project in Projects)
        {
            foreach (var endpoint in project.Endpoints)
            {
                var first = endpoint.TargetPort ?? endpoint.Port ?? Ports.Free();
                Ports.Require(first, $"{project.Name} ({endpoint.Name})");
                endpoint.Allocated.Add(first);
                while (endpoint.Allocated.Count < project.Replicas) endpoint.Allocated.Add(Ports.Free());
            }
        }
    }

    private Task StartOnceAsync(IResource resource, CancellationToken cancellation) =>
        starts.GetOrAdd(resource, key => new Lazy<Task>(() => StartAsync(key, cancellation))).Value;

    private async Task StartAsync(IResource resource, CancellationToken cancellation)
    {
        await Task.Yield();
        if (resource is Resource { Waits: { Count: > 0 } waits })
        {
            RefuseCircle(resource, [resource]);
            await Task.WhenAll(waits.Select(wait => StartOnceAsync(wait.Resource, cancellation)));
        }
        cancellation.ThrowIfCancellationRequested();
        switch (resource)
        {
            case LocalServerResource server:
                await server.StartAsync(folder.Data(server.Name), cancellation);
                LinkLog(server);
                board.Say(server.Name, $"ready on {server.Server!.Host}:{server.Server.Port}");
                break;
            case ILocalServerPart part:
                await StartOnceAsync(part.Server, cancellation);
                await part.CreateAsync(cancellation);
                break;
            case LocalProjectResource project:
                await StartProjectAsync(project, cancellation);
                board.Say(project.Name, project.IsJob ? "done" : "ready");
                break;
            default:
                break;
        }
    }

    private async Task StartProjectAsync(LocalProjectResource project, CancellationToken cancellation)
    {
        var assembly = await ProjectOutput.FindAsync(project.ProjectFile, line => board.Say(project.Name, line), cancellation);
        // Jobs are clients of the stack as it is now.
        if (project.IsJob) Describe();
        await Task.WhenAll(Enumerable.Range(0, project.Replicas).Select(async replica =>
        {
            var runner = new ProjectRunner(project, replica, folder, board);
            runners.Add(runner);
            await runner.StartAsync(assembly, await EnvironmentAsync(project, replica, cancellation), cancellation);
        }));
    }

    private async Task<Dictionary<string, string>> EnvironmentAsync(
        LocalProjectResource project, int replica, CancellationToken cancellation)
    {
        var environment = new Dictionary<string, string>
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Development",
            ["DOTNET_ENVIRONMENT"] = "Development",
            ["OTEL_SERVICE_NAME"] = project.Name,
            ["GOVERNANCE_STACK"] = folder.StackFile,
        };
        foreach (var endpoint in project.Endpoints.Where(endpoint => endpoint.EnvironmentVariable is not null))
            environment[endpoint.EnvironmentVariable!] = $"{endpoint.Allocated[replica]}";
        foreach (var variables in project.Environment)
        {
            foreach (var (name, value) in await variables(cancellation)) environment[name] = value;
        }
        return environment;
    }

    private static void RefuseCircle(IResource resource, IResource[] path)
    {
        foreach (var (next, _) in ((Resource)resource).Waits)
        {
            if (next == path[0])
            {
                var circle = string.Join(" → ", path.Append(next).Select(step => step.Name));
                throw new DistributedApplicationException($"resources wait for each other: {circle}");
            }
            if (!path.Contains(next)) RefuseCircle(next, [.. path, next]);
        }
    }

    private async Task FailWhenEndedAsync(LocalServerResource server, CancellationToken cancellation)
    {
        await server.Server!.Exited.WaitAsync(cancellation);
        throw new DistributedApplicationException(
            $"{server.Name} ended: {server.Server.LastWords} (log: {folder.Show(folder.Log(server.Name))}); the stack stops");
    }

    // A server may have to keep its log where its own user can write.
    private void LinkLog(LocalServerResource server)
    {
        File.Delete(folder.Log(server.Name));
        File.CreateSymbolicLink(folder.Log(server.Name), server.Server!.LogFile);
    }

    private void Describe()
    {
        lock (writing)
        {
            if (!holds) return;
            var resources = new Dictionary<string, StackResource>();
            foreach (var server in Servers.Where(server => server.Server is not null))
            {
                var address = new Dictionary<string, string> { ["tcp"] = $"{server.Server!.Host}:{server.Server.Port}" };
                resources[server.Name] = new StackResource(address, server.Server.ProcessIds, folder.Log(server.Name));
            }
            foreach (var project in Projects.Where(project => !project.IsJob))
            {
                var running = runners.Where(runner =>
                    runner.Name == project.Name || runner.Name.StartsWith(project.Name + "-", StringComparison.Ordinal));
                resources[project.Name] = new StackResource(
                    project.Endpoints.ToDictionary(endpoint => endpoint.Name, endpoint => endpoint.Url(0)),
                    [.. running.SelectMany(runner => runner.ProcessIds)], folder.Log(project.Name));
            }
            var parameters = builder.Resources.OfType<ParameterResource>().Where(parameter => !parameter.Secret)
                .ToDictionary(parameter => parameter.Name, parameter => parameter.GetValueAsync(default).Result ?? "");
            var connections = builder.Resources.OfType<IResourceWithConnectionString>().Where(HasStarted)
                .ToDictionary(resource => resource.Name, resource => resource.GetConnectionStringAsync().AsTask().Result ?? "");
            new StackDescription(Environment.ProcessId, ready, startedAt, folder.Path, parameters, connections, resources)
                .Write(folder.StackFile);
        }
    }

    private bool HasStarted(IResource resource) =>
        starts.TryGetValue(resource, out var start) && start is { IsValueCreated: true, Value.IsCompletedSuccessfully: true };

    private void Show()
    {
        board.Table(["what", "where", "health", "log"],
        [
            .. Servers.Select(server =>
                new[] { server.Name, $"{server.Server!.Host}:{server.Server.Port}", "", folder.Show(folder.Log(server.Name)) }),
            .. Projects.Where(project => !project.IsJob).SelectMany(Rows),
        ]);
        board.Line($"  Ready in {board.Elapsed.TotalSeconds:0.0} s. Ctrl+C stops it all; the data stays in {folder.Show(folder.Path)}.");
    }

    private IEnumerable<string[]> Rows(LocalProjectResource project)
    {
        for (var replica = 0; replica < project.Replicas; replica++)
        {
            var at = replica;
            var health = project.Endpoints.Find(endpoint => project.HealthCheck is { } check
                && endpoint.Name == (check.EndpointName ?? "http"));
            yield return
            [
                replica == 0 ? project.Name : $"{project.Name}-{replica + 1}",
                string.Join(' ', project.Endpoints.Where(endpoint => endpoint != health)
                    .Select(endpoint => $"{endpoint.Name} {endpoint.Url(at)}")),
                health is null ? "" : health.Url(at) + project.HealthCheck!.Path,
                folder.Show(folder.Log(replica == 0 ? project.Name : $"{project.Name}-{replica + 1}")),
            ];
        }
    }
}
