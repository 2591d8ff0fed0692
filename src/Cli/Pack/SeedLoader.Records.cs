using Google.Protobuf;
using Governance.Cli.Client;
using Governance.Cli.Commands;
using Governance.Common.V1;
using Governance.Grids.V1;
using Governance.Organisations.V1;
using Grpc.Core;

namespace Governance.Cli.Pack;

/// <summary>The records of grids.</summary>
internal sealed partial class SeedLoader
{
    private const string DeliberationsKind = "deliberations";
    private const string BulletinsKind = "bulletins";

    private GridRecords Records => rows.Records;

    /// <summary>Most packs have few of these kinds; those that a pack lacks are not sent and not listed.</summary>
    private IEnumerable<(string Kind, int Count)> RecordKinds => new (string Kind, int Count)[]
    {
        ("staff", Records.Staff.Count),
        ("neighbour_groups", Records.Groups.Count),
        ("squads", Records.Squads.Count),
        ("exchanges", Records.Exchanges.Count),
        ("venues", Records.Venues.Count),
        ("studios", Records.Studios.Count),
        ("councils", Records.Councils.Count),
        (DeliberationsKind, Records.Deliberations.Count),
        ("meetings", Records.Meetings.Count),
        (BulletinsKind, Records.Bulletins.Count),
    }.Where(kind => kind.Count > 0);

    /// <summary>
    /// What names others comes after them: squads after their leaders and groups, exchanges after their squads, deliberations after councils.
    /// </summary>
    private List<(string Kind, Task<ImportSummary> Done)> ImportRecords(
        Task policies, Task organisations, Task grids, CancellationToken cancelled)
    {
        var staff = ImportStaffAsync(grids, cancelled);
        var groups = ImportGroupsAsync(grids, cancelled);
        var squads = ImportSquadsAsync(Task.WhenAll(staff, groups), cancelled);
        var exchanges = ImportExchangesAsync(squads, cancelled);
        var venues = ImportVenuesAsync(grids, cancelled);
        var studios = ImportStudiosAsync(grids, cancelled);
        var councils = ImportCouncilsAsync(grids, cancelled);
        var deliberations = HoldDeliberationsAsync(Task.WhenAll(councils, policies), cancelled);
        var tasks = new Dictionary<string, Task<ImportSummary>>
        {
            ["staff"] = staff,
            ["neighbour_groups"] = groups,
            ["squads"] = squads,
            ["exchanges"] = exchanges,
            ["venues"] = venues,
            ["studios"] = studios,
            ["councils"] = councils,
            [DeliberationsKind] = deliberations,
            ["meetings"] = ImportMeetingsAsync(Task.WhenAll(organisations, grids), cancelled),
            [BulletinsKind] = PublishBulletinsAsync(Task.WhenAll(policies, grids), cancelled),
        };
        return [.. RecordKinds.Select(kind => (kind.Kind, tasks[kind.Kind]))];
    }

    private Task<ImportSummary> ImportStaffAsync(Task after, CancellationToken cancelled) => AfterAsync(
        after, "staff", Records.Staff, "Staffing/ImportStaff",
        token => api.Staffing.ImportStaff(cancellationToken: token),
        head => new ImportStaffRequest { Header = head },
        some => new ImportStaffRequest { Rows = { some } },
        answer => answer.Summary,
        cancelled);

    private Task<ImportSummary> ImportGroupsAsync(Task after, CancellationToken cancelled) => AfterAsync(
        after, "neighbour_groups", Records.Groups, "Staffing/ImportNeighbourGroups",
        token => api.Staffing.ImportNeighbourGroups(cancellationToken: token),
        head => new ImportNeighbourGroupsRequest { Header = head },
        some => new ImportNeighbourGroupsRequest { Rows = { some } },
        answer => answer.Summary,
        cancelled);

    private Task<ImportSummary> ImportSquadsAsync(Task after, CancellationToken cancelled) => AfterAsync(
        after, "squads", Records.Squads, "Staffing/ImportSquads",
        token => api.Staffing.ImportSquads(cancellationToken: token),
        head => new ImportSquadsRequest { Header = head },
        some => new ImportSquadsRequest { Rows = { some } },
        answer => answer.Summary,
        cancelled);

    private Task<ImportSummary> ImportExchangesAsync(Task after, CancellationToken cancelled) => AfterAsync(
        after, "exchanges", Records.Exchanges, "Staffing/ImportExchanges",
        token => api.Staffing.ImportExchanges(cancellationToken: token),
        head => new ImportExchangesRequest { Header = head },
        some => new ImportExchangesRequest { Rows = { some } },
        answer => answer.Summary,
        cancelled);

    private Task<ImportSummary> ImportVenuesAsync(Task after, CancellationToken cancelled) => AfterAsync(
        after, "venues", Records.Venues, "Staffing/ImportVenues",
        token => api.Staffing.ImportVenues(cancellationToken: token),
        head => new ImportVenuesRequest { Header = head },
        some => new ImportVenuesRequest { Rows = { some } },
        answer => answer.Summary,
        cancelled);

    private Task<ImportSummary> ImportStudiosAsync(Task after, CancellationToken cancelled) => AfterAsync(
        after, "studios", Records.Studios, "Staffing/ImportStudios",
        token => api.Staffing.ImportStudios(cancellationToken: token),
        head => new ImportStudiosRequest { Header = head },
        some => new ImportStudiosRequest { Rows = { some } },
        answer => answer.Summary,
        cancelled);

    private Task<ImportSummary> ImportCouncilsAsync(Task after, CancellationToken cancelled) => AfterAsync(
        after, "councils", Records.Councils, "Councils/ImportCouncils",
        token => api.Councils.ImportCouncils(cancellationToken: token),
        head => new ImportCouncilsRequest { Header = head },
        some => new ImportCouncilsRequest { Rows = { some } },
        answer => answer.Summary,
        cancelled);

    /// <summary>Who debriefs is the Party organisation of the grid, by the directory's id.</summary>
    private async Task<ImportSummary> ImportMeetingsAsync(Task after, CancellationToken cancelled)
    {
        await after;
        var meetings = Records.Meetings;
        if (meetings.Any(meeting => meeting.Debriefs.Count > 0))
        {
            var ids = await OrganisationIdsAsync(
                OrganisationKind.GridPartyOrganisation, organisation => organisation.Territory, cancelled);
            meetings = [.. meetings.Select(meeting => Named(meeting, ids))];
        }

        return await AfterAsync(
            Task.CompletedTask, "meetings", meetings, "Meetings/ImportMeetings",
            token => api.Meetings.ImportMeetings(cancellationToken: token),
            head => new ImportMeetingsRequest { Header = head },
            some => new ImportMeetingsRequest { Rows = { some } },
            answer => answer.Summary,
            cancelled);
    }

    private static MeetingRow Named(MeetingRow meeting, Dictionary<string, string> ids)
    {
        var named = meeting.Clone();
        foreach (var debrief in named.Debriefs)
            debrief.OrganisationId = ids.GetValueOrDefault(meeting.Territory, "");
        return named;
    }

    /// <summary>Nothing imports bulletins: each item is written and published as an officer does it. One that is there is left alone.</summary>
    private async Task<ImportSummary> PublishBulletinsAsync(Task after, CancellationToken cancelled)
    {
        await after;
        var summary = new ImportSummary();
        foreach (var item in Records.Bulletins)
        {
            summary.Received++;
            try
            {
                var there = await Shared.PagesAsync(int.MaxValue, async (size, token) =>
                {
                    var page = await api.Bulletins.ListBulletinItemsAsync(
                        new ListBulletinItemsRequest { Territory = item.Territory, PageSize = size, PageToken = token }, cancellationToken: cancelled);
                    return (page.Items, page.NextPageToken);
                });
                var known = there.FirstOrDefault(other => other.Territory == item.Territory && other.Title == item.Title);
                if (known is { State: not BulletinItemState.Draft })
                {
                    summary.Unchanged++;
                    continue;
                }

                known ??= (await api.Bulletins.WriteBulletinItemAsync(
                    new WriteBulletinItemRequest
                    {
                        RequestId = newRequestId(),
                        Territory = item.Territory,
                        Section = item.Section,
                        Title = item.Title,
                        Text = item.Text,
                    },
                    cancellationToken: cancelled)).Item;
                await api.Bulletins.PublishBulletinItemAsync(
                    new PublishBulletinItemRequest { RequestId = newRequestId(), Id = known.Id }, cancellationToken: cancelled);
                summary.Created++;
            }
            catch (RefusedException refused) when (IsAboutTheRow(refused.Refusal))
            {
                summary.Rejected++;
                summary.Errors.Add(ErrorOf(summary.Received, item.Territory, refused.Refusal));
            }

            Tell(BulletinsKind, (int)summary.Received, Records.Bulletins.Count);
        }

        return summary;
    }

    private async Task<ImportSummary> AfterAsync<TRequest, TRow, TResponse>(
        Task after,
        string kind,
        IReadOnlyList<TRow> some,
        string method,
        Func<CancellationToken, AsyncClientStreamingCall<TRequest, TResponse>> open,
        Func<ImportHeader, TRequest> header,
        Func<IEnumerable<TRow>, TRequest> message,
        Func<TResponse, ImportSummary> summary,
        CancellationToken cancelled)
        where TRow : IMessage
    {
        await after;
        return some.Count == 0
            ? new ImportSummary()
            : summary(await SendAsync(
                kind, $"governance.grids.v1.{method}", open, header, message, some, some.Count, cancelled));
    }

    /// <summary>
    /// Nothing imports topics: each is proposed and consulted as an officer does it. One that its council has already is not held again,
    /// and one that was proposed by a load that broke off is held now.
    /// </summary>
    private async Task<ImportSummary> HoldDeliberationsAsync(Task after, CancellationToken cancelled)
    {
        await after;
        var summary = new ImportSummary();
        foreach (var together in Records.Deliberations.GroupBy(deliberation => deliberation.Territory))
        {
            var council = (await api.Councils.ListCouncilsAsync(
                new ListCouncilsRequest { Territory = together.Key, ActiveOnly = true, PageSize = 1 },
                cancellationToken: cancelled)).Councils.FirstOrDefault(council => council.Territory == together.Key);
            if (council is null)
            {
                // Its row was rejected, and why is told there.
                summary.Received += together.Count();
                summary.Rejected += together.Count();
                continue;
            }

            var topics = (await TopicsOfAsync(council.Id, cancelled)).ToLookup(topic => topic.Title);
            foreach (var deliberation in together)
            {
                summary.Received++;
                try
                {
                    if (await HoldAsync(council.Id, topics[deliberation.Title].FirstOrDefault(), deliberation, cancelled))
                        summary.Created++;
                    else
                        summary.Unchanged++;
                }
                catch (RefusedException refused) when (IsAboutTheRow(refused.Refusal))
                {
                    summary.Rejected++;
                    summary.Errors.Add(ErrorOf(summary.Received, deliberation.Territory, refused.Refusal));
                }

                Tell(DeliberationsKind, (int)summary.Received, Records.Deliberations.Count);
            }
        }

        return summary;
    }

    private async Task<List<Topic>> TopicsOfAsync(string council, CancellationToken cancelled) =>
        await Shared.PagesAsync(int.MaxValue, async (size, token) =>
        {
            var page = await api.Councils.ListTopicsAsync(
                new ListTopicsRequest { CouncilId = council, PageSize = size, PageToken = token }, cancellationToken: cancelled);
            return (page.Topics, page.NextPageToken);
        });

    /// <summary>False when it was held before.</summary>
    private async Task<bool> HoldAsync(string council, Topic? topic, Deliberation deliberation, CancellationToken cancelled)
    {
        topic ??= (await api.Councils.ProposeTopicAsync(
            new ProposeTopicRequest
            {
                RequestId = newRequestId(),
                CouncilId = council,
                Kind = TopicKind.Matter,
                Title = deliberation.Title,
                Text = deliberation.Summary,
            },
            cancellationToken: cancelled)).Topic;
        if (topic.State is not (TopicState.Proposed or TopicState.Supported))
            return false;
        await api.Councils.ConsultTopicAsync(
            new ConsultTopicRequest
            {
                RequestId = newRequestId(),
                TopicId = topic.Id,
                Form = deliberation.Form,
                HeldOn = deliberation.HeldOn,
                Parties = { deliberation.Parties },
                Summary = deliberation.Summary,
            },
            cancellationToken: cancelled);
        return true;
    }
}
