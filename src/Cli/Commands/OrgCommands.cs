using System.CommandLine;
using Governance.Cli.Output;
using Governance.Organisations.V1;
using Grpc.Core;
using Spectre.Console;
using static Governance.Cli.Commands.CommandBuilding;

namespace Governance.Cli.Commands;

/// <summary>`gov org`: who answers for what.</summary>
internal static class OrgCommands
{
    public static Command Build(CliHost host) => Group(
        "org",
        "Organisations of the city: as a tree, by words, one by one.",
        Tree(host), Search(host), Show(host), List(host));

    private static Command Tree(CliHost host)
    {
        var within = Shared.Within();
        var root = Option<string>("--root", "Code of the organisation to start from; all roots when not said.", "CODE");
        var depth = Option<int>("--depth", "Levels below the root, 1 to 12; 12 when not said.", "N");
        return new Command("tree", "Organisations below their superiors. With --json one line each, parents first.").Does(
            host, [within, root, depth], async (session, line, cancelled) =>
            {
                var request = new GetOrganisationTreeRequest
                {
                    Territory = line.Text(within),
                    RootCode = line.Text(root),
                    Depth = line.GetValue(depth),
                };
                using var call = session.Api.Directory.GetOrganisationTree(request, cancellationToken: cancelled);
                await foreach (var node in call.ResponseStream.ReadAllAsync(cancelled))
                {
                    var item = node.Organisation;
                    session.Out.Item(
                        () => Printer.ToJson(node),
                        () => session.Out.Say($"{new string(' ', node.Level * 2)}{item.Name}  {item.Code}  {Tables.Word(item.Kind)}"));
                }
            },
            "gov org tree --depth 2",
            "gov org tree --root HB-FGW --json");
    }

    private static Command Search(CliHost host)
    {
        var words = new Argument<string[]>("words")
        {
            Description = "Words that the name contains, all of them.",
            Arity = ArgumentArity.OneOrMore,
        };
        var within = Shared.Within();
        return new Command("search", "Organisations by words of their names, shortest names first; at most 50.").Does(
            host, [words, within], async (session, line, cancelled) =>
            {
                var answer = await session.Api.Directory.SearchOrganisationsAsync(
                    new SearchOrganisationsRequest { Territory = line.Text(within), Query = string.Join(' ', line.GetValue(words)!) },
                    cancellationToken: cancelled);
                Print(session.Out, answer.Organisations);
            },
            "gov org search 相山 社区",
            "gov org search 物业 --within 340603 --json");
    }

    private static Command Show(CliHost host)
    {
        var id = Id("The organisation.");
        return new Command("show", "One organisation.").Does(host, [id], async (session, line, cancelled) =>
        {
            var item = (await session.Api.Directory.GetOrganisationAsync(
                new GetOrganisationRequest { Id = line.GetValue(id) }, cancellationToken: cancelled)).Organisation;
            session.Out.Answer(() => Printer.ToJson(item), () => session.Out.Draw(Tables.Facts(
                ("name", item.Name),
                ("code", item.Code),
                ("id", item.Id),
                ("kind", item.Kind),
                ("territory", item.Territory),
                ("below", item.ParentCode),
                ("industry", item.Industry),
                ("credit code", item.CreditCode),
                ("comes for", string.Join(", ", item.RespondsTo)),
                ("updated", item.UpdatedAt),
                ("etag", item.Etag))));
        },
        "gov org show 0197f3c2-1111-7b3e-8f21-3c5d7e9f1a2b");
    }

    private static Command List(CliHost host)
    {
        var within = Shared.Within();
        var kind = Word<OrganisationKind>("--kind", "Only of this kind.");
        var industry = Option<string>("--industry", "Only of this industry line.", "CODE");
        var limit = Shared.Limit();
        return new Command("list", "Organisations by kind, industry and territory, ordered by code.").Does(
            host, [within, kind, industry, limit], async (session, line, cancelled) =>
            {
                var found = await Shared.PagesAsync(line.GetValue(limit), async (size, token) =>
                {
                    var page = await session.Api.Directory.ListOrganisationsAsync(
                        new ListOrganisationsRequest
                        {
                            Territory = line.Text(within),
                            Kind = line.Word<OrganisationKind>(kind),
                            Industry = line.Text(industry),
                            PageSize = size,
                            PageToken = token,
                        },
                        cancellationToken: cancelled);
                    return (page.Organisations, page.NextPageToken);
                });
                Print(session.Out, found);
            },
            "gov org list --kind property_company",
            "gov org list --kind community --within 340603 --limit 500");
    }

    public static void Print(Printer printer, IReadOnlyCollection<Organisation> organisations) =>
        printer.Answer(() => Printer.ToJson(organisations), () => printer.Draw(TableOf(organisations)));

    private static Table TableOf(IEnumerable<Organisation> organisations)
    {
        var table = Tables.New("code", "name", "kind", "territory", "id");
        foreach (var item in organisations)
            table.Row(item.Code, item.Name, item.Kind, item.Territory, item.Id);
        return table;
    }
}
