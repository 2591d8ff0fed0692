using System.Runtime.InteropServices;

namespace Governance.LocalServers;

/// <summary>The few system calls that .NET does not offer.</summary>
internal static class Native
{
    public const int SigInt = 2;
    public const int SigKill = 9;
    public const int SigTerm = 15;

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    public static extern int Kill(int pid, int signal);

    [DllImport("libc", EntryPoint = "geteuid")]
    public static extern uint EffectiveUser();

    [DllImport("libc", EntryPoint = "chown", SetLastError = true)]
    private static extern int ChangeOwner([MarshalAs(UnmanagedType.LPUTF8Str)] string path, uint user, uint group);

    public static bool IsRoot => EffectiveUser() == 0;

    public static void GiveTo(string path, UserAccount account)
    {
        if (ChangeOwner(path, account.User, account.Group) != 0)
            throw new LocalServerException($"cannot give {path} to the user {account.Name} (error {Marshal.GetLastPInvokeError()})");
    }
}

internal sealed record UserAccount(string Name, uint User, uint Group)
{
    /// <summary>
    /// Reads /etc/passwd, whose lines look like <c>postgres:x:101:104:PostgreSQL administrator,,,:/var/lib/postgresql:/bin/bash</c>.
    /// </summary>
    public static UserAccount? Find(string name)
    {
        foreach (var line in File.ReadLines("/etc/passwd"))
        {
            var fields = line.Split(':');
            if (fields.Length > 3 && fields[0] == name)
                return new UserAccount(name, uint.Parse(fields[2]), uint.Parse(fields[3]));
        }
        return null;
    }
}
