namespace Governance.Cli.Client;

/// <summary>Who calls: what a token says about its bearer.</summary>
internal sealed record Caller(string Subject, IReadOnlyList<string> Roles, string Territory, string Organisation = "")
{
    public static Caller In(string role, string territory, string subject, string organisation = "") =>
        new(subject, [role], territory, organisation);
}
