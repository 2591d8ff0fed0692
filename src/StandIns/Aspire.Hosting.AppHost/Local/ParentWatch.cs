using System.Globalization;

namespace Aspire.Hosting.Local;

/// <summary>
/// Notices that the program which started this one is gone. <c>dotnet run</c> passes Ctrl+C and SIGTERM on, but when it is killed outright
/// nobody is left to stop the stack.
/// </summary>
internal static class ParentWatch
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    /// <summary>Never completes under a shell: a stack that was sent to the background outlives its terminal.</summary>
    public static async Task EndedAsync(CancellationToken cancellation)
    {
        var parent = Parent();
        if (!IsDotnet(parent)) await Task.Delay(Timeout.Infinite, cancellation);
        while (Parent() == parent) await Task.Delay(Interval, cancellation);
    }

    // "PPid:	4711" among the lines of the status file.
    private static int Parent()
    {
        var line = File.ReadLines("/proc/self/status").First(line => line.StartsWith("PPid:", StringComparison.Ordinal));
        return int.Parse(line[5..], CultureInfo.InvariantCulture);
    }

    private static bool IsDotnet(int pid)
    {
        try
        {
            var name = File.ReadAllText($"/proc/{pid}/comm").Trim();
            return name == "dotnet" || name.StartsWith("Governance.", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }
}
