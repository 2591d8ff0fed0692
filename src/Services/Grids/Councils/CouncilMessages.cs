using Google.Protobuf.WellKnownTypes;
using Governance.Grids.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Database;

namespace Governance.Grids.Councils;

/// <summary>Councils as callers see them, and back.</summary>
public static class CouncilMessages
{
    /// <param name="viewer">
    /// Subject of a caller who sees of others what is public, name and duty; null for those who work with councils.
    /// </param>
    public static V1.Council ToMessage(Council from, DateOnly today, string? viewer)
    {
        var message = new V1.Council
        {
            Id = from.Id.ToString(),
            Territory = from.Territory,
            Name = from.Name,
            State = from.State,
            Quorum = ToMessage(from.Quorum),
            ConcurrentHead = from.ConcurrentHead,
            ConcurrentSource = from.ConcurrentSource,
            DissolveReason = from.DissolveReason,
            TermOver = from.State is CouncilState.Active && from.TermIsOver(today),
            EstablishedAt = from.EstablishedAt.ToTimestamp(),
            UpdatedAt = from.UpdatedAt.ToTimestamp(),
            Etag = Commands.Etag(from.Version),
        };
        message.Terms.Add(from.Terms.Select(t => new CouncilTerm { From = IsoDate.Text(t.From), Until = IsoDate.Text(t.Until) }));
        message.Members.Add(from.Members
            .OrderBy(m => m.Seat is CouncilSeat.Head ? 0 : m.Seat is CouncilSeat.Deputy ? 1 : 2)
            .ThenBy(m => m.JoinedAt)
            .ThenBy(m => m.Subject, StringComparer.Ordinal)
            .Select(m => ToMessage(m, viewer)));
        return message;
    }

    public static CouncilMember ToMessage(Member from, string? viewer) => new()
    {
        Id = from.Id.ToString(),
        Subject = viewer is null || viewer == from.Subject ? from.Subject : "",
        Kind = from.Kind,
        Name = from.Name,
        Duty = from.Duty,
        Seat = from.Seat,
        JoinedAt = from.JoinedAt.ToTimestamp(),
        LeftAt = from.LeftAt?.ToTimestamp(),
    };

    public static Member ToMember(CouncilMember message, Guid id, DateTimeOffset now) =>
        new(id, message.Subject, message.Kind, message.Name, message.Duty, message.Seat, now);

    public static Threshold ToMessage(Fraction from) =>
        new() { Numerator = from.Numerator, Denominator = from.Denominator, MoreThan = from.MoreThan };

    public static Term ToTerm(CouncilTerm message) => new(IsoDate.Parse(message.From), IsoDate.Parse(message.Until));
}
