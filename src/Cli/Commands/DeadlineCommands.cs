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
        var reason = Required("--reason", "Why it takes longer.");
        return CaseVerbs.Of(host, "extend", "Ask for a longer limit; a level above decides.", [amount, unit, reason],
            "--amount 2 --unit work_days --reason 等待配件",
            async verb => (await verb.Api.Deadlines.RequestDeadlineChangeAsync(
                new()
                {
                    RequestId = verb.RequestId,
                    CaseId = verb.Id,
                    Etag = verb.Etag,
                    ExtendBy = new TimeLimit { Amount = verb.Get(amount), Unit = verb.Word<TimeUnit>(unit) },
                    Reason = verb.Text(reason),
                },
                verb.Options)).Case,
            Group);
    }

    private static Command Pause(CliHost host)
    {
        var until = Required("--until", "The time until then does not count, as in 2026-03-02T09:00:00+08:00.", "INSTANT");
        var reason = Required("--reason", "Why nothing can be done until then.");
        return CaseVerbs.Of(host, "pause", "Ask for a pause; a level above decides.", [until, reason],
            "--until 2026-03-02T09:00:00+08:00 --reason 连日大雨",
            async verb => (await verb.Api.Deadlines.RequestDeadlineChangeAsync(
                new()
                {
                    RequestId = verb.RequestId,
                    CaseId = verb.Id,
                    Etag = verb.Etag,
                    PauseUntil = verb.Instant(until),
                    Reason = verb.Text(reason),
                },
                verb.Options)).Case,
            Group);
    }

    private static Command Decide(CliHost host)
    {
        var grant = Flag("--grant", "Grant it; declined otherwise.");
        var reason = Required("--reason", "Why it is decided so.");
        return CaseVerbs.Of(host, "decide", "Grant or decline a change that somebody else asked for.", [grant, reason], "--grant --reason 情况属实",
            async verb => (await verb.Api.Deadlines.DecideDeadlineChangeAsync(
                new()
                {
                    RequestId = verb.RequestId,
                    CaseId = verb.Id,
                    Etag = verb.Etag,
                    Grant = verb.Get(grant),
                    Reason = verb.Text(reason),
                },
                verb.Options)).Case,
            Group);
    }

    private static Command Resume(CliHost host)
    {
        var reason = Required("--reason", "Why it goes on.");
        return CaseVerbs.Of(host, "resume", "End a pause early.", [reason], "--reason 天气转好",
            async verb => (await verb.Api.Deadlines.ResumeDeadlineAsync(
                new() { RequestId = verb.RequestId, CaseId = verb.Id, Etag = verb.Etag, Reason = verb.Text(reason) }, verb.Options)).Case,
            Group);
    }
}
