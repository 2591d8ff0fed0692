using System.CommandLine;
using Governance.Cli.Output;
using Governance.Volunteers.V1;
using static Governance.Cli.Commands.CommandBuilding;

namespace Governance.Cli.Commands;

/// <summary>`gov team`: volunteer teams.</summary>
internal static class TeamCommands
{
    public static Command Build(CliHost host) => Group("team", "Volunteer teams (志愿服务队).", List(host));

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
}
