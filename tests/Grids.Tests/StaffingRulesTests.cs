using FsCheck;
using FsCheck.Fluent;
using Governance.Grids.Staffing;
using Governance.Grids.V1;
using Governance.Primitives;
using Governance.TestKit;
using Shouldly;
using Xunit;
using Squad = Governance.Grids.Staffing.Squad;
using StandIn = Governance.Grids.Staffing.StandIn;

namespace Governance.Grids.Tests;

/// <summary>The rules of staffing over random histories: whatever is done in whatever order, the invariants hold.</summary>
public sealed class StaffingRulesTests
{
    private const string Grid = GridsFixture.Grid;

    private static readonly DateOnly Today = new(2026, 3, 9);

    private static readonly Gen<int[]> Acts = Gen.ArrayOf(Gen.Choose(0, 999_999), 120);

    [Fact]
    public void A_grid_has_one_leader_and_nobody_two_posts_or_two_duties_at_a_time_over_random_histories()
    {
        var (leaders, standIns) = (0, 0);
        Prop.ForAll(Acts.ToArbitrary(), acts =>
        {
            var (posts, arranged, today) = (new List<Appointment>(), new List<StandIn>(), Today);
            foreach (var act in acts)
            {
                var (what, by) = (act % 5, act / 5);
                switch (what)
                {
                    case 0 or 1:
                        var made = AppointmentRules.Appoint(Post(by), [.. posts.Where(p => p.IsActive)], today);
                        if (made.Refusal is null)
                            posts.Add(made.OrRefuse());
                        break;
                    case 2 when posts.Count > 0:
                        var i = by % posts.Count;
                        var ended = AppointmentRules.End(posts[i], today, today, ServiceFixture.Morning);
                        if (ended.Refusal is null)
                            posts[i] = ended.OrRefuse();
                        break;
                    case 3 when posts.Count > 1:
                        var (absent, substitute) = (posts[by % posts.Count], posts[by / 7 % posts.Count]);
                        var from = today.AddDays((by % 11) - 3);
                        var arrangement = AppointmentRules.Arrange(
                            Guid.CreateVersion7(), absent, substitute, from, from.AddDays(by % 6), arranged, today);
                        if (arrangement.Refusal is null)
                            arranged.Add(arrangement.OrRefuse());
                        break;
                    case 4 when arranged.Count > 0 && by % 3 is 0:
                        var c = by % arranged.Count;
                        var cancelled = AppointmentRules.Cancel(arranged[c], ServiceFixture.Morning);
                        if (cancelled.Refusal is null)
                            arranged[c] = cancelled.OrRefuse();
                        break;
                }

                var active = posts.FindAll(p => p.IsActive);
                active.Count(p => p.Role is GridStaffRole.Leader).ShouldBeLessThanOrEqualTo(1);
                active.Select(p => p.Subject).ShouldBeUnique();
                leaders += active.Count(p => p.Role is GridStaffRole.Leader);
            }
            for (var i = 0; i < arranged.Count; i++)
            {
                arranged[i].StaffId.ShouldNotBe(arranged[i].SubstituteId);
                for (var j = 0; j < i; j++)
                    if (arranged[i].Concerns(arranged[j].StaffId) || arranged[i].Concerns(arranged[j].SubstituteId))
                        arranged[i].Overlaps(arranged[j]).ShouldBeFalse();
            }
            standIns += arranged.Count;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));
        // The histories reach what they are about.
        leaders.ShouldBeGreaterThan(1000);
        standIns.ShouldBeGreaterThan(200);
    }

    [Fact]
    public void A_group_has_every_head_once_and_none_when_it_is_dissolved_over_random_histories()
    {
        var dissolved = 0;
        Prop.ForAll(Acts.ToArbitrary(), acts =>
        {
            var group = NeighbourRules.SetUp(Group()).OrRefuse();
            foreach (var act in acts)
            {
                var by = act / 40;
                var outcome = (act % 40) switch
                {
                    0 => NeighbourRules.Dissolve(group, ServiceFixture.Morning),
                    < 15 when group.Heads.Count > 0 =>
                        NeighbourRules.EndHead(group, group.Heads[by % group.Heads.Count].Id, ServiceFixture.Morning),
                    < 20 =>
                        NeighbourRules.Change(
                            group, "名", [.. Enumerable.Range(0, by % 7).Select(n => $"{n % 5}号楼")], ServiceFixture.Morning),
                    _ => NeighbourRules.AppointHead(
                        group, new Head(Guid.CreateVersion7(), $"s{by % 30}", by % 2 is 0, ServiceFixture.Morning), ServiceFixture.Morning),
                };
                if (outcome.Refusal is null)
                {
                    outcome.OrRefuse().Version.ShouldBe(group.Version + 1);
                    group = outcome.OrRefuse();
                }
                group.Heads.Select(h => h.Subject).ShouldBeUnique();
                group.Heads.Count.ShouldBeLessThanOrEqualTo(NeighbourRules.MaxHeads);
                group.Buildings.ShouldBeUnique();
                if (!group.Active)
                    (group.Heads.Count, group.SquadId).ShouldBe((0, null));
            }
            dissolved += group.Active ? 0 : 1;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));
        dissolved.ShouldBeGreaterThan(100);
    }

    [Theory]
    [InlineData(GridStaffRole.Leader, true)]
    [InlineData(GridStaffRole.Worker, true)]
    [InlineData(GridStaffRole.Substitute, false)]
    public void A_squad_is_led_by_a_leader_or_worker_of_its_own_grid(GridStaffRole role, bool leads)
    {
        var post = Post(0) with { Role = role };
        var squad = new Squad
        {
            Id = Guid.CreateVersion7(),
            Territory = Grid,
            Name = "小队",
            LeaderId = post.Id,
            GroupIds = [],
            FormedOn = Today,
            UpdatedAt = ServiceFixture.Morning,
            Version = 1,
        };
        (NeighbourRules.Lead(squad, post, ServiceFixture.Morning).Refusal is null).ShouldBe(leads);
        NeighbourRules.Lead(squad, post with { Territory = GridsFixture.NextGrid }, ServiceFixture.Morning).Refusal.ShouldNotBeNull();
        NeighbourRules.Lead(squad, post with { Until = Today }, ServiceFixture.Morning).Refusal.ShouldNotBeNull();
        NeighbourRules.Lead(squad, null, ServiceFixture.Morning).Refusal.ShouldNotBeNull();
    }

    [Theory]
    [InlineData("2026-03-09", "2026-03-09", true)]
    [InlineData("2026-03-09", "2026-06-16", true)]
    [InlineData("2026-03-09", "2026-06-17", false)]
    [InlineData("2026-03-09", "2026-03-08", false)]
    public void A_period_of_a_check_has_a_day_to_a_hundred(string from, string until, bool good) =>
        (NeighbourRules.PeriodProblem(IsoDate.Parse(from), IsoDate.Parse(until)) is null).ShouldBe(good);

    [Fact]
    public void A_full_grid_takes_nobody_more()
    {
        var full = Enumerable.Range(0, AppointmentRules.MaxActive)
            .Select(n => Post(0) with { Subject = $"{n}", Role = GridStaffRole.Worker }).ToList();
        AppointmentRules.Appoint(Post(0) with { Subject = "one more", Role = GridStaffRole.Worker }, full, Today)
            .Refusal!.Definition.ShouldBe(StaffingErrors.Full);
    }

    private static Appointment Post(int by) => new()
    {
        Id = Guid.CreateVersion7(),
        Territory = Grid,
        Role = (GridStaffRole)((by % 3) + 1),
        Subject = $"s{by / 3 % 8}",
        Name = "某某",
        Duty = "",
        Employment = StaffEmployment.FullTime,
        PartyMember = false,
        From = Today,
        UpdatedAt = ServiceFixture.Morning,
        Version = 0,
    };

    private static Group Group() => new()
    {
        Id = Guid.CreateVersion7(),
        Code = "G",
        Territory = Grid,
        Name = "小组",
        Buildings = ["1号楼", "2号楼", "3号楼"],
        Heads = [],
        UpdatedAt = ServiceFixture.Morning,
        Version = 0,
    };
}
