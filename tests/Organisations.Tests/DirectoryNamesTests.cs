using Governance.Organisations.Directory;
using Shouldly;
using Xunit;

namespace Governance.Organisations.Tests;

public sealed class DirectoryNamesTests
{
    [Theory]
    [InlineData("ABC公司", "abc公司")]
    [InlineData("ＡＢＣ（示例）１", "abc(示例)1")]
    [InlineData("春秋社区", "春秋社区")]
    public void Case_and_width_make_no_difference(string name, string folded) => DirectoryNames.Fold(name).ShouldBe(folded);

    [Fact]
    public void Every_word_is_looked_for_once_wherever_it_stands() =>
        DirectoryNames.Patterns(" 春秋　社区 春秋\t").ShouldBe(["%春秋%", "%社区%"]);

    [Theory]
    [InlineData("100%", @"%100\%%")]
    [InlineData("a_b", @"%a\_b%")]
    [InlineData(@"a\b", @"%a\\b%")]
    [InlineData("％", @"%\%%")]
    public void Wildcards_in_a_word_stand_for_themselves(string query, string pattern) =>
        DirectoryNames.Patterns(query).ShouldBe([pattern]);
}
