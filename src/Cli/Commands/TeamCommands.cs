using System.CommandLine;
using Governance.Cli.Output;
using Governance.Volunteers.V1;
using static Governance.Cli.Commands.CommandBuilding;

namespace Governance.Cli.Commands;

/// <summary>`gov team`: volunteer teams.</summary>
internal static class TeamCommands
{
    public static Command Build(CliHost host) => Group("team", "Volunteer teams (志愿服务队).", List(host), Show(host));

    private static Command List(CliHost host)
    {
        var within = Shared.Within();
        var skill = Option<string>("--skill", "Only those with this skill.", "CODE");
        var limit = Shared.Limit();
        return new Command("list", "Teams of a territory, ordered by code.").Does(
            host, [within, skill, limit], async (session, line, cancelled) =>
        {
            var found = await Shared.PagesAsync(line.GetValue(limit), async (size, token) =>
            {
                var page = await session.Api.Teams.ListTeamsAsync(
                    new ListTeamsRequest { Territory = line.Text(within), Skill = line.Text(skill), PageSize = size, PageToken = token },
                    cancellationToken: cancelled);
                return (page.Teams, page.NextPageToken);
            });
            session.Out.Answer(() => Printer.ToJson(found), () =>
            {
                var table = Tables.New("code", "name", "territory", "skills", "people", "leader", "id");
                foreach (var item in found)
                {
                    var leader = item.Members.FirstOrDefault(member => member.Leader)?.Number;
                    table.Row(item.Code, item.Name, item.Territory, string.Join(", ", item.Skills), item.Members.Count, leader, item.Id);
                }

                session.Out.Draw(table);
            });
        },
        "gov team list --skill elderly_care --within 340603001");
    }

    private static Command Show(CliHost host)
    {
        var id = Id("The team.");
        return new Command("show", "One team with its people.").Does(
            host, [id], async (session, line, cancelled) =>
            {
                var item = (await session.Api.Teams.GetTeamAsync(
                    new GetTeamRequest { Id = line.GetValue(id) }, cancellationToken: cancelled)).Team;
                session.Out.Answer(() => Printer.ToJson(item), () =>
                {
                    session.Out.Draw(Tables.Facts(
                        ("name", item.Name), ("code", item.Code), ("id", item.Id), ("territory", item.Territory), ("skills", item.Skills)));
                    var people = Tables.New("number", "name", "leader");
                    foreach (var member in item.Members)
                        people.Row(member.Number, member.Name, member.Leader);
                    session.Out.Draw(people);
                });
            },
            "gov team show 0197f3c2-5555-7b3e-8f21-3c5d7e9f1a2b");
    }
}
