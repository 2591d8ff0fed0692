using System.Globalization;
using System.Runtime.CompilerServices;
using Governance.Common.V1;
using Governance.Grids.Attachments;
using Governance.Primitives;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Paging;
using Governance.ServiceDefaults.Privacy;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.Grids.Cases;

/// <summary>What cases keep of those who reported them, with the files that they added.</summary>
public sealed class CaseSubjects(CaseStore store, AttachmentStore attachments, PersonStore persons) : ISubjectRecords
{
    public async IAsyncEnumerable<ExportSubjectResponse> ExportAsync(
        string subject, (string Low, string High) range, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var cases in PagesAsync(subject, range, cancellation))
        {
            var ids = cases.ConvertAll(c => c.Id).ToArray();
            var notes = (await store.NotesOfReportersAsync(ids, cancellation)).ToLookup(n => n.CaseId);
            var files = (await attachments.OfCasesAsync(ids, cancellation)).ToLookup(f => f.CaseId);
            foreach (var found in cases)
            {
                yield return Export(found);
                foreach (var (_, at, action, note) in notes[found.Id])
                    yield return Export(found, at, action, note);
                foreach (var file in files[found.Id].Where(f => f.AddedBy == found.Reporter))
                    yield return Export(file);
            }
        }
    }

    public async Task<int> EraseAsync(Command command, string subject, (string Low, string High) range)
    {
        var cases = new List<Case>();
        await foreach (var page in PagesAsync(subject, range, command.Cancellation))
            cases.AddRange(page);
        if (cases.Count(c => !c.HasEnded) is > 0 and var needed)
            throw new RefusedException(PersonErrors.SubjectNeeded.With(("count", needed), ("kind", new Words(CaseStore.RecordKind, "case", "事项"))));
        if (cases.Count is 0)
            return 0;

        var ids = cases.Select(c => c.Id).ToArray();
        // What the reporter said goes with the reporter; what was answered is the city's own act and stays.
        command.Write(
            $"""
            update case_history h set actor = case when h.actor = c.reporter then '' else h.actor end, note = '' from cases c
            where h.case_id = any($1) and c.id = h.case_id and ({CaseStore.SaidByReporter})
            """,
            P(ids));
        command.Write(
            """
            update attachments a
            set added_by = '', note = '', reference = '', removed_at = coalesce(removed_at, $2) from cases c
            where a.case_id = any($1) and c.id = a.case_id and a.added_by = c.reporter
            """,
            P(ids), P(command.Now));
        // None that was taken up again meanwhile.
        command.Write(
            $"""
            with written as (
                update cases set reporter = '', description = '', version = version + 1
                where id = any($1) and state in ({Case.EndedInSql}) returning 1)
            select require_written(count(*), cardinality($1)) from written
            """,
            P(ids));
        foreach (var id in ids)
            command.MakeStale(CaseStore.CacheKey(id));
        return cases.Count;
    }

    private static ExportSubjectResponse Export(Case found) => SubjectExport.Of(
        CaseStore.RecordKind, found.Id, found.Territory, found.ReportedAt,
        ("number", found.Number.ToString(CultureInfo.InvariantCulture)),
        ("title", found.Title),
        ("description", found.Description),
        ("state", found.State.ToString()),
        ("answer", found.Answer),
        ("satisfaction", found.Satisfaction.ToString()));

    private static ExportSubjectResponse Export(Case of, DateTimeOffset at, string action, string note) => SubjectExport.Of(
        "case_note", of.Id, of.Territory, at, ("action", action), ("note", note));

    private static ExportSubjectResponse Export(Attachment file) => SubjectExport.Of(
        AttachmentStore.RecordKind, file.Id, file.Territory, file.AddedAt,
        ("case_id", file.CaseId.ToString()),
        ("reference", file.Reference),
        ("media_type", file.MediaType),
        ("sha256", Convert.ToHexStringLower(file.Sha256)),
        ("note", file.Note));

    private async IAsyncEnumerable<List<Case>> PagesAsync(
        string subject, (string Low, string High) range, [EnumeratorCancellation] CancellationToken cancellation)
    {
        Guid? before = null;
        List<Case> cases;
        do
        {
            cases = await store.OwnAsync(subject, persons.SubjectIndex(subject), before, Page.MaxSize, cancellation);
            yield return cases.FindAll(
                c => string.CompareOrdinal(c.Territory, range.Low) >= 0 && string.CompareOrdinal(c.Territory, range.High) < 0);
            before = cases.Count is 0 ? null : cases[^1].Id;
        }
        while (cases.Count is Page.MaxSize);
    }
}
