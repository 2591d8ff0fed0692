using Google.Protobuf;
using Governance.Grids.Bulletins;
using Governance.Grids.Dispatch;
using Governance.Grids.Intake;
using Governance.Grids.Policies;
using Governance.Grids.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Grpc;
using Governance.ServiceDefaults.Identity;
using Governance.ServiceDefaults.Privacy;
using Grpc.Core;
using CaseMessage = Governance.Grids.V1.Case;

namespace Governance.Grids.Cases;

/// <summary>What is done to a case by a caller, whichever capability offers it.</summary>
public sealed class CaseActs(
    Commands commands, PolicyStore policies, PersonStore persons, CasePeople people, BulletinDrafts bulletins, CaseFeed feed)
{
    /// <summary>
    /// Every verb on a case: read it, check reach and etag, let the rule decide, write what it says. <paramref name="ownAs"/> gives
    /// further roles in which the case is the caller's own; <paramref name="hindrance"/> what stands in the way that the
    /// case itself does not know; <paramref name="asReporter"/> that it is what a reporter does; <paramref name="asGrid"/> that whoever
    /// works in the grid that holds the case does it as officers do; <paramref name="isSo"/> that the case is already as it would become,
    /// which is answered and leaves no entry.
    /// </summary>
    public async Task<TResponse> ActAsync<TResponse>(
        ServerCallContext context,
        IMessage request,
        string requestId,
        string caseId,
        string etag,
        Func<Case, CityPolicies, DateTimeOffset, Outcome<CaseStep>> rule,
        Func<CaseMessage, TResponse> answer,
        Func<Case, IEnumerable<string>>? ownAs = null,
        Func<Command, Case, Task<Refusal?>>? hindrance = null,
        bool asReporter = false,
        bool asGrid = false,
        Func<Case, bool>? isSo = null)
        where TResponse : class, IMessage<TResponse>, new()
    {
        var call = context.Call();
        var response = await commands.RunAsync(context, request, requestId, async command =>
        {
            var current = await TakeAsync(command, call, caseId, etag, ownAs, asGrid);
            if (asReporter)
                ActUnder(command, call, current);
            if (hindrance is not null && await hindrance(command, current) is { } stands)
                throw new RefusedException(stands);
            if (isSo is not null && isSo(current))
                return answer(ResidentView.Of(call, CaseMessages.ToMessage(current, command.Now)));
            var rules = await policies.OfAsync(current.Territory, command.Cancellation);
            var step = Received(command, call, rule(current, rules, command.Now).OrRefuse(), asGrid);
            IReadOnlyList<Case> followers = [];
            if (MergeRules.Concerns(step))
                (step, followers) = await TellFollowersAsync(command, step, rules);
            CaseStore.Save(command, current, step);
            if (step.Before is { } before)
                await bulletins.OfAsync(command, current, before.Next, []);
            await bulletins.OfAsync(command, step.Before?.Next ?? current, step.Next, followers);
            return answer(ResidentView.Of(call, CaseMessages.ToMessage(step.Next, command.Now)));
        });
        feed.Changed();
        return response;
    }

    /// <summary>The case that a command acts on. Acting takes the reach of the level that holds the case, not only of where it lies.</summary>
    public async Task<Case> TakeAsync(
        Command command, Call call, string caseId, string etag, Func<Case, IEnumerable<string>>? ownAs = null, bool asGrid = false)
    {
        var current = await CaseStore.FindAsync(Guid.Parse(caseId), command) ?? throw call.NotFound(CaseErrors.NotFound, caseId);
        IEnumerable<string> own = OwnAs(
            call.Caller, current.Id, current.Reporter, current.Handler?.OrganisationId is { } handler ? [handler] : []);
        // What takes the hands of whoever holds the case is not done by having reported it.
        if (asGrid || ownAs is not null)
            own = own.Where(role => role != Roles.GridWorker).Concat(asGrid && HoldsAsGrid(call.Caller, current) ? [Roles.GridWorker] : []);
        call.Authorize(current.Holder, [.. own, .. ownAs?.Invoke(current) ?? []]);
        Commands.RequireEtag(etag, current.Version);
        return current;
    }

    private static bool HoldsAsGrid(Caller caller, Case current) =>
        CaseRules.IsOfGrid(current) && caller.Territory.Contains(TerritoryCode.Parse(current.Holder));

    /// <summary>
    /// The first act of an officer, or of whoever works in the grid that holds it, takes the case up. Whoever acts under the case's word
    /// for its reporter takes up nothing.
    /// </summary>
    internal static CaseStep Received(Command command, Call call, CaseStep step, bool asGrid = false) =>
        (call.ActingRole is Roles.Officer || (asGrid && call.ActingRole is Roles.GridWorker)) && command.Actor.Subject == call.Caller.Subject
            ? step with { Next = ReceiverRules.Received(step.Next, call.Caller.Subject, call.Caller.Territory, command.Now) }
            : step;

    /// <summary>Whoever waited for this answer gets it in the same transaction.</summary>
    private async Task<(CaseStep Step, IReadOnlyList<Case> Told)> TellFollowersAsync(Command command, CaseStep step, CityPolicies policies)
    {
        var told = new List<Case>();
        // It was worded for somebody else.
        var named = await people.OfAsync(step.Next.Id, command.Cancellation);
        var primary = step.Next with
        {
            Answer = Redaction.Without(step.Next.Answer, named), Result = Redaction.Without(step.Next.Result, named),
        };
        foreach (var follower in await CaseStore.FollowersAsync(step.Next.Id, command))
        {
            var answered = MergeRules.Follow(follower, primary, policies, command.Now).OrRefuse();
            CaseStore.Save(command, follower, answered);
            told.Add(answered.Next);
        }
        return (step with { Next = step.Next with { Followers = 0 } }, told);
    }

    /// <summary>
    /// Refuses whoever neither reaches where the case lies nor has a part in it, which an organisation that was released, or whose objection
    /// was upheld, has no more; <paramref name="command"/> is given for what the reporter does.
    /// </summary>
    public void Authorize(Call call, Case current, Command? command = null)
    {
        call.Authorize(current.Territory, OwnAs(call.Caller, current.Id, current.Reporter, OrganisationsIn(current)));
        if (command is not null)
            ActUnder(command, call, current);
    }

    // What somebody does as a confidential reporter is told under the case's word for it; what the same one does of office is told
    // under the own name, which the case keeps then: of two words for one act, one would tell the other.
    private void ActUnder(Command command, Call call, Case current)
    {
        if (current.Confidential && IsReporter(call.Caller, current))
            command.ActUnder(current.Reporter);
    }

    public bool IsReporter(Caller caller, Case current) => IsReporter(caller, current.Id, current.Reporter);

    /// <summary>Those that have a part in a case: who handles it, who was called to it, and who was given something to do and is not released.</summary>
    internal static IEnumerable<Guid> OrganisationsIn(Case of) =>
    [
        .. of.Handler?.OrganisationId is { } handler ? (Guid[])[handler] : [],
        .. of.Whistle?.Responders.Select(r => r.OrganisationId) ?? [],
        .. of.Assignments.Where(a => a.State is not AssignmentState.Withdrawn).Select(a => a.OrganisationId),
    ];

    /// <summary>The same of what is kept of it to be answered.</summary>
    internal static IEnumerable<Guid> OrganisationsIn(CaseMessage of) =>
    [
        .. Guid.TryParse(of.Handler?.OrganisationId, out var handler) ? (Guid[])[handler] : [],
        .. of.Whistle?.Responders.Select(r => Guid.Parse(r.OrganisationId)) ?? [],
        .. of.Assignments.Where(a => a.State is not AssignmentState.Withdrawn).Select(a => Guid.Parse(a.OrganisationId)),
    ];

    /// <summary>The roles in which a case is the caller's own.</summary>
    public string[] OwnAs(Caller caller, Guid caseId, string reporter, IEnumerable<Guid> organisations)
    {
        var roles = new List<string>();
        if (IsReporter(caller, caseId, reporter))
            roles.AddRange([Roles.Resident, Roles.GridWorker]);
        if (caller.Organisation is { } own && organisations.Contains(own))
            roles.Add(Roles.Responder);
        return [.. roles];
    }

    private bool IsReporter(Caller caller, Guid caseId, string reporter) =>
        reporter == (reporter.StartsWith(PersonStore.PseudonymMark) ? persons.Pseudonym(caseId, caller.Subject) : caller.Subject);
}
