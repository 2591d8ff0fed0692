using System.CommandLine;
using System.Security.Cryptography;
using Google.Protobuf;
using Governance.Grids.V1;
using static Governance.Cli.Commands.CommandBuilding;

namespace Governance.Cli.Commands;

/// <summary>`gov ballot`: secret ballots on topics of councils.</summary>
internal static class BallotCommands
{
    private const int SaltBytes = 32;

    public static Command Build(CliHost host)
    {
        var ballots = new Verbs<Ballot>(host, "ballot", "The ballot.", Facts);
        return Group(
            "ballot", "Secret ballots on topics of councils (无记名投票).", Open(ballots), Cast(ballots), Show(ballots), Close(ballots));
    }

    /// <summary>Random bytes of one vote; no two votes of one kind leave the same mark.</summary>
    public static ByteString Salt() => ByteString.CopyFrom(RandomNumberGenerator.GetBytes(SaltBytes));

    private static (string Name, object? Value)[] Facts(Ballot ballot) =>
        [
            ("id", ballot.Id),
            ("topic", ballot.TopicId),
            ("edition", ballot.Edition),
            ("territory", ballot.Territory),
            ("electorate", ballot.Electorate),
            ("entitled", ballot.Entitled),
            ("rule", ballot.Rule?.Code),
            ("opened", ballot.OpenedAt),
            ("closes", ballot.ClosesAt),
            ("closed", ballot.Closed),
            ("tally", TopicCommands.TextOf(ballot.Tally)),
            ("etag", ballot.Etag),
        ];

    private static Command Open(Verbs<Ballot> ballots)
    {
        var electorate = Word<Electorate>("--electorate", "Who may vote.", required: true);
        var entitled = Option<int>("--entitled", "How many residents may vote, from their register.", "N");
        var rule = Required("--rule", "Voting rule; see gov policy list.", "CODE");
        var until = Required("--until", "Until when votes are taken, as in 2026-03-09T18:00:00+08:00.", "INSTANT");
        return ballots.On(
            "open", "Open a ballot on a topic that is consulted or on an agenda.", [electorate, entitled, rule, until],
            "--electorate residents --entitled 812 --rule majority_of_present --until 2026-03-09T18:00:00+08:00",
            async verb => (await verb.Api.Councils.OpenBallotAsync(
                new()
                {
                    RequestId = verb.RequestId,
                    TopicId = verb.Id,
                    Electorate = verb.Word<Electorate>(electorate),
                    Entitled = verb.Get(entitled),
                    Rule = verb.Text(rule),
                    ClosesAt = verb.Instant(until),
                },
                verb.Options)).Ballot,
            of: "The topic.");
    }

    private static Command Cast(Verbs<Ballot> ballots)
    {
        var choice = Word<BallotChoice>("--choice", "The vote.", required: true);
        return ballots.On("cast", "Cast a vote: one a voter, never changed.", [choice],
            "--choice in_favour --subject resident-17 --territory 34060300100101",
            async verb => (await verb.Api.Councils.CastVoteAsync(
                new() { RequestId = verb.RequestId, BallotId = verb.Id, Choice = verb.Word<BallotChoice>(choice), Salt = Salt() },
                verb.Options)).Ballot);
    }

    private static Command Show(Verbs<Ballot> ballots) =>
        ballots.On("show", "One ballot; its tally only once it is closed.", [], "",
            async verb => (await verb.Api.Councils.GetBallotAsync(new() { Id = verb.Id }, verb.Options)).Ballot);

    private static Command Close(Verbs<Ballot> ballots) =>
        ballots.Change("close", "Close a ballot whose time is over, or in which all have voted.", [], "",
            async verb => (await verb.Api.Councils.CloseBallotAsync(
                new() { RequestId = verb.RequestId, BallotId = verb.Id, Etag = verb.Etag }, verb.Options)).Ballot);
}
