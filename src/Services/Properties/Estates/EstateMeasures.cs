using Governance.Properties.V1;
using Governance.ServiceDefaults.Indicators;

namespace Governance.Properties.Estates;

public static class EstateMeasures
{
    public static readonly Measure Estates = new("estates", "住宅小区", "Residential estates", "estates")
    {
        Dimensions = [Dimension.Of<ManagementMode>("mode"), new("company", "case when company_id is null then 'no' else 'yes' end", "yes", "no")],
        Numbers = [new("households", "households")],
    };
}
