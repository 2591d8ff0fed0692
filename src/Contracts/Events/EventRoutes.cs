namespace Governance.Contracts.Events;

/// <summary>
/// Which service acts on which event. A publisher lays the routes before its first event, so that nothing is lost when a
/// consumer has never been started; a test holds them against the consumers that each service registers.
/// </summary>
public static class EventRoutes
{
    /// <summary>Event type to the services whose queue it goes to.</summary>
    public static IReadOnlyDictionary<Type, EventRoute[]> Consumers { get; } = new Dictionary<Type, EventRoute[]>
    {
        [typeof(CaseReported)] = [],
        [typeof(CaseDispatched)] = [new("properties", CaseDispatched.ToEstate), new("volunteers", CaseDispatched.ToVolunteers)],
        [typeof(CaseEscalated)] = [],
        [typeof(WhistleBlown)] = [new("organisations")],
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
        [typeof(ResponderReported)] = [new("grids")],
        [typeof(WorkOrderOpened)] = [new("grids")],
        [typeof(WorkOrderCompleted)] = [new("grids")],
        [typeof(WorkOrderDeclined)] = [new("grids")],
        [typeof(ActivityOpened)] = [new("grids")],
        [typeof(ActivityCompleted)] = [new("grids")],
    };
}

/// <summary>The queue of a service, and the routing key of the events that it wants; <c>#</c> for all of them.</summary>
public sealed record EventRoute(string Service, string RoutingKey = EventRoute.Any)
{
    public const string Any = "#";
}
