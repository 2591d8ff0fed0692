using FsCheck;
using FsCheck.Fluent;
using Governance.Common.V1;
using Governance.Grids.Bulletins;
using Governance.Grids.Policies;
using Governance.Grids.V1;
using Governance.TestKit;
using Shouldly;
using Xunit;

namespace Governance.Grids.Tests;

/// <summary>What may stand in a bulletin, and what becomes of it over random histories.</summary>
public sealed class BulletinRulesTests
{
    private static readonly Person Wang = new()
    {
        Name = "王植入",
        Phone = "13955550001",
        CitizenId = "34060319900101123X",
        Home = "植入小区9栋901",
    };

    [Fact]
    public void Only_what_is_published_is_public_and_every_act_leaves_a_version_over_random_histories()
    {
        var reached = new HashSet<BulletinItemState>();
        Prop.ForAll(Gen.ArrayOf(Gen.Choose(0, 999_999), 260).ToArbitrary(), acts =>
        {
            var now = ServiceFixture.Morning;
            var item = BulletinRules.Draft(Guid.CreateVersion7(), TaleOf(), 1, [Wang], now).Next;
            foreach (var act in acts)
            {
                now = now.AddMinutes(act % 97);
                var before = item;
                var step = (act % 50) switch
                {
                    0 when act % 3 is 0 => BulletinRules.Withdraw(item, "有误", [Wang], now),
                    < 3 => BulletinRules.Publish(item, new Issue(1, "2026-03"), [], now),
                    < 26 => BulletinRules.Edit(item, $"标题{act}", $"{Wang.Name}{act}", [Wang]),
                    _ => BulletinRules.Correct(item, $"标题{act}", $"{Wang.Phone}", "更正", [Wang], now),
                };
                reached.Add(item.State);
                if (before.State is BulletinItemState.Withdrawn)
                    step.Refusal.ShouldNotBeNull();
                if (step.Refusal is not null)
                    continue;
                item = step.OrRefuse().Next;
                (item.Edition, item.Version).ShouldBe((before.Edition + 1, before.Version + 1));
                item.Edition.ShouldBeLessThanOrEqualTo(BulletinRules.MaxVersions);
                (item.Title + item.Text).ShouldNotContain(Wang.Name);
                (item.Title + item.Text).ShouldNotContain(Wang.Phone);
                // The issue and the instant of publication are set once.
                (item.Issue is null).ShouldBe(item.PublishedAt is null);
                if (before.Issue is not null)
                    (item.Issue, item.PublishedAt).ShouldBe((before.Issue, before.PublishedAt));
                if (item.State is BulletinItemState.Published)
                    item.Issue.ShouldNotBeNull();
                (item.WithdrawnAt is not null).ShouldBe(item.State is BulletinItemState.Withdrawn);
            }
            // However often it was worded, it can be taken back.
            if (item.State is not BulletinItemState.Withdrawn)
                BulletinRules.Withdraw(item, "有误", [], now).OrRefuse().Next.State.ShouldBe(BulletinItemState.Withdrawn);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(200));
        reached.Count.ShouldBe(3);
    }

    [Fact]
    public void An_item_with_all_its_versions_can_only_be_withdrawn()
    {
        var worn = BulletinRules.Draft(Guid.CreateVersion7(), TaleOf(), 1, [], ServiceFixture.Morning).Next with
        {
            Edition = BulletinRules.MaxVersions - 1,
        };
        BulletinRules.Edit(worn, "标题", "", []).Refusal!.Definition.ShouldBe(BulletinErrors.VersionsFull);
        BulletinRules.Publish(worn, new Issue(1, "2026-03"), [], ServiceFixture.Morning).Refusal!.Definition
            .ShouldBe(BulletinErrors.VersionsFull);
        BulletinRules.Withdraw(worn, "有误", [], ServiceFixture.Morning).OrRefuse().Next.Edition.ShouldBe(BulletinRules.MaxVersions);
    }

    [Fact]
    public void The_first_rule_that_fits_decides_and_what_must_never_be_told_fits_none()
    {
        var policy = new BulletinPolicy
        {
            Rules =
            {
                Rule(BulletinSection.Voices, BulletinSource.Case, r => r.Categories.Add("noise")),
                Rule(BulletinSection.Voices, BulletinSource.Case, r => r.Channels.Add("mini_programme"), unmoderated: true),
                Rule(BulletinSection.Topics, BulletinSource.Topic),
            },
            Never = { "elder_care" },
        };
        BulletinRules.Fitting(policy, TaleOf("noise")).ShouldBe(policy.Rules[0]);
        BulletinRules.Fitting(policy, TaleOf("greening")).ShouldBe(policy.Rules[1]);
        BulletinRules.Fitting(policy, TaleOf("elder_care")).ShouldBeNull();
        // What is said of a category is said of all below it.
        BulletinRules.Fitting(policy, TaleOf() with { Categories = ["meals", "elder_care"] }).ShouldBeNull();
        BulletinRules.Fitting(policy, TaleOf() with { Categories = ["dance_noise", "noise"] }).ShouldBe(policy.Rules[0]);
        BulletinRules.Fitting(policy, TaleOf("greening", CaseChannel.Hotline)).ShouldBeNull();
        BulletinRules.Fitting(policy, TaleOf() with { Section = BulletinSection.Echo }).ShouldBeNull();
        var topic = TaleOf("") with { Section = BulletinSection.Topics, Source = BulletinSource.Topic, Channel = CaseChannel.Unspecified };
        BulletinRules.Fitting(policy, topic).ShouldBe(policy.Rules[2]);
    }

    [Fact]
    public void A_policy_that_contradicts_itself_is_told()
    {
        ProblemOf(Rule(BulletinSection.Topics, BulletinSource.Case)).ShouldBe("the section Topics takes nothing of Case");
        ProblemOf(Rule(BulletinSection.Voices, BulletinSource.Written)).ShouldBe("the section Voices takes nothing of Written");
        ProblemOf(Rule(BulletinSection.Echo, BulletinSource.Topic, r => r.Channels.Add("hotline")))
            .ShouldBe("topics have neither channel nor category");
        ProblemOf(Rule(BulletinSection.Echo, BulletinSource.Case, r => r.Channels.Add("pigeon"))).ShouldBe("there is no channel pigeon");
        ProblemOf(Rule(BulletinSection.Echo, BulletinSource.Case, r => r.Channels.Add("open311"))).ShouldBeNull();

        static string? ProblemOf(BulletinRule rule) =>
            CityPolicies.ProblemOf(new Policy { Bulletins = new BulletinPolicy { Rules = { rule } } })?.English;
    }

    private static BulletinRule Rule(
        BulletinSection section, BulletinSource source, Action<BulletinRule>? more = null, bool unmoderated = false)
    {
        var rule = new BulletinRule { Section = section, Source = source, Unmoderated = unmoderated };
        more?.Invoke(rule);
        return rule;
    }

    private static Tale TaleOf(string category = "street_order", CaseChannel channel = CaseChannel.MiniProgramme) => new(
        BulletinSection.Voices, BulletinSource.Case, Guid.CreateVersion7(), 0, GridsFixture.Grid, "路灯不亮", "", channel, category.Length is 0 ? [] : [category], null);
}
