using System.CommandLine;
using System.CommandLine.Help;
using Governance.Cli.Client;
using Governance.Cli.Commands;
using Governance.Cli.Demo;
using Governance.Cli.Output;
using Governance.Cli.Pack;
using Grpc.Core;

namespace Governance.Cli;

/// <summary>The command line `gov`: an operator's and a developer's way into the public API.</summary>
internal static class Gov
{
    private const string About =
        """
        The command line of Governance.Micro. It uses the public gRPC API only.

        Next to a running stack it needs no options: addresses and the local signing key come from .local/stack.json,
        and each call gets a token with the least role that it needs.

        Exit codes: 0 done, 1 refused by a service, 2 wrong usage, 3 service not reached, 4 broken city pack,
        5 a step of the demo failed, 6 a published figure does not hold, 7 a file is not the one that was given, 130 cancelled.
        """;

    public static RootCommand Build(CliHost host)
    {
        var root = new RootCommand(About)
        {
            TokenCommand.Build(host),
            SeedCommands.Build(host),
            DemoCommand.Build(host),
            CaseCommands.Build(host),
            AttachmentCommands.Build(host),
            AssignmentCommands.Build(host),
            QueueCommands.Build(host),
            DutyCommands.Build(host),
            ConsultationCommands.Build(host),
            DeadlineCommands.Build(host),
            SupervisionCommands.Build(host),
            OrgCommands.Build(host),
            WhistleCommands.Build(host),
            GridCommands.Build(host),
            StaffCommands.Build(host),
            NeighbourCommands.Build(host),
            SquadCommands.Build(host),
            VenueCommands.Build(host),
            StudioCommands.Build(host),
            VisitCommands.Build(host),
            HazardCommands.Build(host),
            CouncilCommands.Build(host),
            CouncilSessionCommands.Build(host),
            TopicCommands.Build(host),
            BallotCommands.Build(host),
            BulletinCommands.Build(host),
            SatisfactionCommands.Build(host),
            SupervisorCommands.Build(host),
            ImprovementCommands.Build(host),
            MeetingCommands.Build(host),
            BudgetCommands.Build(host),
            ProjectCommands.Build(host),
            MediationCommands.Build(host),
            EstateCommands.Build(host),
            WorkOrderCommands.Build(host),
            TeamCommands.Build(host),
            ActivityCommands.Build(host),
            PolicyCommands.Build(host),
            IndicatorsCommand.Build(host),
            FiguresCommand.Build(host),
            PersonCommands.Build(host),
            ChangesCommand.Build(host),
            OutboxCommand.Build(host),
            DeadLetterCommands.Build(host),
            DestinationCommands.Build(host),
            DeliveryCommands.Build(host),
        };
        Example.Add(root, "gov demo", "gov case list --state reported", "gov case show 0197f3c2-7c1e-7a55-9d0f-0d4b7f6a2c11 --json");
        foreach (var option in GlobalOptions.All)
            root.Options.Add(option);
        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new TeachingHelp((HelpAction)help.Action!);
        return root;
    }

    public static async Task<int> RunAsync(string[] args, CliHost host)
    {
        var settings = new InvocationConfiguration
        {
            Output = host.Out,
            Error = host.Error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = TimeSpan.FromSeconds(5),
        };
        var line = Build(host).Parse(args);
        if (line.Errors.Count > 0)
        {
            await line.InvokeAsync(settings);
            return ExitCodes.Usage;
        }

        var printer = new Printer(host, line.GetValue(GlobalOptions.Json));
        try
        {
            return await line.InvokeAsync(settings);
        }
        catch (Exception failure)
        {
            if (ExitCodeOf(failure, printer) is { } code)
                return code;
            throw;
        }
    }

    /// <summary>Tells the user about a failure that has a name; null for one that is a fault of this program.</summary>
    private static int? ExitCodeOf(Exception failure, Printer printer)
    {
        switch (failure)
        {
            case RefusedException refused:
                return Tell(refused.Refusal, printer);
            case UsageException usage:
                printer.Fail(() => new() { ["code"] = "Usage", ["message"] = usage.Message }, error => error.WriteLine(usage.Message));
                return ExitCodes.Usage;
            case PackException pack:
                printer.Fail(pack.ToJson, pack.Write);
                return ExitCodes.PackBroken;
            case DemoException demo:
                printer.Fail(demo.ToJson, demo.Write);
                return ExitCodes.DemoFailed;
            case OperationCanceledException or RpcException { StatusCode: StatusCode.Cancelled }:
                return ExitCodes.Cancelled;
            case RpcException stream:
                return Tell(Refusal.From(stream, "", null), printer);
            default:
                return null;
        }
    }

    private static int Tell(Refusal refusal, Printer printer)
    {
        printer.Fail(() => Failures.ToJson(refusal), error => Failures.Write(error, refusal));
        return refusal.Unreachable ? ExitCodes.Unreachable : ExitCodes.Refused;
    }
}
