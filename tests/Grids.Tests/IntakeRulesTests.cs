using Governance.Grids.Intake;
using Governance.Grids.Policies;
using Governance.Grids.V1;
using Governance.TestKit;
using Shouldly;
using Xunit;
using Case = Governance.Grids.Cases.Case;

namespace Governance.Grids.Tests;

/// <summary>The tree of categories, and which cases may be about one matter.</summary>
public sealed class IntakeRulesTests
{
    private static readonly DuplicatePolicy Policy = new() { WithinMeters = 100, WithinDays = 10, LeastPercent = 50 };

    [Fact]
    public void A_category_has_the_limit_of_the_nearest_one_above_that_has_one()
    {
        var policy = GridsFixture.CasePolicy();
        var tree = new CategoryTree(policy);
        tree.LimitOf(tree.Find("gas")!).ShouldBe(tree.Find("danger")!.HandleWithin);
        tree.LimitOf(tree.Find("fire")!).Amount.ShouldBe(1);
        tree.MustBeVerified(tree.Find("fire")!).ShouldBeTrue();
        tree.Leaves.Select(c => c.Code).ShouldBe(["street_order", "gas", "fire", "illegal_construction"]);
    }

    [Theory]
    [InlineData("gas", "gas", "below itself")]
    [InlineData("gas", "nowhere", "parent nowhere")]
    [InlineData("danger", "fire", "below itself")]
    public void A_tree_that_is_none_is_refused(string code, string parent, string problem)
    {
        var policy = GridsFixture.CasePolicy();
        policy.Categories.Single(c => c.Code == code).Parent = parent;
        CategoryTree.ProblemOf(policy).ShouldNotBeNull().English.ShouldContain(problem);
    }

    [Fact]
    public void A_category_that_a_case_may_be_given_needs_a_limit_and_a_time_to_verify()
    {
        CategoryTree.ProblemOf(GridsFixture.CasePolicy()).ShouldBeNull();

        var unlimited = GridsFixture.CasePolicy();
        unlimited.Categories.Single(c => c.Code == "danger").HandleWithin = null;
        CategoryTree.ProblemOf(unlimited).ShouldNotBeNull().English.ShouldContain("gas");

        var unverified = GridsFixture.CasePolicy();
        unverified.VerifyWithin = null;
        CategoryTree.ProblemOf(unverified).ShouldNotBeNull().English.ShouldContain("verify_within");

        var deep = GridsFixture.CasePolicy();
        for (var level = 1; level <= CategoryTree.MaxLevels; level++)
            deep.Categories.Add(new CaseCategory { Code = $"level{level}", Name = "层级", Parent = level is 1 ? "gas" : $"level{level - 1}" });
        CategoryTree.ProblemOf(deep).ShouldNotBeNull().English.ShouldContain("5 levels");
    }

    [Fact]
    public void The_same_words_at_the_same_spot_are_surely_one_matter()
    {
        var current = Report("路灯不亮", (116.8, 33.9), "street_order");
        DuplicateRules.Propose(current, [Report("路灯不亮", (116.8, 33.9), "street_order")], Policy).Single().Percent.ShouldBe(100);
    }

    [Fact]
    public void The_further_away_and_the_less_alike_the_less_likely()
    {
        var current = Report("小区门口路灯不亮", (116.8, 33.9), "street_order");
        var near = Report("门口路灯不亮了", (116.8, 33.9001), "street_order");
        var further = Report("门口路灯不亮了", (116.8, 33.9006), "street_order");
        var other = Report("井盖丢失", (116.8, 33.9), "street_order");
        var far = Report("小区门口路灯不亮", (116.8, 33.902), "street_order");
        var found = DuplicateRules.Propose(current, [other, further, far, near], Policy);
        found.Select(l => l.Other).ShouldBe([near, further, other]);
        found[0].DistanceM!.Value.ShouldBe(11.1, 0.1);
        (found[2].WordsPercent, found[2].Percent).ShouldBe((0, 50));
    }

    [Fact]
    public void Without_a_point_only_the_same_grid_counts()
    {
        var current = Report("路灯不亮", null);
        var elsewhere = Report("路灯不亮", null) with { Territory = GridsFixture.NextGrid };
        var here = Report("路灯不亮", (116.8, 33.9));
        var found = DuplicateRules.Propose(current, [elsewhere, here], Policy).ShouldHaveSingleItem();
        (found.Other, found.Percent, found.DistanceM).ShouldBe((here, 75, null));
    }

    private static Case Report(string title, (double, double)? place, string category = "") => new()
    {
        Id = Guid.NewGuid(),
        Number = 1,
        Territory = GridsFixture.Grid,
        Holder = GridsFixture.Community,
        Title = title,
        Description = "",
        Place = place,
        Channel = CaseChannel.Hotline,
        Reporter = "",
        State = CaseState.Assessed,
        Category = category,
        AssessBy = null,
        PolicyVersion = 1,
        Steps = 1,
        ReportedAt = ServiceFixture.Morning,
        UpdatedAt = ServiceFixture.Morning,
        Version = 1,
    };
}
