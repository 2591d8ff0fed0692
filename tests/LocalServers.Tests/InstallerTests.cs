namespace Governance.LocalServers.Tests;

public sealed class InstallerTests
{
    private static readonly Requirement Absent = new("no-such-package", () => null);
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Missing_server_names_the_command_to_a_user_who_may_not_install()
    {
        var installer = new Installer(isRoot: false, "/usr/bin/apt-get", _ => { });
        var error = await Should.ThrowAsync<LocalServerException>(() => installer.EnsureAsync([Absent, "no-other-package"], Cancellation));
        error.Message.ShouldBe("not installed: no-such-package, no-other-package; "
            + "run: sudo apt-get install -y --no-install-recommends no-such-package no-other-package");
    }

    [Fact]
    public async Task Missing_server_is_named_on_a_system_without_apt()
    {
        var installer = new Installer(isRoot: true, aptGet: null, _ => { });
        var error = await Should.ThrowAsync<LocalServerException>(() => installer.EnsureAsync([Absent], Cancellation));
        error.Message.ShouldBe(
            "not installed: no-such-package (names of Debian packages); install them with this system's package manager");
    }

    [Fact]
    public async Task What_is_there_is_not_installed_again()
    {
        var installer = new Installer(isRoot: true, "/nonexistent/apt-get", _ => { });
        await installer.EnsureAsync([.. ServerBinaries.Servers, new Requirement("anything", () => "/bin/sh"), "base-files"], Cancellation);
    }

    [Fact]
    public async Task Root_installs_with_updated_lists_when_the_first_try_fails()
    {
        using var scratch = new Scratch();
        Directory.CreateDirectory(scratch.At("usr/sbin"));
        var policy = scratch.At("usr/sbin/policy-rc.d");
        // Stands for apt-get: knows the package only after an update, and "installs" by making a file.
        var apt = scratch.At("apt-get");
        await File.WriteAllTextAsync(apt, $"""
            #!/bin/sh
            echo "$DEBIAN_FRONTEND $*" >> {scratch.At("calls")}
            case "$*" in
                *update*) touch {scratch.At("lists")} ;;
                *) [ -e {scratch.At("lists")} ] || exit 100; [ -x {policy} ] || exit 1; touch {scratch.At("installed")} ;;
            esac

            """, Cancellation);
        File.SetUnixFileMode(apt, (UnixFileMode)0b111_101_101);
        var lines = new List<string>();
        var installer = new Installer(isRoot: true, apt, lines.Add, scratch.Folder);

        await installer.EnsureAsync([new Requirement("thing", () => File.Exists(scratch.At("installed")) ? "x" : null)], Cancellation);

        var calls = await File.ReadAllLinesAsync(scratch.At("calls"), Cancellation);
        calls.Length.ShouldBe(3);
        calls[2].ShouldStartWith("noninteractive ");
        calls[2].ShouldEndWith("install -y --no-install-recommends thing");
        lines.ShouldBe(["installing thing", "updating the lists of packages"]);
        File.Exists(policy).ShouldBeFalse();
    }

    [Fact]
    public void Newest_version_is_found_by_number()
    {
        using var scratch = new Scratch();
        foreach (var version in new[] { "9.6", "15", "7" })
        {
            Directory.CreateDirectory(scratch.At($"{version}/bin"));
            File.WriteAllText(scratch.At($"{version}/bin/postgres"), "");
        }
        ServerBinaries.FindPostgres(scratch.Folder).ShouldBe(scratch.At("15/bin/postgres"));
        ServerBinaries.FindRabbit(scratch.At("nowhere")).ShouldBeNull();
    }
}
