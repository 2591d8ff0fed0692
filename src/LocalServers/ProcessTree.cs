using System.Globalization;

namespace Governance.LocalServers;

/// <summary>What /proc knows of running processes: enough to end a server with all that it started.</summary>
internal static class ProcessTree
{
    private readonly record struct Row(int Pid, char State, int Parent, int Session);

    public static bool IsAlive(int pid) => Read(pid) is { State: not 'Z' and not 'X' };

    /// <summary>The process, its descendants, and what still belongs to its session after its own parent has gone.</summary>
    public static IReadOnlyList<int> Members(int root)
    {
        var rows = All();
        var members = new HashSet<int> { root };
        foreach (var row in rows)
        {
            if (row.Session == root) members.Add(row.Pid);
        }
        var before = 0;
        while (before != members.Count)
        {
            before = members.Count;
            foreach (var row in rows)
            {
                if (members.Contains(row.Parent)) members.Add(row.Pid);
            }
        }
        return [.. rows.Where(row => members.Contains(row.Pid) && row.State is not 'Z' and not 'X').Select(row => row.Pid)];
    }

    /// <summary>
    /// Kill -9 to the whole tree. Returns when none of it is left, so that ports and locks are free. The root, a watching shell, goes last:
    /// it takes note of its server's end, which otherwise stays a zombie until the system's first process does so, and PostgreSQL would
    /// take that zombie for a running server.
    /// </summary>
    public static async Task KillAsync(int root)
    {
        var started = TimeProvider.System.GetTimestamp();
        var members = Members(root);
        while (members.Count > 0)
        {
            var rootToo = TimeProvider.System.GetElapsedTime(started) > TimeSpan.FromSeconds(1);
            foreach (var pid in members)
            {
                if (pid != root || rootToo) Native.Kill(pid, Native.SigKill);
            }
            await Task.Delay(10);
            // A member may have forked between the listing and its end, so the tree is read again.
            members = [.. members.Concat(Members(root)).Distinct().Where(IsAlive)];
            if (TimeProvider.System.GetElapsedTime(started) > TimeSpan.FromSeconds(10))
                throw new LocalServerException($"processes {string.Join(", ", members)} do not end on SIGKILL");
        }
    }

    private static List<Row> All()
    {
        var rows = new List<Row>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var pid)
                && Read(pid) is { } row)
                rows.Add(row);
        }
        return rows;
    }

    private static Row? Read(int pid)
    {
        try
        {
            // "4711 (beam.smp) S 1 4711 4711 0 -1 …": the name may hold spaces and brackets, so fields count from the last bracket.
            var text = File.ReadAllText($"/proc/{pid}/stat");
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return new Row(pid, fields[0][0], int.Parse(fields[1], CultureInfo.InvariantCulture),
                int.Parse(fields[3], CultureInfo.InvariantCulture));
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
