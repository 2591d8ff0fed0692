using Governance.Grids.V1;
using Grpc.Core;

namespace Governance.Cli.Tests;

internal sealed class FakeStaffing(FakeStack.Memory memory) : Staffing.StaffingBase
{
    public override async Task<ImportStaffResponse> ImportStaff(
        IAsyncStreamReader<ImportStaffRequest> requestStream, ServerCallContext context) =>
        new()
        {
            Summary = await memory.ImportAsync(
                requestStream, context, part => part.Header, part => part.Rows, row => $"{row.Territory}/{row.Subject}", "staff"),
        };

    public override async Task<ImportNeighbourGroupsResponse> ImportNeighbourGroups(
        IAsyncStreamReader<ImportNeighbourGroupsRequest> requestStream, ServerCallContext context) =>
        new()
        {
            Summary = await memory.ImportAsync(
                requestStream, context, part => part.Header, part => part.Rows, row => row.Code, "groups"),
        };

    public override async Task<ImportSquadsResponse> ImportSquads(
        IAsyncStreamReader<ImportSquadsRequest> requestStream, ServerCallContext context) =>
        new()
        {
            Summary = await memory.ImportAsync(
                requestStream, context, part => part.Header, part => part.Rows, row => row.Code, "squads"),
        };

    public override async Task<ImportExchangesResponse> ImportExchanges(
        IAsyncStreamReader<ImportExchangesRequest> requestStream, ServerCallContext context) =>
        new()
        {
            Summary = await memory.ImportAsync(
                requestStream, context, part => part.Header, part => part.Rows,
                row => $"{row.SquadCode}/{row.Kind}/{row.Day}", "exchanges"),
        };

    public override async Task<ImportVenuesResponse> ImportVenues(
        IAsyncStreamReader<ImportVenuesRequest> requestStream, ServerCallContext context) =>
        new() { Summary = await memory.ImportAsync(requestStream, context, part => part.Header, part => part.Rows, row => row.Code) };

    public override async Task<ImportStudiosResponse> ImportStudios(
        IAsyncStreamReader<ImportStudiosRequest> requestStream, ServerCallContext context) =>
        new() { Summary = await memory.ImportAsync(requestStream, context, part => part.Header, part => part.Rows, row => row.Code) };
}

internal sealed class FakeCouncils(FakeStack.Memory memory) : Councils.CouncilsBase
{
    public override async Task<ImportCouncilsResponse> ImportCouncils(
        IAsyncStreamReader<ImportCouncilsRequest> requestStream, ServerCallContext context) =>
        new()
        {
            Summary = await memory.ImportAsync(
                requestStream, context, part => part.Header, part => part.Rows, row => $"council/{row.Territory}", "councils"),
        };

    public override Task<ListCouncilsResponse> ListCouncils(ListCouncilsRequest request, ServerCallContext context)
    {
        var answer = new ListCouncilsResponse();
        if (memory.Rows.ContainsKey($"council/{request.Territory}"))
            answer.Councils.Add(new Council { Id = request.Territory, Territory = request.Territory });
        return Task.FromResult(answer);
    }

    public override Task<ListTopicsResponse> ListTopics(ListTopicsRequest request, ServerCallContext context) => Task.FromResult(
        new ListTopicsResponse { Topics = { memory.Topics.Values.Where(topic => topic.CouncilId == request.CouncilId) } });

    public override Task<ProposeTopicResponse> ProposeTopic(ProposeTopicRequest request, ServerCallContext context)
    {
        var topic = new Topic
        {
            Id = request.RequestId,
            CouncilId = request.CouncilId,
            Title = request.Title,
            State = TopicState.Supported,
        };
        memory.Topics[topic.Id] = topic;
        return Task.FromResult(new ProposeTopicResponse { Topic = topic });
    }

    public override Task<ConsultTopicResponse> ConsultTopic(ConsultTopicRequest request, ServerCallContext context)
    {
        memory.Topics[request.TopicId].State = TopicState.Consulted;
        return Task.FromResult(new ConsultTopicResponse { Topic = memory.Topics[request.TopicId] });
    }
}
