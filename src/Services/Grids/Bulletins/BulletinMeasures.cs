using Governance.Grids.V1;
using Governance.ServiceDefaults.Indicators;

namespace Governance.Grids.Bulletins;

public static class BulletinMeasures
{
    public static readonly IReadOnlyList<Measure> All =
    [
        new("bulletin_items", "专栏内容", "Items of bulletins", "bulletin_items")
        {
            Instants = [new("drafted", "drafted_at"), new("published", "published_at"), new("withdrawn", "withdrawn_at")],
            Dimensions =
            [
                Dimension.Of<BulletinSection>("section"), Dimension.Of<BulletinItemState>("state"), Dimension.Of<BulletinSource>("source"),
            ],
        },
        new("bulletins", "居民一家亲专栏", "Issues of bulletins with something in them",
            "(select b.*, b.territory || '/' || b.number as code from bulletin_issues b where exists ("
            + "select from bulletin_items i where i.territory = b.territory and i.period = b.period and i.state = 2))")
        {
            Id = "code",
            IdType = "text",
            Instants = [new("opened", "opened_at")],
        },
    ];
}
