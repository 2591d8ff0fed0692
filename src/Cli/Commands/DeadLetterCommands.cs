using System.CommandLine;
using System.Text.Json.Nodes;
using Governance.Cli.Client;
using Governance.Cli.Output;
using Governance.Common.V1;
using static Governance.Cli.Commands.CommandBuilding;

namespace Governance.Cli.Commands;

/// <summary>`gov deadletters`: events that a consumer gave up on, and another try for them.</summary>
internal static class DeadLetterCommands
{
    public static Command Build(CliHost host) => Group(
        "deadletters",
        "Events that a consumer gave up on.",
        List(host), Replay(host));

    private static Command List(CliHost host)
    {
        var only = Service(required: false);
        var limit = Shared.Limit();
        return new Command("list", "Dead letters of every service, newest first within each.").Does(
            host, [only, limit], async (session, line, cancelled) =>
            {
                var found = new List<(string Service, DeadLetter Letter)>();
                foreach (var service in line.GetValue(only) is { } one ? [one] : PublicApi.Services)
                {
                    var letters = await Shared.PagesAsync(line.GetValue(limit), async (size, token) =>
                    {
                        var page = await session.Api.Operations(service).ListDeadLettersAsync(
                            new ListDeadLettersRequest { PageSize = size, PageToken = token }, cancellationToken: cancelled);
                        return (page.DeadLetters, page.NextPageToken);
                    });
                    found.AddRange(letters.Select(letter => (service, letter)));
                }

                session.Out.Answer(() => new JsonArray([.. found.Select(ToJson)]), () =>
                {
                    var table = Tables.New("service", "event", "consumer", "given up", "error", "message id");
                    foreach (var (service, letter) in found)
                        table.Row(service, letter.Event, letter.Consumer, letter.FailedAt, letter.Error, letter.MessageId);
                    session.Out.Draw(table);
                });
            },
            "gov deadletters list",
            "gov deadletters list --service grids --json");
    }

    private static Command Replay(CliHost host)
    {
        var message = Id("The event's message, as gov deadletters list shows it.");
        var service = Service(required: true);
        var consumer = Option<string>("--consumer", "The consumer that gave it up.", "NAME", required: true);
        return new Command("replay", "Hand one dead letter to its consumer again. What was done already is not done twice.").Does(
            host, [message, service, consumer], async (session, line, cancelled) =>
            {
                var request = new ReplayDeadLetterRequest
                {
                    RequestId = session.NewRequestId(),
                    MessageId = line.GetValue(message),
                    Consumer = line.Text(consumer),
                };
                await session.Api.Operations(line.Text(service)).ReplayDeadLetterAsync(request, cancellationToken: cancelled);
                session.Out.Answer(
                    () => new JsonObject { ["messageId"] = request.MessageId, ["consumer"] = request.Consumer, ["replayed"] = true },
                    () => session.Out.Say($"{request.MessageId} is on its way to {request.Consumer} again."));
            },
            "gov deadletters replay 0197f3c2-6666-7b3e-8f21-3c5d7e9f1a2b --service grids --consumer work-order-completed");
    }

    private static Option<string> Service(bool required)
    {
        var option = Option<string>("--service", "The service whose consumer it is.", string.Join('|', PublicApi.Services), required);
        option.AcceptOnlyFromAmong([.. PublicApi.Services]);
        return option;
    }

    private static JsonNode ToJson((string Service, DeadLetter Letter) entry)
    {
        var json = Printer.ToJson(entry.Letter);
        json["service"] = entry.Service;
        return json;
    }
}
