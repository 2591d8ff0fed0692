using Google.Protobuf.WellKnownTypes;
using Governance.ServiceDefaults.Database;

namespace Governance.Properties.WorkOrders;

/// <summary>Work orders as callers see them.</summary>
public static class WorkOrderMessages
{
    public static V1.WorkOrder ToMessage(WorkOrder from, DateTimeOffset now) => AsOf(
        new V1.WorkOrder
        {
            Id = from.Id.ToString(),
            CaseId = from.CaseId.ToString(),
            EstateId = from.EstateId.ToString(),
            EstateName = from.EstateName,
            Territory = from.Territory,
            CompanyId = from.CompanyId.ToString(),
            Title = from.Title,
            State = from.State,
            DueAt = from.DueAt.ToTimestamp(),
            ProvisionalYear = from.ProvisionalYear,
            Result = from.Result,
            OpenedAt = from.OpenedAt.ToTimestamp(),
            EndedAt = from.EndedAt?.ToTimestamp(),
            Etag = Commands.Etag(from.Version),
        },
        now);

    /// <summary>Sets what depends on the time of the answer; everything else may come from the cache.</summary>
    public static V1.WorkOrder AsOf(V1.WorkOrder message, DateTimeOffset now)
    {
        message.Overdue = WorkOrderRules.IsOverdue(message.DueAt.ToDateTimeOffset(), message.EndedAt?.ToDateTimeOffset(), now);
        return message;
    }
}
