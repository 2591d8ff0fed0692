using Google.Protobuf.WellKnownTypes;
using Governance.Common.V1;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Grpc;
using Governance.ServiceDefaults.Paging;
using Grpc.Core;
using DestinationMessage = Governance.Common.V1.Destination;
using DeliveryMessage = Governance.Common.V1.Delivery;

namespace Governance.ServiceDefaults.Webhooks;

public sealed class DestinationService(
    DestinationStore store, DeliveryStore deliveries, WebhookRoutes routes, NetworkGuard guard, PublishedEvents published, Commands commands)
    : Destinations.DestinationsBase
{
    public override async Task<RegisterDestinationResponse> RegisterDestination(
        RegisterDestinationRequest request, ServerCallContext context)
    {
        var territory = context.Call().TerritoryOrOwn(request.Territory).ToString();
        var response = await commands.RunAsync(context, request, request.RequestId, async command =>
        {
            var id = command.NewId();
            var asked = new Destination(
                id, territory, request.Name, request.Url, [.. request.Events.Distinct(StringComparer.Ordinal)], DestinationState.Active,
                store.Encrypted(id, Signing.NewSecret()), 1, null, null, command.Now, 1);
            var made = DestinationRules.Register(asked, await DestinationStore.CountAsync(command), guard, published).OrRefuse();
            DestinationStore.Add(command, made);
            return new RegisterDestinationResponse { Destination = ToMessage(made) };
        });
        await routes.RefreshAsync(context.CancellationToken);
        // Told outside of the answer that is kept for repeats: the secret lies nowhere in plain.
        response.Secret = await SecretAsync(response.Destination, context);
        return response;
    }

    public override async Task<GetDestinationResponse> GetDestination(GetDestinationRequest request, ServerCallContext context) =>
        new() { Destination = ToMessage(await ReadAsync(request.Id, context)) };

    public override async Task<ListDestinationsResponse> ListDestinations(ListDestinationsRequest request, ServerCallContext context)
    {
        var range = context.Call().TerritoryOrOwn(request.Territory).PrefixRange;
        var page = Page.Of(request, request.PageSize, request.PageToken, keys: 1);
        var found = await store.ListAsync(range, page, context.CancellationToken);
        var response = new ListDestinationsResponse { NextPageToken = page.Next(found, d => [d.Id.ToString()]) };
        response.Destinations.Add(found.Select(ToMessage));
        return response;
    }

    public override async Task<PauseDestinationResponse> PauseDestination(PauseDestinationRequest request, ServerCallContext context)
    {
        var response = await commands.RunAsync(context, request, request.RequestId, async command => new PauseDestinationResponse
        {
            Destination = await ChangeAsync(
                command, context.Call(), request.Id, request.Etag, d => DestinationRules.Move(d, DestinationState.Paused)),
        });
        await routes.RefreshAsync(context.CancellationToken);
        return response;
    }

    public override async Task<ResumeDestinationResponse> ResumeDestination(ResumeDestinationRequest request, ServerCallContext context)
    {
        var response = await commands.RunAsync(context, request, request.RequestId, async command => new ResumeDestinationResponse
        {
            Destination = await ChangeAsync(
                command, context.Call(), request.Id, request.Etag, d => DestinationRules.Move(d, DestinationState.Active)),
        });
        await routes.RefreshAsync(context.CancellationToken);
        routes.Written();
        return response;
    }

    public override async Task<DeleteDestinationResponse> DeleteDestination(DeleteDestinationRequest request, ServerCallContext context)
    {
        var response = await commands.RunAsync(context, request, request.RequestId, async command =>
        {
            DestinationStore.Remove(command, await CurrentAsync(command, context.Call(), request.Id, request.Etag));
            return new DeleteDestinationResponse();
        });
        await routes.RefreshAsync(context.CancellationToken);
        return response;
    }

    public override async Task<RotateSecretResponse> RotateSecret(RotateSecretRequest request, ServerCallContext context)
    {
        var response = await commands.RunAsync(context, request, request.RequestId, async command => new RotateSecretResponse
        {
            Destination = await ChangeAsync(
                command, context.Call(), request.Id, request.Etag,
                d => DestinationRules.Rotate(d, store.Encrypted(d.Id, Signing.NewSecret()), command.Now)),
        });
        await routes.RefreshAsync(context.CancellationToken);
        response.Secret = await SecretAsync(response.Destination, context);
        return response;
    }

    public override async Task<ListDeliveriesResponse> ListDeliveries(ListDeliveriesRequest request, ServerCallContext context)
    {
        var destination = await ReadAsync(request.DestinationId, context);
        var page = Page.Of(request, request.PageSize, request.PageToken, keys: 1);
        var found = await deliveries.ListAsync(destination.Id, request.State, page, context.CancellationToken);
        var response = new ListDeliveriesResponse { NextPageToken = page.Next(found, d => [d.Id.ToString()]) };
        response.Deliveries.Add(found.Select(ToMessage));
        return response;
    }

    public override async Task<RetryDeliveryResponse> RetryDelivery(RetryDeliveryRequest request, ServerCallContext context)
    {
        var call = context.Call();
        var response = await commands.RunAsync(context, request, request.RequestId, async command =>
        {
            var current = await DeliveryStore.FindAsync(Guid.Parse(request.Id), command)
                ?? throw call.NotFound(WebhookErrors.DeliveryNotFound, request.Id);
            var destination = await DestinationStore.FindAsync(current.DestinationId, command)
                ?? throw call.NotFound(WebhookErrors.DeliveryNotFound, request.Id);
            call.Authorize(destination.Territory);
            return new RetryDeliveryResponse { Delivery = ToMessage(DeliveryStore.Retry(command, current, destination.Territory)) };
        });
        routes.Written();
        return response;
    }

    private async Task<Destination> ReadAsync(string id, ServerCallContext context)
    {
        var call = context.Call();
        var found = await store.FindAsync(Guid.Parse(id), context.CancellationToken) ?? throw call.NotFound(WebhookErrors.NotFound, id);
        call.Authorize(found.Territory);
        return found;
    }

    private static async Task<Destination> CurrentAsync(Command command, Call call, string id, string etag)
    {
        var current = await DestinationStore.FindAsync(Guid.Parse(id), command) ?? throw call.NotFound(WebhookErrors.NotFound, id);
        call.Authorize(current.Territory);
        Commands.RequireEtag(etag, current.Version);
        return current;
    }

    private static async Task<DestinationMessage> ChangeAsync(
        Command command, Call call, string id, string etag, Func<Destination, Destination> change)
    {
        var current = await CurrentAsync(command, call, id, etag);
        var next = change(current);
        DestinationStore.Save(command, current, next);
        return ToMessage(next);
    }

    private Task<string> SecretAsync(DestinationMessage of, ServerCallContext context) =>
        store.SecretAsync(Guid.Parse(of.Id), of.SecretVersion, context.CancellationToken);

    private static DestinationMessage ToMessage(Destination from)
    {
        var message = new DestinationMessage
        {
            Id = from.Id.ToString(),
            Territory = from.Territory,
            Name = from.Name,
            Url = from.Url,
            State = from.State,
            SecretVersion = from.SecretVersion,
            OldSecretUntil = from.OldSecretUntil?.ToTimestamp(),
            RegisteredAt = from.RegisteredAt.ToTimestamp(),
            Etag = Commands.Etag(from.Version),
        };
        message.Events.Add(from.Events);
        return message;
    }

    private static DeliveryMessage ToMessage(Delivery from) => new()
    {
        Id = from.Id.ToString(),
        DestinationId = from.DestinationId.ToString(),
        EventId = from.EventId.ToString(),
        Event = from.Event,
        Territory = from.Territory,
        HappenedAt = from.HappenedAt.ToTimestamp(),
        State = from.State,
        Tries = from.Tries,
        DueAt = from.DueAt?.ToTimestamp(),
        TriedAt = from.TriedAt?.ToTimestamp(),
        Status = from.Status,
        Error = from.Error,
    };
}
