using Governance.Grids.Policies;
using Governance.Grids.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Privacy;
using Grpc.Core;

namespace Governance.Grids.Councils;

/// <summary>A secret ballot on a topic, as the rules see it. Everything but its closing stays as it was when it opened.</summary>
public sealed record Ballot
{
    public required Guid Id { get; init; }

    public required Guid TopicId { get; init; }

    public required Guid CouncilId { get; init; }

    public required string Territory { get; init; }

    public required int Edition { get; init; }

    public required Electorate Electorate { get; init; }

    /// <summary>How many may vote.</summary>
    public required int Entitled { get; init; }

    public required VoteRule Rule { get; init; }

    /// <summary>Mark of the key that its voters are sealed with.</summary>
    public required byte[] VoterKey { get; init; }

    public required DateTimeOffset OpenedAt { get; init; }

    public required DateTimeOffset ClosesAt { get; init; }

    public bool Closed { get; init; }

    public required long Version { get; init; }
}

/// <summary>What was counted in a ballot: from its votes, whenever it is asked for.</summary>
public sealed record Tally(int InFavour, int Against, int Abstained)
{
    public int Cast => InFavour + Against + Abstained;
}

public static class BallotErrors
{
    public static readonly ErrorDefinition NotFound = new("BALLOT_NOT_FOUND", StatusCode.NotFound,
        "There is no ballot {id}.", "没有编号为 {id} 的投票。");

    public static readonly ErrorDefinition Exists = new("BALLOT_EXISTS", StatusCode.AlreadyExists,
        "A ballot on this topic is open already.", "该议题已有进行中的投票。");

    public static readonly ErrorDefinition ClosesInPast = new("BALLOT_CLOSES_IN_PAST", StatusCode.InvalidArgument,
        "A ballot closes at an instant to come.", "投票截止时间须晚于当前时间。");

    public static readonly ErrorDefinition ClosesLate = new("BALLOT_CLOSES_LATE", StatusCode.InvalidArgument,
        "A ballot on this topic closes at {latest} at the latest.", "该议题的投票最迟须于 {latest} 截止。");

    public static readonly ErrorDefinition Closed = new("BALLOT_CLOSED", StatusCode.FailedPrecondition,
        "The ballot closed at {closes_at}, or before since all members had voted.", "投票已于 {closes_at} 或因全体成员投票完毕提前截止。");

    public static readonly ErrorDefinition Running = new("BALLOT_RUNNING", StatusCode.FailedPrecondition,
        "The ballot runs until {closes_at}; before that it closes only when it is one of members and all have voted.",
        "投票进行至 {closes_at}；此前仅成员投票且全体投票完毕方可截止。");

    public static readonly ErrorDefinition Open = new("BALLOT_OPEN", StatusCode.FailedPrecondition,
        "A ballot on the topic is not closed yet; close it first.", "该议题的投票尚未截止，请先截止。");

    public static readonly ErrorDefinition Twice = new("BALLOT_TWICE", StatusCode.AlreadyExists,
        "You have voted in this ballot; a vote is never changed.", "您已投票，选票不可更改。");

    public static readonly ErrorDefinition NotEntitled = new("BALLOT_NOT_ENTITLED", StatusCode.FailedPrecondition,
        "In this ballot {electorate} vote; you are none of them.", "本次投票由{electorate}投票，您不在其列。");

    public static readonly ErrorDefinition SaltShort = new("BALLOT_SALT_SHORT", StatusCode.InvalidArgument,
        "The salt has at least {min} random bytes.", "随机盐至少 {min} 字节。");

    public static readonly ErrorDefinition OtherTopic = new("BALLOT_OTHER_TOPIC", StatusCode.InvalidArgument,
        "The ballot was not on this wording of this topic.", "该投票针对的不是此议题的当前版本。");

    public static readonly ErrorDefinition KeyChanged = new("BALLOT_KEY_CHANGED", StatusCode.FailedPrecondition,
        "The key that keeps votes secret is not the one that this ballot opened with.", "选票保密密钥与该投票开启时的密钥不一致。");
}

/// <summary>
/// Puts a keyed hash in the place of a voter. The subject itself, or a plain hash of it, would let whoever reads the table, a
/// backup or a replica see how each resident voted: there are few residents to try. The key is not in the database; without
/// it a vote can't be tied to a person, and yet the same person meets the same row a second time. The hash is made for one
/// ballot, so that nobody is followed from one to the next. The audit row and the stored answer are written in the vote's own
/// transaction, and carry its number: they know the voter by the seal only, or they would say whose vote it is. Who holds both
/// key and database can still try all voters: keep them apart.
/// </summary>
public sealed class VoterSeals(PrivacyKeys keys)
{
    /// <summary>Tells keys apart without telling the key.</summary>
    public byte[] Mark { get; } = keys.Index("voter", "mark")[..8];

    public byte[] Seal(Guid ballotId, string subject) => keys.Index($"voter {ballotId:N}", subject);

    /// <summary>The word by which all that a vote leaves behind knows its voter.</summary>
    public static string Word(byte[] seal) => $"{PersonStore.PseudonymMark}{Convert.ToHexStringLower(seal)}";
}

/// <summary>The rules of ballots, pure.</summary>
public static class BallotRules
{
    public const int MinSaltBytes = 16;

    /// <summary>The longest that a ballot runs on a topic that is overdue.</summary>
    public const int MaxOverdueDays = 30;

    public static Outcome<Ballot> Open(
        Guid id,
        Topic topic,
        Council council,
        Electorate electorate,
        int residents,
        string rule,
        DateTimeOffset closesAt,
        byte[] voterKey,
        CityPolicies policies,
        DateTimeOffset now)
    {
        if (TopicRules.MayBeVotedOn(topic) is { } wrong)
            return wrong;
        if (closesAt <= now)
            return BallotErrors.ClosesInPast.With();
        // Until it closes nothing else becomes of the topic: it must end in time for the council to decide.
        var latest = topic.DecideBy is { } decideBy && decideBy > now ? decideBy : now.AddDays(MaxOverdueDays);
        if (closesAt > latest)
            return BallotErrors.ClosesLate.With(("latest", latest));
        // A part of all residents is a part of nothing while nobody has counted them.
        if (electorate is Electorate.Residents && residents < 1)
            return CommonErrors.Invalid(Violation.Of("entitled", FieldErrors.Required));
        return TopicRules.RuleOf(rule, policies, now).Then<Ballot>(found => new Ballot
        {
            Id = id,
            TopicId = topic.Id,
            CouncilId = council.Id,
            Territory = council.Territory,
            Edition = topic.Edition,
            Electorate = electorate,
            Entitled = electorate is Electorate.Members ? council.Members.Count : residents,
            Rule = found,
            VoterKey = voterKey,
            OpenedAt = now,
            ClosesAt = closesAt,
            Version = 1,
        });
    }

    /// <summary>Why somebody can't vote, or null.</summary>
    public static Refusal? MayVote(
        Ballot ballot,
        Council council,
        string subject,
        TerritoryCode home,
        bool isResident,
        bool hasVoted,
        int saltBytes,
        byte[] voterKey,
        DateTimeOffset now)
    {
        if (ballot.Closed || now >= ballot.ClosesAt)
            return BallotErrors.Closed.With(("closes_at", ballot.ClosesAt));
        var entitled = ballot.Electorate is Electorate.Members
            ? council.Members.Any(m => m.Subject == subject && m.JoinedAt <= ballot.OpenedAt)
            : isResident && council.IsHomeOf(home);
        if (!entitled)
            return BallotErrors.NotEntitled.With(("electorate", ballot.Electorate.Told()));
        if (saltBytes < MinSaltBytes)
            return BallotErrors.SaltShort.With(("min", MinSaltBytes));
        // With another key a voter would not be known again.
        if (!voterKey.AsSpan().SequenceEqual(ballot.VoterKey))
            return BallotErrors.KeyChanged.With();
        return hasVoted ? BallotErrors.Twice.With() : null;
    }

    public static Outcome<Ballot> Close(Ballot ballot, int cast, DateTimeOffset now)
    {
        if (ballot.Closed)
            return BallotErrors.Closed.With(("closes_at", ballot.ClosesAt));
        // Members are counted by the service; how many residents may vote is what whoever opened the ballot said.
        var allVoted = ballot.Electorate is Electorate.Members && cast >= ballot.Entitled;
        return now < ballot.ClosesAt && !allVoted
            ? BallotErrors.Running.With(("closes_at", ballot.ClosesAt))
            : ballot with { Closed = true, Version = ballot.Version + 1 };
    }

    /// <summary>The vote that a decision rests on. Present at a ballot is who voted; a register may count fewer than came.</summary>
    public static Outcome<Vote> VoteOf(Ballot ballot, Topic topic, Tally tally)
    {
        if (ballot.TopicId != topic.Id || ballot.Edition != topic.Edition)
            return BallotErrors.OtherTopic.With();
        return ballot.Closed ? Counted(ballot, tally) : BallotErrors.Open.With();
    }

    public static Vote Counted(Ballot ballot, Tally tally) =>
        new(ballot.Rule, Math.Max(ballot.Entitled, tally.Cast), tally.Cast, tally.InFavour, tally.Against, tally.Abstained);
}
