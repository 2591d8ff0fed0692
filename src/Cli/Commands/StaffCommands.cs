using System.CommandLine;
using Governance.Cli.Output;
using Governance.Grids.V1;
using static Governance.Cli.Commands.CommandBuilding;

namespace Governance.Cli.Commands;

/// <summary>`gov staff`: who works in grids, and who stands in for whom.</summary>
internal static class StaffCommands
{
    private const string SampleSubstitute = "0197f3c2-a007-7b3e-8f21-3c5d7e9f1a2b";

    public static Command Build(CliHost host)
    {
        var staff = new Verbs<GridStaff>(host, "staff", "The post.", Facts);
        var standIns = new Verbs<StandIn>(host, "staff", "The arrangement.", Facts);
        return Group(
            "staff",
            "Leaders, workers and substitutes of grids, and their public roster (定网定人定责, AB岗).",
            List(staff), Show(staff), Appoint(staff), End(staff), StandIns(standIns), StandingIn(standIns), CancelStandIn(standIns),
            Check(host), Roster(host), Standard(host));
    }

    private static (string Name, object? Value)[] Facts(GridStaff staff) =>
        [
            ("name", staff.Name),
            ("id", staff.Id),
            ("grid", staff.Territory),
            ("role", staff.Role),
            ("duty", staff.Duty),
            ("subject", staff.Subject),
            ("employment", staff.Employment),
            ("Party member", staff.PartyMember),
            ("from", staff.From),
            ("until", staff.Until),
            ("etag", staff.Etag),
        ];

    private static (string Name, object? Value)[] Facts(StandIn arrangement) =>
        [
            ("id", arrangement.Id), ("grid", arrangement.Territory), ("for", arrangement.StaffId), ("substitute", arrangement.SubstituteId),
            ("from", arrangement.From), ("until", arrangement.Until), ("cancelled", arrangement.CancelledAt),
        ];

    private static Command List(Verbs<GridStaff> staff)
    {
        var within = Shared.Within();
        var role = Word<GridStaffRole>("--post", "Only in this role.");
        var ended = Flag("--ended", "Also posts that have ended.");
        var subject = Option<string>("--of-subject", "Only posts of this subject.", "SUBJECT");
        return staff.List(
            "list", "Posts of a territory, ordered by grid.", [within, role, ended, subject],
            "--within 340603001 --post leader --ended --of-subject leader-1",
            ["grid", "role", "name", "duty", "subject", "from", "until", "id"],
            async (verb, size, token) =>
            {
                var page = await verb.Api.Staffing.ListStaffAsync(
                    new()
                    {
                        Territory = verb.Text(within),
                        Role = verb.Word<GridStaffRole>(role),
                        IncludeEnded = verb.Get(ended),
                        Subject = verb.Text(subject),
                        PageSize = size,
                        PageToken = token,
                    },
                    verb.Options);
                return (page.Staff, page.NextPageToken);
            });
    }

    private static Command Show(Verbs<GridStaff> staff) =>
        staff.On("show", "One post.", [], "",
            async verb => (await verb.Api.Staffing.GetStaffAsync(new() { Id = verb.Id }, verb.Options)).Staff);

    private static Command Appoint(Verbs<GridStaff> staff)
    {
        var of = Required("--of", "The grid.", "CODE");
        var role = Word<GridStaffRole>("--post", "The role.", required: true);
        var subject = Required("--staff-subject", "Subject of the person's token.", "SUBJECT");
        var name = Required("--name", "The person's name, which is public.");
        var duty = Option<string>("--duty", "The person's duty, which is public.", "TEXT");
        var employment = Word<StaffEmployment>("--employment", "How much of the person's work it is.", required: true);
        var party = Flag("--party-member", "The person is a member of the Party.");
        var from = Option<string>("--from", "First day; today when not said.", "DAY");
        return staff.New("appoint", "Give somebody a post in a grid, which has at most one leader.",
            [of, role, subject, name, duty, employment, party, from],
            "--of 34060300100101 --post worker --staff-subject worker-7 --name 陈静 --duty 网格员 --employment full_time --party-member "
            + "--from 2026-03-01",
            async verb => (await verb.Api.Staffing.AppointStaffAsync(
                new()
                {
                    RequestId = verb.RequestId,
                    Territory = verb.Text(of),
                    Role = verb.Word<GridStaffRole>(role),
                    Subject = verb.Text(subject),
                    Name = verb.Text(name),
                    Duty = verb.Text(duty),
                    Employment = verb.Word<StaffEmployment>(employment),
                    PartyMember = verb.Get(party),
                    From = verb.Text(from),
                },
                verb.Options)).Staff);
    }

    private static Command End(Verbs<GridStaff> staff)
    {
        var until = Option<string>("--until", "Last day; today when not said.", "DAY");
        return staff.Change("end", "The post ends; it stays in the records.", [until], "--until 2026-03-31",
            async verb => (await verb.Api.Staffing.EndAppointmentAsync(
                new() { RequestId = verb.RequestId, StaffId = verb.Id, Etag = verb.Etag, Until = verb.Text(until) }, verb.Options)).Staff);
    }

    private static Command StandIns(Verbs<StandIn> standIns)
    {
        var within = Shared.Within();
        var on = Option<string>("--on", "Only those that hold on this day.", "DAY");
        return standIns.List(
            "stand-ins", "Arrangements of a territory, newest first.", [within, on], "--within 340603001 --on 2026-03-02",
            ["grid", "from", "until", "cancelled", "for", "id"],
            async (verb, size, token) =>
            {
                var page = await verb.Api.Staffing.ListStandInsAsync(
                    new() { Territory = verb.Text(within), On = verb.Text(on), PageSize = size, PageToken = token }, verb.Options);
                return (page.StandIns, page.NextPageToken);
            });
    }

    private static Command StandingIn(Verbs<StandIn> standIns)
    {
        var substitute = Required("--substitute", "The post that stands in, of the same grid.", "UUID");
        var from = Required("--from", "First day.", "DAY");
        var until = Required("--until", "Last day.", "DAY");
        return standIns.On("stand-in", "Somebody of the grid stands in for a leader or worker for a period (AB岗).",
            [substitute, from, until], $"--substitute {SampleSubstitute} --from 2026-03-02 --until 2026-03-06",
            async verb => (await verb.Api.Staffing.ArrangeStandInAsync(
                new()
                {
                    RequestId = verb.RequestId,
                    StaffId = verb.Id,
                    SubstituteId = verb.Text(substitute),
                    From = verb.Text(from),
                    Until = verb.Text(until),
                },
                verb.Options)).StandIn,
            of: "The post that is stood in for.");
    }

    private static Command CancelStandIn(Verbs<StandIn> standIns) =>
        standIns.On("cancel-stand-in", "The arrangement does not hold any more.", [], "",
            async verb => (await verb.Api.Staffing.CancelStandInAsync(
                new() { RequestId = verb.RequestId, StandInId = verb.Id }, verb.Options)).StandIn);

    private static Command Check(CliHost host)
    {
        var (within, limit) = (Shared.Within(), Shared.Limit());
        var checks = new Verbs<CheckStaffingResponse>(host, "staff", "The check.",
            check =>
            [
                ("grids", check.Grids), ("without leader", check.WithoutLeader), ("without worker", check.WithoutWorker),
                ("ended with staff", check.EndedWithStaff), ("fewest leaders", check.FewestLeaders),
                ("fewest workers", check.FewestWorkers),
            ],
            (printer, check) =>
            {
                var table = Tables.New("grid", "problem");
                foreach (var finding in check.Findings)
                    table.Row(finding.Territory, finding.Problem);
                printer.Draw(table);
            });
        return checks.New("check", "Which grids lack a leader or a worker, and which ended ones still have staff.", [within, limit],
            "--within 340603",
            async verb => await verb.Api.Staffing.CheckStaffingAsync(
                new() { Territory = verb.Text(within), PageSize = verb.Get(limit) }, verb.Options));
    }

    private static Command Roster(CliHost host)
    {
        var of = Required("--of", "The grid.", "CODE");
        var rosters = new Verbs<GetPublicRosterResponse>(host, "staff", "The roster.", _ => [], (printer, roster) =>
        {
            var table = Tables.New("name", "duty");
            foreach (var entry in roster.Entries)
                table.Row(entry.Name, entry.Duty);
            printer.Draw(table);
        });
        return rosters.New("roster", "Who works in a grid, as the board at its entrance shows it.", [of], "--of 34060300100101",
            async verb => await verb.Api.Staffing.GetPublicRosterAsync(new() { GridCode = verb.Text(of) }, verb.Options));
    }

    private static Command Standard(CliHost host)
    {
        var of = Required("--of", "The city, or any territory of it.", "CODE");
        var standards = new Verbs<GetStaffingStandardResponse>(host, "staff", "The standard.",
            standard => [("buildings of a neighbour group", $"{standard.MinBuildings} to {standard.MaxBuildings}")],
            (printer, standard) =>
            {
                var table = Tables.New("role", "duty", "code");
                foreach (var duty in standard.Duties)
                    table.Row(duty.Role, duty.Name, duty.Code);
                printer.Draw(table);
            });
        return standards.New("standard", "Duties of roles and the size of a neighbour group, as the policy has them.", [of], "--of 3406",
            async verb => await verb.Api.Staffing.GetStaffingStandardAsync(new() { Territory = verb.Text(of) }, verb.Options));
    }
}
