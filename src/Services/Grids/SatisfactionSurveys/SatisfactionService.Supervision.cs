using Google.Protobuf.WellKnownTypes;
using Governance.Grids.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Grpc;
using Governance.ServiceDefaults.Identity;
using Governance.ServiceDefaults.Paging;
using Governance.ServiceDefaults.Privacy;
using Grpc.Core;

namespace Governance.Grids.SatisfactionSurveys;

/// <summary>Supervisors, and what they review by lot.</summary>
public sealed partial class SatisfactionService
{
    public override Task<AppointSupervisorResponse> AppointSupervisor(AppointSupervisorRequest request, ServerCallContext context)
    {
        var territory = TerritoryCode.Parse(request.Territory);
        context.Call().Authorize(territory);
        return commands.RunAsync(context, request, request.RequestId, async command =>
        {
            var appointed = SupervisionRules.Appoint(
                new Supervisor(
                    command.NewId(), territory.ToString(), request.Subject, request.Kind, IsoDate.Parse(request.From),
                    IsoDate.Parse(request.Until), 0),
                await TodayAsync(territory.ToString(), command)).OrRefuse();
            var term = await SupervisionStore.TermAsync(appointed, command)
                ?? throw new RefusedException(SupervisionErrors.SupervisorExists.With());
            SupervisionStore.Add(command, appointed, term);
            return new AppointSupervisorResponse { Supervisor = SatisfactionMessages.ToMessage(appointed) };
        });
    }

    public override Task<EndSupervisorResponse> EndSupervisor(EndSupervisorRequest request, ServerCallContext context)
    {
        var call = context.Call();
        return commands.RunAsync(context, request, request.RequestId, async command =>
        {
            var current = await SupervisorOfAsync(request.SupervisorId, command, call);
            Commands.RequireEtag(request.Etag, current.Version);
            var ended = SupervisionRules.End(current, await TodayAsync(current.Territory, command)).OrRefuse();
            SupervisionStore.Save(command, current, ended);
            return new EndSupervisorResponse { Supervisor = SatisfactionMessages.ToMessage(ended) };
        });
    }

    public override async Task<ListSupervisorsResponse> ListSupervisors(ListSupervisorsRequest request, ServerCallContext context)
    {
        var range = context.Call().TerritoryOrOwn(request.Territory).PrefixRange;
        var page = Page.Of(request, request.PageSize, request.PageToken, keys: 1);
        var found = await supervision.ListAsync(range, page, context.CancellationToken);
        var response = new ListSupervisorsResponse { NextPageToken = page.Next(found, s => [s.Id.ToString()]) };
        response.Supervisors.Add(found.Select(SatisfactionMessages.ToMessage));
        return response;
    }

    public override Task<DrawCasesResponse> DrawCases(DrawCasesRequest request, ServerCallContext context)
    {
        var call = context.Call();
        return commands.RunAsync(context, request, request.RequestId, async command =>
        {
            var of = await SupervisorOfAsync(request.SupervisorId, command, call);
            var rules = await policies.OfAsync(of.Territory, command.Cancellation);
            SupervisionRules.Serving(of, rules.LocalDate(command.Now)).OrRefuse();
            var (from, until) = (IsoDate.Parse(request.From), IsoDate.Parse(request.Until));
            var size = SupervisionRules.MayDraw(from, until, request.Size, rules, command.Now).OrRefuse();
            // Not to be foreseen by whoever draws, and kept for whoever draws again.
            var seed = command.NewId().ToString("N");
            var offset = rules.LocalTime(command.Now).Offset;
            var (drawn, population) = await SupervisionStore.SampleAsync(
                of, (StartOf(from, offset), StartOf(until.AddDays(1), offset)), TerritoryCode.Parse(of.Territory).PrefixRange, seed,
                size, command);
            if (drawn is [])
                throw new RefusedException(SupervisionErrors.NothingToDraw.With());
            var draw = new Draw(command.NewId(), of.Id, of.Territory, from, until, seed, population, command.Now);
            SupervisionStore.Add(command, draw, drawn);
            var shown = await ShownAsync(
                await SupervisionStore.CasesAsync([.. drawn.Select(d => d.Id)], command), command.Cancellation);
            return new DrawCasesResponse { Draw = SatisfactionMessages.ToMessage(draw, shown) };
        });
    }

    public override async Task<GetDrawResponse> GetDraw(GetDrawRequest request, ServerCallContext context)
    {
        var call = context.Call();
        var draw = await supervision.FindDrawAsync(Guid.Parse(request.Id), context.CancellationToken)
            ?? throw call.NotFound(SupervisionErrors.DrawNotFound, request.Id);
        var of = (await supervision.FindAsync(draw.SupervisorId, context.CancellationToken))!;
        call.Authorize(draw.Territory, await IsServingAsync(of, context.CancellationToken) ? OwnAs(of, call) : []);
        var shown = await ShownAsync(await supervision.CasesAsync(draw.Id, context.CancellationToken), context.CancellationToken);
        return new GetDrawResponse { Draw = SatisfactionMessages.ToMessage(draw, shown) };
    }

    public override async Task<ListDrawsResponse> ListDraws(ListDrawsRequest request, ServerCallContext context)
    {
        var call = context.Call();
        // Who may not see a territory's sees what is the own, while it is.
        var range = (call.HasReach ? call.TerritoryOrOwn(request.Territory) : TerritoryCode.All).PrefixRange;
        var page = Page.Of(request, request.PageSize, request.PageToken, keys: 1);
        var found = await supervision.ListDrawsAsync(
            range, call.HasReach ? null : await ServingAsync(call.Caller.Subject, context.CancellationToken), page, context.CancellationToken);
        var response = new ListDrawsResponse { NextPageToken = page.Next(found, d => [d.Id.ToString()]) };
        response.Draws.Add(found.Select(d => SatisfactionMessages.ToMessage(d)));
        return response;
    }

    public override Task<ReviewDrawnCaseResponse> ReviewDrawnCase(ReviewDrawnCaseRequest request, ServerCallContext context)
    {
        var call = context.Call();
        return commands.RunAsync(context, request, request.RequestId, async command =>
        {
            var draw = await SupervisionStore.FindDrawAsync(Guid.Parse(request.DrawId), command)
                ?? throw call.NotFound(SupervisionErrors.DrawNotFound, request.DrawId);
            var of = (await SupervisionStore.FindAsync(draw.SupervisorId, command))!;
            call.Authorize(draw.Territory, OwnAs(of, call));
            var rules = await policies.OfAsync(draw.Territory, command.Cancellation);
            SupervisionRules.Serving(of, rules.LocalDate(command.Now)).OrRefuse();
            var current = await SupervisionStore.DrawnAsync(draw.Id, Guid.Parse(request.CaseId), command)
                ?? throw new RefusedException(SupervisionErrors.CaseNotDrawn.With());
            var next = SupervisionRules.Review(
                current, [.. request.Marks.Select(m => new Mark(m.Aspect, m.Mark))], request.Finding, rules, command.Now).OrRefuse();
            SupervisionStore.Save(command, draw, current, next);
            var reviewed = (await ShownAsync(await SupervisionStore.CasesAsync([current.CaseId], command), command.Cancellation))[0];
            reviewed.Marks.Add(request.Marks);
            reviewed.Finding = next.Finding;
            reviewed.ReviewedAt = next.ReviewedAt!.Value.ToTimestamp();
            return new ReviewDrawnCaseResponse { Case = reviewed };
        });
    }

    /// <summary>Supervisors are residents too: they see what was done, and nothing of those for whom.</summary>
    private async Task<List<DrawnCase>> ShownAsync(List<DrawnCase> drawn, CancellationToken cancellation)
    {
        var people = await casePeople.OfAsync(drawn.ConvertAll(d => Guid.Parse(d.CaseId)), cancellation);
        foreach (var shown in drawn)
        {
            var behind = people[Guid.Parse(shown.CaseId)].ToList();
            shown.Title = Redaction.Clean(shown.Title, behind).Text;
            shown.Answer = Redaction.Clean(shown.Answer, behind).Text;
        }
        return drawn;
    }

    private static async Task<Supervisor> SupervisorOfAsync(string id, Command command, Call call)
    {
        var found = await SupervisionStore.FindAsync(Guid.Parse(id), command)
            ?? throw call.NotFound(SupervisionErrors.SupervisorNotFound, id);
        call.Authorize(found.Territory);
        return found;
    }

    private static string[] OwnAs(Supervisor of, Call call) =>
        of.Subject == call.Caller.Subject ? [Roles.Resident, Roles.GridWorker, Roles.Volunteer] : [];

    /// <summary>A term that is over shows nothing more: what was drawn is told as it stands now.</summary>
    private async Task<bool> IsServingAsync(Supervisor of, CancellationToken cancellation) =>
        SupervisionRules.Serving(of, (await policies.OfAsync(of.Territory, cancellation)).LocalDate(clock.GetUtcNow())).Refusal is null;

    private async Task<Guid[]> ServingAsync(string subject, CancellationToken cancellation)
    {
        var serving = new List<Guid>();
        foreach (var term in await supervision.OfSubjectAsync(subject, cancellation))
            if (await IsServingAsync(term, cancellation))
                serving.Add(term.Id);
        return [.. serving];
    }

    private async Task<DateOnly> TodayAsync(string territory, Command command) =>
        (await policies.OfAsync(territory, command.Cancellation)).LocalDate(command.Now);

    private static DateTimeOffset StartOf(DateOnly day, TimeSpan offset) => new(day.ToDateTime(TimeOnly.MinValue), offset);
}
