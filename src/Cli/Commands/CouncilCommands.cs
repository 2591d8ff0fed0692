using System.CommandLine;
using Governance.Cli.Output;
using Governance.Grids.V1;
using static Governance.Cli.Commands.CommandBuilding;

namespace Governance.Cli.Commands;

/// <summary>`gov council`: who sits on residents' councils, for how long, and who heads them.</summary>
internal static class CouncilCommands
{
    private const string SampleMember = "0197f3c2-a001-7b3e-8f21-3c5d7e9f1a2b";

    public static Command Build(CliHost host)
    {
        var councils = new Verbs<Council>(host, "council", "The council.", Facts, (printer, council) => printer.Draw(Members(council)));
        return Group(
            "council",
            "Residents' councils of grids and communities: members, terms, heads (居民议事会).",
            List(councils), Show(councils), Establish(councils), Appoint(councils), EndMember(councils), Head(councils), Renew(councils),
            Dissolve(councils), Memberships(host));
    }

    private static (string Name, object? Value)[] Facts(Council council) =>
        [
            ("name", council.Name),
            ("id", council.Id),
            ("state", council.State),
            ("territory", council.Territory),
            ("members", council.Members.Count),
            ("head", council.Members.FirstOrDefault(member => member.Seat is CouncilSeat.Head)?.Name),
            ("quorum", TextOf(council.Quorum)),
            ("terms", council.Terms.Select(term => $"{term.From} to {term.Until}")),
            ("term over", council.TermOver),
            ("also heads the Party organisation", council.ConcurrentHead),
            ("by source", council.ConcurrentSource),
            ("dissolved because", council.DissolveReason),
            ("etag", council.Etag),
        ];

    public static string TextOf(Threshold? part) =>
        part is null ? "" : $"{(part.MoreThan ? "more than " : "")}{part.Numerator}/{part.Denominator}";

    private static (string Name, object? Value)[] Facts(CouncilMember member) =>
        [
            ("name", member.Name), ("seat", member.Seat), ("kind", member.Kind), ("duty", member.Duty), ("subject", member.Subject),
            ("since", member.JoinedAt), ("until", member.LeftAt), ("id", member.Id),
        ];

    private static Spectre.Console.Table Members(Council council)
    {
        var table = Tables.New("seat", "name", "kind", "duty", "subject", "id");
        foreach (var member in council.Members)
            table.Row(member.Seat, member.Name, member.Kind, member.Duty, member.Subject, member.Id);
        return table;
    }

    private static Command List(Verbs<Council> councils)
    {
        var within = Shared.Within();
        var active = Flag("--active", "Only active ones.");
        return councils.List(
            "list", "Councils of a territory, ordered by territory.", [within, active], "--within 340603 --active",
            ["territory", "name", "state", "members", "head", "term over", "id"],
            async (verb, size, token) =>
            {
                var page = await verb.Api.Councils.ListCouncilsAsync(
                    new() { Territory = verb.Text(within), ActiveOnly = verb.Get(active), PageSize = size, PageToken = token },
                    verb.Options);
                return (page.Councils, page.NextPageToken);
            });
    }

    private static Command Show(Verbs<Council> councils) =>
        councils.On("show", "One council with its members.", [], "",
            async verb => (await verb.Api.Councils.GetCouncilAsync(new() { Id = verb.Id }, verb.Options)).Council);

    private static Command Establish(Verbs<Council> councils)
    {
        var territory = Required("--of", "Its grid or community.", "CODE");
        var name = Required("--name", "Its name.");
        var quorum = Required("--quorum", "Which part of the members must attend a session, as in 2/3.", "N/M");
        var moreThan = Flag("--more-than", "The quorum must be exceeded (过半数).");
        var from = Required("--from", "First day of its term.", "DAY");
        var until = Required("--until", "Last day of its term.", "DAY");
        var members = Many("--member", "A member: SUBJECT,KIND,NAME and, of head and deputy, the seat. Names are public.", "MEMBER");
        var (party, source) = (AlsoHeads(), Source());
        return councils.New(
            "establish", "Set up the council of a grid or a community, which has at most one.",
            [territory, name, quorum, moreThan, from, until, members, party, source],
            "--of 34060300100101 --name 第一网格议事会 --quorum 2/3 --from 2026-01-01 --until 2028-12-31 "
            + "--member resident-17,resident,王芳,head --member resident-18,building_head,李强",
            async verb => (await verb.Api.Councils.EstablishCouncilAsync(
                new()
                {
                    RequestId = verb.RequestId,
                    Territory = verb.Text(territory),
                    Name = verb.Text(name),
                    Quorum = PartFrom(verb.Text(quorum), verb.Get(moreThan)),
                    Term = new CouncilTerm { From = verb.Text(from), Until = verb.Text(until) },
                    Members = { verb.Texts(members).Select(MemberFrom) },
                    ConcurrentHead = verb.Word<ConcurrentHead>(party),
                    ConcurrentSource = verb.Text(source),
                },
                verb.Options)).Council);
    }

    private static Command Appoint(Verbs<Council> councils)
    {
        var subject = Required("--member-subject", "Subject of the member's token.", "SUBJECT");
        var kind = Word<CouncilMemberKind>("--kind", "As whom.", required: true);
        var name = Required("--name", "The member's name, which is public.");
        var duty = Option<string>("--duty", "The member's duty, which is public.", "TEXT");
        return councils.Change(
            "appoint", "Somebody takes an ordinary seat.", [subject, kind, name, duty],
            "--member-subject resident-19 --kind building_head --name 赵敏 --duty 3号楼楼栋长",
            async verb => (await verb.Api.Councils.AppointMemberAsync(
                new()
                {
                    RequestId = verb.RequestId,
                    CouncilId = verb.Id,
                    Etag = verb.Etag,
                    Subject = verb.Text(subject),
                    Kind = verb.Word<CouncilMemberKind>(kind),
                    Name = verb.Text(name),
                    Duty = verb.Text(duty),
                },
                verb.Options)).Council);
    }

    private static Command EndMember(Verbs<Council> councils)
    {
        var member = Member();
        return councils.Change(
            "end-member", "Somebody leaves the council; the membership stays in its records.", [member], $"--member {SampleMember}",
            async verb => (await verb.Api.Councils.EndMembershipAsync(
                new() { RequestId = verb.RequestId, CouncilId = verb.Id, Etag = verb.Etag, MemberId = verb.Text(member) },
                verb.Options)).Council);
    }

    private static Command Head(Verbs<Council> councils)
    {
        var (member, party, source) = (Member(), AlsoHeads(), Source());
        var seat = Word<CouncilSeat>("--seat", "Head or deputy.", required: true);
        return councils.Change(
            "head", "A member becomes head or deputy; whoever was it keeps an ordinary seat.", [member, seat, party, source],
            $"--member {SampleMember} --seat head --also-heads-party yes --source 淮组〔2026〕3号",
            async verb => (await verb.Api.Councils.AppointHeadAsync(
                new()
                {
                    RequestId = verb.RequestId,
                    CouncilId = verb.Id,
                    Etag = verb.Etag,
                    MemberId = verb.Text(member),
                    Seat = verb.Word<CouncilSeat>(seat),
                    ConcurrentHead = verb.Word<ConcurrentHead>(party),
                    ConcurrentSource = verb.Text(source),
                },
                verb.Options)).Council);
    }

    private static Command Renew(Verbs<Council> councils)
    {
        var from = Required("--from", "First day of the new term.", "DAY");
        var until = Required("--until", "Last day of the new term.", "DAY");
        return councils.Change(
            "renew", "A new term begins; the members stay until their seats end.", [from, until], "--from 2029-01-01 --until 2031-12-31",
            async verb => (await verb.Api.Councils.RenewTermAsync(
                new()
                {
                    RequestId = verb.RequestId,
                    CouncilId = verb.Id,
                    Etag = verb.Etag,
                    Term = new CouncilTerm { From = verb.Text(from), Until = verb.Text(until) },
                },
                verb.Options)).Council);
    }

    private static Command Dissolve(Verbs<Council> councils)
    {
        var reason = Required("--reason", "Why.");
        return councils.Change(
            "dissolve", "The council ends, and with it every seat. Final.", [reason], "--reason 网格合并",
            async verb => (await verb.Api.Councils.DissolveCouncilAsync(
                new() { RequestId = verb.RequestId, CouncilId = verb.Id, Etag = verb.Etag, Reason = verb.Text(reason) },
                verb.Options)).Council);
    }

    private static Command Memberships(CliHost host) =>
        new Verbs<CouncilMember>(host, "council", "The membership.", Facts).List(
            "memberships", "Everybody who sits or sat on a council, newest first.", [], "",
            ["name", "seat", "kind", "duty", "since", "until", "subject", "id"],
            async (verb, size, token) =>
            {
                var page = await verb.Api.Councils.ListMembershipsAsync(
                    new() { CouncilId = verb.Id, PageSize = size, PageToken = token }, verb.Options);
                return (page.Memberships, page.NextPageToken);
            },
            of: "The council.");

    private static Option<string> Member() => Required("--member", "The member, as gov council show has it.", "UUID");

    private static Option<string> AlsoHeads() =>
        Word<ConcurrentHead>("--also-heads-party", "Whether the head also heads the grid's Party organisation (一肩挑).");

    private static Option<string> Source() => Option<string>("--source", "Where that was learnt, as in a document's number.", "TEXT");

    private static Threshold PartFrom(string text, bool moreThan)
    {
        var parts = text.Split('/');
        return parts.Length == 2 && int.TryParse(parts[0], out var numerator) && int.TryParse(parts[1], out var denominator)
            ? new Threshold { Numerator = numerator, Denominator = denominator, MoreThan = moreThan }
            : throw new UsageException($"'{text}' is not a part of a whole; write it as in 2/3.");
    }

    private static CouncilMember MemberFrom(string text)
    {
        var parts = Shared.PartsFrom(text, 3, 4, "SUBJECT,KIND,NAME or SUBJECT,KIND,NAME,SEAT");
        return new CouncilMember
        {
            Subject = parts[0],
            Kind = Shared.WordFrom<CouncilMemberKind>(parts[1]),
            Name = parts[2],
            Seat = parts.Length == 4 ? Shared.WordFrom<CouncilSeat>(parts[3]) : CouncilSeat.Member,
        };
    }
}
