using System.CommandLine;
using Governance.Cli.Output;
using Governance.Grids.V1;
using static Governance.Cli.Commands.CommandBuilding;

namespace Governance.Cli.Commands;

/// <summary>`gov neighbour`: groups of buildings with their heads.</summary>
internal static class NeighbourCommands
{
    public static Command Build(CliHost host)
    {
        var groups = new Verbs<NeighbourGroup>(host, "neighbour", "The group.", Facts, (printer, group) =>
        {
            var table = Tables.New("head", "Party member", "since", "id");
            foreach (var head in group.Heads)
                table.Row(head.Subject, head.PartyMember, head.Since, head.Id);
            printer.Draw(table);
        });
        return Group(
            "neighbour",
            "Neighbour groups of a few buildings, with their heads (邻长). Their squads: gov squad.",
            List(groups), Show(groups), SetUp(groups), Change(groups), AppointHead(groups), EndHead(groups), Dissolve(groups), Check(host));
    }

    private static (string Name, object? Value)[] Facts(NeighbourGroup group) =>
        [
            ("code", group.Code),
            ("name", group.Name),
            ("id", group.Id),
            ("grid", group.Territory),
            ("buildings", group.Buildings),
            ("outside standard", group.OutsideStandard),
            ("heads", group.Heads.Count),
            ("squad", group.SquadId),
            ("active", group.Active),
            ("etag", group.Etag),
        ];

    private static Command List(Verbs<NeighbourGroup> groups)
    {
        var within = Shared.Within();
        var ended = Flag("--ended", "Also dissolved ones.");
        return groups.List(
            "list", "Groups of a territory, ordered by grid.", [within, ended], "--within 340603001 --ended",
            ["grid", "code", "name", "buildings", "outside standard", "heads", "id"],
            async (verb, size, token) =>
            {
                var page = await verb.Api.Staffing.ListNeighbourGroupsAsync(
                    new() { Territory = verb.Text(within), IncludeDissolved = verb.Get(ended), PageSize = size, PageToken = token },
                    verb.Options);
                return (page.Groups, page.NextPageToken);
            });
    }

    private static Command Show(Verbs<NeighbourGroup> groups) =>
        groups.On("show", "One group with its heads.", [], "",
            async verb => (await verb.Api.Staffing.GetNeighbourGroupAsync(new() { Id = verb.Id }, verb.Options)).Group);

    private static Command SetUp(Verbs<NeighbourGroup> groups)
    {
        var of = Required("--of", "The grid.", "CODE");
        var code = Required("--code", "Its code, unique within the city.", "CODE");
        var (name, buildings) = (Required("--name", "Its name."), Buildings());
        var heads = Many("--head", "Subject of a head's token; SUBJECT,party for a member of the Party.", "SUBJECT");
        return groups.New("set-up", "Set up a group of some buildings of a grid.", [of, code, name, buildings, heads],
            "--of 34060300100101 --code HB-NG-9001 --name 幸福里邻里组 --building 1号楼 --building 2号楼 --building 3号楼 "
            + "--head resident-18,party",
            async verb => (await verb.Api.Staffing.SetUpNeighbourGroupAsync(
                new()
                {
                    RequestId = verb.RequestId,
                    Territory = verb.Text(of),
                    Code = verb.Text(code),
                    Name = verb.Text(name),
                    Buildings = { verb.Texts(buildings) },
                    Heads = { verb.Texts(heads).Select(HeadFrom) },
                },
                verb.Options)).Group);
    }

    private static Command Change(Verbs<NeighbourGroup> groups)
    {
        var (name, buildings) = (Required("--name", "Its name."), Buildings());
        return groups.Change("change", "Another name or other buildings.", [name, buildings],
            "--name 幸福里邻里组 --building 1号楼 --building 2号楼 --building 4号楼",
            async verb => (await verb.Api.Staffing.ChangeNeighbourGroupAsync(
                new()
                {
                    RequestId = verb.RequestId,
                    GroupId = verb.Id,
                    Etag = verb.Etag,
                    Name = verb.Text(name),
                    Buildings = { verb.Texts(buildings) },
                },
                verb.Options)).Group);
    }

    private static Command AppointHead(Verbs<NeighbourGroup> groups)
    {
        var subject = Required("--head-subject", "Subject of the head's token.", "SUBJECT");
        var party = Flag("--party-member", "The head is a member of the Party.");
        return groups.Change("appoint-head", "Somebody becomes a head of the group.", [subject, party],
            "--head-subject resident-19 --party-member",
            async verb => (await verb.Api.Staffing.AppointNeighbourHeadAsync(
                new()
                {
                    RequestId = verb.RequestId,
                    GroupId = verb.Id,
                    Etag = verb.Etag,
                    Subject = verb.Text(subject),
                    PartyMember = verb.Get(party),
                },
                verb.Options)).Group);
    }

    private static Command EndHead(Verbs<NeighbourGroup> groups)
    {
        var head = Required("--head", "The head, as gov neighbour show has it.", "UUID");
        return groups.Change("end-head", "A head's post ends; it stays in the records.", [head],
            "--head 0197f3c2-a008-7b3e-8f21-3c5d7e9f1a2b",
            async verb => (await verb.Api.Staffing.EndNeighbourHeadAsync(
                new() { RequestId = verb.RequestId, GroupId = verb.Id, Etag = verb.Etag, HeadId = verb.Text(head) }, verb.Options)).Group);
    }

    private static Command Dissolve(Verbs<NeighbourGroup> groups) =>
        groups.Change("dissolve", "The group ends, and with it its heads' posts. Final.", [], "",
            async verb => (await verb.Api.Staffing.DissolveNeighbourGroupAsync(
                new() { RequestId = verb.RequestId, GroupId = verb.Id, Etag = verb.Etag }, verb.Options)).Group);

    private static Command Check(CliHost host)
    {
        var (within, limit) = (Shared.Within(), Shared.Limit());
        var checks = new Verbs<CheckNeighbourGroupsResponse>(host, "neighbour", "The check.",
            check =>
            [
                ("groups", check.Groups),
                ("buildings by policy", $"{check.MinBuildings} to {check.MaxBuildings}"),
                ("buildings", $"{check.FewestBuildings} to {check.MostBuildings}"),
                ("outside standard", check.OutsideStandard),
                ("without head", check.WithoutHead),
                ("heads", check.Heads),
                ("Party members among them", check.PartyMemberHeads),
            ],
            (printer, check) =>
            {
                var table = Tables.New("grid", "code", "name", "buildings", "heads", "id");
                foreach (var group in check.Findings)
                    table.Row(group.Territory, group.Code, group.Name, group.Buildings.Count, group.Heads.Count, group.Id);
                printer.Draw(table);
            });
        return checks.New("check", "Which groups lie outside the policy or lack a head.", [within, limit], "--within 340603",
            async verb => await verb.Api.Staffing.CheckNeighbourGroupsAsync(
                new() { Territory = verb.Text(within), PageSize = verb.Get(limit) }, verb.Options));
    }

    private static Option<string[]> Buildings() => Many("--building", "A building.", "TEXT", required: true);

    private static NeighbourHead HeadFrom(string text)
    {
        var parts = Shared.PartsFrom(text, 1, 2, "SUBJECT or SUBJECT,party");
        return parts is [_] or [_, "party"]
            ? new NeighbourHead { Subject = parts[0], PartyMember = parts.Length == 2 }
            : throw new UsageException($"'{text}' is not SUBJECT or SUBJECT,party.");
    }
}
