using System.CommandLine;
using static Governance.Cli.Commands.CommandBuilding;
using CouncilSession = Governance.Grids.V1.Session;

namespace Governance.Cli.Commands;

/// <summary>`gov session`: sessions of councils, with agenda, attendance and minutes.</summary>
internal static class CouncilSessionCommands
{
    public static Command Build(CliHost host)
    {
        var sessions = new Verbs<CouncilSession>(host, "session", "The session.", Facts);
        return Group(
            "session",
            "Sessions of councils: agenda, attendance, minutes (议事会会议). Topics are decided with gov topic decide.",
            List(sessions), Show(sessions), Convene(sessions), Hold(sessions), Cancel(sessions), Minutes(sessions), Approve(sessions));
    }

    private static (string Name, object? Value)[] Facts(CouncilSession session) =>
        [
            ("id", session.Id),
            ("state", session.State),
            ("council", session.CouncilId),
            ("territory", session.Territory),
            ("starts", session.StartsAt),
            ("place", session.Place),
            ("topics", session.TopicIds),
            ("quorum", CouncilCommands.TextOf(session.Quorum)),
            ("present", session.MemberCount == 0 ? "" : $"{session.PresentMemberIds.Count} of {session.MemberCount}"),
            ("minutes", session.Minutes),
            ("minutes edition", session.MinutesEdition),
            ("approved", session.ApprovedAt),
            ("cancelled because", session.CancelReason),
            ("etag", session.Etag),
        ];

    private static Command List(Verbs<CouncilSession> sessions) => sessions.List(
        "list", "Sessions of a council, newest first.", [], "",
        ["starts", "state", "place", "present", "minutes edition", "id"],
        async (verb, size, token) =>
        {
            var page = await verb.Api.Councils.ListSessionsAsync(
                new() { CouncilId = verb.Id, PageSize = size, PageToken = token }, verb.Options);
            return (page.Sessions, page.NextPageToken);
        },
        of: "The council.");

    private static Command Show(Verbs<CouncilSession> sessions) =>
        sessions.On("show", "One session.", [], "",
            async verb => (await verb.Api.Councils.GetSessionAsync(new() { Id = verb.Id }, verb.Options)).Session);

    private static Command Convene(Verbs<CouncilSession> sessions)
    {
        var at = Required("--at", "When it begins, as in 2026-03-02T19:00:00+08:00.", "INSTANT");
        var place = Required("--place", "Where, a public place.");
        var topics = Many("--topic", "A consulted topic of its agenda.", "UUID", required: true);
        return sessions.On(
            "convene", "Call a session of a council, with an agenda of consulted topics.", [at, place, topics],
            "--at 2026-03-02T19:00:00+08:00 --place 社区会议室 --topic 0197f3c2-a002-7b3e-8f21-3c5d7e9f1a2b",
            async verb => (await verb.Api.Councils.ConveneSessionAsync(
                new()
                {
                    RequestId = verb.RequestId,
                    CouncilId = verb.Id,
                    StartsAt = verb.Instant(at),
                    Place = verb.Text(place),
                    TopicIds = { verb.Texts(topics) },
                },
                verb.Options)).Session,
            of: "The council.");
    }

    private static Command Hold(Verbs<CouncilSession> sessions)
    {
        var present = Many("--present", "A member who attends, as gov council show has it.", "UUID", required: true);
        return sessions.Change(
            "hold", "The session begins; without a quorum it is refused.", [present],
            "--present 0197f3c2-a001-7b3e-8f21-3c5d7e9f1a2b --present 0197f3c2-a003-7b3e-8f21-3c5d7e9f1a2b",
            async verb => (await verb.Api.Councils.HoldSessionAsync(
                new() { RequestId = verb.RequestId, SessionId = verb.Id, Etag = verb.Etag, PresentMemberIds = { verb.Texts(present) } },
                verb.Options)).Session);
    }

    private static Command Cancel(Verbs<CouncilSession> sessions)
    {
        var reason = Required("--reason", "Why.");
        return sessions.Change(
            "cancel", "The session does not take place; its topics wait for another.", [reason], "--reason 暴雨停会",
            async verb => (await verb.Api.Councils.CancelSessionAsync(
                new() { RequestId = verb.RequestId, SessionId = verb.Id, Etag = verb.Etag, Reason = verb.Text(reason) },
                verb.Options)).Session);
    }

    private static Command Minutes(Verbs<CouncilSession> sessions)
    {
        var text = Required("--text", "The minutes, without personal data.");
        return sessions.Change(
            "minutes", "Write the minutes, or a new version of them.", [text], "--text 会议通过增设充电桩的议题",
            async verb => (await verb.Api.Councils.WriteMinutesAsync(
                new() { RequestId = verb.RequestId, SessionId = verb.Id, Etag = verb.Etag, Minutes = verb.Text(text) },
                verb.Options)).Session);
    }

    private static Command Approve(Verbs<CouncilSession> sessions) =>
        sessions.Change(
            "approve", "The head approves the minutes, or the deputy while there is no head; they never change after that.", [],
            "--role resident --subject resident-17 --territory 34060300100101",
            async verb => (await verb.Api.Councils.ApproveMinutesAsync(
                new() { RequestId = verb.RequestId, SessionId = verb.Id, Etag = verb.Etag }, verb.Options)).Session);
}
