using System.CommandLine;
using System.Text.Json.Nodes;
using Governance.Cli.Client;
using Governance.Cli.Output;
using Governance.Common.V1;

namespace Governance.Cli.Commands;

/// <summary>`gov outbox`: events on their way out of each service, and those given up on.</summary>
internal static class OutboxCommand
{
    /// <summary>A service's outbox, or why it could not be asked.</summary>
    private sealed record State(string Service, GetOutboxResponse? Outbox, Refusal? Refusal);

    public static Command Build(CliHost host) =>
        new Command("outbox", "Events that wait to be published, and dead letters, of every service.").Does(
            host, [], ["gov outbox", "gov outbox --json"], async (session, line, cancelled) =>
            {
                var states = await Task.WhenAll(PublicApi.Services.Select(service => AskAsync(session.Api, service, cancelled)));
                session.Out.Answer(
                    () => new JsonArray([.. states.Select(ToJson)]),
                    () =>
                    {
                        var table = Tables.New("service", "waiting", "oldest", "dead letters", "");
                        foreach (var (service, outbox, refusal) in states)
                        {
                            var oldest = outbox?.OldestAge is { } age ? Tables.Span(age.ToTimeSpan()) : "";
                            table.Row(service, outbox?.Depth, oldest, outbox?.DeadLetters, refusal?.Message);
                        }

                        session.Out.Draw(table);
                    });
                // One service that is down must not hide what the others say, so this is decided last.
                return states.Any(state => state.Refusal is { Unreachable: false }) ? ExitCodes.Refused
                    : states.Any(state => state.Refusal is not null) ? ExitCodes.Unreachable
                    : ExitCodes.Done;
            });

    private static async Task<State> AskAsync(PublicApi api, string service, CancellationToken cancelled)
    {
        try
        {
            return new State(
                service, await api.Operations(service).GetOutboxAsync(new GetOutboxRequest(), cancellationToken: cancelled), null);
        }
        catch (RefusedException refused)
        {
            return new State(service, null, refused.Refusal);
        }
    }

    private static JsonNode ToJson(State state)
    {
        var json = state.Outbox is null ? new JsonObject { ["error"] = Failures.ToJson(state.Refusal!) } : Printer.ToJson(state.Outbox);
        json["service"] = state.Service;
        return json;
    }
}
