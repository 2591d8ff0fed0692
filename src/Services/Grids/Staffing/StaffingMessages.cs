using Google.Protobuf.WellKnownTypes;
using Governance.Grids.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Database;

namespace Governance.Grids.Staffing;

/// <summary>Records as callers see them, and back.</summary>
public static class StaffingMessages
{
    public static GridStaff ToMessage(Appointment from) => new()
    {
        Id = from.Id.ToString(),
        Territory = from.Territory,
        Role = from.Role,
        Subject = from.Subject,
        Name = from.Name,
        Duty = from.Duty,
        Employment = from.Employment,
        PartyMember = from.PartyMember,
        From = IsoDate.Text(from.From),
        Until = IsoDate.Text(from.Until),
        UpdatedAt = from.UpdatedAt.ToTimestamp(),
        Etag = Commands.Etag(from.Version),
    };

    public static V1.StandIn ToMessage(StandIn from) => new()
    {
        Id = from.Id.ToString(),
        Territory = from.Territory,
        StaffId = from.StaffId.ToString(),
        SubstituteId = from.SubstituteId.ToString(),
        From = IsoDate.Text(from.From),
        Until = IsoDate.Text(from.Until),
        CancelledAt = from.CancelledAt?.ToTimestamp(),
    };

    /// <param name="standard">The policy in force; null for none.</param>
    public static NeighbourGroup ToMessage(Group from, StaffingPolicy? standard)
    {
        var message = new NeighbourGroup
        {
            Id = from.Id.ToString(),
            Code = from.Code,
            Territory = from.Territory,
            Name = from.Name,
            OutsideStandard = standard is not null
                && (from.Buildings.Count < standard.MinBuildings || from.Buildings.Count > standard.MaxBuildings),
            SquadId = from.SquadId?.ToString() ?? "",
            Active = from.Active,
            UpdatedAt = from.UpdatedAt.ToTimestamp(),
            Etag = Commands.Etag(from.Version),
        };
        message.Buildings.Add(from.Buildings);
        message.Heads.Add(from.Heads.Select(h => new NeighbourHead
        {
            Id = h.Id.ToString(),
            Subject = h.Subject,
            PartyMember = h.PartyMember,
            Since = h.Since.ToTimestamp(),
        }));
        return message;
    }

    public static V1.Squad ToMessage(Squad from)
    {
        var message = new V1.Squad
        {
            Id = from.Id.ToString(),
            Territory = from.Territory,
            Name = from.Name,
            Code = from.Code,
            LeaderId = from.LeaderId.ToString(),
            Leaderless = from.Leaderless && from.DissolvedOn is null,
            FormedOn = IsoDate.Text(from.FormedOn),
            DissolvedOn = IsoDate.Text(from.DissolvedOn),
            UpdatedAt = from.UpdatedAt.ToTimestamp(),
            Etag = Commands.Etag(from.Version),
        };
        message.GroupIds.Add(from.GroupIds.Select(id => id.ToString()));
        return message;
    }

    public static SquadExchange ToMessage(Exchange from) => new()
    {
        Id = from.Id.ToString(),
        SquadId = from.SquadId.ToString(),
        Kind = from.Kind,
        Day = IsoDate.Text(from.Day),
        Attendance = from.Attendance,
        Note = from.Note,
    };

    public static NeighbourVenue ToMessage(Venue from) => new()
    {
        Id = from.Id.ToString(),
        Code = from.Code,
        Territory = from.Territory,
        Name = from.Name,
        Premises = from.Premises,
        Kind = from.Kind,
        Active = from.Active,
        UpdatedAt = from.UpdatedAt.ToTimestamp(),
        Etag = Commands.Etag(from.Version),
    };

    public static NeighbourActivity ToMessage(Activity from) => new()
    {
        Id = from.Id.ToString(),
        VenueId = from.VenueId.ToString(),
        Territory = from.Territory,
        Title = from.Title,
        Festival = from.Festival,
        StartsAt = from.StartsAt.ToTimestamp(),
        EndsAt = from.EndsAt.ToTimestamp(),
        Participants = from.Participants,
    };

    public static DeputyStudio ToMessage(Studio from)
    {
        var message = new DeputyStudio
        {
            Id = from.Id.ToString(),
            Code = from.Code,
            Territory = from.Territory,
            Name = from.Name,
            Active = from.Active,
            UpdatedAt = from.UpdatedAt.ToTimestamp(),
            Etag = Commands.Etag(from.Version),
        };
        message.Deputies.Add(from.Deputies.Select(d => new DeputyAssignment
        {
            Id = d.Id.ToString(),
            Subject = d.Subject,
            Kind = d.Kind,
            Since = d.Since.ToTimestamp(),
        }));
        return message;
    }

    public static Reception ToMessage(Held from)
    {
        var message = new Reception
        {
            Id = from.Id.ToString(),
            StudioId = from.StudioId.ToString(),
            Territory = from.Territory,
            HeldAt = from.HeldAt.ToTimestamp(),
            Received = from.Received,
        };
        message.DeputyIds.Add(from.DeputyIds.Select(id => id.ToString()));
        message.CaseIds.Add(from.CaseIds.Select(id => id.ToString()));
        return message;
    }
}
