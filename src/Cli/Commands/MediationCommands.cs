using System.CommandLine;
using Governance.Cli.Output;
using Governance.Common.V1;
using Governance.Grids.V1;
using static Governance.Cli.Commands.CommandBuilding;

namespace Governance.Cli.Commands;

/// <summary>`gov mediation`: disputes between people, with their consent.</summary>
internal static class MediationCommands
{
    public static Command Build(CliHost host)
    {
        var mediations = new Verbs<Mediation>(host, "mediation", "The mediation.", Facts, (printer, mediation) =>
        {
            var table = Tables.New("met", "note");
            foreach (var session in mediation.Sessions)
                table.Row(session.HeldAt, session.Note);
            printer.Draw(table);
        });
        return Group(
            "mediation",
            "Disputes between people, with their consent: parties, mediators, meetings, agreement (矛盾纠纷调处).",
            List(mediations), Show(mediations), Open(mediations), Meet(mediations), Conclude(mediations), Performance(mediations));
    }

    private static (string Name, object? Value)[] Facts(Mediation mediation) =>
        [
            ("id", mediation.Id),
            ("case", mediation.CaseId),
            ("state", mediation.State),
            ("overdue", mediation.Overdue),
            ("grid", mediation.Territory),
            ("dispute", mediation.Dispute),
            ("parties", mediation.Parties),
            ("mediators", mediation.Mediators),
            ("committee", mediation.OrganisationId),
            ("opened", mediation.OpenedAt),
            ("due", mediation.DueAt),
            ("meetings", mediation.Sessions.Count),
            ("conclusion", mediation.Conclusion),
            ("concluded", mediation.ConcludedAt),
            ("perform by", mediation.PerformBy),
            ("performance", mediation.Performance),
            ("etag", mediation.Etag),
        ];

    private static Command List(Verbs<Mediation> mediations)
    {
        var within = Shared.Within();
        var state = Word<MediationState>("--state", "Only in this state.");
        var only = Option<string>("--case", "Only of this case.", "UUID");
        return mediations.List(
            "list", "Mediations of a territory, newest first.", [within, state, only], "--within 340603 --state open",
            ["opened", "state", "overdue", "due", "dispute", "parties", "meetings", "grid", "id"],
            async (verb, size, token) =>
            {
                var page = await verb.Api.Mediations.ListMediationsAsync(
                    new()
                    {
                        Territory = verb.Text(within),
                        State = verb.Word<MediationState>(state),
                        CaseId = verb.Text(only),
                        PageSize = size,
                        PageToken = token,
                    },
                    verb.Options);
                return (page.Mediations, page.NextPageToken);
            });
    }

    private static Command Show(Verbs<Mediation> mediations) =>
        mediations.On("show", "One mediation.", [], "",
            async verb => (await verb.Api.Mediations.GetMediationAsync(new() { Id = verb.Id }, verb.Options)).Mediation);

    private static Command Open(Verbs<Mediation> mediations)
    {
        var dispute = Required("--dispute", "What the parties dispute about, without personal data.");
        var parties = Many("--party",
            "A party that consents: LABEL,NAME or LABEL,NAME,PHONE. Name and number are kept encrypted; two parties at least.", "PARTY",
            required: true);
        var mediators = Many("--mediator", "Subject of a mediator's token.", "SUBJECT", required: true);
        var committee = Option<string>("--committee", "The mediation committee.", "UUID");
        return mediations.On("open", "Open the mediation of a case, with the consent of its parties.",
            [dispute, parties, mediators, committee],
            "--dispute 楼上漏水赔偿 --party 甲方,王小明,13855551234 --party 乙方,李强 --mediator mediator-1 "
            + "--committee 0197f3c2-1111-7b3e-8f21-3c5d7e9f1a2b",
            async verb => (await verb.Api.Mediations.OpenMediationAsync(
                new()
                {
                    RequestId = verb.RequestId,
                    CaseId = verb.Id,
                    Dispute = verb.Text(dispute),
                    Parties = { verb.Texts(parties).Select(PartyFrom) },
                    Mediators = { verb.Texts(mediators) },
                    OrganisationId = verb.Text(committee),
                },
                verb.Options)).Mediation,
            of: "The case.");
    }

    private static Command Meet(Verbs<Mediation> mediations)
    {
        var at = Required("--at", "When, as in 2026-03-02T09:00:00+08:00.", "INSTANT");
        var note = Required("--note", "What was said, without personal data.");
        return mediations.Change("meet", "Mediators and parties have met.", [at, note],
            "--at 2026-03-02T09:00:00+08:00 --note 双方同意现场查看",
            async verb => (await verb.Api.Mediations.RecordMediationSessionAsync(
                new()
                {
                    RequestId = verb.RequestId,
                    MediationId = verb.Id,
                    Etag = verb.Etag,
                    HeldAt = verb.Instant(at),
                    Note = verb.Text(note),
                },
                verb.Options)).Mediation);
    }

    private static Command Conclude(Verbs<Mediation> mediations)
    {
        var outcome = Word<MediationOutcome>("--outcome", "How it ended.", required: true);
        var conclusion = Required("--conclusion", "What was agreed, or why there is no agreement; without personal data.");
        var by = Option<string>("--perform-by", "When the agreement must be performed; at once when not said.", "INSTANT");
        return mediations.Change("conclude", "The parties have agreed, or have not, or do not want it any more.", [outcome, conclusion, by],
            "--outcome agreed --conclusion 乙方修复渗水并补偿粉刷费用 --perform-by 2026-03-31T18:00:00+08:00",
            async verb => (await verb.Api.Mediations.ConcludeMediationAsync(
                new()
                {
                    RequestId = verb.RequestId,
                    MediationId = verb.Id,
                    Etag = verb.Etag,
                    Outcome = verb.Word<MediationOutcome>(outcome),
                    Conclusion = verb.Text(conclusion),
                    PerformBy = verb.Instant(by),
                },
                verb.Options)).Mediation);
    }

    private static Command Performance(Verbs<Mediation> mediations)
    {
        var kept = Flag("--kept", "The agreement was kept; it was not otherwise.");
        var note = Required("--note", "What was found, without personal data.");
        return mediations.Change("performance", "Say whether the agreement was kept.", [kept, note], "--kept --note 渗水已修复",
            async verb => (await verb.Api.Mediations.RecordPerformanceAsync(
                new()
                {
                    RequestId = verb.RequestId,
                    MediationId = verb.Id,
                    Etag = verb.Etag,
                    Performed = verb.Get(kept),
                    Note = verb.Text(note),
                },
                verb.Options)).Mediation);
    }

    private static MediationParty PartyFrom(string text)
    {
        var parts = Shared.PartsFrom(text, 2, 3, "LABEL,NAME or LABEL,NAME,PHONE");
        var person = new Person { Name = parts[1], Phone = parts.Length == 3 ? parts[2] : "" };
        return new MediationParty { Label = parts[0], Person = person, Consents = true };
    }
}
