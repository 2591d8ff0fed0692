using System.CommandLine;
using Governance.Cli.Output;
using Governance.Grids.V1;
using static Governance.Cli.Commands.CommandBuilding;

namespace Governance.Cli.Commands;

/// <summary>`gov policy`: the city's own rules, as they are in force.</summary>
internal static class PolicyCommands
{
    public static Command Build(CliHost host) =>
        Group("policy", "Rules of the city: categories, time limits, working hours, holidays.", List(host));

    private static Command List(CliHost host) =>
        new Command("list", "Every policy of the city, newest first within its kind.").Does(host, [], async (session, line, cancelled) =>
        {
            var answer = await session.Api.Policies.ListPoliciesAsync(
                new ListPoliciesRequest { City = session.City }, cancellationToken: cancelled);
            session.Out.Answer(() => Printer.ToJson(answer.Policies), () =>
            {
                var table = Tables.New("version", "in force from", "rules", "content");
                foreach (var policy in answer.Policies)
                    table.Row(policy.Version, policy.EffectiveFrom, KindOf(policy), ContentOf(policy));
                session.Out.Draw(table);
            });
        },
        "gov policy list",
        "gov policy list --json");

    public static string KindOf(Policy policy) => Tables.Word(policy.ContentCase);

    public static string ContentOf(Policy policy) => policy.ContentCase switch
    {
        Policy.ContentOneofCase.Cases => string.Join(", ", policy.Cases.Categories.Select(category =>
            $"{category.Code} ({category.Name}){(category.Parent is "" ? "" : $" below {category.Parent}")}"
            + (category.HandleWithin is null ? "" : $": {Limit(category.HandleWithin)}"))),
        Policy.ContentOneofCase.Councils =>
            $"{policy.Councils.SupportersNeeded} supporters; support {Limit(policy.Councils.SupportWithin)}, "
            + $"decide {Limit(policy.Councils.DecideWithin)}, carry out {Limit(policy.Councils.CarryOutWithin)}, "
            + $"answer {Limit(policy.Councils.AnswerWithin)}; votes: {string.Join(", ", policy.Councils.VotingRules.Select(r => r.Code))}",
        Policy.ContentOneofCase.WorkingHours => Spans(policy.WorkingHours.Spans)
            + string.Join("; ", policy.WorkingHours.Seasons.Select(season =>
                $"from {season.FromMonth:00}-{season.FromDay:00}: {Spans(season.Spans)}")),
        Policy.ContentOneofCase.Holidays =>
            $"{policy.Holidays.Year}: {policy.Holidays.Days.Count(day => day.Off)} days off, "
            + $"{policy.Holidays.Days.Count(day => !day.Off)} make-up workdays{(policy.Holidays.Provisional ? ", provisional" : "")}",
        Policy.ContentOneofCase.Grids => string.Join(", ", policy.Grids.Sizes.Select(size =>
            $"{Tables.Word(size.Kind)}: {size.MinHouseholds} to {size.MaxHouseholds} households")),
        Policy.ContentOneofCase.Staffing =>
            $"{policy.Staffing.Duties.Count} duties; neighbour groups of {policy.Staffing.MinBuildings} to {policy.Staffing.MaxBuildings} buildings",
        Policy.ContentOneofCase.Visits =>
            $"{string.Join(", ", policy.Visits.Frequencies.Select(visit => $"{Tables.Word(visit.Need)}: every {visit.EveryDays} days"))}; "
            + $"nobody at home: {policy.Visits.RetryDays} days; re-inspect {Limit(policy.Visits.ReinspectWithin)}"
            + string.Concat(policy.Visits.Hazards.Select(hazard => $", {Tables.Word(hazard.Category)}: {Limit(hazard.ReinspectWithin)}")),
        Policy.ContentOneofCase.Bulletins =>
            $"{policy.Bulletins.Rules.Count} rules for {string.Join(", ", policy.Bulletins.Rules.Select(rule => Tables.Word(rule.Section)).Distinct())}"
            + (policy.Bulletins.Never.Count is 0 ? "" : $"; never: {string.Join(", ", policy.Bulletins.Never)}"),
        Policy.ContentOneofCase.Satisfaction =>
            $"respond {Limit(policy.Satisfaction.RespondWithin)}, satisfied from {policy.Satisfaction.SatisfiedFrom}, "
            + $"review {Limit(policy.Satisfaction.ReviewWithin)}; samples of {policy.Satisfaction.SampleAtMost} at most; "
            + $"aspects: {string.Join(", ", policy.Satisfaction.Aspects.Select(aspect => aspect.Code))}",
        Policy.ContentOneofCase.Meetings => string.Join(", ", policy.Meetings.Frequencies.Select(meeting =>
            $"{Tables.Word(meeting.Kind)}: every {meeting.Every} {Tables.Word(meeting.Span)}")),
        Policy.ContentOneofCase.Budgets =>
            $"{policy.Budgets.SupportersNeeded} supporters; {policy.Budgets.ProposalsEach} proposals each",
        _ => "",
    };

    private static string Spans(IEnumerable<WorkingSpan> spans) =>
        string.Join(", ", spans.Select(span => $"{Clock(span.FromMinute)} to {Clock(span.ToMinute)}"));

    private static string Limit(TimeLimit limit) => $"{limit.Amount} {Tables.Word(limit.Unit)}";

    private static string Clock(int minute) => $"{minute / 60:00}:{minute % 60:00}";
}
