using System.CommandLine;
using Governance.Grids.V1;
using static Governance.Cli.Commands.CommandBuilding;

namespace Governance.Cli.Commands;

/// <summary>`gov project`: what residents propose for a participatory budget, and what was paid for it.</summary>
internal static class ProjectCommands
{
    private const string AsResident = "--subject resident-17 --territory 340603001001";

    public static Command Build(CliHost host)
    {
        var projects = new Verbs<BudgetProject>(host, "project", "The project.", Facts);
        return Group(
            "project",
            "Projects of participatory budgets: proposed, supported, reviewed, won, paid.",
            List(projects), Show(projects), Propose(projects), Support(projects), Review(projects), Book(host), Reverse(host),
            Finish(projects));
    }

    public static (string Name, object? Value)[] Facts(SpendingEntry entry) =>
        [
            ("entry", entry.Id), ("booked", entry.BookedAt), ("yuan", Shared.Yuan(entry.AmountFen)), ("purpose", entry.Purpose),
            ("project", entry.ProjectId), ("reverses", entry.Reverses),
        ];

    private static (string Name, object? Value)[] Facts(BudgetProject project) =>
        [
            ("number", project.Number),
            ("title", project.Title),
            ("id", project.Id),
            ("round", project.RoundId),
            ("territory", project.Territory),
            ("state", project.State),
            ("text", project.Text),
            ("yuan", Shared.Yuan(project.AmountFen)),
            ("proposer", project.Proposer),
            ("supporters", project.Supporters),
            ("reviewed", project.ReviewReason),
            ("votes", project.Votes),
            ("spent", Shared.Yuan(project.SpentFen)),
            ("result", project.Result),
            ("etag", project.Etag),
        ];

    private static Command List(Verbs<BudgetProject> projects) => projects.List(
        "list", "Projects of a round, as they were submitted.", [], "",
        ["number", "title", "state", "yuan", "supporters", "votes", "spent", "id"],
        async (verb, size, token) =>
        {
            var page = await verb.Api.Budgets.ListProjectsAsync(
                new() { RoundId = verb.Id, PageSize = size, PageToken = token }, verb.Options);
            return (page.Projects, page.NextPageToken);
        },
        of: "The round.");

    private static Command Show(Verbs<BudgetProject> projects) =>
        projects.On("show", "One project.", [], "",
            async verb => (await verb.Api.Budgets.GetProjectAsync(new() { Id = verb.Id }, verb.Options)).Project);

    private static Command Propose(Verbs<BudgetProject> projects)
    {
        var title = Required("--title", "What it is, without personal data.");
        var text = Required("--text", "What is to be done.");
        var amount = Required("--yuan", "What it costs.", "YUAN");
        return projects.On("propose", "Propose a project for a round, as somebody of the community.", [title, text, amount],
            $"--title 楼道扶手 --text 为3号楼加装扶手 --yuan 18000 {AsResident}",
            async verb => (await verb.Api.Budgets.ProposeProjectAsync(
                new()
                {
                    RequestId = verb.RequestId,
                    RoundId = verb.Id,
                    Title = verb.Text(title),
                    Text = verb.Text(text),
                    AmountFen = Shared.FenFrom(verb.Text(amount)),
                },
                verb.Options)).Project,
            of: "The round.");
    }

    private static Command Support(Verbs<BudgetProject> projects) =>
        projects.On("support", "Support a project, as somebody of the community; once a person.", [], AsResident,
            async verb => (await verb.Api.Budgets.SupportProjectAsync(
                new() { RequestId = verb.RequestId, ProjectId = verb.Id }, verb.Options)).Project);

    private static Command Review(Verbs<BudgetProject> projects)
    {
        var feasible = Flag("--feasible", "It can be done; it can't otherwise.");
        var reason = Required("--reason", "Why.");
        var amount = new Option<string>("--yuan") { Description = "What it costs; as proposed when not said.", HelpName = "YUAN" };
        return projects.Change("review", "Say whether a project with enough support can be done, and for how much.",
            [feasible, reason, amount], "--feasible --reason 现场具备条件 --yuan 16500",
            async verb => (await verb.Api.Budgets.ReviewProjectAsync(
                new()
                {
                    RequestId = verb.RequestId,
                    ProjectId = verb.Id,
                    Etag = verb.Etag,
                    Feasible = verb.Get(feasible),
                    Reason = verb.Text(reason),
                    AmountFen = verb.Get(amount) is { } yuan ? Shared.FenFrom(yuan) : 0,
                },
                verb.Options)).Project);
    }

    private static Command Book(CliHost host)
    {
        var amount = Required("--yuan", "What was paid.", "YUAN");
        var purpose = Required("--purpose", "For what, as everybody will read it.");
        return new Verbs<BookSpendingResponse>(host, "project", "The project.", answer => [.. Facts(answer.Entry), .. Facts(answer.Project)])
            .On("book", "Book what was paid for a project that was won; never more than its amount.", [amount, purpose],
                "--yuan 8000 --purpose 扶手材料款",
                async verb => await verb.Api.Budgets.BookSpendingAsync(
                    new()
                    {
                        RequestId = verb.RequestId,
                        ProjectId = verb.Id,
                        AmountFen = Shared.FenFrom(verb.Text(amount)),
                        Purpose = verb.Text(purpose),
                    },
                    verb.Options));
    }

    private static Command Reverse(CliHost host)
    {
        var entry = Required("--entry", "The entry, as gov budget spending has it.", "UUID");
        var reason = Required("--reason", "Why, as everybody will read it.");
        return new Verbs<ReverseSpendingResponse>(
            host, "project", "The project.", answer => [.. Facts(answer.Entry), .. Facts(answer.Project)])
            .On("reverse", "Book an entry back, in whole; both stay in the accounts.", [entry, reason],
                "--entry 0197f3c2-a006-7b3e-8f21-3c5d7e9f1a2b --reason 重复入账",
                async verb => await verb.Api.Budgets.ReverseSpendingAsync(
                    new() { RequestId = verb.RequestId, ProjectId = verb.Id, EntryId = verb.Text(entry), Reason = verb.Text(reason) },
                    verb.Options));
    }

    private static Command Finish(Verbs<BudgetProject> projects)
    {
        var result = Required("--result", "What was done.");
        return projects.Change("finish", "A project that was won is done; nothing is booked on it after that.", [result],
            "--result 扶手已安装",
            async verb => (await verb.Api.Budgets.FinishProjectAsync(
                new() { RequestId = verb.RequestId, ProjectId = verb.Id, Etag = verb.Etag, Result = verb.Text(result) },
                verb.Options)).Project);
    }
}
