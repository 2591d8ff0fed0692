using Governance.Grids.V1;
using Governance.Primitives;

namespace Governance.Grids.Bulletins;

/// <summary>What people call the states of items, their sections and what they are drafted from.</summary>
public static class BulletinLabels
{
    public static Words Told(this BulletinItemState state) => Words.Of(state, state switch
    {
        BulletinItemState.Draft => ("a draft", "草稿"),
        BulletinItemState.Published => ("published", "已发布"),
        BulletinItemState.Withdrawn => ("withdrawn", "已撤回"),
        _ => ("unspecified", "未指明"),
    });

    public static Words Told(this BulletinSection section) => Words.Of(section, section switch
    {
        BulletinSection.Topics => ("topics of this issue", "本期议题"),
        BulletinSection.Voices => ("residents' voices", "群众反映"),
        BulletinSection.Echo => ("echo wall", "回音壁"),
        _ => ("unspecified", "未指明"),
    });

    public static Words Told(this BulletinSource source) => Words.Of(source, source switch
    {
        BulletinSource.Case => ("cases", "事项"),
        BulletinSource.Topic => ("topics", "议题"),
        BulletinSource.Written => ("written by hand", "自行撰写"),
        _ => ("unspecified", "未指明"),
    });
}
