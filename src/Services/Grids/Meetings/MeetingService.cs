using Google.Protobuf;
using Governance.Grids.Boundaries;
using Governance.Grids.Cases;
using Governance.Grids.Policies;
using Governance.Grids.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Grpc;
using Governance.ServiceDefaults.Imports;
using Governance.ServiceDefaults.Indicators;
using Governance.ServiceDefaults.Paging;
using Grpc.Core;
using MeetingMessage = Governance.Grids.V1.Meeting;

namespace Governance.Grids.Meetings;

public sealed class MeetingService(
    MeetingStore store,
    CaseIntake intake,
    DirectoryGateway directory,
    BoundaryStore boundaries,
    PolicyStore policies,
    Commands commands,
    Importer importer,
    TimeProvider clock) : V1.Meetings.MeetingsBase
{
    public override Task<PlanMeetingResponse> PlanMeeting(PlanMeetingRequest request, ServerCallContext context)
    {
        var territory = TerritoryCode.Parse(request.Territory);
        context.Call().Authorize(territory);
        return commands.RunAsync(context, request, request.RequestId, async command =>
        {
            await boundaries.RequireAsync(territory, context);
            var planned = MeetingRules.Plan(
                command.NewId(), request.Kind, territory, request.StartsAt.ToDateTimeOffset(), request.Place, command.Now).OrRefuse();
            if (planned.Kind is MeetingKind.AnnualDebrief && await MeetingStore.HasDebriefAsync(planned, command))
                throw new RefusedException(MeetingErrors.DebriefTwice.With());
            MeetingStore.Add(command, planned);
            return new PlanMeetingResponse { Meeting = MeetingMessages.ToMessage(planned) };
        });
    }

    public override Task<CallMeetingResponse> CallMeeting(CallMeetingRequest request, ServerCallContext context) =>
        ActAsync(context, request, request.RequestId, request.MeetingId, request.Etag,
            async (current, command) =>
            {
                var debriefs = request.Debriefers
                    .Select(d => new Debriefing(command.NewId(), d.Subject, Guid.Parse(d.OrganisationId))).ToList();
                var called = MeetingRules.Call(current, request.Notice, request.Agenda, debriefs, command.Now);
                if (called.Refusal is not null)
                    return called;
                foreach (var organisation in request.Debriefers.Select(d => d.OrganisationId).Distinct())
                    (await directory.FindAsync(organisation, current.Territory, command.Cancellation)).OrRefuse();
                return called;
            },
            meeting => new CallMeetingResponse { Meeting = meeting });

    public override async Task<HoldMeetingResponse> HoldMeeting(HoldMeetingRequest request, ServerCallContext context)
    {
        var response = await ActAsync(context, request, request.RequestId, request.MeetingId, request.Etag,
            async (current, command) =>
            {
                var held = MeetingRules.Hold(
                    current, MeetingMessages.ToAttendance(request.Attendance), request.Minutes, command.Actor.Subject, [], command.Now);
                if (held.Refusal is not null)
                    return held;
                var matters = new List<Matter>();
                foreach (var (at, matter) in request.Matters.Index())
                {
                    Guid? opened = matter.OpenCase ? await OpenAsync(command, current, at, matter, context) : null;
                    matters.Add(new Matter(matter.Title, matter.Text, opened));
                }
                return held.OrRefuse() with { Matters = matters };
            },
            meeting => new HoldMeetingResponse { Meeting = meeting });
        if (response.Meeting.Matters.Any(m => m.OpenCase))
            intake.Opened();
        return response;
    }

    public override Task<CountAppraisalsResponse> CountAppraisals(CountAppraisalsRequest request, ServerCallContext context) =>
        ActAsync(context, request, request.RequestId, request.MeetingId, request.Etag,
            (current, command) => Task.FromResult(MeetingRules.CountAppraisals(
                current, Guid.Parse(request.DebriefId), MeetingMessages.ToAppraisal(request.Count), command.Actor.Subject, command.Now)),
            meeting => new CountAppraisalsResponse { Meeting = meeting });

    public override Task<WriteMeetingMinutesResponse> WriteMeetingMinutes(WriteMeetingMinutesRequest request, ServerCallContext context) =>
        ActAsync(context, request, request.RequestId, request.MeetingId, request.Etag,
            (current, command) => Task.FromResult(
                MeetingRules.WriteMinutes(current, request.Minutes, command.Actor.Subject, command.Now)),
            meeting => new WriteMeetingMinutesResponse { Meeting = meeting });

    public override Task<ApproveMeetingMinutesResponse> ApproveMeetingMinutes(
        ApproveMeetingMinutesRequest request, ServerCallContext context) =>
        ActAsync(context, request, request.RequestId, request.MeetingId, request.Etag,
            (current, command) => Task.FromResult(MeetingRules.Approve(current, command.Actor.Subject, command.Now)),
            meeting => new ApproveMeetingMinutesResponse { Meeting = meeting });

    public override Task<CancelMeetingResponse> CancelMeeting(CancelMeetingRequest request, ServerCallContext context) =>
        ActAsync(context, request, request.RequestId, request.MeetingId, request.Etag,
            (current, command) => Task.FromResult(MeetingRules.Cancel(current, request.Reason, command.Now)),
            meeting => new CancelMeetingResponse { Meeting = meeting });

    public override async Task<GetMeetingResponse> GetMeeting(GetMeetingRequest request, ServerCallContext context)
    {
        var call = context.Call();
        var found = await store.FindAsync(Guid.Parse(request.Id), context.CancellationToken)
            ?? throw call.NotFound(MeetingErrors.NotFound, request.Id);
        call.Authorize(found.Territory);
        return new GetMeetingResponse { Meeting = MeetingMessages.ToMessage(found) };
    }

    public override async Task<ListMeetingsResponse> ListMeetings(ListMeetingsRequest request, ServerCallContext context)
    {
        var range = context.Call().TerritoryOrOwn(request.Territory).PrefixRange;
        var page = Page.Of(request, request.PageSize, request.PageToken, keys: 2);
        var found = await store.ListAsync(range, request.Kind, request.State, page, context.CancellationToken);
        var response = new ListMeetingsResponse { NextPageToken = page.Next(found, m => [Page.Key(m.StartsAt), m.Id.ToString()]) };
        response.Meetings.Add(found.Select(MeetingMessages.ToMessage));
        return response;
    }

    public override async Task<ListDebriefResultsResponse> ListDebriefResults(
        ListDebriefResultsRequest request, ServerCallContext context)
    {
        var range = context.Call().TerritoryOrOwn(request.Territory).PrefixRange;
        var page = Page.Of(request, request.PageSize, request.PageToken, keys: 2);
        var found = await store.ResultsAsync(range, page, context.CancellationToken);
        var response = new ListDebriefResultsResponse { NextPageToken = page.Next(found, d => [Page.Key(d.HeldAt), d.Id.ToString()]) };
        response.Results.Add(found.Select(MeetingMessages.ToMessage));
        return response;
    }

    public override async Task<ListMissingMeetingsResponse> ListMissingMeetings(
        ListMissingMeetingsRequest request, ServerCallContext context)
    {
        var territory = context.Call().TerritoryOrOwn(request.Territory);
        // How often is a city's own rule.
        if (territory.AtLevel(TerritoryLevel.City) is null)
            throw new RefusedException(CommonErrors.Invalid(Violation.Of("territory", FieldErrors.Required)));
        var (rules, now) = (await policies.OfAsync(territory.ToString(), context.CancellationToken), clock.GetUtcNow());
        var day = request.On.Length is 0 ? rules.LocalDate(now) : IsoDate.Parse(request.On);
        var (from, until) = MeetingRules.StretchOf(request.Kind, day, rules, now).OrRefuse();
        var page = Page.Of(request, request.PageSize, request.PageToken, keys: 1);
        var found = await store.MissingAsync(
            territory.PrefixRange, request.Kind, (Days.StartOf(from), Days.StartOf(until.AddDays(1))), page, context.CancellationToken);
        var response = new ListMissingMeetingsResponse
        {
            From = IsoDate.Text(from),
            Until = IsoDate.Text(until),
            NextPageToken = page.Next(found, code => [code]),
        };
        response.Territories.Add(found);
        return response;
    }

    public override async Task<ImportMeetingsResponse> ImportMeetings(
        IAsyncStreamReader<ImportMeetingsRequest> requestStream, ServerCallContext context) => new()
        {
            Summary = await importer.RunAsync(
                requestStream, context, m => (m.Header, m.Rows), new MeetingImport(clock.GetUtcNow())),
        };

    private async Task<Guid> OpenAsync(Command command, Meeting meeting, int at, MeetingMatter matter, ServerCallContext context)
    {
        if (MeetingRules.MatterProblem(meeting, at, matter.GridCode) is { } problem)
            throw new RefusedException(CommonErrors.OneOrInvalid([problem]));
        var grid = matter.GridCode.Length is 0 ? meeting.Territory : TerritoryCode.Parse(matter.GridCode).ToString();
        await boundaries.RequireAsync(grid, context);
        var channel = meeting.Kind is MeetingKind.BranchCouncil ? CaseChannel.Council : CaseChannel.JointMeeting;
        var report = new CaseReport(matter.Title, matter.Text, channel, Place: null, command.Actor.Subject);
        return (await intake.OpenAsync(command, command.NewId(), grid, report)).Id;
    }

    /// <summary>Every verb on a meeting: read it, check reach and etag, let the rule decide, write what it says.</summary>
    private Task<TResponse> ActAsync<TResponse>(
        ServerCallContext context,
        IMessage request,
        string requestId,
        string meetingId,
        string etag,
        Func<Meeting, Command, Task<Outcome<Meeting>>> rule,
        Func<MeetingMessage, TResponse> answer)
        where TResponse : class, IMessage<TResponse>, new()
    {
        var call = context.Call();
        return commands.RunAsync(context, request, requestId, async command =>
        {
            var current = await MeetingStore.FindAsync(Guid.Parse(meetingId), command)
                ?? throw call.NotFound(MeetingErrors.NotFound, meetingId);
            call.Authorize(current.Territory);
            Commands.RequireEtag(etag, current.Version);
            var next = (await rule(current, command)).OrRefuse();
            MeetingStore.Save(command, current, next);
            return answer(MeetingMessages.ToMessage(next));
        });
    }
}
