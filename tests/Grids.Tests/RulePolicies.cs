using Governance.Grids.Policies;
using Governance.Grids.V1;

namespace Governance.Grids.Tests;

/// <summary>Policies for rules that are tested without a service: a city's working hours and holidays, and those under test.</summary>
internal static class RulePolicies
{
    public static CityPolicies With(params Action<Policy>[] contents)
    {
        Action<Policy>[] all =
        [
            p => p.WorkingHours = new WorkingHours
            {
                UtcOffsetMinutes = 480,
                Spans = { new WorkingSpan { FromMinute = 480, ToMinute = 1020 } },
            },
            p => p.Holidays = new HolidayYear { Year = 2026, Days = { new HolidayDay { Date = "2026-10-01", Name = "国庆节", Off = true } } },
            .. contents,
        ];
        return new CityPolicies(GridsFixture.City, [.. all.Select((content, n) => Of(n + 1, content))]);
    }

    private static Policy Of(long version, Action<Policy> content)
    {
        var policy = new Policy { City = GridsFixture.City, EffectiveFrom = "2025-01-01", Version = version };
        content(policy);
        return policy;
    }
}
