namespace Governance.Contracts.Events;

/// <summary>
/// Which service publishes an event, and which act on it. A publisher lays the routes before its first event, so that nothing is lost
/// when a consumer has never been started. Tests hold them against the events that each service makes, and the consumers that it
/// registers.
/// </summary>
public static class EventRoutes
{
    // Before what is made of it: static fields are set in the order of the text.
    private static readonly Dictionary<string, Dictionary<Type, EventRoute[]>> ByPublisher = new()
    {
        ["grids"] = new()
        {
            [typeof(CaseReported)] = [],
            [typeof(CaseDispatched)] = [new("properties", CaseDispatched.ToEstate), new("volunteers", CaseDispatched.ToVolunteers)],
            [typeof(CaseEscalated)] = [],
            [typeof(WhistleBlown)] = [new("organisations")],
            [typeof(WhistleClosed)] = [new("organisations")],
            [typeof(DispatchWithdrawn)] = [new("properties"), new("volunteers")],
            [typeof(CaseDeadlineMoved)] = [new("properties")],
            [typeof(AssignmentGiven)] = [],
            [typeof(SupervisionOrdered)] = [],
            [typeof(SupervisionReplied)] = [],
            [typeof(AssignmentObjected)] = [],
            [typeof(ObjectionRuled)] = [],
            [typeof(WhistleAppraised)] = [],
            [typeof(ConsultationDecided)] = [],
            [typeof(CaseAnswered)] = [],
            [typeof(CaseReopened)] = [],
            [typeof(CaseBanked)] = [],
            [typeof(CaseClosed)] = [],
            [typeof(CaseRejected)] = [],
            [typeof(CaseTransferred)] = [],
            [typeof(CaseReviewRequested)] = [],
            [typeof(CaseReviewDecided)] = [],
            [typeof(CaseMerged)] = [],
        },
        ["organisations"] = new()
        {
            [typeof(ResponderReported)] = [new("grids")],
        },
        ["properties"] = new()
        {
            [typeof(WorkOrderOpened)] = [new("grids")],
            [typeof(WorkOrderCompleted)] = [new("grids")],
            [typeof(WorkOrderDeclined)] = [new("grids")],
        },
        ["volunteers"] = new()
        {
            [typeof(ActivityOpened)] = [new("grids")],
            [typeof(ActivityCompleted)] = [new("grids")],
        },
    };

    /// <summary>Event type to the services whose queue it goes to.</summary>
    public static IReadOnlyDictionary<Type, EventRoute[]> Consumers { get; } = ByPublisher.Values.SelectMany(events => events).ToDictionary();

    /// <summary>The events of one service.</summary>
    public static IReadOnlyCollection<Type> PublishedBy(string service) =>
        ByPublisher.TryGetValue(service, out var events) ? events.Keys : [];
}

/// <summary>The queue of a service, and the routing key of the events that it wants; <c>#</c> for all of them.</summary>
public sealed record EventRoute(string Service, string RoutingKey = EventRoute.Any)
{
    public const string Any = "#";
}
