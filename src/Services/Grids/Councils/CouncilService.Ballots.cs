using Google.Protobuf.WellKnownTypes;
using Governance.Grids.V1;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Grpc;
using Governance.ServiceDefaults.Identity;
using Grpc.Core;

namespace Governance.Grids.Councils;

/// <summary>Where voters say what they would not say aloud.</summary>
public sealed partial class CouncilService
{
    public override Task<OpenBallotResponse> OpenBallot(OpenBallotRequest request, ServerCallContext context)
    {
        var call = context.Call();
        return commands.RunAsync(context, request, request.RequestId, async command =>
        {
            var topic = await TopicStore.FindAsync(Guid.Parse(request.TopicId), command)
                ?? throw call.NotFound(TopicErrors.NotFound, request.TopicId);
            var council = await CouncilOfAsync(topic.CouncilId, command, context);
            call.Authorize(council.Territory, LeaderAs(council, call));
            var ballot = BallotRules.Open(
                command.NewId(), topic, council, request.Electorate, request.Entitled, request.Rule, request.ClosesAt.ToDateTimeOffset(),
                seals.Mark, await policies.OfAsync(council.Territory, command.Cancellation), command.Now).OrRefuse();
            if (await BallotStore.HasOpenAsync(topic.Id, command))
                throw new RefusedException(BallotErrors.Exists.With());
            BallotStore.Add(command, ballot, topic);
            return new OpenBallotResponse { Ballot = ToMessage(ballot, tally: null) };
        });
    }

    public override async Task<GetBallotResponse> GetBallot(GetBallotRequest request, ServerCallContext context)
    {
        var ballot = await ballots.FindAsync(Guid.Parse(request.Id), context.CancellationToken)
            ?? throw context.Call().NotFound(BallotErrors.NotFound, request.Id);
        await CouncilToReadAsync(ballot.CouncilId, context);
        var tally = ballot.Closed ? await ballots.TallyAsync(ballot.Id, context.CancellationToken) : null;
        return new GetBallotResponse { Ballot = ToMessage(ballot, tally) };
    }

    public override Task<CastVoteResponse> CastVote(CastVoteRequest request, ServerCallContext context)
    {
        var call = context.Call();
        return commands.RunAsync(context, request, request.RequestId, async command =>
        {
            var ballot = await BallotOfAsync(request.BallotId, command, context);
            var council = await CouncilOfAsync(ballot.CouncilId, command, context);
            call.Authorize(council.Territory, OwnAs(council, call));
            var voter = seals.Seal(ballot.Id, call.Caller.Subject);
            var hasVoted = await BallotStore.HasVotedAsync(ballot.Id, voter, command);
            if (BallotRules.MayVote(
                    ballot, council, call.Caller.Subject, call.Caller.Territory, call.Caller.HasAny([Roles.Resident]), hasVoted,
                    request.Salt.Length, seals.Mark, command.Now) is { } refusal)
                throw new RefusedException(refusal);
            command.ActUnder(VoterSeals.Word(voter));
            BallotStore.Vote(command, ballot, voter, request.Choice);
            return new CastVoteResponse { Ballot = ToMessage(ballot, tally: null) };
        });
    }

    public override Task<CloseBallotResponse> CloseBallot(CloseBallotRequest request, ServerCallContext context)
    {
        var call = context.Call();
        return commands.RunAsync(context, request, request.RequestId, async command =>
        {
            var current = await BallotOfAsync(request.BallotId, command, context);
            var council = await CouncilOfAsync(current.CouncilId, command, context);
            call.Authorize(council.Territory, LeaderAs(council, call));
            Commands.RequireEtag(request.Etag, current.Version);
            var tally = await BallotStore.TallyAsync(current.Id, command);
            var closed = BallotRules.Close(current, tally.Cast, command.Now).OrRefuse();
            BallotStore.Close(command, current, closed);
            // Votes that are being written while it closes count too: the tally is told by whoever asks after this.
            return new CloseBallotResponse { Ballot = ToMessage(closed, tally: null) };
        });
    }

    private static async Task<Ballot> BallotOfAsync(string id, Command command, ServerCallContext context) =>
        await BallotStore.FindAsync(Guid.Parse(id), command) ?? throw context.Call().NotFound(BallotErrors.NotFound, id);

    private static V1.Ballot ToMessage(Ballot from, Tally? tally) => new()
    {
        Id = from.Id.ToString(),
        TopicId = from.TopicId.ToString(),
        CouncilId = from.CouncilId.ToString(),
        Territory = from.Territory,
        Edition = from.Edition,
        Electorate = from.Electorate,
        Entitled = from.Entitled,
        Rule = TopicMessages.ToMessage(from.Rule),
        PolicyVersion = from.Rule.PolicyVersion,
        OpenedAt = from.OpenedAt.ToTimestamp(),
        ClosesAt = from.ClosesAt.ToTimestamp(),
        Closed = from.Closed,
        Tally = tally is null ? null : TopicMessages.ToMessage(BallotRules.Counted(from, tally)),
        Etag = Commands.Etag(from.Version),
    };
}
