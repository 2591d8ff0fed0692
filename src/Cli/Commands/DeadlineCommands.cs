using System.CommandLine;
using Google.Protobuf.WellKnownTypes;
using Governance.Cli.Output;
using Governance.Grids.V1;
using static Governance.Cli.Commands.CommandBuilding;

namespace Governance.Cli.Commands;

/// <summary>What is due, and changes of the instants by which cases must be handled.</summary>
internal static class DeadlineCommands
{
    private const string Group = "deadline";

    public static Command Build(CliHost host) =>
        new(Group, "What is overdue or due soon; extensions and pauses.") { List(host), Extend(host), Pause(host), Decide(host), Resume(host) };

    private static Command List(CliHost host)
    {
        var within = Shared.Within();
        var hours = Option<double?>("--hours", "Those that are due within so many hours, instead of those that are overdue.", "N");
        var limit = Shared.Limit();
        return new Command("list", "Cases whose next step is overdue, or due soon; soonest first.").Does(
            host, [within, hours, limit], async (session, line, cancelled) =>
            {
                var soon = line.GetValue(hours);
                var cases = await Shared.PagesAsync(line.GetValue(limit), async (size, token) =>
                {
                    var page = await session.Api.Deadlines.ListDueCasesAsync(
                        new ListDueCasesRequest
                        {
                            Territory = line.Text(within),
                            Bucket = soon is null ? DueBucket.Overdue : DueBucket.Approaching,
                            Within = soon is null ? null : Duration.FromTimeSpan(TimeSpan.FromHours(soon.Value)),
                            PageSize = size,
                            PageToken = token,
                        },
                        cancellationToken: cancelled);
                    return (page.Cases, page.NextPageToken);
                });
                session.Out.Answer(() => Printer.ToJson(cases), () => session.Out.Draw(CaseViews.List(cases)));
            },
            "gov deadline list --within 340603",
            "gov deadline list --hours 4 --json");
    }

    private static Command Extend(CliHost host)
    {
        var amount = new Option<int>("--amount") { Description = "How much longer.", HelpName = "N", Required = true };
        var unit = Word<TimeUnit>("--unit", "In what it is counted.", required: true);
        var reason = Option<string>("--reason", "Why it takes longer.", "TEXT", required: true);
        return CaseVerbs.Of(host, "extend", "Ask for a longer limit; a level above decides.", [amount, unit, reason],
            "--amount 2 --unit work_days --reason 等待配件",
            async verb => (await verb.Api.Deadlines.RequestDeadlineChangeAsync(
                new RequestDeadlineChangeRequest
                {
                    RequestId = verb.RequestId,
                    CaseId = verb.CaseId,
                    Etag = verb.Etag,
                    ExtendBy = new TimeLimit { Amount = verb.Line.GetValue(amount), Unit = verb.Line.Word<TimeUnit>(unit) },
                    Reason = verb.Line.Text(reason),
                },
                cancellationToken: verb.Cancelled)).Case,
            Group);
    }

    private static Command Pause(CliHost host)
    {
        var until = Option<string>("--until", "The time until then does not count, as in 2026-03-02T09:00:00+08:00.", "INSTANT", required: true);
        var reason = Option<string>("--reason", "Why nothing can be done until then.", "TEXT", required: true);
        return CaseVerbs.Of(host, "pause", "Ask for a pause; a level above decides.", [until, reason],
            "--until 2026-03-02T09:00:00+08:00 --reason 连日大雨",
            async verb => (await verb.Api.Deadlines.RequestDeadlineChangeAsync(
                new RequestDeadlineChangeRequest
                {
                    RequestId = verb.RequestId,
                    CaseId = verb.CaseId,
                    Etag = verb.Etag,
                    PauseUntil = CaseVerbs.Instant(verb.Line.GetValue(until), host.Clock),
                    Reason = verb.Line.Text(reason),
                },
                cancellationToken: verb.Cancelled)).Case,
            Group);
    }

    private static Command Decide(CliHost host)
    {
        var grant = Flag("--grant", "Grant it; declined otherwise.");
        var reason = Option<string>("--reason", "Why it is decided so.", "TEXT", required: true);
        return CaseVerbs.Of(host, "decide", "Grant or decline a change that somebody else asked for.", [grant, reason], "--grant --reason 情况属实",
            async verb => (await verb.Api.Deadlines.DecideDeadlineChangeAsync(
                new DecideDeadlineChangeRequest
                {
                    RequestId = verb.RequestId,
                    CaseId = verb.CaseId,
                    Etag = verb.Etag,
                    Grant = verb.Line.GetValue(grant),
                    Reason = verb.Line.Text(reason),
                },
                cancellationToken: verb.Cancelled)).Case,
            Group);
    }

    private static Command Resume(CliHost host)
    {
        var reason = Option<string>("--reason", "Why it goes on.", "TEXT", required: true);
        return CaseVerbs.Of(host, "resume", "End a pause early.", [reason], "--reason 天气转好",
            async verb => (await verb.Api.Deadlines.ResumeDeadlineAsync(
                new ResumeDeadlineRequest
                {
                    RequestId = verb.RequestId,
                    CaseId = verb.CaseId,
                    Etag = verb.Etag,
                    Reason = verb.Line.Text(reason),
                },
                cancellationToken: verb.Cancelled)).Case,
            Group);
    }
}
