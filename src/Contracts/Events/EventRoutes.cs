namespace Governance.Contracts.Events;

/// <summary>
/// Which service acts on which event. A publisher lays the routes before its first event, so that nothing is lost when a
/// consumer has never been started; a test holds them against the consumers that each service registers.
/// </summary>
public static class EventRoutes
{
    /// <summary>Event type to the names of the services whose queue it goes to.</summary>
    public static IReadOnlyDictionary<Type, string[]> Consumers { get; } = new Dictionary<Type, string[]>
    {
        [typeof(CaseReported)] = [],
        [typeof(CaseDispatched)] = ["properties", "volunteers"],
        [typeof(CaseEscalated)] = [],
        [typeof(WhistleBlown)] = ["organisations"],
        [typeof(DispatchWithdrawn)] = ["properties", "volunteers"],
        [typeof(AssignmentObjected)] = [],
        [typeof(ObjectionRuled)] = [],
        [typeof(WhistleAppraised)] = [],
        [typeof(ConsultationDecided)] = [],
        [typeof(CaseClosed)] = [],
        [typeof(CaseRejected)] = [],
        [typeof(CaseTransferred)] = [],
        [typeof(CaseReviewDecided)] = [],
        [typeof(CaseMerged)] = [],
        [typeof(ResponderReported)] = ["grids"],
        [typeof(WorkOrderOpened)] = ["grids"],
        [typeof(WorkOrderCompleted)] = ["grids"],
        [typeof(WorkOrderDeclined)] = ["grids"],
        [typeof(ActivityOpened)] = ["grids"],
        [typeof(ActivityCompleted)] = ["grids"],
    };
}
