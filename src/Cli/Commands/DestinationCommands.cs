using System.CommandLine;
using System.Text.Json.Nodes;
using Governance.Cli.Client;
using Governance.Cli.Output;
using Governance.Common.V1;
using static Governance.Cli.Commands.CommandBuilding;

namespace Governance.Cli.Commands;

/// <summary>`gov destinations`: programs of others that are told of a service's events (webhooks).</summary>
internal static class DestinationCommands
{
    public static Command Build(CliHost host) => Group(
        "destinations",
        "Programs of others that are told of a service's events by HTTP (webhooks).",
        List(host),
        Show(host),
        Register(host),
        Changing(host, "pause", "Post nothing to it for now; its deliveries wait.", async (api, id, request) =>
            (await api.PauseDestinationAsync(new PauseDestinationRequest { RequestId = request, Id = id })).Destination),
        Changing(host, "resume", "Post to it again, what has waited first.", async (api, id, request) =>
            (await api.ResumeDestinationAsync(new ResumeDestinationRequest { RequestId = request, Id = id })).Destination),
        RotateSecret(host),
        Delete(host));

    public static Option<string> Service()
    {
        var option = new Option<string>("--service")
        {
            Description = "The service whose events they are.",
            HelpName = string.Join('|', PublicApi.Services),
            DefaultValueFactory = _ => "grids",
        };
        option.AcceptOnlyFromAmong([.. PublicApi.Services]);
        return option;
    }

    private static Command List(CliHost host)
    {
        var (within, service, limit) = (Shared.Within(), Service(), Shared.Limit());
        return new Command("list", "Destinations of a territory, newest first.").Does(
            host, [within, service, limit], async (session, line, cancelled) =>
            {
                var found = await Shared.PagesAsync(line.GetValue(limit), async (size, token) =>
                {
                    var page = await session.Api.Destinations(line.Text(service)).ListDestinationsAsync(
                        new ListDestinationsRequest { Territory = line.Text(within), PageSize = size, PageToken = token },
                        cancellationToken: cancelled);
                    return (page.Destinations, page.NextPageToken);
                });
                Tell(session, found);
            },
            "gov destinations list --within 340603");
    }

    private static Command Show(CliHost host)
    {
        var (id, service) = (Id("The destination."), Service());
        return new Command("show", "One destination.").Does(
            host, [id, service], async (session, line, cancelled) => Tell(session, [(await session.Api.Destinations(line.Text(service))
                .GetDestinationAsync(new GetDestinationRequest { Id = line.GetValue(id) }, cancellationToken: cancelled)).Destination]),
            "gov destinations show 0197f3c2-7777-7b3e-8f21-3c5d7e9f1a2b");
    }

    private static Command Register(CliHost host)
    {
        var url = Argument("url", "Where events are posted to: https, or http on the service's own machine.");
        var name = Option<string>("--name", "What operators call it.", "TEXT", required: true);
        var events = Option<string[]>("--event", "Only this event, as in CaseReported; may be given again.", "NAME");
        var territory = Option<string>("--of", "Events of this territory and all within it.", "CODE", required: true);
        var service = Service();
        return new Command("register", "Tell a program of events from now on. Shows the secret by which it knows them, once.").Does(
            host, [url, name, territory, events, service], async (session, line, cancelled) =>
            {
                var request = new RegisterDestinationRequest
                {
                    RequestId = session.NewRequestId(),
                    Territory = line.Text(territory),
                    Name = line.Text(name),
                    Url = line.GetValue(url),
                };
                request.Events.Add(line.GetValue(events) ?? []);
                var api = session.Api.Destinations(line.Text(service));
                var answer = await api.RegisterDestinationAsync(request, cancellationToken: cancelled);
                TellSecret(session, answer.Destination, answer.Secret);
            },
            "gov destinations register https://data.example.org/hook --name 数据平台 --of 3406 --event CaseReported --event CaseClosed");
    }

    private static Command RotateSecret(CliHost host)
    {
        var id = Id("The destination.");
        var service = Service();
        return new Command("rotate-secret", "Give it another secret; both hold for a day.").Does(
            host, [id, service], async (session, line, cancelled) =>
            {
                var answer = await session.Api.Destinations(line.Text(service)).RotateSecretAsync(
                    new RotateSecretRequest { RequestId = session.NewRequestId(), Id = line.GetValue(id) }, cancellationToken: cancelled);
                TellSecret(session, answer.Destination, answer.Secret);
            },
            "gov destinations rotate-secret 0197f3c2-7777-7b3e-8f21-3c5d7e9f1a2b");
    }

    private static Command Delete(CliHost host)
    {
        var id = Id("The destination.");
        var service = Service();
        return new Command("delete", "Remove it with its deliveries.").Does(host, [id, service], async (session, line, cancelled) =>
        {
            await session.Api.Destinations(line.Text(service)).DeleteDestinationAsync(
                new DeleteDestinationRequest { RequestId = session.NewRequestId(), Id = line.GetValue(id) }, cancellationToken: cancelled);
            session.Out.Answer(
                () => new JsonObject { ["id"] = line.GetValue(id), ["deleted"] = true },
                () => session.Out.Say($"{line.GetValue(id)} is told nothing any more."));
        },
        "gov destinations delete 0197f3c2-7777-7b3e-8f21-3c5d7e9f1a2b");
    }

    private static Command Changing(
        CliHost host, string name, string about, Func<Destinations.DestinationsClient, string, string, Task<Destination>> change)
    {
        var id = Id("The destination.");
        var service = Service();
        return new Command(name, about).Does(
            host,
            [id, service],
            async (session, line, _) =>
                Tell(session, [await change(session.Api.Destinations(line.Text(service)), line.GetValue(id)!, session.NewRequestId())]),
            $"gov destinations {name} 0197f3c2-7777-7b3e-8f21-3c5d7e9f1a2b");
    }

    private static void Tell(Session session, IReadOnlyCollection<Destination> destinations) =>
        session.Out.Answer(() => new JsonArray([.. destinations.Select(Printer.ToJson)]), () =>
        {
            var table = Tables.New("id", "territory", "name", "url", "events", "state");
            foreach (var one in destinations)
            {
                var events = one.Events.Count is 0 ? "all" : string.Join(' ', one.Events);
                table.Row(one.Id, one.Territory, one.Name, one.Url, events, one.State);
            }
            session.Out.Draw(table);
        });

    private static void TellSecret(Session session, Destination destination, string secret) =>
        session.Out.Answer(
            () =>
            {
                var json = Printer.ToJson(destination);
                json["secret"] = secret;
                return json;
            },
            () => session.Out.Say($"{destination.Id} {destination.Name}\nsecret {secret} (shown now and never again)"));
}

/// <summary>`gov deliveries`: what has become of the events on their way to destinations.</summary>
internal static class DeliveryCommands
{
    public static Command Build(CliHost host) => Group(
        "deliveries",
        "Events on their way to destinations.",
        List(host), Retry(host));

    private static Command List(CliHost host)
    {
        var destination = Id("The destination, as gov destinations list shows it.");
        var state = Word<DeliveryState>("--state", "Only in this state.");
        var (service, limit) = (DestinationCommands.Service(), Shared.Limit());
        return new Command("list", "Deliveries to a destination, newest first.").Does(
            host, [destination, state, service, limit], async (session, line, cancelled) =>
            {
                var found = await Shared.PagesAsync(line.GetValue(limit), async (size, token) =>
                {
                    var page = await session.Api.Destinations(line.Text(service)).ListDeliveriesAsync(
                        new ListDeliveriesRequest
                        {
                            DestinationId = line.GetValue(destination),
                            State = line.Word<DeliveryState>(state),
                            PageSize = size,
                            PageToken = token,
                        },
                        cancellationToken: cancelled);
                    return (page.Deliveries, page.NextPageToken);
                });
                Tell(session, found);
            },
            "gov deliveries list 0197f3c2-7777-7b3e-8f21-3c5d7e9f1a2b --state dead");
    }

    private static Command Retry(CliHost host)
    {
        var id = Id("The delivery.");
        var service = DestinationCommands.Service();
        return new Command("retry", "Post a delivery again, with all its tries before it.").Does(
            host, [id, service], async (session, line, cancelled) =>
            {
                var answer = await session.Api.Destinations(line.Text(service)).RetryDeliveryAsync(
                    new RetryDeliveryRequest { RequestId = session.NewRequestId(), Id = line.GetValue(id) }, cancellationToken: cancelled);
                Tell(session, [answer.Delivery]);
            },
            "gov deliveries retry 0197f3c2-8888-7b3e-8f21-3c5d7e9f1a2b");
    }

    private static void Tell(Session session, IReadOnlyCollection<Delivery> deliveries) =>
        session.Out.Answer(() => new JsonArray([.. deliveries.Select(Printer.ToJson)]), () =>
        {
            var table = Tables.New("id", "event", "territory", "happened", "state", "tries", "due", "status", "error");
            foreach (var one in deliveries)
                table.Row(one.Id, one.Event, one.Territory, one.HappenedAt, one.State, one.Tries, one.DueAt, one.Status, one.Error);
            session.Out.Draw(table);
        });
}
