using Google.Protobuf.WellKnownTypes;
using Governance.Grids.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Errors;
using Grpc.Core;
using Policy = Governance.Grids.V1.Policy;

namespace Governance.Grids.Policies;

public sealed class PolicyService(PolicyStore store, Commands commands) : V1.Policies.PoliciesBase
{
    public override async Task<PutPolicyResponse> PutPolicy(PutPolicyRequest request, ServerCallContext context)
    {
        if (TerritoryCode.Parse(request.City) != TerritoryCode.Parse(request.Policy.City))
            throw new RefusedException(CommonErrors.Invalid(Violation.Of("policy.city", FieldErrors.Mismatch, ("other", "city"))));
        if (CityPolicies.ProblemOf(request.Policy) is { } problem)
            throw new RefusedException(PolicyErrors.Invalid.With(("problem", problem)));

        var response = await commands.RunAsync(context, request, request.RequestId, command => PutAsync(request.Policy, command));
        await store.RefreshAsync(context.CancellationToken);
        return response;
    }

    public override async Task<ListPoliciesResponse> ListPolicies(ListPoliciesRequest request, ServerCallContext context)
    {
        var response = new ListPoliciesResponse();
        response.Policies.Add(await store.ListAsync(TerritoryCode.Parse(request.City).ToString(), context.CancellationToken));
        return response;
    }

    private static async Task<PutPolicyResponse> PutAsync(Policy request, Command command)
    {
        var policy = request.Clone();
        policy.City = TerritoryCode.Parse(policy.City).ToString();
        (policy.Version, policy.CreatedAt) = (0, null);
        var kind = CityPolicies.KindOf(policy);
        var date = IsoDate.Parse(policy.EffectiveFrom);

        var known = await PolicyStore.SameDateAsync(command, policy.City, kind, date);
        if (known.MaxBy(p => p.Version) is { } newest)
        {
            if (Says(newest, policy))
                return new PutPolicyResponse { Policy = newest, Unchanged = true };
            // A notice for a year may be amended, also back; everything else needs a new date, so that decisions stay explained.
            if (kind is not CityPolicies.HolidaysKind)
                throw new RefusedException(PolicyErrors.DateTaken.With(("kind", PolicyLabels.Told(kind)), ("date", policy.EffectiveFrom)));
            // What the law fixes serves until the notice is out, and never instead of it.
            if (policy.Holidays.Provisional && !newest.Holidays.Provisional)
                return known.Find(p => Says(p, policy)) is { } before
                    ? new PutPolicyResponse { Policy = before, Unchanged = true }
                    : throw new RefusedException(PolicyErrors.CalendarFinal.With(("year", policy.Holidays.Year)));
        }

        policy.Version = await PolicyStore.NextVersionAsync(command, policy.City);
        policy.CreatedAt = command.Now.ToTimestamp();
        PolicyStore.Add(command, policy, kind, date);
        return new PutPolicyResponse { Policy = policy };
    }

    private static bool Says(Policy kept, Policy wanted)
    {
        var content = kept.Clone();
        (content.Version, content.CreatedAt) = (0, null);
        return content.Equals(wanted);
    }
}
