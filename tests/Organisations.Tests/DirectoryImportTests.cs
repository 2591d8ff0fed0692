using Governance.Organisations.V1;
using Governance.TestKit;
using Shouldly;
using Xunit;
using static Governance.Organisations.Tests.OrganisationsFixture;

namespace Governance.Organisations.Tests;

public sealed class DirectoryImportTests(OrganisationsFixture organisations) : ServiceTest(organisations),
    IClassFixture<OrganisationsFixture>
{
    [Fact]
    public async Task Importing_the_same_rows_again_changes_nothing()
    {
        var summary = await organisations.ImportAsync(Seed());
        (summary.Received, summary.Created, summary.Updated, summary.Unchanged, summary.Rejected).ShouldBe((10, 0, 0, 10, 0));
    }

    [Fact]
    public async Task Other_spellings_of_the_same_content_change_nothing()
    {
        var row = Row("SPELT", "3406", "ROOT", "某局", OrganisationKind.MunicipalUnit, "noise", "road");
        row.CreditCode = "91350100M000100Y43";
        (await organisations.ImportAsync(row)).Created.ShouldBe(1);
        var again = Row("SPELT", "340600", "ROOT", "某局", OrganisationKind.MunicipalUnit, "road", "noise", "road");
        again.CreditCode = "91350100m000100y43";
        (await organisations.ImportAsync(again)).Unchanged.ShouldBe(1);
    }

    [Fact]
    public async Task A_changed_organisation_keeps_its_id_and_is_no_longer_read_from_the_cache()
    {
        await organisations.ImportAsync(Row("RENAMED", City, "ROOT", "旧名"), Row("KEPT", City, "ROOT", "不变"));
        var before = await organisations.GetAsync("RENAMED");
        var kept = await organisations.GetAsync("KEPT");

        var summary = await organisations.ImportAsync(Row("RENAMED", City, "ROOT", "新名"), Row("KEPT", City, "ROOT", "不变"));

        (summary.Updated, summary.Unchanged).ShouldBe((1, 1));
        var after = await Eventually.BecomesAsync(() => organisations.GetAsync("RENAMED"), o => o.Name == "新名");
        (after.Id, after.Etag).ShouldBe((before.Id, "v2"));
        (await organisations.GetAsync("KEPT")).ShouldBe(kept);
        (await Eventually.BecomesAsync(() => organisations.ScalarAsync<long>("select count(*) from outbox"), n => n is 0)).ShouldBe(0);
    }

    [Fact]
    public async Task Bad_rows_are_told_and_good_rows_are_written()
    {
        var unnamed = Row("BAD-1", "34", "ROOT", "", OrganisationKind.Unspecified);
        unnamed.CreditCode = "123";
        var summary = await organisations.ImportAsync(
            Row("GOOD-1", City, "GOOD-2", "子在前"),
            Row("GOOD-2", City, "ROOT", "父在后"),
            unnamed,
            Row("BAD-2", "3404", "ROOT", "外市"),
            Row("GOOD-2", City, "ROOT", "重复"),
            Row("BAD-3", City, "NOBODY", "无上级"),
            Row("BAD-4", City, "BAD-3", "上级无上级"),
            Row("BAD-5", City, "BAD-1", "上级有误"),
            Row("BAD-6", City, "BAD-6", "自己的上级"),
            Row("BAD-7", City, "BAD-8", "环"),
            Row("BAD-8", City, "BAD-7", "环"),
            Row("BAD-9", City, "BAD-8", "环下"));

        (summary.Received, summary.Created, summary.Rejected).ShouldBe((12, 2, 10));
        var told = summary.Errors.OrderBy(e => e.Row)
            .Select(e => $"{e.Row} {e.Code} {string.Join(' ', e.Violations.Select(v => $"{v.Field}:{v.Reason}"))}");
        told.ShouldBe(
        [
            "3 BAD-1 name:FIELD_REQUIRED kind:FIELD_REQUIRED territory:FIELD_MALFORMED credit_code:FIELD_MALFORMED",
            "4 BAD-2 territory:ROW_TERRITORY_OUTSIDE",
            "5 GOOD-2 code:ROW_DUPLICATE",
            "6 BAD-3 parent_code:ORGANISATION_PARENT_UNKNOWN",
            "7 BAD-4 parent_code:ORGANISATION_PARENT_UNKNOWN",
            "8 BAD-5 parent_code:ORGANISATION_PARENT_UNKNOWN",
            "9 BAD-6 parent_code:ORGANISATION_PARENT_LOOP",
            "10 BAD-7 parent_code:ORGANISATION_PARENT_LOOP",
            "11 BAD-8 parent_code:ORGANISATION_PARENT_LOOP",
            "12 BAD-9 parent_code:ORGANISATION_PARENT_LOOP",
        ]);
        (await organisations.TreeAsync(new GetOrganisationTreeRequest { RootCode = "GOOD-2" })).ShouldBe([("GOOD-2", 0), ("GOOD-1", 1)]);
        (await organisations.ScalarAsync<long>("select count(*) from organisations where code like 'BAD-%'")).ShouldBe(0);
    }

    [Fact]
    public async Task A_loop_through_organisations_that_were_there_before_is_found()
    {
        await organisations.ImportAsync(Row("L-1", City, "ROOT", "甲"), Row("L-2", City, "L-1", "乙"));
        var summary = await organisations.ImportAsync(Row("L-1", City, "L-2", "甲"));
        summary.Errors.Single().Violations.Single().Reason.ShouldBe("ORGANISATION_PARENT_LOOP");
        (await organisations.GetAsync("L-1")).ParentCode.ShouldBe("ROOT");
    }

    [Fact]
    public async Task A_district_cannot_take_over_an_organisation_of_another()
    {
        var taken = Row("DJ-SQUAD", District, "XS", "夺来的中队");
        var summary = await organisations.ImportAsync(Header(District), taken);
        summary.Errors.Single().Violations.Select(v => $"{v.Field}:{v.Reason}").ShouldBe(["code:ROW_TERRITORY_OUTSIDE"]);
        (await organisations.GetAsync("DJ-SQUAD")).Territory.ShouldBe(OtherDistrict);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Whatever_is_imported_every_organisation_reaches_a_root(int seed)
    {
        var random = new Random(seed);
        string Code(int n) => $"F{seed}-{n}";
        var parents = new Dictionary<string, string>();
        for (var round = 0; round < 15; round++)
        {
            var rows = Enumerable.Range(0, 12).Where(_ => random.Next(3) > 0)
                .Select(n => (Code: Code(n), Parent: random.Next(6) is 0 ? "" : Code(random.Next(15)))).ToList();
            var proposed = new Dictionary<string, string>(parents);
            foreach (var (code, parent) in rows)
                proposed[code] = parent;
            var expected = rows.Select((r, i) => (Row: i + 1L, Fault: FaultOf(r.Code, proposed))).Where(r => r.Fault.Length > 0).ToList();

            var summary = await organisations.ImportAsync([.. rows.Select(r => Row(r.Code, City, r.Parent, $"第 {round} 次"))]);

            summary.Errors.Select(e => (e.Row, e.Violations.Single().Reason)).ShouldBe(expected);
            foreach (var (code, parent) in rows.Where((_, i) => expected.All(e => e.Row != i + 1)))
                parents[code] = parent;
            parents.Keys.ShouldAllBe(code => FaultOf(code, parents).Length == 0);
            var kept = await organisations.ScalarAsync<string[]>(
                $"select array_agg(code || '<' || parent_code) from organisations where code like 'F{seed}-%'");
            kept.ShouldBe(parents.Select(p => $"{p.Key}<{p.Value}"), ignoreOrder: true);
        }
    }

    [Fact]
    public async Task Two_imports_at_once_cannot_close_a_loop_together()
    {
        for (var i = 0; i < 10; i++)
        {
            var (a, b) = ($"P{i}-A", $"P{i}-B");
            await organisations.ImportAsync(Row(a, City, "ROOT", "甲"), Row(b, City, "ROOT", "乙"));
            var summaries = await Task.WhenAll(
                organisations.ImportAsync(Row(a, City, b, "甲")), organisations.ImportAsync(Row(b, City, a, "乙")));
            summaries.Sum(s => s.Updated).ShouldBe(1);
            summaries.Sum(s => s.Rejected).ShouldBe(1);
        }
    }

    [Fact]
    public async Task A_dry_run_reports_and_writes_nothing()
    {
        var header = Header();
        header.DryRun = true;
        var summary = await organisations.ImportAsync(header, Row("DRY", City, "ROOT", "试"), Row("DRY-2", City, "NOBODY", "试"));
        (summary.DryRun, summary.Received, summary.Rejected).ShouldBe((true, 2, 1));
        (await organisations.ScalarAsync<long>("select count(*) from organisations where code like 'DRY%'")).ShouldBe(0);
    }

    [Fact]
    public async Task A_finished_import_gives_its_summary_again_and_its_id_fits_no_other()
    {
        var header = Header();
        var first = await organisations.ImportAsync(header, Row("TWICE", City, "ROOT", "一次"));
        (await organisations.ImportAsync(header, Row("TWICE", City, "ROOT", "一次"))).ShouldBe(first);
        header.Territory = District;
        await Refused.AsAsync("REQUEST_ID_REUSED", () => organisations.ImportAsync(header));
    }

    [Fact]
    public async Task An_import_without_header_or_of_a_foreign_territory_is_refused()
    {
        using var call = organisations.Directory().ImportOrganisations();
        await call.RequestStream.WriteAsync(new ImportOrganisationsRequest { Rows = { Row("HEADLESS", City, "", "无头") } });
        await Refused.AsAsync("IMPORT_HEADER_MISSING", async () => await call);
        await Refused.AsAsync("OUTSIDE_TERRITORY", () => organisations.ImportAsync(Header("3404")));
    }

    [Fact]
    public async Task A_large_tree_arrives_whole_and_in_order()
    {
        OrganisationRow[] rows =
            [Row("BIG", City, "ROOT", "大"), .. Enumerable.Range(1000, 350).Select(n => Row($"BIG-{n}", City, "BIG", $"单位 {n}"))];
        await organisations.ImportAsync(rows);
        var tree = await organisations.TreeAsync(new GetOrganisationTreeRequest { RootCode = "BIG" });
        tree.Select(n => n.Code).ShouldBe(rows.Select(r => r.Code));
        var found = await organisations.Directory().SearchOrganisationsAsync(new SearchOrganisationsRequest { Query = "单位" });
        found.Organisations.Select(o => o.Code).ShouldBe(rows.Skip(1).Take(50).Select(r => r.Code));
    }

    // What becomes of a row, told from the proposed superiors alone.
    private static string FaultOf(string code, Dictionary<string, string> parents)
    {
        var seen = new HashSet<string>();
        while (code.Length > 0)
        {
            if (!parents.TryGetValue(code, out var parent))
                return "ORGANISATION_PARENT_UNKNOWN";
            if (!seen.Add(code))
                return "ORGANISATION_PARENT_LOOP";
            code = parent;
        }
        return "";
    }
}
