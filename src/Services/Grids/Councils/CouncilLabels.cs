using Governance.Grids.V1;
using Governance.Primitives;

namespace Governance.Grids.Councils;

/// <summary>What people call the states of topics and of sessions, and those who vote.</summary>
public static class CouncilLabels
{
    public static Words Told(this TopicState state) => Words.Of(state, state switch
    {
        TopicState.Proposed => ("proposed", "已提出"),
        TopicState.Supported => ("supported", "附议足够"),
        TopicState.Consulted => ("consulted", "已协商"),
        TopicState.OnAgenda => ("on the agenda", "已列入议程"),
        TopicState.Adopted => ("adopted", "已通过"),
        TopicState.VotedDown => ("voted down", "已否决"),
        TopicState.CarriedOut => ("carried out", "已实施"),
        TopicState.Answered => ("answered", "已答复"),
        TopicState.Declined => ("declined", "不予列入"),
        _ => ("unspecified", "未指明"),
    });

    public static Words Told(this SessionState state) => Words.Of(state, state switch
    {
        SessionState.Convened => ("convened", "已召集"),
        SessionState.Held => ("held", "已召开"),
        SessionState.Approved => ("approved", "记录已确认"),
        SessionState.Cancelled => ("cancelled", "已取消"),
        _ => ("unspecified", "未指明"),
    });

    public static Words Told(this Electorate electorate) => Words.Of(electorate, electorate switch
    {
        Electorate.Members => ("members", "议事会成员"),
        Electorate.Residents => ("residents", "居民"),
        _ => ("unspecified", "未指明"),
    });
}
