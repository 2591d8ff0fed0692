using System.CommandLine;
using Governance.Grids.V1;
using static Governance.Cli.Commands.CommandBuilding;

namespace Governance.Cli.Commands;

/// <summary>`gov venue`: where neighbours meet, and what they did there.</summary>
internal static class VenueCommands
{
    public static Command Build(CliHost host)
    {
        var venues = new Verbs<NeighbourVenue>(host, "venue", "The venue.", Facts);
        var activities = new Verbs<NeighbourActivity>(host, "venue", "The activity.", Facts);
        return Group(
            "venue",
            "Neighbourhood venues and what neighbours did there (邻里阵地, 邻里活动).",
            List(venues), Show(venues), Open(venues), Close(venues), Record(activities), Activities(activities));
    }

    private static (string Name, object? Value)[] Facts(NeighbourVenue venue) =>
        [
            ("code", venue.Code), ("name", venue.Name), ("id", venue.Id), ("territory", venue.Territory), ("premises", venue.Premises),
            ("active", venue.Active), ("etag", venue.Etag),
        ];

    private static (string Name, object? Value)[] Facts(NeighbourActivity activity) =>
        [
            ("title", activity.Title), ("id", activity.Id), ("venue", activity.VenueId), ("territory", activity.Territory),
            ("festival", activity.Festival), ("starts", activity.StartsAt), ("ends", activity.EndsAt),
            ("participants", activity.Participants),
        ];

    private static Command List(Verbs<NeighbourVenue> venues)
    {
        var within = Shared.Within();
        var ended = Flag("--ended", "Also closed ones.");
        return venues.List(
            "list", "Venues of a territory, ordered by territory.", [within, ended], "--within 340603001 --ended",
            ["territory", "code", "name", "premises", "active", "id"],
            async (verb, size, token) =>
            {
                var page = await verb.Api.Staffing.ListVenuesAsync(
                    new() { Territory = verb.Text(within), IncludeClosed = verb.Get(ended), PageSize = size, PageToken = token },
                    verb.Options);
                return (page.Venues, page.NextPageToken);
            });
    }

    private static Command Show(Verbs<NeighbourVenue> venues) =>
        venues.On("show", "One venue.", [], "",
            async verb => (await verb.Api.Staffing.GetVenueAsync(new() { Id = verb.Id }, verb.Options)).Venue);

    private static Command Open(Verbs<NeighbourVenue> venues)
    {
        var of = Required("--of", "Its territory.", "CODE");
        var code = Required("--code", "Its code, unique within the city.", "CODE");
        var name = Required("--name", "Its name.");
        var premises = Word<VenuePremises>("--premises", "Whose premises it is in.", required: true);
        return venues.New("open", "Open a venue.", [of, code, name, premises],
            "--of 34060300100101 --code HB-V-9001 --name 幸福里邻里角 --premises open_air",
            async verb => (await verb.Api.Staffing.OpenVenueAsync(
                new()
                {
                    RequestId = verb.RequestId,
                    Territory = verb.Text(of),
                    Code = verb.Text(code),
                    Name = verb.Text(name),
                    Premises = verb.Word<VenuePremises>(premises),
                },
                verb.Options)).Venue);
    }

    private static Command Close(Verbs<NeighbourVenue> venues) =>
        venues.Change("close", "The venue is given up; its activities stay in the records.", [], "",
            async verb => (await verb.Api.Staffing.CloseVenueAsync(
                new() { RequestId = verb.RequestId, VenueId = verb.Id, Etag = verb.Etag }, verb.Options)).Venue);

    private static Command Record(Verbs<NeighbourActivity> activities)
    {
        var title = Required("--title", "What was done.");
        var festival = Option<string>("--festival", "The festival that it was for.", "TEXT");
        var from = Required("--from", "When it began, as in 2026-03-02T14:00:00+08:00.", "INSTANT");
        var until = Required("--until", "When it was over.", "INSTANT");
        var participants = Option<int>("--participants", "How many took part.", "N", required: true);
        return activities.On("record", "Neighbours did something together in a venue.", [title, festival, from, until, participants],
            "--title 元宵灯谜 --festival 元宵节 --from 2026-03-02T14:00:00+08:00 --until 2026-03-02T16:00:00+08:00 --participants 80",
            async verb => (await verb.Api.Staffing.RecordNeighbourActivityAsync(
                new()
                {
                    RequestId = verb.RequestId,
                    VenueId = verb.Id,
                    Title = verb.Text(title),
                    Festival = verb.Text(festival),
                    StartsAt = verb.Instant(from),
                    EndsAt = verb.Instant(until),
                    Participants = verb.Get(participants),
                },
                verb.Options)).Activity,
            of: "The venue.");
    }

    private static Command Activities(Verbs<NeighbourActivity> activities)
    {
        var within = Shared.Within();
        var venue = Option<string>("--venue", "Only of this venue.", "UUID");
        return activities.List(
            "activities", "Activities of a territory or of one venue, newest first.", [within, venue], "--within 340603001",
            ["starts", "title", "festival", "participants", "territory", "id"],
            async (verb, size, token) =>
            {
                var page = await verb.Api.Staffing.ListNeighbourActivitiesAsync(
                    new() { Territory = verb.Text(within), VenueId = verb.Text(venue), PageSize = size, PageToken = token }, verb.Options);
                return (page.Activities, page.NextPageToken);
            });
    }
}
