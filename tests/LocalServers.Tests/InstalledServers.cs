[assembly: AssemblyFixture(typeof(Governance.LocalServers.Tests.InstalledServers))]

namespace Governance.LocalServers.Tests;

/// <summary>On a bare machine the first test run installs what it lacks; where that is not possible it says how to.</summary>
public sealed class InstalledServers : IAsyncLifetime
{
    public async ValueTask InitializeAsync() =>
        await ServerBinaries.EnsureAsync(ServerBinaries.Servers, line => TestContext.Current.SendDiagnosticMessage(line));

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
