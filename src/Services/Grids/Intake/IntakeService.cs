using Governance.Grids.Boundaries;
using Governance.Grids.Cases;
using Governance.Grids.Policies;
using Governance.Grids.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Geography;
using Governance.ServiceDefaults.Grpc;
using Governance.ServiceDefaults.Identity;
using Grpc.Core;
using Case = Governance.Grids.Cases.Case;
using Coordinate = NetTopologySuite.Geometries.Coordinate;

namespace Governance.Grids.Intake;

public sealed class IntakeService(
    CaseActs acts,
    CaseStore store,
    CaseFeed feed,
    BoundaryStore boundaries,
    PolicyStore policies,
    Commands commands,
    TimeProvider clock) : V1.Intake.IntakeBase
{
    public override Task<AskVerificationResponse> AskVerification(AskVerificationRequest request, ServerCallContext context)
    {
        var by = context.Call().Caller.Subject;
        return acts.ActAsync(context, request, request.RequestId, request.CaseId, request.Etag,
            (current, rules, now) => VerificationRules.Ask(current, request.Question, by, rules, now),
            message => new AskVerificationResponse { Case = message });
    }

    public override Task<VerifyCaseResponse> VerifyCase(VerifyCaseRequest request, ServerCallContext context)
    {
        var caller = context.Call().Caller;
        return acts.ActAsync(context, request, request.RequestId, request.CaseId, request.Etag,
            (current, _, now) => VerificationRules.Verify(current, request.Finding, request.Note, caller.Subject, now),
            message => new VerifyCaseResponse { Case = message },
            current => caller.Territory.Contains(TerritoryCode.Parse(current.Territory)) ? [Roles.GridWorker] : []);
    }

    public override Task<TransferCaseResponse> TransferCase(TransferCaseRequest request, ServerCallContext context) =>
        acts.ActAsync(context, request, request.RequestId, request.CaseId, request.Etag,
            (current, rules, now) => CaseRules.Transfer(current, request.Authority, request.Reason, rules, now),
            message => new TransferCaseResponse { Case = message });

    public override async Task<SearchDuplicatesResponse> SearchDuplicates(SearchDuplicatesRequest request, ServerCallContext context)
    {
        var call = context.Call();
        var cancellation = context.CancellationToken;
        var current = await store.FindAsync(Guid.Parse(request.CaseId), cancellation) ?? throw call.NotFound(CaseErrors.NotFound, request.CaseId);
        acts.Authorize(call, current);
        var now = clock.GetUtcNow();
        var policy = (await policies.OfAsync(current.Territory, cancellation)).InForce(CityPolicies.CasesKind, now).OrRefuse().Cases.Duplicates
            ?? throw new RefusedException(IntakeErrors.DuplicatesNotSet.With());
        var near = await store.NearAsync(
            current, await GridsNearAsync(current, policy.WithinMeters, call, cancellation), TimeSpan.FromDays(policy.WithinDays), cancellation);
        var response = new SearchDuplicatesResponse();
        foreach (var likeness in DuplicateRules.Propose(current, near, policy))
        {
            var duplicate = new Duplicate
            {
                Case = CaseMessages.ToMessage(likeness.Other, now),
                Percent = likeness.Percent,
                WordsPercent = likeness.WordsPercent,
            };
            if (likeness.DistanceM is { } distance)
                duplicate.DistanceM = (int)Math.Round(distance);
            response.Duplicates.Add(duplicate);
        }
        return response;
    }

    public override async Task<MergeCaseResponse> MergeCase(MergeCaseRequest request, ServerCallContext context)
    {
        var response = await commands.RunAsync(context, request, request.RequestId, async command =>
        {
            var call = context.Call();
            var current = await acts.TakeAsync(command, call, request.CaseId, request.Etag);
            var primary = await acts.TakeAsync(command, call, request.PrimaryId, etag: "");
            var (follower, taking) = MergeRules.Merge(current, primary, request.Note, command.Now).OrRefuse();
            follower = CaseActs.Received(command, call, follower);
            return Written(command, (current, follower), (primary, taking), (c, p) => new MergeCaseResponse { Case = c, Primary = p });
        });
        feed.Changed();
        return response;
    }

    public override async Task<SplitCaseResponse> SplitCase(SplitCaseRequest request, ServerCallContext context)
    {
        var response = await commands.RunAsync(context, request, request.RequestId, async command =>
        {
            var call = context.Call();
            var current = await acts.TakeAsync(command, call, request.CaseId, request.Etag);
            // Without a primary the rule refuses by the state.
            var primary = current.MergedInto is { } id ? (await CaseStore.FindAsync(id, command))! : current;
            var (follower, leaving) = MergeRules.Split(
                current, primary, request.Reason, await policies.OfAsync(current.Territory, command.Cancellation), command.Now).OrRefuse();
            return Written(command, (current, follower), (primary, leaving), (c, _) => new SplitCaseResponse { Case = c });
        });
        feed.Changed();
        return response;
    }

    // Both are told; the case that the command is about comes last.
    private static TResponse Written<TResponse>(
        Command command, (Case Was, CaseStep Step) follower, (Case Was, CaseStep Step) primary, Func<V1.Case, V1.Case, TResponse> answer)
    {
        CaseStore.Save(command, primary.Was, primary.Step);
        CaseStore.Save(command, follower.Was, follower.Step);
        return answer(CaseMessages.ToMessage(follower.Step.Next, command.Now), CaseMessages.ToMessage(primary.Step.Next, command.Now));
    }

    /// <summary>Grids within the distance that the caller reaches, the case's own among them.</summary>
    private async Task<string[]> GridsNearAsync(Case current, double meters, Call call, CancellationToken cancellation)
    {
        if (current.Place is not { } place)
            return [current.Territory];
        var box = Coordinates.BoxAround(new Coordinate(place.Longitude, place.Latitude), meters);
        var near = (await boundaries.MapAsync(cancellation)).Near(box).Where(code => call.Caller.Territory.Contains(TerritoryCode.Parse(code)));
        return [.. near.Append(current.Territory).Distinct()];
    }
}
