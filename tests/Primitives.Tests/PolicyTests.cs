using FsCheck.Fluent;
using Shouldly;
using Xunit;

namespace Governance.Primitives.Tests;

public sealed class PolicyTests
{
    private static readonly DateOnly First = new(2026, 1, 1);

    [Fact]
    public void The_version_in_force_is_the_last_one_started()
    {
        var policy = new Policy<string>([new(2, First.AddDays(10), "later"), new(1, First, "first")]);

        policy.At(First.AddDays(-1)).ShouldBeNull();
        policy.At(First)!.Value.ShouldBe("first");
        policy.At(First.AddDays(9))!.Version.ShouldBe(1);
        policy.At(First.AddDays(10))!.Version.ShouldBe(2);
        policy.At(DateOnly.MaxValue)!.Value.ShouldBe("later");
        policy.Versions.Select(v => v.Version).ShouldBe([1, 2]);
    }

    [Fact]
    public void A_lapsed_version_leaves_no_policy_in_force()
    {
        var policy = new Policy<int>([new(1, First, 7, To: First.AddDays(5)), new(2, First.AddDays(8), 9)]);

        policy.At(First.AddDays(4))!.Value.ShouldBe(7);
        policy.At(First.AddDays(5)).ShouldBeNull();
        policy.At(First.AddDays(8))!.Value.ShouldBe(9);
        new Policy<int>([]).At(First).ShouldBeNull();
    }

    [Fact]
    public void Versions_that_contradict_each_other_are_refused_all_at_once()
    {
        PolicyVersion<int>[] versions =
        [
            new(1, First, 0, To: First.AddDays(5)),
            new(1, First.AddDays(4), 0),
            new(3, First.AddDays(4), 0),
            new(4, First.AddDays(9), 0, To: First.AddDays(9)),
        ];

        var problems = Policy<int>.Problems(versions);

        problems.Count.ShouldBe(4);
        problems.ShouldContain("version 1 is given twice");
        problems.ShouldContain("version 1 starts on 2026-01-05, before version 1 ends on 2026-01-06");
        problems.ShouldContain("versions 1 and 3 both start on 2026-01-05");
        problems.ShouldContain("version 4 starts on 2026-01-10 and ends on 2026-01-10, not after that");
        Should.Throw<ArgumentException>(() => new Policy<int>(versions)).Message.ShouldContain("given twice");
    }

    [Fact]
    public void A_policy_agrees_with_a_scan_of_its_versions()
    {
        // Each version starts 1 to 6 days after the one before, and ends on its own by then or stays open.
        var steps = Gen.Choose(1, 6).SelectMany(step => Gen.Choose(0, step).Select(length => (Step: step, Length: length)));
        var policies = Gen.ArrayOf(steps).Select(given =>
        {
            var from = First;
            return given.Select((s, i) =>
            {
                var version = new PolicyVersion<int>(i, from, i * 7, s.Length == 0 ? null : from.AddDays(s.Length));
                from = from.AddDays(s.Step);
                return version;
            }).ToArray();
        });
        Property.Holds(
            Gen.Zip(policies, Gen.Choose(-2, 60)),
            t =>
            {
                var (given, offset) = t;
                var day = First.AddDays(offset);
                var started = given.LastOrDefault(v => v.From <= day);
                var expected = started is null || started.To <= day ? null : started;
                return new Policy<int>(given.Reverse()).At(day) == expected;
            },
            2000);
    }
}
