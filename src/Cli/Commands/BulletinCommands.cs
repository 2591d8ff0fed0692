using System.CommandLine;
using Governance.Cli.Output;
using Governance.Grids.V1;
using static Governance.Cli.Commands.CommandBuilding;

namespace Governance.Cli.Commands;

/// <summary>`gov bulletin`: what a grid publishes, and what waits for it.</summary>
internal static class BulletinCommands
{
    public static Command Build(CliHost host)
    {
        var items = new Verbs<BulletinItem>(host, "bulletin", "The item.", Facts);
        return Group(
            "bulletin",
            "Bulletins of grids: topics, residents' voices, echo wall (居民一家亲).",
            Read(host), Items(items), Show(host), Issues(host), Write(items), Edit(items), Publish(items), Correct(items), Withdraw(items));
    }

    private static (string Name, object? Value)[] Facts(BulletinItem item) =>
        [
            ("title", item.Title),
            ("id", item.Id),
            ("state", item.State),
            ("section", item.Section),
            ("territory", item.Territory),
            ("text", item.Text),
            ("of", item.Source),
            ("record", item.SourceId),
            ("edition", item.Edition),
            ("issue", item.Issue == 0 ? "" : $"{item.Issue} ({item.Period})"),
            ("drafted", item.DraftedAt),
            ("published", item.PublishedAt),
            ("withdrawn", item.WithdrawnAt),
            ("etag", item.Etag),
        ];

    private static Command Read(CliHost host)
    {
        var entries = new Verbs<BulletinEntry>(host, "bulletin", "The entry.", entry =>
        [
            ("section", entry.Section), ("title", entry.Title), ("text", entry.Text), ("issue", $"{entry.Issue} ({entry.Period})"),
            ("published", entry.PublishedAt), ("corrected", entry.CorrectedAt), ("id", entry.Id),
        ]);
        var of = Of();
        var section = Word<BulletinSection>("--section", "Only this section.");
        var period = Option<string>("--period", "Only of this month, as in 2026-03.", "MONTH");
        return entries.List(
            "read", "What is published of a grid or community, as everybody sees it; newest first.", [of, section, period],
            "--of 34060300100101 --section echo",
            ["section", "title", "text", "issue", "published", "corrected", "id"],
            async (verb, size, token) =>
            {
                var page = await verb.Api.Bulletins.ListBulletinAsync(
                    new()
                    {
                        Territory = verb.Text(of),
                        Section = verb.Word<BulletinSection>(section),
                        Period = verb.Text(period),
                        PageSize = size,
                        PageToken = token,
                    },
                    verb.Options);
                return (page.Entries, page.NextPageToken);
            });
    }

    private static Command Issues(CliHost host)
    {
        var issues = new Verbs<BulletinIssue>(host, "bulletin", "The issue.", issue =>
            [("number", issue.Number), ("period", issue.Period), ("items", issue.Items), ("opened", issue.OpenedAt)]);
        var of = Of();
        return issues.List(
            "issues", "Monthly issues of a grid or community, newest first.", [of], "--of 34060300100101",
            ["number", "period", "items", "opened"],
            async (verb, size, token) =>
            {
                var page = await verb.Api.Bulletins.ListBulletinIssuesAsync(
                    new() { Territory = verb.Text(of), PageSize = size, PageToken = token }, verb.Options);
                return (page.Issues, page.NextPageToken);
            });
    }

    private static Command Items(Verbs<BulletinItem> items)
    {
        var within = Shared.Within();
        var state = Word<BulletinItemState>("--state", "Only in this state; drafts wait for moderation.");
        var section = Word<BulletinSection>("--section", "Only this section.");
        return items.List(
            "list", "Items of a territory in every state, oldest first.", [within, state, section], "--within 340603 --state draft",
            ["state", "section", "title", "of", "territory", "drafted", "id"],
            async (verb, size, token) =>
            {
                var page = await verb.Api.Bulletins.ListBulletinItemsAsync(
                    new()
                    {
                        Territory = verb.Text(within),
                        State = verb.Word<BulletinItemState>(state),
                        Section = verb.Word<BulletinSection>(section),
                        PageSize = size,
                        PageToken = token,
                    },
                    verb.Options);
                return (page.Items, page.NextPageToken);
            });
    }

    private static Command Show(CliHost host)
    {
        var found = new Verbs<GetBulletinItemResponse>(host, "bulletin", "The item.", answer => Facts(answer.Item), (printer, answer) =>
        {
            var table = Tables.New("edition", "done", "title", "text", "role", "by", "at", "reason", "removed");
            foreach (var one in answer.Versions)
                table.Row(one.Edition, one.Action, one.Title, one.Text, one.ActorRole, one.Actor, one.At, one.Reason, one.Removed);
            printer.Draw(table);
        });
        return found.On("show", "One item with all its versions, also when it was withdrawn.", [], "",
            async verb => await verb.Api.Bulletins.GetBulletinItemAsync(new() { Id = verb.Id }, verb.Options));
    }

    private static Command Write(Verbs<BulletinItem> items)
    {
        var (of, title, text) = (Of(), Title(), Text());
        var section = Word<BulletinSection>("--section", "Its section.", required: true);
        return items.New("write", "Draft an item of no case and no topic.", [of, section, title, text],
            "--of 34060300100101 --section topics --title 本月议事会 --text 周五晚七点，社区会议室",
            async verb => (await verb.Api.Bulletins.WriteBulletinItemAsync(
                new()
                {
                    RequestId = verb.RequestId,
                    Territory = verb.Text(of),
                    Section = verb.Word<BulletinSection>(section),
                    Title = verb.Text(title),
                    Text = verb.Text(text),
                },
                verb.Options)).Item);
    }

    private static Command Edit(Verbs<BulletinItem> items)
    {
        var (title, text) = (Title(), Text());
        return items.Change("edit", "Another wording of a draft.", [title, text], "--title 本月议事会 --text 改为周六上午九点",
            async verb => (await verb.Api.Bulletins.EditBulletinItemAsync(
                new() { RequestId = verb.RequestId, Id = verb.Id, Etag = verb.Etag, Title = verb.Text(title), Text = verb.Text(text) },
                verb.Options)).Item);
    }

    private static Command Publish(Verbs<BulletinItem> items) =>
        items.Change("publish", "Show a draft to everybody, in the issue of the month.", [], "",
            async verb => (await verb.Api.Bulletins.PublishBulletinItemAsync(
                new() { RequestId = verb.RequestId, Id = verb.Id, Etag = verb.Etag }, verb.Options)).Item);

    private static Command Correct(Verbs<BulletinItem> items)
    {
        var (title, text) = (Title(), Text());
        var reason = Required("--reason", "Why, without personal data.");
        return items.Change("correct", "Another wording of what is published; the former one is kept.", [title, text, reason],
            "--title 本月议事会 --text 改为周六上午九点 --reason 时间有误",
            async verb => (await verb.Api.Bulletins.CorrectBulletinItemAsync(
                new()
                {
                    RequestId = verb.RequestId,
                    Id = verb.Id,
                    Etag = verb.Etag,
                    Title = verb.Text(title),
                    Text = verb.Text(text),
                    Reason = verb.Text(reason),
                },
                verb.Options)).Item);
    }

    private static Command Withdraw(Verbs<BulletinItem> items)
    {
        var reason = Required("--reason", "Why, without personal data.");
        return items.Change("withdraw", "Take an item back, published or not. Final.", [reason], "--reason 内容重复",
            async verb => (await verb.Api.Bulletins.WithdrawBulletinItemAsync(
                new() { RequestId = verb.RequestId, Id = verb.Id, Etag = verb.Etag, Reason = verb.Text(reason) }, verb.Options)).Item);
    }

    private static Option<string> Of() => Required("--of", "The grid or community.", "CODE");

    private static Option<string> Title() => Required("--title", "Title.");

    private static Option<string> Text() => Option<string>("--text", "Text.", "TEXT");
}
