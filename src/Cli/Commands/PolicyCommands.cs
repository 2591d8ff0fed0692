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

    public static string KindOf(Policy policy) => policy.ContentCase switch
    {
        Policy.ContentOneofCase.Cases => "cases",
        Policy.ContentOneofCase.Councils => "councils",
        Policy.ContentOneofCase.WorkingHours => "working_hours",
        Policy.ContentOneofCase.Holidays => "holidays",
        Policy.ContentOneofCase.Grids => "grids",
        _ => "",
    };

    private static string ContentOf(Policy policy) => policy.ContentCase switch
    {
        Policy.ContentOneofCase.Cases => string.Join(", ", policy.Cases.Categories.Select(category =>
            $"{category.Code} ({category.Name}){(category.Parent is "" ? "" : $" below {category.Parent}")}"
            + (category.HandleWithin is null ? "" : $": {Limit(category.HandleWithin)}"))),
        Policy.ContentOneofCase.Councils =>
            $"{policy.Councils.SupportersNeeded} supporters; support {Limit(policy.Councils.SupportWithin)}, "
            + $"decide {Limit(policy.Councils.DecideWithin)}, carry out {Limit(policy.Councils.CarryOutWithin)}, "
            + $"answer {Limit(policy.Councils.AnswerWithin)}; votes: {string.Join(", ", policy.Councils.VotingRules.Select(r => r.Code))}",
        Policy.ContentOneofCase.WorkingHours => string.Join(", ", policy.WorkingHours.Spans.Select(span =>
            $"{Clock(span.FromMinute)} to {Clock(span.ToMinute)}")),
        Policy.ContentOneofCase.Holidays =>
            $"{policy.Holidays.Year}: {policy.Holidays.Days.Count(day => day.Off)} days off, "
            + $"{policy.Holidays.Days.Count(day => !day.Off)} make-up workdays{(policy.Holidays.Provisional ? ", provisional" : "")}",
        Policy.ContentOneofCase.Grids => string.Join(", ", policy.Grids.Sizes.Select(size =>
            $"{Tables.Word(size.Kind)}: {size.MinHouseholds} to {size.MaxHouseholds} households")),
        _ => "",
    };

    private static string Limit(TimeLimit limit) => $"{limit.Amount} {Tables.Word(limit.Unit)}";

    private static string Clock(int minute) => $"{minute / 60:00}:{minute % 60:00}";
}
