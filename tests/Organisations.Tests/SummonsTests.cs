using Governance.Contracts.Events;
using Governance.Organisations.Whistles;
using Shouldly;
using Xunit;

namespace Governance.Organisations.Tests;

public sealed class SummonsTests
{
    private static readonly DateTimeOffset ReportBy = new(2026, 3, 9, 3, 0, 0, TimeSpan.Zero);

    private static readonly Summons Open = new()
    {
        Id = Guid.NewGuid(),
        WhistleId = Guid.NewGuid(),
        CaseId = Guid.NewGuid(),
        OrganisationId = Guid.NewGuid(),
        OrganisationName = "淮北市公安局",
        Territory = "340603001004",
        Subject = "占道经营",
        ReportBy = ReportBy,
    };

    [Theory]
    [InlineData(-1, false)]
    [InlineData(0, false)]
    [InlineData(1, true)]
    public void Only_what_comes_after_the_deadline_is_late(int seconds, bool late)
    {
        var at = ReportBy.AddSeconds(seconds);
        Open.IsLate(at).ShouldBe(late);
        var (next, happened) = Open.ReportIn("到场", at).OrRefuse();
        (next.ReportedAt, next.Note, next.IsLate(ReportBy.AddYears(1))).ShouldBe((at, "到场", late));
        happened.ShouldBe(new ResponderReported(Open.CaseId, Open.WhistleId, Open.OrganisationId, at, late));
    }

    [Fact]
    public void A_department_reports_in_once()
    {
        var (reported, _) = Open.ReportIn("", ReportBy).OrRefuse();
        reported.ReportIn("", ReportBy.AddMinutes(1)).Refusal!.Definition.ShouldBe(WhistleErrors.AlreadyAnswered);
    }

    [Fact]
    public void Nobody_is_waited_for_or_becomes_late_after_the_whistle_is_closed()
    {
        var closed = Open with { ClosedAt = ReportBy.AddMinutes(-30) };
        closed.IsLate(ReportBy.AddYears(1)).ShouldBeFalse();
        closed.ReportIn("", ReportBy.AddMinutes(-10)).Refusal!.Definition.ShouldBe(WhistleErrors.Closed);
        // Came before that was known here.
        (closed with { ReportedAt = ReportBy.AddHours(1) }).IsLate(ReportBy.AddYears(1)).ShouldBeFalse();
        (closed with { ReportedAt = ReportBy.AddHours(-1) }).ReportIn("", ReportBy).Refusal!.Definition.ShouldBe(WhistleErrors.AlreadyAnswered);

        // Whoever was late stays so.
        var after = Open with { ClosedAt = ReportBy.AddMinutes(30) };
        after.IsLate(ReportBy.AddYears(1)).ShouldBeTrue();
        (after with { ReportedAt = ReportBy.AddMinutes(10) }).IsLate(ReportBy.AddYears(1)).ShouldBeTrue();
        (after with { ReportedAt = ReportBy.AddMinutes(-10) }).IsLate(ReportBy.AddYears(1)).ShouldBeFalse();
    }

    [Fact]
    public void A_whistle_calls_each_department_once()
    {
        var (first, second) = (Guid.NewGuid(), Guid.NewGuid());
        var blown = new WhistleBlown(
            Open.CaseId, Open.WhistleId, Open.Territory, Open.Subject,
            [new(first, "甲"), new(second, "乙"), new(first, "甲")], ReportBy, ReportBy.AddHours(-2));
        var called = Summons.Of(blown, Guid.NewGuid).ToList();
        called.Select(s => (s.OrganisationId, s.OrganisationName)).ShouldBe([(first, "甲"), (second, "乙")]);
        called.ShouldAllBe(s =>
            s.WhistleId == blown.WhistleId && s.CaseId == blown.CaseId && s.ReportBy == ReportBy && s.ReportedAt == null);
    }
}
