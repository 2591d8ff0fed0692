using System.CommandLine;
using Governance.Cli.Output;
using Governance.Grids.V1;
using static Governance.Cli.Commands.CommandBuilding;

namespace Governance.Cli.Commands;

/// <summary>`gov squad`: heads of neighbour groups together, and how often they exchange.</summary>
internal static class SquadCommands
{
    public static Command Build(CliHost host)
    {
        var squads = new Verbs<Squad>(host, "squad", "The squad.", Facts);
        var exchanges = new Verbs<SquadExchange>(host, "squad", "The exchange.", Facts);
        return Group(
            "squad",
            "Squads of the heads of neighbour groups, and their exchanges (邻长小队).",
            List(squads), Show(squads), Form(squads), Lead(squads), Dissolve(squads), Exchange(exchanges), Exchanges(exchanges), Check(host));
    }

    private static (string Name, object? Value)[] Facts(Squad squad) =>
        [
            ("name", squad.Name),
            ("id", squad.Id),
            ("grid", squad.Territory),
            ("leader", squad.LeaderId),
            ("leaderless", squad.Leaderless),
            ("groups", squad.GroupIds.Count),
            ("group ids", squad.GroupIds),
            ("formed", squad.FormedOn),
            ("dissolved", squad.DissolvedOn),
            ("code", squad.Code),
            ("etag", squad.Etag),
        ];

    private static (string Name, object? Value)[] Facts(SquadExchange exchange) =>
        [
            ("day", exchange.Day), ("kind", exchange.Kind), ("attendance", exchange.Attendance), ("note", exchange.Note),
            ("squad", exchange.SquadId), ("id", exchange.Id),
        ];

    private static Command List(Verbs<Squad> squads)
    {
        var within = Shared.Within();
        var ended = Flag("--ended", "Also dissolved ones.");
        return squads.List(
            "list", "Squads of a territory, ordered by grid.", [within, ended], "--within 340603001 --ended",
            ["grid", "name", "groups", "leaderless", "formed", "dissolved", "id"],
            async (verb, size, token) =>
            {
                var page = await verb.Api.Staffing.ListSquadsAsync(
                    new() { Territory = verb.Text(within), IncludeDissolved = verb.Get(ended), PageSize = size, PageToken = token },
                    verb.Options);
                return (page.Squads, page.NextPageToken);
            });
    }

    private static Command Show(Verbs<Squad> squads) =>
        squads.On("show", "One squad.", [], "",
            async verb => (await verb.Api.Staffing.GetSquadAsync(new() { Id = verb.Id }, verb.Options)).Squad);

    private static Command Form(Verbs<Squad> squads)
    {
        var of = Required("--of", "The grid.", "CODE");
        var (name, leader) = (Required("--name", "Its name."), Leader());
        var groups = Many("--group", "A neighbour group, as gov neighbour list shows it.", "UUID", required: true);
        return squads.New("form", "The heads of some groups of a grid form a squad.", [of, name, leader, groups],
            "--of 34060300100101 --name 幸福里小队 --leader 0197f3c2-a007-7b3e-8f21-3c5d7e9f1a2b "
            + "--group 0197f3c2-a009-7b3e-8f21-3c5d7e9f1a2b",
            async verb => (await verb.Api.Staffing.FormSquadAsync(
                new()
                {
                    RequestId = verb.RequestId,
                    Territory = verb.Text(of),
                    Name = verb.Text(name),
                    LeaderId = verb.Text(leader),
                    GroupIds = { verb.Texts(groups) },
                },
                verb.Options)).Squad);
    }

    private static Command Lead(Verbs<Squad> squads)
    {
        var leader = Leader();
        return squads.Change("lead", "Give a squad another leader.", [leader], "--leader 0197f3c2-a007-7b3e-8f21-3c5d7e9f1a2b",
            async verb => (await verb.Api.Staffing.LeadSquadAsync(
                new() { RequestId = verb.RequestId, SquadId = verb.Id, Etag = verb.Etag, LeaderId = verb.Text(leader) },
                verb.Options)).Squad);
    }

    private static Command Dissolve(Verbs<Squad> squads) =>
        squads.Change("dissolve", "The squad ends; its groups are free for another. Final.", [], "",
            async verb => (await verb.Api.Staffing.DissolveSquadAsync(
                new() { RequestId = verb.RequestId, SquadId = verb.Id, Etag = verb.Etag }, verb.Options)).Squad);

    private static Command Exchange(Verbs<SquadExchange> exchanges)
    {
        var kind = Word<ExchangeKind>("--kind", "The exchange of a day or the meeting of a week.", required: true);
        var day = Required("--on", "On which day.", "DAY");
        var attendance = Option<int>("--attendance", "How many took part.", "N", required: true);
        var note = Option<string>("--note", "In a few words, without personal data.", "TEXT");
        return exchanges.On("exchange", "A squad exchanged (每日沟通交流) or met (每周碰头会商).", [kind, day, attendance, note],
            "--kind weekly --on 2026-03-02 --attendance 6 --note 讨论独居老人走访",
            async verb => (await verb.Api.Staffing.RecordExchangeAsync(
                new()
                {
                    RequestId = verb.RequestId,
                    SquadId = verb.Id,
                    Kind = verb.Word<ExchangeKind>(kind),
                    Day = verb.Text(day),
                    Attendance = verb.Get(attendance),
                    Note = verb.Text(note),
                },
                verb.Options)).Exchange,
            of: "The squad.");
    }

    private static Command Exchanges(Verbs<SquadExchange> exchanges) => exchanges.List(
        "exchanges", "Exchanges of a squad, newest day first.", [], "",
        ["day", "kind", "attendance", "note", "id"],
        async (verb, size, token) =>
        {
            var page = await verb.Api.Staffing.ListExchangesAsync(
                new() { SquadId = verb.Id, PageSize = size, PageToken = token }, verb.Options);
            return (page.Exchanges, page.NextPageToken);
        },
        of: "The squad.");

    private static Command Check(CliHost host)
    {
        var (within, limit) = (Shared.Within(), Shared.Limit());
        var from = Required("--from", "First day.", "DAY");
        var until = Required("--until", "Last day.", "DAY");
        var checks = new Verbs<CheckExchangesResponse>(host, "squad", "The check.",
            check =>
            [
                ("squads", check.Squads), ("fewest a day", check.FewestADay), ("fewest a week", check.FewestAWeek),
                ("days", check.Days), ("weeks", check.Weeks),
            ],
            (printer, check) =>
            {
                var table = Tables.New("squad", "grid", "days missed", "weeks missed");
                foreach (var finding in check.Findings)
                    table.Row(finding.SquadId, finding.Territory, finding.DaysMissed, finding.WeeksMissed);
                printer.Draw(table);
            });
        return checks.New("check", "Which squads did not exchange on a day or meet in a week of a period.", [within, from, until, limit],
            "--within 340603 --from 2026-02-01 --until 2026-02-28",
            async verb => await verb.Api.Staffing.CheckExchangesAsync(
                new()
                {
                    Territory = verb.Text(within),
                    From = verb.Text(from),
                    Until = verb.Text(until),
                    PageSize = verb.Get(limit),
                },
                verb.Options));
    }

    private static Option<string> Leader() =>
        Required("--leader", "An active leader or worker of the grid, as gov staff list shows the post.", "UUID");
}
