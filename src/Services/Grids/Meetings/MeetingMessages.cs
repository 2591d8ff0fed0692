using Google.Protobuf.WellKnownTypes;
using Governance.Grids.V1;
using Governance.ServiceDefaults.Database;

namespace Governance.Grids.Meetings;

/// <summary>Meetings as callers see them, and back.</summary>
public static class MeetingMessages
{
    public static V1.Meeting ToMessage(Meeting from)
    {
        var message = new V1.Meeting
        {
            Id = from.Id.ToString(),
            Kind = from.Kind,
            Territory = from.Territory,
            State = from.State,
            StartsAt = from.StartsAt.ToTimestamp(),
            Place = from.Place,
            Notice = from.Notice,
            Minutes = from.Minutes,
            MinutesEdition = from.MinutesEdition,
            ApprovedAt = from.ApprovedAt?.ToTimestamp(),
            CancelReason = from.CancelReason,
            Code = from.Code,
            UpdatedAt = from.UpdatedAt.ToTimestamp(),
            Etag = Commands.Etag(from.Version),
        };
        message.Agenda.Add(from.Agenda);
        message.Attendance.Add(from.Attendance.Select(a => new MeetingAttendance { Kind = a.Kind, Count = a.Count }));
        message.Matters.Add(from.Matters.Select(m => new MeetingMatter
        {
            Title = m.Title,
            Text = m.Text,
            OpenCase = m.CaseId is not null,
            CaseId = m.CaseId?.ToString() ?? "",
        }));
        message.Debriefs.Add(from.Debriefs.Select(d => new Debrief
        {
            Id = d.Id.ToString(),
            Subject = d.Subject,
            OrganisationId = d.OrganisationId.ToString(),
            Appraisal = d.Appraisal is null ? null : ToMessage(d.Appraisal),
        }));
        return message;
    }

    public static DebriefResult ToMessage(PublishedDebrief from) => new()
    {
        MeetingId = from.MeetingId.ToString(),
        Territory = from.Territory,
        HeldAt = from.HeldAt.ToTimestamp(),
        OrganisationId = from.OrganisationId.ToString(),
        Appraisal = ToMessage(from.Appraisal),
    };

    public static IReadOnlyList<Attended> ToAttendance(IEnumerable<MeetingAttendance> messages) =>
        [.. messages.Select(m => new Attended(m.Kind, m.Count))];

    public static Appraisal ToAppraisal(AppraisalCount message) => new(
        message.Papers, message.Good, message.FairlyGood, message.Average, message.Poor, message.Unmarked);

    private static AppraisalCount ToMessage(Appraisal from) => new()
    {
        Papers = from.Papers,
        Good = from.Good,
        FairlyGood = from.FairlyGood,
        Average = from.Average,
        Poor = from.Poor,
        Unmarked = from.Unmarked,
    };
}
