using System.Security.Cryptography;
using System.Text;
using Governance.Grids.Policies;
using Governance.Grids.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Errors;

namespace Governance.Grids.SatisfactionSurveys;

/// <summary>Somebody who supervises a territory; both days belong to the term.</summary>
public sealed record Supervisor(
    Guid Id, string Territory, string Subject, SupervisorKind Kind, DateOnly From, DateOnly Until, long Version);

/// <summary>Cases drawn by lot for a supervisor.</summary>
public sealed record Draw(
    Guid Id, Guid SupervisorId, string Territory, DateOnly From, DateOnly Until, string Seed, int Population, DateTimeOffset DrawnAt);

/// <summary>A mark for one aspect.</summary>
public sealed record Mark(string Aspect, int Value);

/// <summary>A case that was drawn, and what the supervisor says of it.</summary>
public sealed record Drawn
{
    public required Guid DrawId { get; init; }

    public required Guid CaseId { get; init; }

    /// <summary>Of the grid of the case.</summary>
    public required string Territory { get; init; }

    public IReadOnlyList<Mark>? Marks { get; init; }

    public string Finding { get; init; } = "";

    public DateTimeOffset? ReviewedAt { get; init; }

    public long? PolicyVersion { get; init; }

    public required long Version { get; init; }
}

/// <summary>The rules of supervisors and of what they review, pure.</summary>
public static class SupervisionRules
{
    public const int MaxTermYears = 5;

    public const int MaxPeriodDays = 366;

    public static Outcome<Supervisor> Appoint(Supervisor given, DateOnly today) =>
        given.Until < given.From || given.Until < today || given.Until >= given.From.AddYears(MaxTermYears)
            ? SupervisionErrors.TermInvalid.With(("years", MaxTermYears))
            : given with { Version = 1 };

    public static Outcome<Supervisor> End(Supervisor current, DateOnly today) =>
        Serving(current, today).Then<Supervisor>(serving => serving with { Until = today, Version = serving.Version + 1 });

    public static Outcome<Supervisor> Serving(Supervisor current, DateOnly today) =>
        current.From <= today && today <= current.Until
            ? current
            : SupervisionErrors.NotServing.With(("from", IsoDate.Text(current.From)), ("until", IsoDate.Text(current.Until)));

    /// <summary>What may be drawn at once, and of which days.</summary>
    public static Outcome<int> MayDraw(DateOnly from, DateOnly until, int size, CityPolicies policies, DateTimeOffset now)
    {
        if (until < from || until > policies.LocalDate(now) || until.DayNumber - from.DayNumber >= MaxPeriodDays)
            return SupervisionErrors.PeriodInvalid.With(("days", MaxPeriodDays));
        return policies.InForce(CityPolicies.SatisfactionKind, now).Then<int>(policy =>
            size > policy.Satisfaction.SampleAtMost
                ? SupervisionErrors.SampleTooLarge.With(("max", policy.Satisfaction.SampleAtMost))
                : size);
    }

    /// <summary>Where a case stands in the order of a draw; the database computes the same.</summary>
    public static string RankOf(string seed, Guid caseId) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{seed}:{caseId}")));

    public static Outcome<Drawn> Review(
        Drawn current, IReadOnlyList<Mark> marks, string finding, CityPolicies policies, DateTimeOffset now)
    {
        if (current.ReviewedAt is not null)
            return SupervisionErrors.Reviewed.With();
        return policies.InForce(CityPolicies.SatisfactionKind, now).Then<Drawn>(policy =>
        {
            var aspects = policy.Satisfaction.Aspects.Select(a => a.Code).ToList();
            return aspects.Order(StringComparer.Ordinal).SequenceEqual(marks.Select(m => m.Aspect).Order(StringComparer.Ordinal))
                ? current with
                {
                    Marks = marks,
                    Finding = finding,
                    ReviewedAt = now,
                    PolicyVersion = policy.Version,
                    Version = current.Version + 1,
                }
                : SupervisionErrors.MarksInvalid.With(("aspects", string.Join(", ", aspects)));
        });
    }
}
