using System.CommandLine;
using System.Text.Json.Nodes;
using Governance.Cli.Client;

namespace Governance.Cli.Commands;

/// <summary>`gov token`: a token for grpcurl, for a program under development, or for playing a role.</summary>
internal static class TokenCommand
{
    private const string About =
        """
        Print a token (JWT) that the stack on this machine accepts.

        It is signed with the local key of a developer's stack. Please don't look here for a token of a production stack:
        that one trusts only the city's identity provider and holds no local key, so it refuses what this command makes.

        The role is needed; the territory is the whole city of the stack when not said.
        """;

    public static Command Build(CliHost host)
    {
        var hours = new Option<int>("--hours")
        {
            Description = "How long the token is valid: 1 to 720 hours.",
            HelpName = "N",
            DefaultValueFactory = _ => 8,
        };
        hours.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > 720)
                result.AddError("--hours takes 1 to 720.");
        });

        return new Command("token", About).Does(host, [hours], (session, line, _) =>
        {
            var roles = line.GetValue(GlobalOptions.Role) ?? [];
            if (roles.Length == 0)
                throw new UsageException("Say what the bearer is, as in: gov token --role officer --territory 340603");
            var caller = new Caller(
                line.GetValue(GlobalOptions.Subject) ?? $"local-{roles[0].Replace('_', '-')}",
                roles,
                session.City,
                line.GetValue(GlobalOptions.Organisation) ?? "");
            var lifetime = TimeSpan.FromHours(line.GetValue(hours));
            var token = session.Tokens.Sign(caller, lifetime);
            session.Out.Answer(
                () => new JsonObject { ["token"] = token, ["expiresAt"] = session.Clock.GetUtcNow().Add(lifetime).ToString("O") },
                () => session.Out.Say(token));
            return Task.CompletedTask;
        },
        "gov token --role officer --territory 340603",
        "gov token --role responder --organisation 0197f3c2-7c1e-7a55-9d0f-0d4b7f6a2c11 --hours 1",
        "grpcurl -plaintext -H \"authorization: Bearer $(gov token --role officer)\" 127.0.0.1:5102 governance.grids.v1.Cases/ListCases");
    }
}
