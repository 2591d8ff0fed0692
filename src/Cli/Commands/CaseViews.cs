using Governance.Cli.Output;
using Governance.Grids.V1;
using Spectre.Console;

namespace Governance.Cli.Commands;

/// <summary>How a case looks on a terminal.</summary>
internal static class CaseViews
{
    public static void Show(Printer printer, Case item)
    {
        printer.Draw(Tables.Facts(Facts(item)));
        More(printer, item);
    }

    public static (string Name, object? Value)[] Facts(Case item) =>
        [
            ("number", item.Number),
            ("id", item.Id),
            ("title", item.Title),
            ("description", item.Description),
            ("state", item.Overdue ? $"{Tables.Word(item.State)} (overdue)" : Tables.Word(item.State)),
            ("category", item.Category),
            ("grid", item.Territory),
            ("held by", item.Holder),
            ("reported", $"{Tables.At(item.ReportedAt)} by {item.Reporter}, {Tables.Word(item.Channel)}"),
            ("handler", HandlerOf(item)),
            ("assess by", item.Deadlines?.AssessBy),
            ("handle by", item.Deadlines?.HandleBy),
            ("paused until", item.Deadlines?.PausedUntil),
            ("asked for", AskedFor(item.Deadlines?.Requested)),
            ("answer by", item.Deadlines?.AnswerBy),
            ("confirm by", item.Deadlines?.ConfirmBy),
            ("goes up at", item.Deadlines?.EscalateAt),
            ("result", item.Result),
            ("answer", item.Answer),
            ("satisfaction", item.Satisfaction),
            ("etag", item.Etag),
        ];

    public static void More(Printer printer, Case item)
    {
        if (item.Whistle is not null)
            printer.Draw(Responders(item.Whistle));
    }

    private static string AskedFor(DeadlineChange? change) => change switch
    {
        null => "",
        { ExtendBy: { } longer } => $"{longer.Amount} {Tables.Word(longer.Unit)} more: {change.Reason}",
        _ => $"a pause until {Tables.At(change.PauseUntil)}: {change.Reason}",
    };

    public static Table List(IEnumerable<Case> cases)
    {
        var table = Tables.New("number", "state", "title", "grid", "held by", "reported", "id");
        foreach (var item in cases)
        {
            var state = item.Overdue ? $"{Tables.Word(item.State)} (overdue)" : Tables.Word(item.State);
            table.Row(item.Number, state, item.Title, item.Territory, item.Holder, item.ReportedAt, item.Id);
        }

        return table;
    }

    /// <summary>What was done to a case: who, in which role, and how long it took since the step before.</summary>
    public static Table Timeline(IReadOnlyList<CaseHistoryEntry> entries)
    {
        var table = Tables.New("#", "done", "state", "by", "role", "at", "after", "note");
        foreach (var (index, entry) in entries.Index())
        {
            var after = index == 0 ? "" : Tables.Span(entry.At.ToDateTimeOffset() - entries[index - 1].At.ToDateTimeOffset());
            table.Row(entry.Sequence, entry.Action, entry.ToState, entry.Actor, entry.ActorRole, entry.At, after, entry.Note);
        }

        return table;
    }

    public static Table Responders(Whistle whistle)
    {
        var table = Tables.New("called", "to come by", "came", "late");
        foreach (var responder in whistle.Responders)
            table.Row(responder.OrganisationName, whistle.ReportBy, responder.ReportedAt, responder.Late ? "late" : "");
        return table;
    }

    public static string Line(WatchCasesResponse change) =>
        $"{Tables.At(change.Entry.At)}  {change.Territory}  {change.Entry.Action} -> {Tables.Word(change.Entry.ToState)}  "
        + $"{change.Title}  by {change.Entry.Actor} ({change.Entry.ActorRole})  case {change.CaseId}";

    private static string HandlerOf(Case item) => item.Handler?.ByCase switch
    {
        Handler.ByOneofCase.OrganisationId => $"{item.Handler.OrganisationName} ({item.Handler.OrganisationId})",
        Handler.ByOneofCase.EstateId => $"property company of estate {item.Handler.EstateId}, work order {item.Handler.Reference}",
        Handler.ByOneofCase.Volunteers =>
            $"{item.Handler.Volunteers.Hands} volunteers for {item.Handler.Volunteers.Skill}, activity {item.Handler.Reference}",
        _ => "",
    };
}
