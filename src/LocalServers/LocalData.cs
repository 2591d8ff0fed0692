namespace Governance.LocalServers;

/// <summary>The data of servers that do not run.</summary>
public static class LocalData
{
    /// <summary>Empties a server's data, also where it had to live outside the folder that was asked for.</summary>
    public static void Delete(string dataFolder)
    {
        if (!Directory.Exists(dataFolder) && new DirectoryInfo(dataFolder).LinkTarget is null) return;
        // Refuses while a server runs on it.
        DataFolder.Open(dataFolder, othersEnter: false).Dispose();
        DataFolder.Delete(dataFolder);
    }
}
