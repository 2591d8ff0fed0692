using Governance.Grids.V1;
using Governance.Organisations.V1;
using Governance.ServiceDefaults.Identity;
using Directory = Governance.Organisations.V1.Directory;

namespace Governance.Benchmarks;

/// <summary>The shortest way of a case that an organisation handles: report, assess and dispatch in one act, complete, get.</summary>
internal static class Lifecycle
{
    public static async Task RunAsync(Stack stack, Settings settings)
    {
        await using var grids = stack.Database("grids");
        var resident = stack.Token(Roles.Resident);
        var officer = stack.Token(Roles.Officer);
        var clients = stack.Channels("grids", Load.Connections).Select(c => new Cases.CasesClient(c)).ToArray();
        var places = await Intake.PlacesAsync(stack);
        var handler = (await new Directory.DirectoryClient(stack.Channels("organisations", 1)[0]).ListOrganisationsAsync(
            new ListOrganisationsRequest { Territory = Stack.City, Kind = OrganisationKind.LawEnforcementDepartment, PageSize = 1 }, officer)).Organisations[0].Id;
        try
        {
            await Load.RunAsync(settings.WarmUp, [], LiveAsync);
            var rounds = new List<Sample>();
            for (var round = 0; round < settings.Rounds; round++)
                rounds.Add(await Load.RunAsync(settings.Round, [.. stack.Processes, ProcessGroup.Self], LiveAsync));
            Report.Print("lifecycle", "lifecycles/s", rounds);

            // How long one takes when nobody else is there.
            Report.Print("lifecycle, one at a time", "lifecycles/s", [await Load.RunAsync(settings.Round, [.. stack.Processes, ProcessGroup.Self], LiveAsync, inFlight: 1)]);
        }
        finally
        {
            await Intake.ForgetAsync(grids);
        }

        async Task LiveAsync(int worker)
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
    }

    private static string New() => Guid.NewGuid().ToString();
}
