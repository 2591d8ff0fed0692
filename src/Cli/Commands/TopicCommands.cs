using System.CommandLine;
using Governance.Cli.Output;
using Governance.Grids.V1;
using static Governance.Cli.Commands.CommandBuilding;

namespace Governance.Cli.Commands;

/// <summary>`gov topic`: what a council deals with, from the proposal to the echo wall.</summary>
internal static class TopicCommands
{
    /// <summary>What only somebody of the council's territory does, in a token of their own.</summary>
    private const string AsResident = "--subject resident-17 --territory 34060300100101";

    public static Command Build(CliHost host)
    {
        var topics = new Verbs<Topic>(host, "topic", "The topic.", Facts);
        return Group(
            "topic",
            "Topics of councils: proposed, supported, consulted, decided, carried out, answered (议题, 社区协商, 回音壁).",
            List(topics), Show(topics), History(host), Propose(topics), Amend(topics), Support(topics), Decline(topics), Consult(topics),
            Decide(topics), Defer(topics), CarryOut(topics), ReportTask(topics), Answer(topics));
    }

    private static (string Name, object? Value)[] Facts(Topic topic) =>
        [
            ("title", topic.Title),
            ("id", topic.Id),
            ("kind", topic.Kind),
            ("state", topic.State),
            ("overdue", topic.Overdue),
            ("territory", topic.Territory),
            ("council", topic.CouncilId),
            ("text", topic.Text),
            ("edition", topic.Edition),
            ("proposer", topic.Proposer),
            ("case", topic.CaseId),
            ("support", $"{topic.Supporters} of {topic.SupportersNeeded}"),
            ("support by", topic.Deadlines?.SupportBy),
            ("session", topic.SessionId),
            ("decide by", topic.Deadlines?.DecideBy),
            ("vote", TextOf(topic.Decision?.Vote)),
            ("decision", topic.Decision?.Text),
            ("responsible", topic.Decision?.Responsible),
            ("tasks", topic.Tasks.Select((task, i) => $"{i + 1} {task.Party}: {task.Text}, {(task.DoneAt is null ? "open" : "done")}")),
            ("carry out by", topic.Deadlines?.CarryOutBy),
            ("result", topic.Result),
            ("answer by", topic.Deadlines?.AnswerBy),
            ("answer", topic.Answer),
            ("etag", topic.Etag),
        ];

    /// <summary>A count as people say it, as in `5 for, 1 against, 0 abstained of 7: passed`.</summary>
    public static string TextOf(CouncilVote? vote) => vote is null
        ? ""
        : $"{vote.InFavour} for, {vote.Against} against, {vote.Abstained} abstained of {vote.Entitled}: "
          + $"{(vote.Passed ? "passed" : "not passed")} by {vote.Rule?.Code}";

    public static Spectre.Console.Table Steps(IEnumerable<TopicHistoryEntry> entries)
    {
        var table = Tables.New("#", "done", "state", "role", "at", "next due", "note");
        foreach (var entry in entries)
            table.Row(entry.Sequence, entry.Action, entry.ToState, entry.ActorRole, entry.At, entry.DueAt, entry.Note);
        return table;
    }

    private static Command List(Verbs<Topic> topics)
    {
        var within = Shared.Within();
        var council = Option<string>("--council", "Only of this council.", "UUID");
        var state = Word<TopicState>("--state", "Only in this state.");
        var overdue = Flag("--overdue", "Only those whose next step is late.");
        return topics.List(
            "list", "Topics of a territory or of one council, newest first.", [within, council, state, overdue],
            "--within 340603 --state supported",
            ["title", "kind", "state", "overdue", "support", "territory", "id"],
            async (verb, size, token) =>
            {
                var page = await verb.Api.Councils.ListTopicsAsync(
                    new()
                    {
                        Territory = verb.Text(within),
                        CouncilId = verb.Text(council),
                        State = verb.Word<TopicState>(state),
                        OverdueOnly = verb.Get(overdue),
                        PageSize = size,
                        PageToken = token,
                    },
                    verb.Options);
                return (page.Topics, page.NextPageToken);
            });
    }

    private static Command Show(Verbs<Topic> topics) =>
        topics.On("show", "One topic.", [], "",
            async verb => (await verb.Api.Councils.GetTopicAsync(new() { Id = verb.Id }, verb.Options)).Topic);

    private static Command History(CliHost host)
    {
        var histories = new Verbs<GetTopicHistoryResponse>(host, "topic", "The topic.", _ => [], (printer, history) =>
        {
            printer.Draw(Steps(history.Entries));
            var editions = Tables.New("edition", "title", "text", "reason", "at");
            foreach (var edition in history.Editions)
                editions.Row(edition.Edition, edition.Title, edition.Text, edition.Reason, edition.At);
            printer.Draw(editions);
            var consultations = Tables.New("consulted on", "form", "with", "summary");
            foreach (var consultation in history.Consultations)
                consultations.Row(consultation.HeldOn, consultation.Form, consultation.Parties, consultation.Summary);
            printer.Draw(consultations);
        });
        return histories.On("history", "Everything that was done to a topic, its editions and its consultations.", [], "",
            async verb => await verb.Api.Councils.GetTopicHistoryAsync(new() { TopicId = verb.Id }, verb.Options));
    }

    private static Command Propose(Verbs<Topic> topics)
    {
        var kind = Word<TopicKind>("--kind", "What it is.", required: true);
        var title = Required("--title", "What it is about, without personal data.");
        var text = Required("--text", "The proposal.");
        var only = Option<string>("--case", "A case that it is about.", "UUID");
        return topics.On(
            "propose", "Ask a council to deal with something; the proposer is the first who supports it.", [kind, title, text, only],
            $"--kind matter --title 增设电动车充电桩 --text 在3号楼北侧增设充电桩 --role resident {AsResident}",
            async verb => (await verb.Api.Councils.ProposeTopicAsync(
                new()
                {
                    RequestId = verb.RequestId,
                    CouncilId = verb.Id,
                    Kind = verb.Word<TopicKind>(kind),
                    Title = verb.Text(title),
                    Text = verb.Text(text),
                    CaseId = verb.Text(only),
                },
                verb.Options)).Topic,
            of: "The council.");
    }

    private static Command Amend(Verbs<Topic> topics)
    {
        var title = Required("--title", "The new title.");
        var text = Required("--text", "The new wording.");
        var reason = Required("--reason", "Why.");
        return topics.Change(
            "amend", "Another wording; the earlier ones are kept, and while a topic gathers support, support starts anew.",
            [title, text, reason],
            $"--title 增设电动车充电桩 --text 在3号楼东侧增设充电桩 --reason 北侧是消防通道 --role resident {AsResident}",
            async verb => (await verb.Api.Councils.AmendTopicAsync(
                new()
                {
                    RequestId = verb.RequestId,
                    TopicId = verb.Id,
                    Etag = verb.Etag,
                    Title = verb.Text(title),
                    Text = verb.Text(text),
                    Reason = verb.Text(reason),
                },
                verb.Options)).Topic);
    }

    private static Command Support(Verbs<Topic> topics) =>
        topics.Change("support", "Support a topic, as somebody of the council's territory; once a person.", [], AsResident,
            async verb => (await verb.Api.Councils.SupportTopicAsync(
                new() { RequestId = verb.RequestId, TopicId = verb.Id, Etag = verb.Etag }, verb.Options)).Topic);

    private static Command Decline(Verbs<Topic> topics)
    {
        var reason = Required("--reason", "The reason, as the proposer will read it.");
        return topics.Change("decline", "Don't take up a topic without enough support. Final.", [reason], "--reason 不属于议事会职责",
            async verb => (await verb.Api.Councils.DeclineTopicAsync(
                new() { RequestId = verb.RequestId, TopicId = verb.Id, Etag = verb.Etag, Reason = verb.Text(reason) },
                verb.Options)).Topic);
    }

    private static Command Consult(Verbs<Topic> topics)
    {
        var form = Word<ConsultationForm>("--form", "How.", required: true);
        var day = Required("--held-on", "On which day.", "DAY");
        var parties = Many("--party", "Who took part: a unit, organisation or group; no resident's name.", "TEXT", required: true);
        var summary = Required("--summary", "What was found.");
        return topics.Change("consult", "Those concerned were consulted (社区协商).", [form, day, parties, summary],
            "--form talk --held-on 2026-03-01 --party 物业公司 --party 业委会 --summary 同意增设两组",
            async verb => (await verb.Api.Councils.ConsultTopicAsync(
                new()
                {
                    RequestId = verb.RequestId,
                    TopicId = verb.Id,
                    Etag = verb.Etag,
                    Form = verb.Word<ConsultationForm>(form),
                    HeldOn = verb.Text(day),
                    Parties = { verb.Texts(parties) },
                    Summary = verb.Text(summary),
                },
                verb.Options)).Topic);
    }

    private static Command Decide(Verbs<Topic> topics)
    {
        var text = Required("--text", "What was decided.");
        var responsible = Option<string>("--responsible", "Who carries it out: a public body, company or duty.", "TEXT");
        var rule = Option<string>("--rule", "Voting rule of a show of hands; see gov policy list.", "CODE");
        var votesFor = Option<int>("--for", "Hands in favour.", "N");
        var against = Option<int>("--against", "Hands against.", "N");
        var abstained = Option<int>("--abstained", "Hands that abstained.", "N");
        var ballot = Option<string>("--ballot", "A closed ballot, instead of a show of hands.", "UUID");
        var tasks = Many("--task", "What one of several parties does, and by when if not with the others: PARTY,TEXT[,INSTANT].", "TASK");
        return topics.Change(
            "decide", "A topic was voted on in its session; whether it is adopted follows from the count and the rule.",
            [text, responsible, rule, votesFor, against, abstained, ballot, tasks],
            "--rule majority_of_present --for 5 --against 1 --abstained 1 --text 同意增设两组充电桩 --responsible 物业公司",
            async verb => (await verb.Api.Councils.DecideTopicAsync(
                new()
                {
                    RequestId = verb.RequestId,
                    TopicId = verb.Id,
                    Etag = verb.Etag,
                    Rule = verb.Text(rule),
                    InFavour = verb.Get(votesFor),
                    Against = verb.Get(against),
                    Abstained = verb.Get(abstained),
                    Text = verb.Text(text),
                    Responsible = verb.Text(responsible),
                    BallotId = verb.Text(ballot),
                    Tasks = { verb.Texts(tasks).Select(TaskFrom) },
                },
                verb.Options)).Topic);
    }

    private static GivenTopicTask TaskFrom(string text)
    {
        var parts = Shared.PartsFrom(text, 2, 3, "PARTY,TEXT[,INSTANT]");
        return new GivenTopicTask { Party = parts[0], Text = parts[1], DueAt = parts.Length > 2 ? Shared.InstantFrom(parts[2]) : null };
    }

    private static Command ReportTask(Verbs<Topic> topics)
    {
        var task = Option<int>("--task", "Place of the task among those of the topic, from 1.", "N", required: true);
        var done = Flag("--done", "It is done; not yet otherwise.");
        var report = Required("--report", "What was done, or why it is not done yet.");
        return topics.Change(
            "report-task", "What became of a party's task; with the last one done, the topic is carried out.", [task, done, report],
            "--task 1 --done --report 充电桩已安装",
            async verb => (await verb.Api.Councils.ReportTopicTaskAsync(
                new()
                {
                    RequestId = verb.RequestId,
                    TopicId = verb.Id,
                    Etag = verb.Etag,
                    Task = verb.Get(task),
                    Done = verb.Get(done),
                    Report = verb.Text(report),
                },
                verb.Options)).Topic);
    }

    private static Command Defer(Verbs<Topic> topics)
    {
        var reason = Required("--reason", "Why.");
        return topics.Change("defer", "Leave a topic to another session; its time to be decided runs on.", [reason], "--reason 待补充报价",
            async verb => (await verb.Api.Councils.DeferTopicAsync(
                new() { RequestId = verb.RequestId, TopicId = verb.Id, Etag = verb.Etag, Reason = verb.Text(reason) },
                verb.Options)).Topic);
    }

    private static Command CarryOut(Verbs<Topic> topics)
    {
        var result = Required("--result", "What was done.");
        return topics.Change("carry-out", "What was decided is done.", [result], "--result 两组充电桩已投入使用",
            async verb => (await verb.Api.Councils.CarryOutTopicAsync(
                new() { RequestId = verb.RequestId, TopicId = verb.Id, Etag = verb.Etag, Result = verb.Text(result) },
                verb.Options)).Topic);
    }

    private static Command Answer(Verbs<Topic> topics)
    {
        var answer = Required("--answer", "The answer, as the residents will read it.");
        return topics.Change("answer", "Tell the residents on the echo wall what came of it (回音壁). Final.", [answer],
            "--answer 充电桩已建成，欢迎使用",
            async verb => (await verb.Api.Councils.AnswerTopicAsync(
                new() { RequestId = verb.RequestId, TopicId = verb.Id, Etag = verb.Etag, Answer = verb.Text(answer) },
                verb.Options)).Topic);
    }
}
