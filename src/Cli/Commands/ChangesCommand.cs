using System.CommandLine;
using Governance.Cli.Output;
using Governance.Common.V1;
using static Governance.Cli.Commands.CommandBuilding;

namespace Governance.Cli.Commands;

/// <summary>`gov changes`: what was done to which record, over all capabilities.</summary>
internal static class ChangesCommand
{
    public static Command Build(CliHost host) => Group(
        "changes",
        "What was done to which record of a service, over all its capabilities.",
        Watch(host));

    private static Command Watch(CliHost host)
    {
        var within = Shared.Within();
        var capabilities = Many("--capability", "Only of this capability, as in cases.", "WORD");
        var cursor = Option<string>("--cursor", "Go on after this cursor, which --json shows; 0-0 for all that is kept.", "CURSOR");
        var count = Option<int>("--count", "End after so many changes; by default Ctrl+C ends it.", "N");
        var service = DestinationCommands.Service();
        return new Command("watch", "Every change as it happens. Goes on by itself where it was after a cut connection.").Does(
            host, [within, capabilities, cursor, count, service], async (session, line, cancelled) =>
            {
                var request = new WatchChangesRequest
                {
                    Territory = line.Text(within),
                    Capabilities = { line.GetValue(capabilities) ?? [] },
                    Cursor = line.Text(cursor),
                };
                var left = line.GetValue(count) is > 0 and var most ? most : int.MaxValue;
                await foreach (var told in Client.Watch.ChangesAsync(session.Api, line.Text(service), request, session.Clock, cancelled))
                {
                    if (told.Change is not { } change)
                        continue;
                    session.Out.Item(() => Printer.ToJson(told), () => session.Out.Say(
                        $"{Tables.At(change.At)}  {change.Territory}  {change.Capability}  {change.Action}  {change.RecordId}"));
                    if (--left == 0)
                        return;
                }
            },
            "gov changes watch",
            "gov changes watch --within 340603 --capability councils --capability bulletins --json",
            "gov changes watch --cursor 0-0 --count 10");
    }
}
