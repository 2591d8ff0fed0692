using Governance.Common.V1;
using Governance.Grids.V1;
using Governance.Organisations.V1;
using Governance.ServiceDefaults.Identity;
using Grpc.Core;
using Directory = Governance.Organisations.V1.Directory;

namespace Governance.Benchmarks;

/// <summary>The shortest way of a case that an organisation handles: report, assess and dispatch in one act, complete, get.</summary>
internal sealed class Lifecycle
{
    private const int InFlight = 128;

    private readonly Metadata resident;
    private readonly Metadata officer;
    private readonly Cases.CasesClient[] clients;
    private readonly Point[] places;
    private readonly string handler;

    private Lifecycle(Stack stack, Point[] places, string handler)
    {
        resident = stack.Token(Roles.Resident);
        officer = stack.Token(Roles.Officer);
        clients = [.. stack.Channels("grids", Load.Connections).Select(c => new Cases.CasesClient(c))];
        this.places = places;
        this.handler = handler;
    }

    public static async Task<Lifecycle> OfAsync(Stack stack)
    {
        var organisations = await new Directory.DirectoryClient(stack.Channels("organisations", 1)[0]).ListOrganisationsAsync(
            new ListOrganisationsRequest { Territory = Stack.City, Kind = OrganisationKind.LawEnforcementDepartment, PageSize = 1 },
            stack.Token(Roles.Officer));
        return new Lifecycle(stack, await Intake.PlacesAsync(stack), organisations.Organisations[0].Id);
    }

    public static async Task RunAsync(Stack stack, Settings settings)
    {
        await using var grids = stack.Database("grids");
        var lifecycle = await OfAsync(stack);
        var name = $"lifecycle, {await Past.CountAsync(grids)} cases there";
        try
        {
            await Load.RunAsync(settings.WarmUp, [], lifecycle.LiveAsync, InFlight);
            var rounds = new List<Sample>();
            for (var round = 0; round < settings.Rounds; round++)
                rounds.Add(await Load.RunAsync(settings.Round, [.. stack.Processes, ProcessGroup.Self], lifecycle.LiveAsync, InFlight));
            Report.Print(name, "lifecycles/s", rounds);
            Report.Print(new
            {
                Benchmark = $"{name}, memory under load",
                MemoryMb = stack.Processes.Where(p => Stack.Services.Contains(p.Name)).ToDictionary(p => p.Name, p => Math.Round(p.MemoryMb("Pss"))),
            });

            // How long one takes when nobody else is there.
            Report.Print(
                $"{name}, one at a time", "lifecycles/s",
                [await Load.RunAsync(settings.Round, [.. stack.Processes, ProcessGroup.Self], lifecycle.LiveAsync, inFlight: 1)]);
        }
        finally
        {
            await Intake.ForgetAsync(grids);
        }
    }

    public async Task LiveAsync(int worker)
    {
        var cases = clients[worker % clients.Length];
        var id = (await cases.ReportCaseAsync(Intake.Request(places), resident)).Case.Id;
        await cases.DispatchCaseAsync(
            new DispatchCaseRequest
            {
                RequestId = New(),
                CaseId = id,
                Category = "public_facilities",
                Handler = new Handler { OrganisationId = handler },
            },
            officer);
        await cases.CompleteHandlingAsync(new CompleteHandlingRequest { RequestId = New(), CaseId = id, Result = "道闸已修复。" }, officer);
        var seen = (await cases.GetCaseAsync(new GetCaseRequest { Id = id }, officer)).Case;
        if (seen.State is not CaseState.Handled)
            throw new InvalidOperationException($"case {id} reads {seen.State} after it was handled");
    }

    private static string New() => Guid.NewGuid().ToString();
}
