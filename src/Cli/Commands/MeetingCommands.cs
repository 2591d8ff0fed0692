using System.CommandLine;
using Governance.Cli.Output;
using Governance.Grids.V1;
using static Governance.Cli.Commands.CommandBuilding;
using Meeting = Governance.Grids.V1.Meeting;

namespace Governance.Cli.Commands;

/// <summary>`gov meeting`: meetings of grid Party branches and yearly debriefs.</summary>
internal static class MeetingCommands
{
    public static Command Build(CliHost host)
    {
        var meetings = new Verbs<Meeting>(host, "meeting", "The meeting.", Facts, More);
        return Group(
            "meeting",
            "Meetings of grid Party branches: notice, attendance, minutes, debriefs with appraisal (网格党支部书记月例会, 述职评议).",
            List(meetings), Show(meetings), Plan(meetings), Call(meetings), Hold(meetings), Appraise(meetings), Minutes(meetings),
            Approve(meetings), Cancel(meetings), Results(host), Missing(host));
    }

    private static (string Name, object? Value)[] Facts(Meeting meeting) =>
        [
            ("id", meeting.Id),
            ("kind", meeting.Kind),
            ("state", meeting.State),
            ("territory", meeting.Territory),
            ("starts", meeting.StartsAt),
            ("place", meeting.Place),
            ("notice", meeting.Notice),
            ("agenda", meeting.Agenda),
            ("came", meeting.Attendance.Select(came => $"{Tables.Word(came.Kind)} {came.Count}")),
            ("minutes", meeting.Minutes),
            ("minutes edition", meeting.MinutesEdition),
            ("matters", meeting.Matters.Count),
            ("approved", meeting.ApprovedAt),
            ("cancelled because", meeting.CancelReason),
            ("code", meeting.Code),
            ("etag", meeting.Etag),
        ];

    private static void More(Printer printer, Meeting meeting)
    {
        if (meeting.Matters.Count > 0)
        {
            var matters = Tables.New("matter", "text", "grid", "case");
            foreach (var matter in meeting.Matters)
                matters.Row(matter.Title, matter.Text, matter.GridCode, matter.CaseId);
            printer.Draw(matters);
        }

        if (meeting.Debriefs.Count > 0)
        {
            var debriefs = Tables.New("debrief", "subject", "organisation", "appraisal");
            foreach (var debrief in meeting.Debriefs)
                debriefs.Row(debrief.Id, debrief.Subject, debrief.OrganisationId, TextOf(debrief.Appraisal));
            printer.Draw(debriefs);
        }
    }

    private static string TextOf(AppraisalCount? count) => count is null
        ? ""
        : $"{count.Good} good, {count.FairlyGood} fairly good, {count.Average} average, {count.Poor} poor, "
          + $"{count.Unmarked} unmarked of {count.Papers}";

    private static Command List(Verbs<Meeting> meetings)
    {
        var within = Shared.Within();
        var kind = Word<MeetingKind>("--kind", "Only of this kind.");
        var state = Word<MeetingState>("--state", "Only in this state.");
        return meetings.List(
            "list", "Meetings of a territory, latest first.", [within, kind, state], "--within 340603 --kind annual_debrief --state held",
            ["starts", "kind", "state", "territory", "came", "id"],
            async (verb, size, token) =>
            {
                var page = await verb.Api.Meetings.ListMeetingsAsync(
                    new()
                    {
                        Territory = verb.Text(within),
                        Kind = verb.Word<MeetingKind>(kind),
                        State = verb.Word<MeetingState>(state),
                        PageSize = size,
                        PageToken = token,
                    },
                    verb.Options);
                return (page.Meetings, page.NextPageToken);
            });
    }

    private static Command Show(Verbs<Meeting> meetings) =>
        meetings.On("show", "One meeting.", [], "",
            async verb => (await verb.Api.Meetings.GetMeetingAsync(new() { Id = verb.Id }, verb.Options)).Meeting);

    private static Command Plan(Verbs<Meeting> meetings)
    {
        var of = Required("--of", "Community of a secretaries' meeting; grid of any other.", "CODE");
        var kind = Word<MeetingKind>("--kind", "What it is.", required: true);
        var at = Required("--at", "When it begins, as in 2026-03-02T09:00:00+08:00.", "INSTANT");
        var place = Required("--place", "Where, a public place.");
        return meetings.New("plan", "Put a meeting on the calendar.", [of, kind, at, place],
            "--of 340603001001 --kind grid_secretaries --at 2026-03-02T09:00:00+08:00 --place 社区会议室",
            async verb => (await verb.Api.Meetings.PlanMeetingAsync(
                new()
                {
                    RequestId = verb.RequestId,
                    Territory = verb.Text(of),
                    Kind = verb.Word<MeetingKind>(kind),
                    StartsAt = verb.Instant(at),
                    Place = verb.Text(place),
                },
                verb.Options)).Meeting);
    }

    private static Command Call(Verbs<Meeting> meetings)
    {
        var notice = Required("--notice", "The notice.");
        var agenda = Many("--agenda", "An item of the agenda.", "TEXT", required: true);
        var debriefers = Many("--debriefer", "Of a debrief, who debriefs for which Party organisation: SUBJECT,UUID.", "DEBRIEFER");
        return meetings.Change("call", "Send the notice with the agenda.", [notice, agenda, debriefers],
            "--notice 三月例会 --agenda 通报上月事项 --agenda 研究充电桩 "
            + "--debriefer secretary-1,0197f3c2-1111-7b3e-8f21-3c5d7e9f1a2b",
            async verb => (await verb.Api.Meetings.CallMeetingAsync(
                new()
                {
                    RequestId = verb.RequestId,
                    MeetingId = verb.Id,
                    Etag = verb.Etag,
                    Notice = verb.Text(notice),
                    Agenda = { verb.Texts(agenda) },
                    Debriefers = { verb.Texts(debriefers).Select(DebrieferFrom) },
                },
                verb.Options)).Meeting);
    }

    private static Command Hold(Verbs<Meeting> meetings)
    {
        var came = Many("--came", "Who came, by kind: KIND,COUNT.", "KIND,COUNT", required: true);
        var minutes = Required("--minutes", "The minutes, without personal data.");
        var matters = Many("--matter", "A matter that was discussed, in a few words.", "TEXT");
        var cases = Many("--open-case", "A matter that becomes a case.", "TEXT");
        var grid = Option<string>("--grid", "Grid of those cases; required for a community's meeting.", "CODE");
        return meetings.Change("hold", "The meeting took place: who came, the minutes, the matters.", [came, minutes, matters, cases, grid],
            "--came secretary,6 --came grid_staff,3 --minutes 通报上月事项并研究充电桩 --matter 充电桩选址 --open-case 路灯不亮 "
            + "--grid 34060300100101",
            async verb => (await verb.Api.Meetings.HoldMeetingAsync(
                new()
                {
                    RequestId = verb.RequestId,
                    MeetingId = verb.Id,
                    Etag = verb.Etag,
                    Attendance = { verb.Texts(came).Select(AttendanceFrom) },
                    Minutes = verb.Text(minutes),
                    Matters =
                    {
                        verb.Texts(matters).Select(title => new MeetingMatter { Title = title }),
                        verb.Texts(cases).Select(title => new MeetingMatter { Title = title, OpenCase = true, GridCode = verb.Text(grid) }),
                    },
                },
                verb.Options)).Meeting);
    }

    private static Command Appraise(Verbs<Meeting> meetings)
    {
        var debrief = Required("--debrief", "The debrief, as gov meeting show has it.", "UUID");
        var papers = Option<int>("--papers", "Papers that were collected; the marks add up to them.", "N", required: true);
        var good = Option<int>("--good", "Papers with this mark.", "N");
        var fairly = Option<int>("--fairly-good", "Papers with this mark.", "N");
        var average = Option<int>("--average", "Papers with this mark.", "N");
        var poor = Option<int>("--poor", "Papers with this mark.", "N");
        var unmarked = Option<int>("--unmarked", "Papers without a mark.", "N");
        return meetings.Change("appraise", "What was counted when the residents present appraised one who debriefed; once for each.",
            [debrief, papers, good, fairly, average, poor, unmarked],
            "--debrief 0197f3c2-a004-7b3e-8f21-3c5d7e9f1a2b --papers 32 --good 25 --fairly-good 5 --average 1 --unmarked 1",
            async verb => (await verb.Api.Meetings.CountAppraisalsAsync(
                new()
                {
                    RequestId = verb.RequestId,
                    MeetingId = verb.Id,
                    Etag = verb.Etag,
                    DebriefId = verb.Text(debrief),
                    Count = new AppraisalCount
                    {
                        Papers = verb.Get(papers),
                        Good = verb.Get(good),
                        FairlyGood = verb.Get(fairly),
                        Average = verb.Get(average),
                        Poor = verb.Get(poor),
                        Unmarked = verb.Get(unmarked),
                    },
                },
                verb.Options)).Meeting);
    }

    private static Command Minutes(Verbs<Meeting> meetings)
    {
        var text = Required("--text", "The minutes, without personal data.");
        return meetings.Change("minutes", "Another version of the minutes; the earlier ones are kept.", [text], "--text 补充充电桩选址意见",
            async verb => (await verb.Api.Meetings.WriteMeetingMinutesAsync(
                new() { RequestId = verb.RequestId, MeetingId = verb.Id, Etag = verb.Etag, Minutes = verb.Text(text) },
                verb.Options)).Meeting);
    }

    private static Command Approve(Verbs<Meeting> meetings) =>
        meetings.Change("approve", "An officer approves minutes that somebody else wrote; they never change after that.", [], "",
            async verb => (await verb.Api.Meetings.ApproveMeetingMinutesAsync(
                new() { RequestId = verb.RequestId, MeetingId = verb.Id, Etag = verb.Etag }, verb.Options)).Meeting);

    private static Command Cancel(Verbs<Meeting> meetings)
    {
        var reason = Required("--reason", "Why.");
        return meetings.Change("cancel", "The meeting does not take place. Final.", [reason], "--reason 与防汛会议冲突",
            async verb => (await verb.Api.Meetings.CancelMeetingAsync(
                new() { RequestId = verb.RequestId, MeetingId = verb.Id, Etag = verb.Etag, Reason = verb.Text(reason) },
                verb.Options)).Meeting);
    }

    private static Command Results(CliHost host)
    {
        var within = Shared.Within();
        var results = new Verbs<DebriefResult>(host, "meeting", "The result.", result =>
        [
            ("held", result.HeldAt), ("grid", result.Territory), ("organisation", result.OrganisationId),
            ("appraisal", TextOf(result.Appraisal)), ("meeting", result.MeetingId),
        ]);
        return results.List(
            "results", "Results of debriefs whose minutes are approved, latest first.", [within], "--within 340603",
            ["held", "grid", "organisation", "appraisal", "meeting"],
            async (verb, size, token) =>
            {
                var page = await verb.Api.Meetings.ListDebriefResultsAsync(
                    new() { Territory = verb.Text(within), PageSize = size, PageToken = token }, verb.Options);
                return (page.Results, page.NextPageToken);
            });
    }

    private static Command Missing(CliHost host)
    {
        var within = Shared.Within();
        var kind = Word<MeetingKind>("--kind", "Which meeting.", required: true);
        var on = Option<string>("--on", "A day of the span that is asked for; today when not said.", "DAY");
        var limit = Shared.Limit();
        return new Command("missing", "Communities or grids that lack a meeting which the policy asks for, by code.").Does(
            host, [within, kind, on, limit], async (session, line, cancelled) =>
            {
                var span = "";
                var found = await Shared.PagesAsync(line.GetValue(limit), async (size, token) =>
                {
                    var page = await session.Api.Meetings.ListMissingMeetingsAsync(
                        new()
                        {
                            Territory = line.Text(within),
                            Kind = line.Word<MeetingKind>(kind),
                            On = line.Text(on),
                            PageSize = size,
                            PageToken = token,
                        },
                        cancellationToken: cancelled);
                    span = $"{page.From} to {page.Until}";
                    return (page.Territories, page.NextPageToken);
                });
                session.Out.Answer(
                    () => new System.Text.Json.Nodes.JsonArray([.. found]),
                    () =>
                    {
                        var table = Tables.New($"missing {span}");
                        foreach (var territory in found)
                            table.Row(territory);
                        session.Out.Draw(table);
                    });
            },
            "gov meeting missing --kind grid_secretaries --within 340603 --on 2026-02-01");
    }

    private static MeetingAttendance AttendanceFrom(string text)
    {
        var parts = Shared.PartsFrom(text, 2, 2, "KIND,COUNT");
        return new MeetingAttendance { Kind = Shared.WordFrom<MeetingAttendeeKind>(parts[0]), Count = Shared.NumberFrom(parts[1]) };
    }

    private static Debriefer DebrieferFrom(string text)
    {
        var parts = Shared.PartsFrom(text, 2, 2, "SUBJECT,UUID");
        return new Debriefer { Subject = parts[0], OrganisationId = parts[1] };
    }
}
