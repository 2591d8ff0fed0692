using Governance.Grids.Mediations;
using Governance.Grids.Policies;
using Governance.Grids.V1;
using Governance.TestKit;
using Shouldly;
using Xunit;
using Case = Governance.Grids.Cases.Case;

namespace Governance.Grids.Tests;

/// <summary>The rules of mediations over random histories.</summary>
public sealed class MediationRulesTests
{
    private static readonly CityPolicies Policies = RulePolicies.With(p => p.Cases = GridsFixture.CasePolicy());

    [Fact]
    public void A_mediation_is_concluded_once_or_visibly_overdue_over_random_histories()
    {
        var reached = new HashSet<MediationState>();
        for (var seed = 0; seed < 5_000; seed++)
        {
            var random = new Random(seed);
            var now = ServiceFixture.Morning;
            var of = Assessed();
            var current = Open(of, now, true, true).OrRefuse().Opened;
            for (var i = 0; i < 12; i++)
            {
                now = now.AddHours(random.Next(0, 200));
                var before = current;
                var outcome = random.Next(4) switch
                {
                    0 => MediationRules.Meet(current, now.AddHours(random.Next(-5, 2)), "协商", now),
                    1 => MediationRules.Performed(current, random.Next(2) is 0, "回访"),
                    _ => MediationRules.Conclude(
                            current, of, (MediationOutcome)random.Next(1, 4), "结论", random.Next(3) is 0 ? now.AddDays(random.Next(-2, 30)) : null, Policies, now)
                        .Then<Dispute>(both => both.Concluded),
                };
                if (outcome.Refusal is null)
                    current = outcome.OrRefuse();
                reached.Add(current.State);
                (current.DueAt, current.OpenedAt, current.CaseId).ShouldBe((before.DueAt, before.OpenedAt, before.CaseId), $"seed {seed}");
                if (before.ConcludedAt is not null)
                    (current.ConcludedAt, current.Conclusion).ShouldBe((before.ConcludedAt, before.Conclusion), $"seed {seed}");
                if (current.State is MediationState.Open)
                    current.IsOverdue(now).ShouldBe(now > current.DueAt, $"seed {seed}");
                if (current.State is MediationState.Agreed)
                    current.IsOverdue(now).ShouldBe(now > current.PerformBy, $"seed {seed}");
            }
        }
        reached.ShouldBe(Enum.GetValues<MediationState>().Except([MediationState.Unspecified]), ignoreOrder: true);
    }

    [Fact]
    public void Nothing_is_mediated_without_the_consent_of_every_party()
    {
        Open(Assessed(), ServiceFixture.Morning, true, false).Refusal!.Definition.ShouldBe(MediationErrors.ConsentMissing);
        Open(Assessed(), ServiceFixture.Morning, true).Refusal!.Definition.ShouldBe(MediationErrors.PartyUnknown);
    }

    [Fact]
    public void A_mediation_has_so_many_meetings_and_no_more()
    {
        var now = ServiceFixture.Morning;
        var current = Open(Assessed(), now, true, true).OrRefuse().Opened;
        for (var n = 0; n < MediationRules.MaxSessions; n++)
            current = MediationRules.Meet(current, now, "协商", now).OrRefuse();
        MediationRules.Meet(current, now, "协商", now).Refusal!.Definition.ShouldBe(MediationErrors.SessionsFull);
        MediationRules.Meet(current, now.AddMinutes(1), "协商", now).Refusal!.Definition.ShouldBe(MediationErrors.InFuture);
    }

    private static ServiceDefaults.Errors.Outcome<(Dispute Opened, Cases.CaseStep Step)> Open(Case of, DateTimeOffset now, params bool[] consents) =>
        MediationRules.Open(
            Guid.NewGuid(), of, hasOpen: false, "楼上漏水", [.. consents.Select((c, n) => new Party($"第{n}方", true, c))], ["mediator"], null, "officer",
            Policies, now);

    private static Case Assessed()
    {
        var now = ServiceFixture.Morning;
        var reported = Cases.CaseRules.Report(
            Guid.NewGuid(), 1, GridsFixture.Grid, new Cases.CaseReport("漏水", "", CaseChannel.Hotline, null, "somebody"), Policies, now).OrRefuse().Next;
        return Cases.CaseRules.Assess(reported, "street_order", "", Policies, now).OrRefuse().Next;
    }
}
