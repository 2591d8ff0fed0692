using Governance.Cli.Commands;
using Governance.Grids.V1;
using Shouldly;
using Xunit;

namespace Governance.Cli.Tests;

public sealed class PolicyCommandsTests
{
    public static TheoryData<string> Kinds =>
        [.. Policy.Descriptor.Oneofs.Single(oneof => oneof.Name == "content").Fields.Select(content => content.Name)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_kind_of_policy_is_named_and_told_in_one_line(string kind)
    {
        var field = Policy.Descriptor.FindFieldByName(kind);
        var policy = new Policy();
        field.Accessor.SetValue(policy, AnyService.Filled(field.MessageType));

        PolicyCommands.KindOf(policy).ShouldBe(kind);
        var content = PolicyCommands.ContentOf(policy);
        content.ShouldNotBeNullOrWhiteSpace();
        content.ShouldNotContain("\n");
    }

    [Fact]
    public void Working_hours_are_told_of_the_whole_year_or_by_season()
    {
        WorkingSpan Span(int from, int to) => new() { FromMinute = from * 60, ToMinute = (to * 60) + 30 };
        PolicyCommands.ContentOf(new Policy { WorkingHours = new WorkingHours { Spans = { Span(8, 11), Span(14, 17) } } })
            .ShouldBe("08:00 to 11:30, 14:00 to 17:30");
        var seasons = new WorkingHours
        {
            Seasons =
            {
                new WorkingSeason { FromMonth = 5, FromDay = 1, Spans = { Span(9, 13), Span(16, 19) } },
                new WorkingSeason { FromMonth = 10, FromDay = 1, Spans = { Span(10, 13) } },
            },
        };
        PolicyCommands.ContentOf(new Policy { WorkingHours = seasons })
            .ShouldBe("from 05-01: 09:00 to 13:30, 16:00 to 19:30; from 10-01: 10:00 to 13:30");
    }
}
