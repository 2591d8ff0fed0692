using System.CommandLine;
using System.Text.Json.Nodes;
using Governance.Cli.Client;
using Governance.Cli.Output;
using Governance.Common.V1;
using Grpc.Core;
using static Governance.Cli.Commands.CommandBuilding;

namespace Governance.Cli.Commands;

/// <summary>`gov person`: personal data that a service keeps with its records, and who has seen them.</summary>
internal static class PersonCommands
{
    public static Command Build(CliHost host) => Group(
        "person",
        "Personal data that a service keeps with its records: encrypted, masked in lists, erased when asked.",
        List(host), Show(host), Search(host), Accesses(host), Export(host), Erase(host), EraseEntry(host));

    /// <summary>A person with what was said of it; null when nothing was.</summary>
    public static Person? From(string name, string phone, string email = "") =>
        (name, phone, email) is ("", "", "") ? null : new Person { Name = name, Phone = phone, Email = email };

    private static Command List(CliHost host)
    {
        var record = Id("The record that holds them, such as a case.");
        var service = Service();
        return new Command("list", "The people of a record, masked.").Does(
            host, [record, service], async (session, line, cancelled) =>
            {
                var answer = await session.Api.Persons(line.Text(service)).ListPersonsAsync(
                    new ListPersonsRequest { RecordId = line.GetValue(record) }, cancellationToken: cancelled);
                Tell(session, answer.Persons);
            },
            "gov person list 0197f3c2-7c1e-7a55-9d0f-0d4b7f6a2c11");
    }

    private static Command Show(CliHost host)
    {
        var id = Id("The entry, as gov person list shows it.");
        var (service, reason) = (Service(), Reason());
        return new Command("show", "One person's data, plain. Leaves a trace with the reason.").Does(
            host, [id, service, reason], async (session, line, cancelled) =>
            {
                var answer = await session.Api.Persons(line.Text(service)).GetPersonAsync(
                    new GetPersonRequest { Id = line.GetValue(id), Reason = line.Text(reason) }, cancellationToken: cancelled);
                Tell(session, [answer.Person]);
            },
            "gov person show 0197f3c2-7777-7b3e-8f21-3c5d7e9f1a2b --reason 回访");
    }

    private static Command Search(CliHost host)
    {
        var phone = Option<string>("--phone", "Telephone number.", "NUMBER");
        var citizenId = Option<string>("--citizen-id", "Citizen's identity number.", "NUMBER");
        var (within, service, reason) = (Shared.Within(), Service(), Reason());
        return new Command("search", "The people with exactly this number, masked. Leaves a trace with the reason.").Does(
            host, [phone, citizenId, within, service, reason], async (session, line, cancelled) =>
            {
                var request = new SearchPersonsRequest { Territory = line.Text(within), Reason = line.Text(reason) };
                switch (line.GetValue(phone), line.GetValue(citizenId))
                {
                    case ({ } number, null):
                        request.Phone = number;
                        break;
                    case (null, { } number):
                        request.CitizenId = number;
                        break;
                    default:
                        throw new UsageException("Say what to search by: either --phone NUMBER or --citizen-id NUMBER.");
                }
                Tell(session, (await session.Api.Persons(line.Text(service)).SearchPersonsAsync(request, cancellationToken: cancelled)).Persons);
            },
            "gov person search --phone 13855551234 --reason 核实重复反映");
    }

    private static Command Accesses(CliHost host)
    {
        var (within, service, limit) = (Shared.Within(), Service(), Shared.Limit());
        return new Command("accesses", "Who has seen or searched personal data, newest first.").Does(
            host, [within, service, limit], async (session, line, cancelled) =>
            {
                var found = await Shared.PagesAsync(line.GetValue(limit), async (size, token) =>
                {
                    var page = await session.Api.Persons(line.Text(service)).ListPersonAccessesAsync(
                        new ListPersonAccessesRequest { Territory = line.Text(within), PageSize = size, PageToken = token }, cancellationToken: cancelled);
                    return (page.Accesses, page.NextPageToken);
                });
                session.Out.Answer(() => new JsonArray([.. found.Select(Printer.ToJson)]), () =>
                {
                    var table = Tables.New("at", "subject", "role", "action", "territory", "record", "reason");
                    foreach (var access in found)
                        table.Row(access.At, access.Subject, access.Role, access.Action, access.Territory, access.RecordId, access.Reason);
                    session.Out.Draw(table);
                });
            },
            "gov person accesses --within 340603");
    }

    private static Command Export(CliHost host)
    {
        var (subject, service, reason) = (Subject(), Service(), Reason());
        return new Command("export", "Everything that a service holds about the subject of a token. Leaves a trace with the reason.").Does(
            host, [subject, service, reason], async (session, line, cancelled) =>
            {
                var records = new List<ExportSubjectResponse>();
                using var call = session.Api.Persons(line.Text(service)).ExportSubject(
                    new ExportSubjectRequest { Subject = line.Text(subject), Reason = line.Text(reason) }, cancellationToken: cancelled);
                await foreach (var record in call.ResponseStream.ReadAllAsync(cancelled))
                    records.Add(record);
                session.Out.Answer(() => new JsonArray([.. records.Select(Printer.ToJson)]), () =>
                {
                    var table = Tables.New("kind", "record", "field", "value");
                    foreach (var record in records)
                        foreach (var (field, value) in record.Fields.OrderBy(f => f.Key, StringComparer.Ordinal))
                            table.Row(record.Kind, record.RecordId, field, value);
                    session.Out.Draw(table);
                });
            },
            "gov person export --subject resident-1 --reason 本人申请 --json");
    }

    private static Command Erase(CliHost host)
    {
        var (subject, service, reason) = (Subject(), Service(), Reason());
        return new Command("erase", "Take the subject of a token out of a service's records, once nothing of it is under way.").Does(
            host, [subject, service, reason], async (session, line, cancelled) =>
            {
                var answer = await session.Api.Persons(line.Text(service)).EraseSubjectAsync(
                    new EraseSubjectRequest { RequestId = session.NewRequestId(), Subject = line.Text(subject), Reason = line.Text(reason) },
                    cancellationToken: cancelled);
                session.Out.Answer(
                    () => new JsonObject { ["subject"] = line.Text(subject), ["records"] = answer.Records },
                    () => session.Out.Say($"{answer.Records} record(s) no longer name {line.Text(subject)}."));
            },
            "gov person erase --subject resident-1 --reason 本人申请");
    }

    private static Command EraseEntry(CliHost host)
    {
        var id = Id("The entry, as gov person list shows it.");
        var (service, reason) = (Service(), Reason());
        return new Command("erase-entry", "Erase one person's data from a record, for someone who has no account here.").Does(
            host, [id, service, reason], async (session, line, cancelled) =>
            {
                await session.Api.Persons(line.Text(service)).ErasePersonAsync(
                    new ErasePersonRequest { RequestId = session.NewRequestId(), Id = line.GetValue(id), Reason = line.Text(reason) },
                    cancellationToken: cancelled);
                session.Out.Answer(
                    () => new JsonObject { ["id"] = line.GetValue(id), ["erased"] = true },
                    () => session.Out.Say($"{line.GetValue(id)} holds nobody's data any more."));
            },
            "gov person erase-entry 0197f3c2-7777-7b3e-8f21-3c5d7e9f1a2b --reason 本人申请");
    }

    private static void Tell(Session session, IReadOnlyCollection<PersonEntry> persons) =>
        session.Out.Answer(() => new JsonArray([.. persons.Select(Printer.ToJson)]), () =>
        {
            var table = Tables.New("id", "part", "name", "phone", "citizen id", "home", "email", "subject", "kept until");
            foreach (var entry in persons)
            {
                table.Row(
                    entry.Id, entry.Confidential ? $"{entry.Part}, confidential" : entry.Part.ToString(), entry.Person.Name, entry.Person.Phone,
                    entry.Person.CitizenId, entry.Person.Home, entry.Person.Email, entry.Subject, entry.ExpiresAt);
            }
            session.Out.Draw(table);
        });

    private static Option<string> Subject() => Option<string>("--subject", "Subject of the token.", "SUBJECT", required: true);

    private static Option<string> Reason() => Option<string>("--reason", "What it is for; kept with who asked.", "TEXT", required: true);

    private static Option<string> Service()
    {
        var option = new Option<string>("--service")
        {
            Description = "The service that keeps them.",
            HelpName = string.Join('|', PublicApi.Services),
            DefaultValueFactory = _ => "grids",
        };
        option.AcceptOnlyFromAmong([.. PublicApi.Services]);
        return option;
    }
}
