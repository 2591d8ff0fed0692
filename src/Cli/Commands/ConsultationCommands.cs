using System.CommandLine;
using Governance.Cli.Output;
using Governance.Grids.V1;
using static Governance.Cli.Commands.CommandBuilding;

namespace Governance.Cli.Commands;

/// <summary>`gov consultation`: several organisations consider a case together.</summary>
internal static class ConsultationCommands
{
    private const string SampleOrganisation = "0197f3c2-1111-7b3e-8f21-3c5d7e9f1a2b";

    public static Command Build(CliHost host)
    {
        var consultations = new Verbs<CaseConsultation>(host, "consultation", "The consultation.", Facts, (printer, consultation) =>
        {
            var table = Tables.New("said at", "by", "for", "statement");
            foreach (var statement in consultation.Statements)
                table.Row(statement.At, statement.Subject, statement.OrganisationId, statement.Text);
            printer.Draw(table);
        });
        return Group(
            "consultation",
            "Consultations of organisations about a case, which end with a decision (会商).",
            List(consultations), Open(consultations), State(consultations), Decide(consultations));
    }

    private static (string Name, object? Value)[] Facts(CaseConsultation consultation) =>
        [
            ("id", consultation.Id),
            ("case", consultation.CaseId),
            ("grid", consultation.Territory),
            ("question", consultation.Question),
            ("convener", consultation.Convener),
            ("participants", consultation.Participants.Select(participant => participant.OrganisationName)),
            ("opened", consultation.OpenedAt),
            ("due", consultation.DueAt),
            ("late", consultation.Late),
            ("decision", consultation.Decision),
            ("decided", consultation.DecidedAt),
            ("leads since", consultation.LeadId),
        ];

    private static Command List(Verbs<CaseConsultation> consultations)
    {
        var within = Shared.Within();
        var only = Option<string>("--case", "Only about this case.", "UUID");
        var open = Flag("--open", "Only those without a decision.");
        return consultations.List(
            "list", "Consultations about cases of a territory, soonest due first.", [within, only, open],
            "--within 340603 --case 0197f3c2-7c1e-7a55-9d0f-0d4b7f6a2c11 --open",
            ["due", "late", "question", "participants", "decision", "case", "id"],
            async (verb, size, token) =>
            {
                var page = await verb.Api.Dispatch.ListConsultationsAsync(
                    new()
                    {
                        Territory = verb.Text(within),
                        CaseId = verb.Text(only),
                        OpenOnly = verb.Get(open),
                        PageSize = size,
                        PageToken = token,
                    },
                    verb.Options);
                return (page.Consultations, page.NextPageToken);
            });
    }

    private static Command Open(Verbs<CaseConsultation> consultations)
    {
        var participants = Many("--participant", "An organisation that takes part.", "UUID", required: true);
        var question = Required("--question", "What is to be decided, without personal data.");
        var due = Required("--due", "When it is to be decided, as in 2026-03-04T17:00:00+08:00.", "INSTANT");
        return consultations.On("open", "Open a consultation on a case.", [participants, question, due],
            $"--participant {SampleOrganisation} --question 由谁牵头整治 --due 2026-03-04T17:00:00+08:00",
            async verb => (await verb.Api.Dispatch.OpenConsultationAsync(
                new()
                {
                    RequestId = verb.RequestId,
                    CaseId = verb.Id,
                    ParticipantIds = { verb.Texts(participants) },
                    Question = verb.Text(question),
                    DueAt = verb.Instant(due),
                },
                verb.Options)).Consultation,
            of: "The case.");
    }

    private static Command State(Verbs<CaseConsultation> consultations)
    {
        var text = Required("--text", "The statement, without personal data.");
        return consultations.On("state", "Say what one thinks, as a participant or as an officer who reaches the case.", [text],
            $"--text 建议由城管部门牵头 --role responder --organisation {SampleOrganisation}",
            async verb => (await verb.Api.Dispatch.AddStatementAsync(
                new() { RequestId = verb.RequestId, ConsultationId = verb.Id, Text = verb.Text(text) }, verb.Options)).Consultation);
    }

    private static Command Decide(Verbs<CaseConsultation> consultations)
    {
        var decision = Required("--decision", "What is to be done, without personal data.");
        var (lead, helpers) = (AssignmentCommands.Lead(required: false), AssignmentCommands.CoHandlers());
        return consultations.On(
            "decide", "End a consultation with a decision; with a lead, the case is dispatched in the same act.", [decision, lead, helpers],
            $"--decision 城管部门牵头，三日内整治 --lead {SampleOrganisation} "
            + "--co-handler 0197f3c2-2222-7b3e-8f21-3c5d7e9f1a2b,2,work_days",
            async verb => (await verb.Api.Dispatch.DecideConsultationAsync(
                new()
                {
                    RequestId = verb.RequestId,
                    ConsultationId = verb.Id,
                    Decision = verb.Text(decision),
                    Lead = verb.Get(lead) is { } leading ? AssignmentCommands.PartFrom(leading) : null,
                    CoHandlers = { verb.Texts(helpers).Select(AssignmentCommands.PartFrom) },
                },
                verb.Options)).Consultation);
    }
}
