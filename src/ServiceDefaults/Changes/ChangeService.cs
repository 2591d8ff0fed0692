using System.Reflection;
using Governance.Common.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Grpc;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Governance.ServiceDefaults.Changes;

public sealed class ChangeService(ChangeFeed feed, TimeProvider clock) : Common.V1.Changes.ChangesBase
{
    public override async Task WatchChanges(
        WatchChangesRequest request, IServerStreamWriter<WatchChangesResponse> responseStream, ServerCallContext context)
    {
        var territory = context.Call().TerritoryOrOwn(request.Territory);
        var cancellation = context.CancellationToken;
        var cursor = request.Cursor.Length is 0 ? await feed.NowAsync(cancellation) : ChangeCursor.Parse(request.Cursor).OrRefuse();
        if (await feed.RefusalAsync(cursor, cancellation) is { } refusal)
            throw new RefusedException(refusal);
        await Watch.RunAsync(
            cursor,
            (from, stop) => feed.AfterAsync(from, change => IsWanted(change, territory, request.Capabilities), stop),
            at => new WatchChangesResponse { Cursor = at.ToString() },
            stop => Task.Delay(Watch.LookEvery, clock, stop),
            responseStream, clock, context.Call(), cancellation);
    }

    // What says of no territory whose it is, such as a look at personal data, is nobody's change.
    private static bool IsWanted(Change change, TerritoryCode territory, ICollection<string> capabilities) =>
        TerritoryCode.TryParse(change.Territory, out var where, out _)
        // Of many that were changed at once within a territory, some may lie within this part of it.
        && (territory.Contains(where) || (change.RecordId.Length is 0 && where.Contains(territory)))
        && (capabilities.Count is 0 || capabilities.Contains(change.Capability));
}

/// <summary>For services that tell integrators of their changes.</summary>
public static class ChangeSetup
{
    public static void AddChanges(this WebApplicationBuilder builder, Assembly service)
    {
        builder.Services.AddSingleton(new ChangeWords(service));
        builder.Services.AddSingleton<ChangeFeed>();
    }

    public static void MapChanges(this WebApplication app) => app.MapGrpcService<ChangeService>();
}
