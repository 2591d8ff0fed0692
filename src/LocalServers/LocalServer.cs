namespace Governance.LocalServers;

/// <summary>One running server on loopback. Disposing it stops it; its data stays.</summary>
public abstract class LocalServer : IAsyncDisposable
{
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);

    private readonly DataFolder folder;
    private readonly bool portIsFixed;
    private readonly List<WatchedProcess> running = [];

    private protected LocalServer(string title, DataFolder folder, int? port)
    {
        Title = title;
        this.folder = folder;
        portIsFixed = port is not null;
        Port = port ?? Ports.Free();
    }

    /// <summary>The product's name, for messages.</summary>
    public string Title { get; }
    public int Port { get; private set; }
    public string Host => "127.0.0.1";
    public string LogFile => folder.At(MainCommandName + ".log");
    public bool IsRunning => running.Count > 0 && !running[^1].Exited.IsCompleted;

    /// <summary>Ends when the server's process ends, whoever ended it.</summary>
    public Task Exited => running.Count == 0 ? Task.CompletedTask : running[^1].Exited;

    /// <summary>What it last complained of; for a message on a server that died.</summary>
    public string LastWords => running.Count == 0 ? "it is not running" : running[^1].LastWords();

    /// <summary>Pids of the server and of everything it started.</summary>
    public IReadOnlyList<int> ProcessIds => [.. running.SelectMany(process => ProcessTree.Members(process.Pid))];

    /// <summary>Ends it in good order within seconds; what does not end is killed.</summary>
    public async Task StopAsync()
    {
        // The last one is the server itself; helpers before it are needed until it has gone.
        for (var i = running.Count - 1; i >= 0; i--) await running[i].StopAsync();
        Forget();
    }

    /// <summary>Kill -9 to the server and everything it started, as a crash of the machine would.</summary>
    public async Task KillAsync()
    {
        await Task.WhenAll(running.Select(process => process.KillAsync()));
        Forget();
    }

    /// <summary>Starts it again after a stop, a kill or a crash: same port, same data, same passwords.</summary>
    public async Task StartAgainAsync(CancellationToken cancellation = default)
    {
        if (running.Count > 0) await KillAsync();
        await Ports.FreedAsync(Port, cancellation);
        await RunAsync(retryPort: false, cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        folder.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected abstract string MainCommandName { get; }
    private protected DataFolder Folder => folder;

    /// <summary>Settings and first-time initialisation.</summary>
    private protected abstract Task PrepareAsync(CancellationToken cancellation);

    /// <summary>The processes to run, the server itself last.</summary>
    private protected abstract IEnumerable<WatchedCommand> Commands();

    /// <summary>Whether it answers its own protocol. May throw any I/O error, which means not yet.</summary>
    private protected abstract Task<bool> AnswersAsync(CancellationToken cancellation);

    private protected async Task StartAsync(CancellationToken cancellation)
    {
        try
        {
            foreach (var command in Commands()) await WatchedProcess.EndLeftoversAsync(command.PidFile, command.Patience);
            await RunAsync(retryPort: !portIsFixed, cancellation);
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    private async Task RunAsync(bool retryPort, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            Ports.Require(Port, Title);
            await PrepareAsync(cancellation);
            foreach (var command in Commands()) running.Add(WatchedProcess.Start(command));
            try
            {
                await AwaitReadyAsync(cancellation);
                return;
            }
            catch (LocalServerException) when (retryPort && attempt < 3 && !IsRunning && !Ports.IsFree(Port))
            {
                // Somebody took the free port between its choice and its use.
                await KillAsync();
                Port = Ports.Free();
            }
            catch
            {
                await KillAsync();
                throw;
            }
        }
    }

    private async Task AwaitReadyAsync(CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(StartPatience);
        while (!limit.IsCancellationRequested)
        {
            if (!IsRunning) throw new LocalServerException($"{Title} ended while starting: {LastWords} (log: {LogFile})");
            try
            {
                using var answer = CancellationTokenSource.CreateLinkedTokenSource(limit.Token);
                answer.CancelAfter(TimeSpan.FromSeconds(5));
                if (await AnswersAsync(answer.Token)) return;
            }
            catch (Exception notYet) when (notYet is System.Net.Sockets.SocketException or IOException or OperationCanceledException)
            {
                // Asked again below until the limit.
            }
            await Task.WhenAny(Exited, Task.Delay(25, CancellationToken.None));
        }
        cancellation.ThrowIfCancellationRequested();
        throw new LocalServerException(
            $"{Title} did not answer on port {Port} within {StartPatience.TotalSeconds:0} s: {LastWords} (log: {LogFile})");
    }

    private void Forget()
    {
        foreach (var process in running) process.Dispose();
        running.Clear();
    }
}
