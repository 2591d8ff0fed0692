using Governance.Primitives;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Identity;
using Grpc.Core;

namespace Governance.ServiceDefaults.Grpc;

/// <summary>
/// One call: who calls, what the method's declaration grants, and whether the territory of the answer was checked. The
/// interceptor withholds an answer for which it was not.
/// </summary>
public sealed class Call(ServerCallContext context, MethodAccess access, Caller caller, TokenReader tokens)
{
    public string Method => context.Method;

    public Caller Caller { get; } = caller;

    public Language Language => ErrorAnswers.LanguageOf(context);

    public string Peer => context.Peer;

    internal bool TerritoryChecked { get; private set; } = !access.HasTerritory;

    /// <summary>The caller has a role that may call within the reach of its territory.</summary>
    public bool HasReach { get; } = caller.HasAny(access.Roles);

    /// <summary>
    /// The organisation to which a caller is bound who may only see its own records; null when the territory decides.
    /// </summary>
    public Guid? OwnOrganisationOnly
    {
        get
        {
            if (HasReach)
                return null;
            TerritoryChecked = true;
            return Caller.Organisation ?? throw new RefusedException(CommonErrors.OutsideTerritory.With());
        }
    }

    /// <summary>The first role by which the caller may make this call; kept in histories.</summary>
    public string ActingRole => field ??=
        Caller.Roles.FirstOrDefault(access.Roles.Contains) ?? Caller.Roles.FirstOrDefault(access.Own.Contains) ?? Caller.Roles[0];

    /// <summary>The territory that a request asks for: what its field says, else the token's own.</summary>
    public TerritoryCode TerritoryOrOwn(string field)
    {
        var territory = field.Length is 0 ? Caller.Territory : TerritoryCode.Parse(field);
        if (HasReach)
            Authorize(territory);
        return territory;
    }

    public bool Reaches(TerritoryCode territory) => HasReach && Caller.Territory.Contains(territory);

    /// <summary>
    /// Refuses unless the caller reaches the territory, or the record is the caller's own in one of the roles
    /// <paramref name="ownAs"/> and the method grants that role its own records.
    /// </summary>
    public void Authorize(TerritoryCode territory, params ReadOnlySpan<string> ownAs)
    {
        var allowed = Reaches(territory);
        foreach (var role in ownAs)
            allowed |= access.Own.Contains(role) && Caller.Roles.Contains(role);
        if (!allowed)
            throw new RefusedException(CommonErrors.OutsideTerritory.With());
        TerritoryChecked = true;
    }

    public void Authorize(string territory, params ReadOnlySpan<string> ownAs) => Authorize(TerritoryCode.Parse(territory), ownAs);

    /// <summary>
    /// Ends a call that lasts once its token would not begin one any more: it has expired, or its key was withdrawn. Costs as little as
    /// the token of every other call.
    /// </summary>
    internal async ValueTask RequireTokenAsync() =>
        (await tokens.ReadAsync(context.GetHttpContext().Request.Headers.Authorization)).OrRefuse();

    /// <summary>The caller gets again what this request of theirs was answered before: it was theirs to see then.</summary>
    internal void Repeats() => TerritoryChecked = true;

    /// <summary>
    /// The refusal for a record that is not there. Whoever does not reach the whole city can't tell it from one that lies
    /// elsewhere, so it must sound the same to them.
    /// </summary>
    public RefusedException NotFound(ErrorDefinition error, Words id)
    {
        TerritoryChecked = true;
        var reachesAll = HasReach && (Caller.Territory == TerritoryCode.All || Caller.Territory.Level is TerritoryLevel.City);
        return new RefusedException(reachesAll ? error.With(("id", id)) : CommonErrors.OutsideTerritory.With());
    }
}

public static class CallContext
{
    private static readonly object Key = new();

    /// <summary>The call, once the access interceptor has let it through.</summary>
    public static Call Call(this ServerCallContext context) => (Call)context.UserState[Key];

    internal static void Set(this ServerCallContext context, Call call) => context.UserState[Key] = call;
}
