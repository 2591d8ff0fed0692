using FsCheck;
using FsCheck.Fluent;
using Governance.Common.V1;
using Governance.ServiceDefaults.Privacy;
using Shouldly;
using Xunit;

namespace Governance.ServiceDefaults.Tests;

/// <summary>What is taken out of texts, and that nothing of it stays over random texts.</summary>
public sealed class RedactionTests
{
    private static readonly string[] Words =
        ["路灯", "3号楼", "不亮", "，", "请联系", " ", "2026-03-09", "共1200元", "12345", "：", "晚上", "\n", "A区", "。"];

    private static readonly string[] Gaps = ["", " ", "-", ".", "－", "  "];

    private static readonly Person Wang = new()
    {
        Name = "王植入",
        Phone = "13955550001",
        CitizenId = "34060319900101123X",
        Home = "植入小区9栋901",
    };

    [Theory]
    [InlineData("联系人电话13955550001", "联系人电话***")]
    [InlineData("打139-5555-0001或139 5555 0002", "打***或***")]
    [InlineData("＋８６１３９５５５５０００１说的", "***说的")]
    [InlineData("加我一三九五五五五零零零幺", "加我***")]
    [InlineData("(0561)3012345是他家", "***是他家")]
    [InlineData("座机：3012345", "座机：***")]
    [InlineData("身份证34060319900101123x丢了", "身份证***丢了")]
    [InlineData("身份证 340603 19900101 1234", "身份证 ***")]
    [InlineData("卡号6222 0212 3456 7890 123", "卡号***")]
    [InlineData("邮箱 wang.zr@example.com 收", "邮箱 *** 收")]
    public void Numbers_of_people_are_removed_however_they_are_written(string given, string kept) =>
        Redaction.Clean(given, []).Text.ShouldBe(kept);

    [Theory]
    [InlineData("2026年3月9日晚上8点，3号楼2单元路灯不亮")]
    [InlineData("请拨打12345，编号20260309001")]
    [InlineData("2026-03-09至2026-03-12停水，共涉及1500户，投入1200000元")]
    [InlineData("第一三九号决议由三十五人通过")]
    [InlineData("")]
    public void What_names_nobody_is_left_alone(string text) => Redaction.Clean(text, [Wang]).ShouldBe((text, 0));

    [Fact]
    public void What_is_known_of_people_is_removed()
    {
        var (text, removed) = Redaction.Clean("王 植入家住植入小区９栋９０１，号码139 5555 0001，王植入称", [Wang]);
        (text, removed).ShouldBe(("***家住***，号码***，***称", 4));
        var others = new[]
        {
            new Person { Name = "买买提·艾力", Home = "惠黎社区3-2-401" }, new Person { Name = "王𬱖明", Email = "wang.xm@example.org" }, new Person { Name = "李𬱖" },
        };
        Redaction.Clean("买买提·艾力、买买提艾力和买买提•艾力家在惠黎社区3-2-401（惠黎社区3号2单元401）", others).Text.ShouldBe("***、***和***家在***（惠黎社区3号2单元401）");
        Redaction.Clean("王𬱖明和李𬱖写信到wang.xm@example.org", others).Text.ShouldBe("***和***写信到***");
        Redaction.Without("Wang.XM @ example.org", others).ShouldBe("***");
        // A single character would be found everywhere.
        Redaction.Clean("王家井路积水", [new Person { Name = "王" }]).Removed.ShouldBe(0);
    }

    [Fact]
    public void Planted_values_are_in_no_text_that_is_kept_over_random_texts() =>
        Prop.ForAll(Gen.ArrayOf(Gen.Choose(0, 999_999), 40).ToArbitrary(), choices =>
        {
            var planted = new[] { Wang.Name, Wang.Phone, Wang.CitizenId, Wang.Home };
            var given = string.Concat(choices.Select(c => (c % 5) switch
            {
                0 => Wang.Name,
                1 => "；" + Parted(Wang.Phone, c / 5) + "；",
                2 => "；" + Parted(Wang.CitizenId, c / 5) + "；",
                3 => Wang.Home,
                _ => Words[c / 5 % Words.Length],
            }));
            var (text, removed) = Redaction.Clean(given, [Wang]);
            var bare = string.Concat(text.Where(c => !Gaps.Any(g => g.Contains(c))));
            planted.ShouldAllBe(value => !bare.Contains(value));
            (removed > 0).ShouldBe(choices.Any(c => c % 5 < 4));
            // What is clean stays as it is.
            Redaction.Clean(text, [Wang]).ShouldBe((text, 0));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    private static string Parted(string number, int choice) =>
        string.Concat(number.Select((c, i) => i > 0 && i % 4 is 3 ? Gaps[(choice + i) % Gaps.Length] + c : c.ToString()));
}
