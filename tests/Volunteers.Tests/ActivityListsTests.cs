using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Governance.TestKit;
using Governance.Volunteers.V1;
using Shouldly;
using Xunit;
using static Governance.Volunteers.Tests.VolunteersFixture;

namespace Governance.Volunteers.Tests;

public sealed class ActivityListsTests(VolunteersFixture volunteers) : ServiceTest(volunteers), IClassFixture<VolunteersFixture>
{
    [Fact]
    public async Task Pages_go_by_start_and_hold_every_activity_once()
    {
        // The two at two hours share their start, so that the id decides between them.
        const string Place = "34060300900101";
        foreach (var hours in new[] { 3, 1, 2, 2, 4 })
        {
            var dispatched = volunteers.Dispatch(Place);
            var need = dispatched.Need! with { StartsAt = ServiceFixture.Morning.AddHours(hours) };
            await volunteers.OpenAsync(dispatched with { Need = need });
        }

        var request = new ListActivitiesRequest { Territory = "340603009", State = ActivityState.Open, PageSize = 2 };
        var seen = new List<Activity>();
        ListActivitiesResponse page;
        do
        {
            page = await volunteers.Activities("volunteer", "340603009").ListActivitiesAsync(request);
            seen.AddRange(page.Activities);
            request.PageToken = page.NextPageToken;
        }
        while (page.NextPageToken.Length > 0);
        seen.Select(a => a.Id).Distinct().Count().ShouldBe(5);
        seen.Select(a => a.StartsAt.ToDateTimeOffset()).ShouldBeInOrder();

        var completed = new ListActivitiesRequest { Territory = Place, State = ActivityState.Completed };
        (await volunteers.Activities().ListActivitiesAsync(completed)).Activities.ShouldBeEmpty();
        await Refused.AsAsync("OUTSIDE_TERRITORY",
            volunteers.Activities("officer", Community).ListActivitiesAsync(new ListActivitiesRequest { Territory = Place }));
    }

    [Fact]
    public async Task A_page_token_of_another_query_or_of_the_callers_own_making_is_refused()
    {
        await volunteers.OpenAsync();
        await volunteers.OpenAsync();
        var token = (await volunteers.Activities().ListActivitiesAsync(new ListActivitiesRequest { PageSize = 1 })).NextPageToken;
        token.ShouldNotBeEmpty();
        var mark = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(token)).Split('"')[1];
        string[] tokens = [token, "?", Forged(mark, "1", "1", "1")];
        foreach (var bad in tokens)
            await Refused.AsAsync("PAGE_TOKEN_INVALID",
                volunteers.Activities().ListActivitiesAsync(new ListActivitiesRequest { Territory = Community, PageToken = bad }));
        tokens = [Forged(mark, "x", NewId()), Forged(mark, "1", "x"), Forged(mark, "9223372036854775807", NewId())];
        foreach (var bad in tokens)
            await Refused.AsAsync("PAGE_TOKEN_INVALID",
                volunteers.Activities().ListActivitiesAsync(new ListActivitiesRequest { PageToken = bad }));
    }

    private static string Forged(params string[] parts) =>
        Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(parts));
}
