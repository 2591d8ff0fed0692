using Governance.Properties.V1;
using Governance.ServiceDefaults.Indicators;

namespace Governance.Properties.WorkOrders;

public static class WorkOrderMeasures
{
    public static readonly Measure WorkOrders = new("work_orders", "物业工单", "Work orders", "work_orders")
    {
        Instants = [new("opened", "opened_at"), new("ended", "ended_at"), new("due", "case when ended_at is null then due_at end")],
        Dimensions =
        [
            Dimension.Of<WorkOrderState>("state"), new("open", "case when ended_at is null then 'yes' else 'no' end", "yes", "no"),
            new("estate", "estate_id"), new("company", "company_id"),
        ],
    };
}
