using Governance.Organisations.V1;
using Governance.ServiceDefaults.Indicators;

namespace Governance.Organisations.Directory;

public static class DirectoryMeasures
{
    public static readonly Measure Organisations = new("organisations", "组织", "Organisations", "organisations")
    {
        Dimensions = [Dimension.Of<OrganisationKind>("kind"), new("industry", "nullif(industry, '')")],
    };
}
