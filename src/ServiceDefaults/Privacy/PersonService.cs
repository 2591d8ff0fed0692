using Governance.Common.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Grpc;
using Governance.ServiceDefaults.Identity;
using Governance.ServiceDefaults.Paging;
using Grpc.Core;

namespace Governance.ServiceDefaults.Privacy;

public sealed class PersonService(
    PersonStore store, IEnumerable<ISubjectRecords> records, IEnumerable<IKeptTexts> texts, Commands commands) : Persons.PersonsBase
{
    public override async Task<ListPersonsResponse> ListPersons(ListPersonsRequest request, ServerCallContext context)
    {
        var found = await store.OfRecordAsync(Guid.Parse(request.RecordId), context.CancellationToken);
        if (found.Count is 0)
            throw context.Call().NotFound(PersonErrors.NotFound, request.RecordId);
        var call = context.Call();
        // Who reported for another, and does not reach the record, sees what is there of themselves.
        if (!call.Reaches(TerritoryCode.Parse(found[0].Territory)) && found.Where(p => p.Subject == call.Caller.Subject).ToList() is { Count: > 0 } own)
            found = own;
        var response = new ListPersonsResponse();
        foreach (var person in found)
        {
            Authorize(call, person);
            response.Persons.Add(Masked(person));
        }
        return response;
    }

    public override async Task<GetPersonResponse> GetPerson(GetPersonRequest request, ServerCallContext context)
    {
        var call = context.Call();
        var person = await store.FindAsync(Guid.Parse(request.Id), context.CancellationToken) ?? throw call.NotFound(PersonErrors.NotFound, request.Id);
        Authorize(call, person);
        if (person.Confidential && person.Subject != call.Caller.Subject && !call.Caller.Roles.Contains(Roles.Officer))
            throw new RefusedException(PersonErrors.Confidential.With());
        // Seen only once the trace is kept.
        var record = Guid.Parse(person.RecordId);
        await NoteAsync(
            context, person.Territory, record, request.Reason,
            // Who stays confidential is not told by having looked.
            person.Confidential && person.Subject == call.Caller.Subject ? store.Pseudonym(record, person.Subject) : null);
        return new GetPersonResponse { Person = person };
    }

    public override async Task<SearchPersonsResponse> SearchPersons(SearchPersonsRequest request, ServerCallContext context)
    {
        var territory = context.Call().TerritoryOrOwn(request.Territory);
        if (request.KeyCase is SearchPersonsRequest.KeyOneofCase.None)
            throw new RefusedException(PersonErrors.KeyMissing.With());
        await NoteAsync(context, territory.ToString(), null, request.Reason);
        var found = request.KeyCase is SearchPersonsRequest.KeyOneofCase.Phone
            ? await store.WithPhoneAsync(request.Phone, territory.PrefixRange, context.CancellationToken)
            : await store.WithCitizenIdAsync(request.CitizenId, territory.PrefixRange, context.CancellationToken);
        var response = new SearchPersonsResponse();
        response.Persons.Add(found.Select(Masked));
        return response;
    }

    public override async Task<ListPersonAccessesResponse> ListPersonAccesses(ListPersonAccessesRequest request, ServerCallContext context)
    {
        var range = context.Call().TerritoryOrOwn(request.Territory).PrefixRange;
        var page = Page.Of(request, request.PageSize, request.PageToken, keys: 1);
        var accesses = await store.AccessesAsync(range, page, context.CancellationToken);
        var response = new ListPersonAccessesResponse { NextPageToken = page.Next(accesses, a => [a.Id]) };
        response.Accesses.Add(accesses);
        return response;
    }

    public override async Task ExportSubject(
        ExportSubjectRequest request, IServerStreamWriter<ExportSubjectResponse> responseStream, ServerCallContext context)
    {
        var call = context.Call();
        var (subject, territory) = SubjectOf(call, request.Subject);
        if (subject != call.Caller.Subject)
        {
            if (request.Reason.Length is 0)
                throw new RefusedException(CommonErrors.Invalid(Violation.Of("reason", FieldErrors.Required)));
            await NoteAsync(context, territory.ToString(), null, request.Reason);
        }
        foreach (var person in await store.OfSubjectAsync(subject, territory.PrefixRange, context.CancellationToken))
            await responseStream.WriteAsync(ToExport(person), context.CancellationToken);
        foreach (var kind in records)
            await foreach (var record in kind.ExportAsync(subject, territory.PrefixRange, context.CancellationToken))
                await responseStream.WriteAsync(record, context.CancellationToken);
    }

    public override async Task<EraseSubjectResponse> EraseSubject(EraseSubjectRequest request, ServerCallContext context)
    {
        var call = context.Call();
        var (subject, territory) = SubjectOf(call, request.Subject);
        try
        {
            return await EraseSubjectAsync(request, subject, territory, context);
        }
        catch (RefusedException) when (subject != call.Caller.Subject)
        {
            // Why somebody is needed still tells of them.
            await NoteAsync(context, territory.ToString(), null, request.Reason);
            throw;
        }
    }

    private Task<EraseSubjectResponse> EraseSubjectAsync(
        EraseSubjectRequest request, string subject, TerritoryCode territory, ServerCallContext context) =>
        commands.RunAsync(context, request, request.RequestId, async command =>
        {
            var erased = 0;
            foreach (var kind in records)
                erased += await kind.EraseAsync(command, subject, territory.PrefixRange);
            var persons = await store.OfSubjectAsync(subject, territory.PrefixRange, command.Cancellation);
            foreach (var person in persons)
                await EraseAsync(command, person);
            PersonStore.Note(command, command.NewId(), "EraseSubject", territory.ToString(), null, request.Reason);
            return new EraseSubjectResponse { Records = erased + persons.Count };
        });

    public override Task<ErasePersonResponse> ErasePerson(ErasePersonRequest request, ServerCallContext context) =>
        commands.RunAsync(context, request, request.RequestId, async command =>
        {
            var call = context.Call();
            var person = await store.FindAsync(Guid.Parse(request.Id), command.Cancellation) ?? throw call.NotFound(PersonErrors.NotFound, request.Id);
            call.Authorize(person.Territory);
            await EraseAsync(command, person);
            command.Concerns(person.Territory, Guid.Parse(person.RecordId));
            PersonStore.Note(command, command.NewId(), "ErasePerson", person.Territory, Guid.Parse(person.RecordId), request.Reason);
            return new ErasePersonResponse();
        });

    /// <summary>Also out of what was written of the record.</summary>
    private async Task EraseAsync(Command command, PersonEntry person)
    {
        PersonStore.Erase(command, Guid.Parse(person.Id));
        foreach (var kind in texts.Where(k => k.Kind == person.RecordKind))
            await kind.EraseAsync(command, Guid.Parse(person.RecordId), person.Person);
    }

    private static void Authorize(Call call, PersonEntry person) =>
        call.Authorize(person.Territory, person.Subject == call.Caller.Subject ? [Roles.Resident] : []);

    /// <summary>Whose data, and within what: one's own lie anywhere, those of others within one's reach.</summary>
    private static (string Subject, TerritoryCode Territory) SubjectOf(Call call, string asked)
    {
        var own = call.Caller.Subject;
        if (asked.Length is 0 || asked == own)
            return (own, TerritoryCode.All);
        return call.HasReach ? (asked, call.Caller.Territory) : throw new RefusedException(CommonErrors.OutsideTerritory.With());
    }

    private Task NoteAsync(ServerCallContext context, string territory, Guid? recordId, string reason, string? under = null) =>
        commands.TraceAsync(context, command =>
        {
            if (under is not null)
                command.ActUnder(under);
            PersonStore.Note(command, command.NewId(), context.Call().Method, territory, recordId, reason);
        });

    private static PersonEntry Masked(PersonEntry plain)
    {
        var masked = plain.Clone();
        masked.Person = plain.Confidential ? new Person() : PersonRules.Masked(plain.Person);
        masked.Subject = plain.Confidential ? "" : plain.Subject;
        return masked;
    }

    private static ExportSubjectResponse ToExport(PersonEntry person)
    {
        var export = new ExportSubjectResponse { Kind = $"{person.RecordKind} person", RecordId = person.RecordId, Territory = person.Territory };
        export.Fields.Add("name", person.Person.Name);
        export.Fields.Add("phone", person.Person.Phone);
        export.Fields.Add("citizen_id", person.Person.CitizenId);
        export.Fields.Add("email", person.Person.Email);
        export.Fields.Add("home", person.Person.Home);
        return export;
    }
}
