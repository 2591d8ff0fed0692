using Governance.Common.V1;
using Governance.Organisations.V1;
using Governance.TestKit;
using Shouldly;
using Xunit;
using static Governance.Organisations.Tests.OrganisationsFixture;

namespace Governance.Organisations.Tests;

public sealed class DirectoryTests(OrganisationsFixture organisations) : ServiceTest(organisations), IClassFixture<OrganisationsFixture>
{
    [Fact]
    public async Task An_organisation_is_as_it_was_imported()
    {
        var police = await organisations.GetAsync("POLICE");
        (police.Code, police.Name, police.Kind).ShouldBe(("POLICE", "淮北市公安局", OrganisationKind.LawEnforcementDepartment));
        (police.Territory, police.ParentCode, police.Etag).ShouldBe((City, "ROOT", "v1"));
        police.RespondsTo.ShouldBe(["noise", "road"]);
        (await organisations.GetAsync("POLICE")).ShouldBe(police);
    }

    [Fact]
    public async Task Another_service_reads_any_organisation()
    {
        var request = new GetOrganisationRequest { Id = (await organisations.IdOfAsync("CQ")).ToString() };
        (await organisations.Directory("service", "*").GetOrganisationAsync(request)).Organisation.Code.ShouldBe("CQ");
    }

    [Fact]
    public async Task Who_does_not_reach_the_city_cannot_tell_a_foreign_organisation_from_none()
    {
        var unknown = new GetOrganisationRequest { Id = NewId() };
        var foreign = new GetOrganisationRequest { Id = (await organisations.IdOfAsync("XN")).ToString() };
        await Refused.AsAsync("ORGANISATION_NOT_FOUND", organisations.Directory().GetOrganisationAsync(unknown));
        var district = organisations.Directory("officer", OtherDistrict);
        var refusals = new[]
        {
            await Refused.AsAsync("OUTSIDE_TERRITORY", district.GetOrganisationAsync(unknown)),
            await Refused.AsAsync("OUTSIDE_TERRITORY", district.GetOrganisationAsync(foreign)),
        };
        refusals[0].Message.ShouldBe(refusals[1].Message);
        await Refused.AsAsync("ROLE_NOT_ALLOWED", organisations.Directory("resident").GetOrganisationAsync(foreign));
    }

    [Fact]
    public async Task Lists_are_filtered_and_ordered_by_code()
    {
        (await ListAsync(new ListOrganisationsRequest())).ShouldBe(Seed().Select(r => r.Code).Order(StringComparer.Ordinal));
        (await ListAsync(new ListOrganisationsRequest { Territory = District })).ShouldBe(["CQ", "CQ-1", "XN", "XS"]);
        (await ListAsync(new ListOrganisationsRequest { Kind = OrganisationKind.LawEnforcementDepartment }))
            .ShouldBe(["DJ-SQUAD", "POLICE", "WORKS"]);
        (await ListAsync(new ListOrganisationsRequest { Industry = "lawyers" })).ShouldBe(["LAWYERS"]);
        (await ListAsync(new ListOrganisationsRequest { ParentCode = "ROOT", Kind = OrganisationKind.District })).ShouldBe(["DJ", "XS"]);
        (await ListAsync(new ListOrganisationsRequest(), "grid_worker", Community)).ShouldBe(["CQ", "CQ-1"]);
        await Refused.AsAsync("OUTSIDE_TERRITORY",
            organisations.Directory("officer", District).ListOrganisationsAsync(new ListOrganisationsRequest { Territory = City }));
    }

    [Fact]
    public async Task Pages_hold_every_organisation_once_and_a_token_fits_only_its_query()
    {
        var request = new ListOrganisationsRequest { PageSize = 3 };
        var codes = new List<string>();
        do
        {
            var page = await organisations.Directory().ListOrganisationsAsync(request);
            codes.AddRange(page.Organisations.Select(o => o.Code));
            if (page.NextPageToken.Length > 0)
                await Refused.AsAsync("PAGE_TOKEN_INVALID", organisations.Directory().ListOrganisationsAsync(
                    new ListOrganisationsRequest { Territory = District, PageToken = page.NextPageToken }));
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);
        codes.ShouldBe(Seed().Select(r => r.Code).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_search_finds_names_with_every_word_shortest_first()
    {
        (await SearchAsync("社区")).ShouldBe(["CQ", "CQ-1"]);
        (await SearchAsync("党支部　春秋")).ShouldBe(["CQ-1"]);
        (await SearchAsync("春秋 公安")).ShouldBeEmpty();
        (await SearchAsync("%")).ShouldBeEmpty();
        (await SearchAsync("局", District)).ShouldBeEmpty();
        var wordless = new SearchOrganisationsRequest { Query = "　" };
        (await Refused.AsAsync("REQUEST_INVALID", organisations.Directory().SearchOrganisationsAsync(wordless)))
            .Fields.ShouldBe(["query: FIELD_REQUIRED"]);
    }

    [Fact]
    public async Task A_tree_tells_parents_before_children_and_siblings_by_code()
    {
        (string, int)[] branch = [("XS", 1), ("XN", 2), ("CQ", 3), ("CQ-1", 4)];
        (await organisations.TreeAsync(new GetOrganisationTreeRequest())).ShouldBe(
            [("ROOT", 0), ("DJ", 1), ("DJ-SQUAD", 2), ("LAWYERS", 1), ("POLICE", 1), ("WORKS", 1), .. branch]);
        (await organisations.TreeAsync(new GetOrganisationTreeRequest { RootCode = "XS" }))
            .ShouldBe(branch.Select(n => (n.Item1, n.Item2 - 1)));
        (await organisations.TreeAsync(new GetOrganisationTreeRequest { RootCode = "XS", Depth = 1 })).ShouldBe([("XS", 0), ("XN", 1)]);
    }

    [Fact]
    public async Task A_territorys_tree_starts_where_the_superior_lies_outside()
    {
        (await organisations.TreeAsync(new GetOrganisationTreeRequest(), "officer", Subdistrict))
            .ShouldBe([("XN", 0), ("CQ", 1), ("CQ-1", 2)]);
        (await organisations.TreeAsync(new GetOrganisationTreeRequest { Territory = "340621" })).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_tree_of_a_root_that_is_not_there_is_refused()
    {
        var unknown = new GetOrganisationTreeRequest { RootCode = "NOBODY" };
        await Refused.AsAsync("ORGANISATION_NOT_FOUND", () => organisations.TreeAsync(unknown));
        await Refused.AsAsync("OUTSIDE_TERRITORY", () => organisations.TreeAsync(unknown, "officer", District));
        var foreign = new GetOrganisationTreeRequest { RootCode = "DJ" };
        await Refused.AsAsync("OUTSIDE_TERRITORY", () => organisations.TreeAsync(foreign, "officer", District));
        var tooWide = new GetOrganisationTreeRequest { Territory = City };
        await Refused.AsAsync("OUTSIDE_TERRITORY", () => organisations.TreeAsync(tooWide, "officer", District));
    }

    [Fact]
    public async Task Indicators_count_by_kind_within_the_territory()
    {
        var indicators = new Indicators.IndicatorsClient(organisations.As("officer", City));
        var city = (await indicators.GetIndicatorsAsync(new GetIndicatorsRequest())).Indicators;
        city.ToDictionary(i => i.Name, i => i.Value).ShouldBe(new Dictionary<string, long>
        {
            ["organisations"] = 10,
            ["communities"] = 1,
            ["grid_party_organisations"] = 1,
            ["industry_party_organisations"] = 1,
            ["municipal_units"] = 0,
            ["resident_units"] = 0,
        }, ignoreOrder: true);
        (await indicators.GetIndicatorsAsync(new GetIndicatorsRequest { Territory = District })).Indicators[0].Value.ShouldBe(4);
    }

    private async Task<IEnumerable<string>> ListAsync(
        ListOrganisationsRequest request, string role = "operator", string territory = City) =>
        (await organisations.Directory(role, territory).ListOrganisationsAsync(request)).Organisations.Select(o => o.Code);

    private async Task<IEnumerable<string>> SearchAsync(string query, string territory = "") =>
        (await organisations.Directory().SearchOrganisationsAsync(new SearchOrganisationsRequest { Query = query, Territory = territory }))
            .Organisations.Select(o => o.Code);
}
