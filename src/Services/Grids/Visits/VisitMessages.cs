using Google.Protobuf.WellKnownTypes;
using Governance.Common.V1;
using Governance.Grids.V1;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Geography;

namespace Governance.Grids.Visits;

/// <summary>Visits as callers see them, and back.</summary>
public static class VisitMessages
{
    public static VisitPlan ToMessage(Plan from)
    {
        var message = new VisitPlan
        {
            Id = from.Id.ToString(),
            Territory = from.Territory,
            Household = from.Household,
            Place = from.Place is { } place
                ? new Point { Longitude = place.Longitude, Latitude = place.Latitude, System = CoordinateSystem.Wgs84 }
                : null,
            Worker = from.Worker,
            Consent = new VisitConsent
            {
                GivenBy = from.Consent.GivenBy,
                GivenAt = from.Consent.GivenAt.ToTimestamp(),
                WithdrawnAt = from.Consent.WithdrawnAt?.ToTimestamp(),
            },
            State = from.State,
            EveryDays = from.EveryDays,
            LastVisitAt = from.LastVisitAt?.ToTimestamp(),
            DueAt = from.DueAt?.ToTimestamp(),
            PolicyVersion = from.PolicyVersion,
            UpdatedAt = from.UpdatedAt.ToTimestamp(),
            Etag = Commands.Etag(from.Version),
        };
        message.Needs.Add(from.Needs);
        message.Helpers.Add(from.Helpers);
        return message;
    }

    public static Visit ToMessage(Made from)
    {
        var message = new Visit
        {
            Id = from.Id.ToString(),
            PlanId = from.PlanId.ToString(),
            Territory = from.Territory,
            Visitor = from.Visitor,
            At = from.At.ToTimestamp(),
            Outcome = from.Outcome,
            Note = from.Note,
            CaseId = from.CaseId?.ToString() ?? "",
        };
        message.Checked.Add(from.Checked);
        return message;
    }

    public static Hazard ToMessage(Danger from, DateTimeOffset now) => new()
    {
        Id = from.Id.ToString(),
        PlanId = from.PlanId.ToString(),
        Territory = from.Territory,
        Category = from.Category,
        Note = from.Note,
        FoundAt = from.FoundAt.ToTimestamp(),
        DueAt = from.DueAt?.ToTimestamp(),
        Overdue = from.DueAt < now,
        ResolvedAt = from.ResolvedAt?.ToTimestamp(),
        Reinspections = from.Reinspections,
        PolicyVersion = from.PolicyVersion,
        ProvisionalYear = from.ProvisionalYear,
        Etag = Commands.Etag(from.Version),
    };

    public static Reinspection ToMessage(Look from) => new()
    {
        Sequence = from.Sequence,
        At = from.At.ToTimestamp(),
        Inspector = from.Inspector,
        Resolved = from.Resolved,
        Note = from.Note,
        DueAt = from.DueAt.ToTimestamp(),
    };

    public static Place? ToPlace(Point? message)
    {
        if (message is null)
            return null;
        var point = Coordinates.ToWgs84(message);
        return new Place(point.X, point.Y);
    }

    /// <summary>A consent that says nothing of its time was not given.</summary>
    public static Consent ToConsent(VisitConsent? message) =>
        new(message?.GivenBy ?? "", message?.GivenAt?.ToDateTimeOffset() ?? DateTimeOffset.MaxValue);
}
