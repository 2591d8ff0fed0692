using System.Runtime.CompilerServices;
using Governance.LocalServers;

namespace Governance.StandIns.Redis.Tests;

internal static class InstalledServers
{
    /// <summary>Before any fixture: on a bare machine this installs redis-server; where that is not possible the tests say how to.</summary>
    [ModuleInitializer]
    internal static void Ensure()
    {
        try
        {
            ServerBinaries.EnsureAsync([ServerBinaries.Redis]).GetAwaiter().GetResult();
        }
        catch (LocalServerException)
        {
            // The fixture that needs the server fails with the command to run.
        }
    }
}
