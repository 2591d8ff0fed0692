using Google.Protobuf.WellKnownTypes;
using Governance.Common.V1;
using Governance.Grids.V1;
using Governance.ServiceDefaults.Grpc;
using Shouldly;
using Xunit;

namespace Governance.ServiceDefaults.Tests;

public sealed class ValidatorTests
{
    [Fact]
    public void All_violations_are_told_at_once()
    {
        var refusal = RequestValidator.Check(new ReportCaseRequest
        {
            RequestId = "nonsense",
            Point = new Point { Longitude = 200, Latitude = double.NaN },
            Title = new string('长', 101),
            Description = "a\u0000b",
            Channel = (CaseChannel)99,
        });
        refusal!.Violations.Select(v => $"{v.Field} {v.Definition.Reason}").ShouldBe(
        [
            "request_id FIELD_MALFORMED", "point.longitude FIELD_TOO_LARGE", "point.latitude FIELD_MALFORMED", "title FIELD_TOO_LONG",
            "description FIELD_NOT_TEXT", "channel FIELD_ENUM_UNKNOWN",
        ]);
    }

    [Fact]
    public void A_good_request_passes() =>
        RequestValidator.Check(new ReportCaseRequest
        {
            RequestId = "0193b7a0-0000-7000-8000-000000000001",
            GridCode = "34060300100101",
            Title = "😀" + new string('长', 99),
            Channel = CaseChannel.Hotline,
        }).ShouldBeNull();

    [Fact]
    public void The_member_of_a_oneof_that_is_not_chosen_is_not_checked() =>
        RequestValidator.Check(new Handler { Volunteers = new VolunteerNeed { Skill = "repair", Hands = 1, Minutes = 60, StartsAt = new Timestamp() } }).ShouldBeNull();

    [Theory]
    [InlineData(0, 0, null)]
    [InlineData(-1, 0, "FIELD_MALFORMED")]
    [InlineData(0, -1, "FIELD_MALFORMED")]
    [InlineData(0, 1_000_000_000, "FIELD_MALFORMED")]
    [InlineData(7_258_118_399, 999_999_999, null)]
    [InlineData(7_258_118_400, 0, "FIELD_MALFORMED")]
    [InlineData(long.MaxValue, 0, "FIELD_MALFORMED")]
    public void An_instant_is_one_that_rules_can_reckon_with(long seconds, int nanos, string? wrong)
    {
        var handler = new Handler
        {
            Volunteers = new VolunteerNeed { Skill = "repair", Hands = 1, Minutes = 60, StartsAt = new Timestamp { Seconds = seconds, Nanos = nanos } },
        };
        var told = RequestValidator.Check(handler)?.Violations.Single();
        (told?.Field, told?.Definition.Reason).ShouldBe((wrong is null ? null : "volunteers.starts_at", wrong));
    }

    [Theory]
    [InlineData(3600, 5, null)]
    [InlineData(3600, -5, "FIELD_MALFORMED")]
    [InlineData(0, 1_000_000_000, "FIELD_MALFORMED")]
    [InlineData(long.MaxValue, 0, "FIELD_MALFORMED")]
    public void A_length_of_time_is_one_that_rules_can_reckon_with(long seconds, int nanos, string? wrong)
    {
        var request = new BlowWhistleRequest
        {
            RequestId = Guid.NewGuid().ToString(),
            CaseId = Guid.NewGuid().ToString(),
            OrganisationIds = { Guid.NewGuid().ToString() },
            Reason = "x",
            ReportWithin = new Duration { Seconds = seconds, Nanos = nanos },
        };
        var told = RequestValidator.Check(request)?.Violations.Single();
        (told?.Field, told?.Definition.Reason).ShouldBe((wrong is null ? null : "report_within", wrong));
    }

    [Fact]
    public void Lists_and_their_items_are_checked()
    {
        var request = new BlowWhistleRequest { RequestId = Guid.NewGuid().ToString(), CaseId = Guid.NewGuid().ToString(), Reason = "x" };
        RequestValidator.Check(request)!.Violations.Select(v => v.Field).ShouldBe(["organisation_ids"]);
        request.OrganisationIds.Add("x");
        request.OrganisationIds.Add(Guid.NewGuid().ToString());
        RequestValidator.Check(request)!.Violations.Select(v => v.Field).ShouldBe(["organisation_ids[0]"]);
        request.OrganisationIds.Add(Enumerable.Repeat(Guid.NewGuid().ToString(), 30));
        RequestValidator.Check(request)!.Violations.Select(v => v.Definition.Reason).ShouldBe(["FIELD_TOO_MANY"]);
    }
}
