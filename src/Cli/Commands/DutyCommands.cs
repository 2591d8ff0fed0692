using System.CommandLine;
using Governance.Grids.V1;
using static Governance.Cli.Commands.CommandBuilding;

namespace Governance.Cli.Commands;

/// <summary>`gov duty`: who is on duty and takes an organisation's assignments.</summary>
internal static class DutyCommands
{
    private const string Organisation = "0197f3c2-1111-7b3e-8f21-3c5d7e9f1a2b";

    public static Command Build(CliHost host)
    {
        var entries = new Verbs<RosterEntry>(host, "duty", "The entry.", Facts);
        return Group(
            "duty",
            "Duty rosters of organisations, and assignments spread over those on duty (值班表, 按负荷派单).",
            List(entries), Put(entries), Candidates(host), Assign(host));
    }

    private static (string Name, object? Value)[] Facts(RosterEntry entry) =>
        [
            ("id", entry.Id), ("person", entry.Subject), ("active", entry.Active), ("organisation", entry.OrganisationId),
            ("territory", entry.Territory), ("from", entry.StartsAt), ("until", entry.EndsAt),
        ];

    private static Command List(Verbs<RosterEntry> entries)
    {
        var within = Shared.Within();
        var team = Option<string>("--for", "Only of this organisation.", "UUID");
        var now = Flag("--now", "Only who is on duty now.");
        return entries.List(
            "list", "The duty roster of a territory, in the order of writing.", [within, team, now],
            $"--within 340603 --for {Organisation} --now",
            ["person", "active", "territory", "from", "until", "organisation", "id"],
            async (verb, size, token) =>
            {
                var page = await verb.Api.Dispatch.ListRosterAsync(
                    new()
                    {
                        Territory = verb.Text(within),
                        OrganisationId = verb.Text(team),
                        OnDutyOnly = verb.Get(now),
                        PageSize = size,
                        PageToken = token,
                    },
                    verb.Options);
                return (page.Entries, page.NextPageToken);
            });
    }

    private static Command Put(Verbs<RosterEntry> entries)
    {
        var of = Required("--of", "Territory that the person takes cases of.", "CODE");
        var person = Required("--person", "Subject of the person's token.", "SUBJECT");
        var from = Required("--from", "From then, as in 2026-03-02T08:00:00+08:00.", "INSTANT");
        var until = Required("--until", "Until then; at most 366 days later.", "INSTANT");
        var away = Flag("--away", "Not to be given anything, as when ill.");
        return entries.On("put", "Put somebody on the roster, or change what begins at the same instant.", [of, person, from, until, away],
            "--of 340603001 --person officer-2 --from 2026-03-02T08:00:00+08:00 --until 2026-03-02T18:00:00+08:00 --away",
            async verb => (await verb.Api.Dispatch.PutRosterEntryAsync(
                new()
                {
                    RequestId = verb.RequestId,
                    OrganisationId = verb.Id,
                    Territory = verb.Text(of),
                    Subject = verb.Text(person),
                    StartsAt = verb.Instant(from),
                    EndsAt = verb.Instant(until),
                    Active = !verb.Get(away),
                },
                verb.Options)).Entry,
            of: "The organisation.");
    }

    private static Command Candidates(CliHost host)
    {
        var where = Required("--of", "Where the case lies.", "CODE");
        return new Verbs<Candidate>(host, "duty", "The candidate.", candidate =>
            [("person", candidate.Subject), ("open assignments", candidate.Load), ("given one last", candidate.LastGivenAt)]).List(
            "candidates", "Who on duty could take a case of an organisation, best first.", [where], "--of 340603001",
            ["person", "open assignments", "given one last"],
            async (verb, _, _) => ((await verb.Api.Dispatch.ListSuggestedAssigneesAsync(
                new() { OrganisationId = verb.Id, Territory = verb.Text(where) }, verb.Options)).Candidates, ""),
            of: "The organisation.");
    }

    private static Command Assign(CliHost host)
    {
        var cases = Many("--case", "A case whose open assignment is given to somebody.", "UUID", required: true);
        var to = Option<string>("--to", "Somebody on duty who takes them all; by load when not said.", "SUBJECT");
        return new Verbs<Assignment>(host, "duty", "The assignment.", AssignmentCommands.Facts).List(
            "assign", "Give an organisation's open assignments to people on duty, evenly; all or nothing.", [cases, to],
            "--case 0197f3c2-7c1e-7a55-9d0f-0d4b7f6a2c11 --case 0197f3c2-9a10-7b3e-8f21-3c5d7e9f1a2b --to officer-2",
            ["person", "role", "state", "due", "case", "id"],
            async (verb, _, _) => ((await verb.Api.Dispatch.AssignOnDutyAsync(
                new()
                {
                    RequestId = verb.RequestId,
                    OrganisationId = verb.Id,
                    CaseIds = { verb.Texts(cases) },
                    ToSubject = verb.Text(to),
                },
                verb.Options)).Assignments, ""),
            of: "The organisation.");
    }
}
