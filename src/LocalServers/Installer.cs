namespace Governance.LocalServers;

/// <summary>Installs Debian packages, or says how to.</summary>
/// <param name="isRoot">Whether this process may install at all.</param>
/// <param name="aptGet">The path of apt-get; null on a system without it.</param>
/// <param name="systemRoot">The root of the file system that is installed to.</param>
internal sealed class Installer(bool isRoot, string? aptGet, Action<string> progress, string systemRoot = "/")
{
    private readonly string policy = Path.Combine(systemRoot, "usr/sbin/policy-rc.d");
    private readonly string lockFile = Path.Combine(systemRoot, "var/lib/governance-micro/install.lock");

    public static string Advice(IReadOnlyCollection<string> packages, bool hasApt) => hasApt
        ? $"not installed: {string.Join(", ", packages)}; run: sudo apt-get install -y --no-install-recommends {string.Join(' ', packages)}"
        : $"not installed: {string.Join(", ", packages)} (names of Debian packages); install them with this system's package manager";

    public async Task EnsureAsync(IReadOnlyCollection<Requirement> requirements, CancellationToken cancellation)
    {
        if ((await MissingAsync(requirements, cancellation)).Count == 0) return;
        if (!isRoot || aptGet is null)
            throw new LocalServerException(Advice(await MissingAsync(requirements, cancellation), aptGet is not null));

        // apt-get waits for other installers only in part, so runs of ours wait for each other here; the first may install for all.
        using var held = await HoldAsync(cancellation);
        var missing = await MissingAsync(requirements, cancellation);
        if (missing.Count == 0) return;
        progress($"installing {string.Join(", ", missing)}");
        var madePolicy = DenyServiceStarts();
        try
        {
            var result = await InstallAsync(missing, cancellation);
            if (result.ExitCode != 0)
            {
                // Most often the lists of packages are absent or out of date.
                progress("updating the lists of packages");
                await AptAsync(["update"], cancellation);
                result = await InstallAsync(missing, cancellation);
            }
            if (result.ExitCode != 0)
            {
                var names = string.Join(' ', missing);
                throw new LocalServerException($"apt-get could not install {names}: {Complaint(result)}; try: apt-get install {names}");
            }
        }
        finally
        {
            if (madePolicy) File.Delete(policy);
        }
        missing = await MissingAsync(requirements, cancellation);
        if (missing.Count > 0) throw new LocalServerException($"installed, but still not found: {string.Join(", ", missing)}");
    }

    private static async Task<List<string>> MissingAsync(IReadOnlyCollection<Requirement> requirements, CancellationToken cancellation)
    {
        var missing = new List<string>();
        foreach (var requirement in requirements)
        {
            var there = requirement.Find is { } find ? find() is not null : await IsInstalledAsync(requirement.Package, cancellation);
            if (!there) missing.Add(requirement.Package);
        }
        return missing;
    }

    private static async Task<bool> IsInstalledAsync(string package, CancellationToken cancellation)
    {
        if (ServerBinaries.OnPath("dpkg-query") is not { } dpkg) return false;
        var result = await Command.RunAsync(dpkg, ["-W", "-f=${Status}", package], cancellation);
        return result.ExitCode == 0 && result.Output == "install ok installed";
    }

    private Task<CommandResult> InstallAsync(IEnumerable<string> packages, CancellationToken cancellation) =>
        AptAsync(["install", "-y", "--no-install-recommends", .. packages], cancellation);

    private Task<CommandResult> AptAsync(IEnumerable<string> arguments, CancellationToken cancellation)
    {
        var environment = new Dictionary<string, string> { ["DEBIAN_FRONTEND"] = "noninteractive" };
        string[] all = ["-q", "-o", "DPkg::Lock::Timeout=300", "-o", "Dpkg::Use-Pty=0", .. arguments];
        return Command.RunAsync(aptGet!, all, cancellation, environment,
            progress: line =>
            {
                if (line.StartsWith("Setting up", StringComparison.Ordinal) || line.StartsWith("Need to get", StringComparison.Ordinal))
                    progress(line);
            });
    }

    // Packages of servers start a system service on the usual port; Debian asks this file first.
    private bool DenyServiceStarts()
    {
        if (File.Exists(policy)) return false;
        File.WriteAllText(policy, "#!/bin/sh\nexit 101\n");
        File.SetUnixFileMode(policy, (UnixFileMode)0b111_101_101);
        return true;
    }

    private async Task<FileStream> HoldAsync(CancellationToken cancellation)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(lockFile)!);
        while (true)
        {
            try
            {
                return new FileStream(lockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException)
            {
                await Task.Delay(200, cancellation);
            }
        }
    }

    private static string Complaint(CommandResult result) =>
        result.Error.Split('\n').FirstOrDefault(line => line.StartsWith("E:", StringComparison.Ordinal)) ?? result.LastLine;
}
