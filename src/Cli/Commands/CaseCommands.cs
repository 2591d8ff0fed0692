using System.CommandLine;
using System.Text.Json.Nodes;
using Governance.Cli.Client;
using Governance.Cli.Output;
using Governance.Common.V1;
using Governance.Grids.V1;
using static Governance.Cli.Commands.CommandBuilding;

namespace Governance.Cli.Commands;

/// <summary>`gov case`: report, look, and the verbs of <see cref="CaseVerbs"/>.</summary>
internal static class CaseCommands
{
    public static Command Build(CliHost host) => Group(
        "case",
        "Appeals of residents, from the report to the close.",
        [Report(host), Show(host), List(host), Own(host), Watch(host), Export(host), .. CaseVerbs.Build(host)]);

    private static Command Report(CliHost host)
    {
        var title = Option<string>("--title", "What it is about, without personal data; at most 100 characters.", "TEXT", required: true);
        var description = Option<string>("--description", "In the reporter's words.", "TEXT");
        var point = Option<string>("--point", "Where it is: longitude,latitude.", "LON,LAT");
        var system = Shared.System();
        var grid = Option<string>("--grid", "The grid where it is, when there is no point.", "CODE");
        var channel = Word<CaseChannel>("--channel", "How it came in; hotline when not said.");
        var name = Option<string>("--name", "The reporter's name; kept encrypted.", "TEXT");
        var phone = Option<string>("--phone", "The reporter's telephone number; kept encrypted.", "NUMBER");
        var email = Option<string>("--email", "The reporter's e-mail address; kept encrypted.", "ADDRESS");
        var forName = Option<string>("--for-name", "Name of the person on whose behalf it is reported; kept encrypted.", "TEXT");
        var forPhone = Option<string>("--for-phone", "That person's telephone number; kept encrypted.", "NUMBER");
        var confidential = Flag("--confidential", "The reporter stays confidential.");
        return new Command("report", "Open a case in the grid where its place lies.").Does(
            host, [title, description, point, system, grid, channel, name, phone, email, forName, forPhone, confidential], async (session, line, cancelled) =>
            {
                var request = new ReportCaseRequest
                {
                    RequestId = session.NewRequestId(),
                    Title = line.Text(title),
                    Description = line.Text(description),
                    Channel = line.GetValue(channel) is null ? CaseChannel.Hotline : line.Word<CaseChannel>(channel),
                    Contact = PersonCommands.From(line.Text(name), line.Text(phone), line.Text(email)),
                    OnBehalfOf = PersonCommands.From(line.Text(forName), line.Text(forPhone)),
                    Confidential = line.GetValue(confidential),
                };
                switch (line.GetValue(point), line.GetValue(grid))
                {
                    case ({ } place, null):
                        request.Point = Shared.PointFrom(place, line.Word<CoordinateSystem>(system));
                        break;
                    case (null, { } code):
                        request.GridCode = code;
                        break;
                    default:
                        throw new UsageException("Say where it is: either --point LON,LAT or --grid CODE.");
                }

                var answer = await session.Api.Cases.ReportCaseAsync(request, cancellationToken: cancelled);
                session.Out.Answer(() => Printer.ToJson(answer.Case), () => CaseViews.Show(session.Out, answer.Case));
            },
            "gov case report --title 小区大门损坏 --point 116.7912,33.9734",
            "gov case report --title 路灯不亮 --grid 34060300100101 --channel patrol",
            "gov case report --title 楼道堆物 --grid 34060300100101 --name 王小明 --phone 13855551234 --confidential");
    }

    private static Command Show(CliHost host)
    {
        var id = Id("The case.");
        return new Command("show", "One case, and everything that was done to it.").Does(host, [id], async (session, line, cancelled) =>
        {
            var caseId = line.GetValue(id)!;
            var item = (await session.Api.Cases.GetCaseAsync(new GetCaseRequest { Id = caseId }, cancellationToken: cancelled)).Case;
            var history = await session.Api.Cases.GetCaseHistoryAsync(
                new GetCaseHistoryRequest { CaseId = caseId }, cancellationToken: cancelled);
            session.Out.Answer(
                () => new JsonObject { ["case"] = Printer.ToJson(item), ["history"] = Printer.ToJson(history.Entries) },
                () =>
                {
                    CaseViews.Show(session.Out, item);
                    session.Out.Draw(CaseViews.Timeline(history.Entries));
                });
        },
        "gov case show 0197f3c2-7c1e-7a55-9d0f-0d4b7f6a2c11");
    }

    private static Command List(CliHost host)
    {
        var within = Shared.Within();
        var state = Word<CaseState>("--state", "Only in this state.");
        var overdue = Flag("--overdue", "Only overdue ones.");
        var limit = Shared.Limit();
        return new Command("list", "Cases of a territory, newest first.").Does(
            host, [within, state, overdue, limit], async (session, line, cancelled) =>
            {
                var cases = await Shared.PagesAsync(line.GetValue(limit), async (size, token) =>
                {
                    var page = await session.Api.Cases.ListCasesAsync(
                        new ListCasesRequest
                        {
                            Territory = line.Text(within),
                            State = line.Word<CaseState>(state),
                            OverdueOnly = line.GetValue(overdue),
                            PageSize = size,
                            PageToken = token,
                        },
                        cancellationToken: cancelled);
                    return (page.Cases, page.NextPageToken);
                });
                session.Out.Answer(() => Printer.ToJson(cases), () => session.Out.Draw(CaseViews.List(cases)));
            },
            "gov case list --state reported --within 340603",
            "gov case list --overdue --limit 500 --json");
    }

    private static Command Own(CliHost host)
    {
        var limit = Shared.Limit();
        return new Command("own", "Cases that the subject of the token has reported, newest first, wherever they lie.").Does(
            host, [limit], async (session, line, cancelled) =>
            {
                var cases = await Shared.PagesAsync(line.GetValue(limit), async (size, token) =>
                {
                    var page = await session.Api.Cases.ListOwnCasesAsync(
                        new ListOwnCasesRequest { PageSize = size, PageToken = token }, cancellationToken: cancelled);
                    return (page.Cases, page.NextPageToken);
                });
                session.Out.Answer(() => Printer.ToJson(cases), () => session.Out.Draw(CaseViews.List(cases)));
            },
            "gov case own --role resident --subject resident-17");
    }

    private static Command Watch(CliHost host)
    {
        var within = Shared.Within();
        var only = Option<string>("--case", "Only this case.", "UUID");
        var cursor = Option<string>("--cursor", "Go on after this cursor, which every change shows with --json.", "CURSOR");
        var count = Option<int>("--count", "End after so many changes; by default Ctrl+C ends it.", "N");
        return new Command("watch", "Every change to cases as it happens. Goes on by itself where it was after a cut connection.").Does(
            host, [within, only, cursor, count], async (session, line, cancelled) =>
            {
                var request = new WatchCasesRequest
                {
                    Territory = line.Text(within),
                    CaseId = line.Text(only),
                    Cursor = line.Text(cursor),
                };
                var left = line.GetValue(count) is > 0 and var most ? most : int.MaxValue;
                await foreach (var change in Client.Watch.CasesAsync(session.Api, request, session.Clock, cancelled))
                {
                    if (change.Entry is null)
                        continue;
                    session.Out.Item(() => Printer.ToJson(change), () => session.Out.Say(CaseViews.Line(change)));
                    if (--left == 0)
                        return;
                }
            },
            "gov case watch",
            "gov case watch --within 340603 --json",
            "gov case watch --case 0197f3c2-7c1e-7a55-9d0f-0d4b7f6a2c11 --count 1");
    }

    private static Command Export(CliHost host)
    {
        var within = Shared.Within();
        var state = Word<CaseState>("--state", "Only in this state.");
        var overdue = Flag("--overdue", "Only overdue ones.");
        var path = Option<string>("--out", "The file to write; one that is there is replaced in the end.", "FILE", required: true);
        return new Command("export", "Cases of a territory as CSV for spreadsheets, without personal data.").Does(
            host, [within, state, overdue, path], async (session, line, cancelled) =>
            {
                var request = new ExportCasesRequest
                {
                    Territory = line.Text(within),
                    State = line.Word<CaseState>(state),
                    OverdueOnly = line.GetValue(overdue),
                };
                var file = host.Absolute(line.Text(path));
                using var call = session.Api.Exports.ExportCases(request, cancellationToken: cancelled);
                var bytes = await Download.ToFileAsync(call, piece => piece.Chunk, file, cancelled);
                session.Out.Answer(
                    () => new JsonObject { ["file"] = file, ["bytes"] = bytes },
                    () => session.Out.Say($"{file}: {bytes} bytes"));
            },
            "gov case export --within 340603 --out cases.csv",
            "gov case export --overdue --out overdue.csv");
    }
}
