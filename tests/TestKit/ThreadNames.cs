namespace Governance.TestKit;

/// <summary>The names of this process's threads, of which Linux keeps fifteen letters.</summary>
public static class ThreadNames
{
    public static IReadOnlyList<string> All()
    {
        var names = new List<string>();
        foreach (var thread in Directory.GetDirectories("/proc/self/task"))
        {
            try
            {
                names.Add(File.ReadAllText(Path.Combine(thread, "comm")).TrimEnd());
            }
            catch (IOException)
            {
                // It has ended since.
            }
        }
        return names;
    }
}
