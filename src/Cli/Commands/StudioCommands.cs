using System.CommandLine;
using Governance.Cli.Output;
using Governance.Grids.V1;
using static Governance.Cli.Commands.CommandBuilding;

namespace Governance.Cli.Commands;

/// <summary>`gov studio`: where deputies receive residents.</summary>
internal static class StudioCommands
{
    public static Command Build(CliHost host)
    {
        var studios = new Verbs<DeputyStudio>(host, "studio", "The studio.", Facts, (printer, studio) =>
        {
            var table = Tables.New("deputy", "kind", "since", "id");
            foreach (var deputy in studio.Deputies)
                table.Row(deputy.Subject, deputy.Kind, deputy.Since, deputy.Id);
            printer.Draw(table);
        });
        var receptions = new Verbs<Reception>(host, "studio", "The reception.", Facts);
        return Group(
            "studio",
            "Deputies' studios and their receptions of residents (两代表一委员工作室).",
            List(studios), Show(studios), Open(studios), Close(studios), Assign(studios), EndAssignment(studios), Receive(receptions),
            Receptions(receptions));
    }

    private static (string Name, object? Value)[] Facts(DeputyStudio studio) =>
        [
            ("code", studio.Code), ("name", studio.Name), ("id", studio.Id), ("territory", studio.Territory),
            ("deputies", studio.Deputies.Count), ("active", studio.Active), ("etag", studio.Etag),
        ];

    private static (string Name, object? Value)[] Facts(Reception reception) =>
        [
            ("held", reception.HeldAt), ("received", reception.Received), ("deputies", reception.DeputyIds.Count),
            ("cases", reception.CaseIds), ("territory", reception.Territory), ("studio", reception.StudioId), ("id", reception.Id),
        ];

    private static Command List(Verbs<DeputyStudio> studios)
    {
        var within = Shared.Within();
        var ended = Flag("--ended", "Also closed ones.");
        return studios.List(
            "list", "Studios of a territory, ordered by territory.", [within, ended], "--within 340603001 --ended",
            ["territory", "code", "name", "deputies", "active", "id"],
            async (verb, size, token) =>
            {
                var page = await verb.Api.Staffing.ListStudiosAsync(
                    new() { Territory = verb.Text(within), IncludeClosed = verb.Get(ended), PageSize = size, PageToken = token },
                    verb.Options);
                return (page.Studios, page.NextPageToken);
            });
    }

    private static Command Show(Verbs<DeputyStudio> studios) =>
        studios.On("show", "One studio with its deputies.", [], "",
            async verb => (await verb.Api.Staffing.GetStudioAsync(new() { Id = verb.Id }, verb.Options)).Studio);

    private static Command Open(Verbs<DeputyStudio> studios)
    {
        var of = Required("--of", "Its territory.", "CODE");
        var code = Required("--code", "Its code, unique within the city.", "CODE");
        var name = Required("--name", "Its name.");
        var deputies = Many("--deputy", "A deputy: SUBJECT,KIND.", "SUBJECT,KIND");
        return studios.New("open", "Open a studio.", [of, code, name, deputies],
            "--of 34060300100101 --code HB-S-9001 --name 幸福里代表工作室 --deputy deputy-1,peoples_deputy",
            async verb => (await verb.Api.Staffing.OpenStudioAsync(
                new()
                {
                    RequestId = verb.RequestId,
                    Territory = verb.Text(of),
                    Code = verb.Text(code),
                    Name = verb.Text(name),
                    Deputies = { verb.Texts(deputies).Select(DeputyFrom) },
                },
                verb.Options)).Studio);
    }

    private static Command Close(Verbs<DeputyStudio> studios) =>
        studios.Change("close", "The studio is given up, and with it its deputies' assignments.", [], "",
            async verb => (await verb.Api.Staffing.CloseStudioAsync(
                new() { RequestId = verb.RequestId, StudioId = verb.Id, Etag = verb.Etag }, verb.Options)).Studio);

    private static Command Assign(Verbs<DeputyStudio> studios)
    {
        var subject = Required("--deputy-subject", "Subject of the deputy's token.", "SUBJECT");
        var kind = Word<DeputyKind>("--kind", "As what.", required: true);
        return studios.Change("assign", "Assign a deputy to the studio.", [subject, kind],
            "--deputy-subject deputy-2 --kind congress_delegate",
            async verb => (await verb.Api.Staffing.AssignDeputyAsync(
                new()
                {
                    RequestId = verb.RequestId,
                    StudioId = verb.Id,
                    Etag = verb.Etag,
                    Subject = verb.Text(subject),
                    Kind = verb.Word<DeputyKind>(kind),
                },
                verb.Options)).Studio);
    }

    private static Command EndAssignment(Verbs<DeputyStudio> studios)
    {
        var deputy = Required("--deputy", "The assignment, as gov studio show has it.", "UUID");
        return studios.Change("end-assignment", "An assignment ends; it stays in the records.", [deputy],
            "--deputy 0197f3c2-a010-7b3e-8f21-3c5d7e9f1a2b",
            async verb => (await verb.Api.Staffing.EndDeputyAssignmentAsync(
                new() { RequestId = verb.RequestId, StudioId = verb.Id, Etag = verb.Etag, AssignmentId = verb.Text(deputy) },
                verb.Options)).Studio);
    }

    private static Command Receive(Verbs<Reception> receptions)
    {
        var at = Required("--at", "When, as in 2026-03-02T09:00:00+08:00.", "INSTANT");
        var deputies = Many("--deputy", "A deputy who received, as gov studio show has the assignment.", "UUID", required: true);
        var received = Option<int>("--received", "How many residents came.", "N");
        var cases = Many("--case", "A case that came of it.", "UUID");
        return receptions.On("receive", "Deputies received residents.", [at, deputies, received, cases],
            "--at 2026-03-02T09:00:00+08:00 --deputy 0197f3c2-a010-7b3e-8f21-3c5d7e9f1a2b --received 5 "
            + "--case 0197f3c2-9a10-7b3e-8f21-3c5d7e9f1a2b",
            async verb => (await verb.Api.Staffing.RecordReceptionAsync(
                new()
                {
                    RequestId = verb.RequestId,
                    StudioId = verb.Id,
                    HeldAt = verb.Instant(at),
                    DeputyIds = { verb.Texts(deputies) },
                    Received = verb.Get(received),
                    CaseIds = { verb.Texts(cases) },
                },
                verb.Options)).Reception,
            of: "The studio.");
    }

    private static Command Receptions(Verbs<Reception> receptions)
    {
        var within = Shared.Within();
        var studio = Option<string>("--studio", "Only of this studio.", "UUID");
        return receptions.List(
            "receptions", "Receptions of a territory or of one studio, newest first.", [within, studio], "--within 340603001",
            ["held", "received", "deputies", "territory", "studio", "id"],
            async (verb, size, token) =>
            {
                var page = await verb.Api.Staffing.ListReceptionsAsync(
                    new() { Territory = verb.Text(within), StudioId = verb.Text(studio), PageSize = size, PageToken = token },
                    verb.Options);
                return (page.Receptions, page.NextPageToken);
            });
    }

    private static DeputyAssignment DeputyFrom(string text)
    {
        var parts = Shared.PartsFrom(text, 2, 2, "SUBJECT,KIND");
        return new DeputyAssignment { Subject = parts[0], Kind = Shared.WordFrom<DeputyKind>(parts[1]) };
    }
}
