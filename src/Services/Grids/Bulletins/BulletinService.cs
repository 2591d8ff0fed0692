using Google.Protobuf;
using Governance.Common.V1;
using Governance.Grids.Boundaries;
using Governance.Grids.Policies;
using Governance.Grids.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Grpc;
using Governance.ServiceDefaults.Paging;
using Grpc.Core;

namespace Governance.Grids.Bulletins;

public sealed class BulletinService(
    BulletinStore store,
    BulletinDrafts drafts,
    BoundaryStore boundaries,
    PolicyStore policies,
    Commands commands) : V1.Bulletins.BulletinsBase
{
    public override async Task<ListBulletinResponse> ListBulletin(ListBulletinRequest request, ServerCallContext context)
    {
        var place = PublicPlace(request.Territory, context);
        // What concerns a community concerns its grids.
        string[] places = place.Level is TerritoryLevel.Grid ? [place.ToString(), place.Parent!.ToString()] : [place.ToString()];
        var page = Page.Of(request, request.PageSize, request.PageToken, keys: 2);
        var found = await store.PublishedAsync(places, request.Section, request.Period, page, context.CancellationToken);
        var response = new ListBulletinResponse
        {
            NextPageToken = page.Next(found, e => [Page.Key(e.PublishedAt.ToDateTimeOffset()), e.Id]),
        };
        response.Entries.Add(found);
        return response;
    }

    public override async Task<ListBulletinIssuesResponse> ListBulletinIssues(ListBulletinIssuesRequest request, ServerCallContext context)
    {
        var place = PublicPlace(request.Territory, context).ToString();
        var page = Page.Of(request, request.PageSize, request.PageToken, keys: 1);
        var found = await store.IssuesAsync(place, page.After?[0] ?? "", page, context.CancellationToken);
        var response = new ListBulletinIssuesResponse { NextPageToken = page.Next(found, i => [i.Period]) };
        response.Issues.Add(found);
        return response;
    }

    public override async Task<ListBulletinItemsResponse> ListBulletinItems(ListBulletinItemsRequest request, ServerCallContext context)
    {
        var range = context.Call().TerritoryOrOwn(request.Territory).PrefixRange;
        var page = Page.Of(request, request.PageSize, request.PageToken, keys: 1);
        var found = await store.ListAsync(range, request.State, request.Section, page, context.CancellationToken);
        var response = new ListBulletinItemsResponse { NextPageToken = page.Next(found, i => [i.Id.ToString()]) };
        response.Items.Add(found.Select(BulletinMessages.ToMessage));
        return response;
    }

    public override async Task<GetBulletinItemResponse> GetBulletinItem(GetBulletinItemRequest request, ServerCallContext context)
    {
        var call = context.Call();
        var found = await store.FindAsync(Guid.Parse(request.Id), context.CancellationToken)
            ?? throw call.NotFound(BulletinErrors.NotFound, request.Id);
        call.Authorize(found.Territory);
        var response = new GetBulletinItemResponse { Item = BulletinMessages.ToMessage(found) };
        response.Versions.Add(await store.VersionsAsync(found.Id, context.CancellationToken));
        return response;
    }

    public override Task<WriteBulletinItemResponse> WriteBulletinItem(WriteBulletinItemRequest request, ServerCallContext context)
    {
        var place = TerritoryCode.Parse(request.Territory);
        context.Call().Authorize(place);
        RequirePlace(place);
        return commands.RunAsync(context, request, request.RequestId, async command =>
        {
            await boundaries.RequireAsync(place, context);
            var policy = (await policies.OfAsync(place.ToString(), command.Cancellation))
                .InForce(CityPolicies.BulletinsKind, command.Now).OrRefuse();
            var step = BulletinRules.Write(
                command.NewId(), place.ToString(), request.Section, request.Title, request.Text, policy.Version, command.Now);
            BulletinStore.Add(command, command.Actor, step);
            command.Concerns(place.ToString(), step.Next.Id);
            return new WriteBulletinItemResponse { Item = BulletinMessages.ToMessage(step.Next) };
        });
    }

    public override Task<EditBulletinItemResponse> EditBulletinItem(EditBulletinItemRequest request, ServerCallContext context) =>
        ActAsync(context, request, request.RequestId, request.Id, request.Etag,
            (current, people, _) => Task.FromResult(BulletinRules.Edit(current, request.Title, request.Text, people)),
            item => new EditBulletinItemResponse { Item = item });

    public override Task<PublishBulletinItemResponse> PublishBulletinItem(PublishBulletinItemRequest request, ServerCallContext context) =>
        ActAsync(context, request, request.RequestId, request.Id, request.Etag,
            async (current, people, command) =>
            {
                var rules = await policies.OfAsync(current.Territory, command.Cancellation);
                var period = BulletinRules.PeriodOf(rules.LocalDate(command.Now));
                return BulletinRules.Publish(
                    current, await BulletinStore.IssueAsync(command, current.Territory, period), people, command.Now);
            },
            item => new PublishBulletinItemResponse { Item = item });

    public override Task<CorrectBulletinItemResponse> CorrectBulletinItem(CorrectBulletinItemRequest request, ServerCallContext context) =>
        ActAsync(context, request, request.RequestId, request.Id, request.Etag,
            (current, people, command) => Task.FromResult(
                BulletinRules.Correct(current, request.Title, request.Text, request.Reason, people, command.Now)),
            item => new CorrectBulletinItemResponse { Item = item });

    public override Task<WithdrawBulletinItemResponse> WithdrawBulletinItem(
        WithdrawBulletinItemRequest request, ServerCallContext context) =>
        ActAsync(context, request, request.RequestId, request.Id, request.Etag,
            (current, people, command) => Task.FromResult(BulletinRules.Withdraw(current, request.Reason, people, command.Now)),
            item => new WithdrawBulletinItemResponse { Item = item });

    /// <summary>Every verb on an item: read it, check reach and etag, let the rule decide, write what it says.</summary>
    private Task<TResponse> ActAsync<TResponse>(
        ServerCallContext context,
        IMessage request,
        string requestId,
        string itemId,
        string etag,
        Func<Item, IReadOnlyList<Person>, Command, Task<Outcome<ItemStep>>> rule,
        Func<BulletinItem, TResponse> answer)
        where TResponse : class, IMessage<TResponse>, new()
    {
        var call = context.Call();
        return commands.RunAsync(context, request, requestId, async command =>
        {
            var current = await BulletinStore.FindAsync(Guid.Parse(itemId), command)
                ?? throw call.NotFound(BulletinErrors.NotFound, itemId);
            call.Authorize(current.Territory);
            Commands.RequireEtag(etag, current.Version);
            var people = await drafts.PeopleAsync(current.PeopleOf, command.Cancellation);
            var step = (await rule(current, people, command)).OrRefuse();
            BulletinStore.Save(command, command.Actor, current, step);
            return answer(BulletinMessages.ToMessage(step.Next));
        });
    }

    /// <summary>A place of the caller's city: its bulletin is for everybody there.</summary>
    private static TerritoryCode PublicPlace(string territory, ServerCallContext context)
    {
        var (place, own) = (TerritoryCode.Parse(territory), context.Call().Caller.Territory);
        if (!own.Contains(place) && own.AtLevel(TerritoryLevel.City) != place.AtLevel(TerritoryLevel.City))
            throw new RefusedException(CommonErrors.OutsideTerritory.With());
        RequirePlace(place);
        return place;
    }

    private static void RequirePlace(TerritoryCode place)
    {
        if (place.Level is not (TerritoryLevel.Grid or TerritoryLevel.Community))
            throw new RefusedException(BulletinErrors.TerritoryInvalid.With());
    }
}
