using System.Text;
using Governance.Common.V1;
using Governance.Grids.Exports;
using Governance.Grids.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Exports;
using Governance.TestKit;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;
using static Governance.Grids.Tests.GridsFixture;

namespace Governance.Grids.Tests;

public sealed class ExportsTests(GridsFixture grids) : ServiceTest(grids), IClassFixture<GridsFixture>
{
    private const int Many = 20_000;
    private const long MiB = 1024 * 1024;

    [Fact]
    public async Task A_case_is_a_line_without_what_its_reporter_wrote_and_who_that_is()
    {
        var reported = (await grids.Cases("resident", City, "resident-of-the-export").ReportCaseAsync(new ReportCaseRequest
        {
            RequestId = NewId(),
            Point = PointIn(3),
            Title = "=HYPERLINK(\"http://x\",\"路灯\")",
            Description = "住在三栋的王小明说的",
            Channel = CaseChannel.MiniProgramme,
            Contact = new Person { Name = "王小明", Phone = "13855551234" },
        })).Case;
        var text = await ExportAsync(new ExportCasesRequest { Territory = reported.Territory });

        text.ShouldStartWith(
            "\uFEFFnumber,id,territory,holder,title,state,category,channel,satisfaction,late,reported_at,updated_at,due_at,handle_by,"
            + "provisional_year\r\n");
        // Other tests have cases there too.
        text.ShouldContain(
            $"\r\n{reported.Number},{reported.Id},{reported.Territory},{reported.Holder},"
            + "\"'=HYPERLINK(\"\"http://x\"\",\"\"路灯\"\")\",reported,,mini_programme,,0,"
            + $"2026-03-09 09:00:{reported.ReportedAt.ToDateTimeOffset():ss},2026-03-09 09:00:{reported.UpdatedAt.ToDateTimeOffset():ss},"
            + $"{reported.Deadlines.AssessBy.ToDateTimeOffset().AddHours(8):yyyy-MM-dd HH:mm:ss},,\r\n");
        foreach (var personal in new[] { "王小明", "13855551234", "resident-of-the-export", "三栋" })
            text.ShouldNotContain(personal);
    }

    [Fact]
    public async Task A_file_during_which_grids_are_redrawn_is_no_whole_file()
    {
        const string old = "34060300900101";
        await grids.ImportAsync(Row(old, 90));
        var export = grids.Services.GetRequiredService<CaseExport>()
            .ReadAsync(TerritoryCode.Parse(City).PrefixRange, CaseState.Unspecified, false, grids.Clock.GetUtcNow(), TestContext.Current.CancellationToken);
        await grids.ReportAsync();
        var refused = await Should.ThrowAsync<RefusedException>(async () =>
        {
            await using var rows = export.GetAsyncEnumerator();
            await rows.MoveNextAsync();
            await grids.Boundaries().RecodeGridAsync(new RecodeGridRequest { RequestId = NewId(), Code = old, NewCode = old[..12] + "02" });
            while (await rows.MoveNextAsync())
            {
            }
        });
        refused.Refusal.Definition.ShouldBe(ExportErrors.Redrawn);
    }

    [Fact]
    public async Task Columns_are_named_in_the_callers_language()
    {
        var exports = new V1.Exports.ExportsClient(grids.Channel);
        using var call = exports.ExportCases(
            new ExportCasesRequest(), new Metadata { { "authorization", $"Bearer {TestTokens.Make("officer", City)}" } });
        (await TextAsync(call)).ShouldStartWith("\uFEFF编号,标识,网格编码,");
    }

    [Fact]
    public async Task A_file_holds_what_the_list_of_the_same_filter_holds()
    {
        var waiting = await grids.ReportAsync(1);
        var assessed = await grids.AssessedAsync();
        // Every test begins at the same instant: cases of others may be of some moments later.
        grids.Clock.Advance(TimeSpan.FromMinutes(5));
        await IsAsListedAsync(new ExportCasesRequest { Territory = Community }, new ListCasesRequest { Territory = Community, PageSize = 500 });
        await IsAsListedAsync(
            new ExportCasesRequest { Territory = Community, State = CaseState.Assessed },
            new ListCasesRequest { Territory = Community, State = CaseState.Assessed, PageSize = 500 });
        (await ExportAsync(new ExportCasesRequest { Territory = NextGrid })).ShouldContain(waiting.Id);
        (await ExportAsync(new ExportCasesRequest { Territory = NextGrid })).ShouldNotContain(assessed.Id);

        (await ExportAsync(new ExportCasesRequest { Territory = NextGrid, OverdueOnly = true })).ShouldNotContain(waiting.Id);
        grids.Clock.Advance(TimeSpan.FromHours(12));
        (await ExportAsync(new ExportCasesRequest { Territory = NextGrid, OverdueOnly = true })).ShouldContain(waiting.Id);
    }

    [Fact]
    public async Task Twenty_thousand_cases_stream_each_once_in_bounded_memory()
    {
        await using (var connection = await grids.Database.OpenConnectionAsync())
        await using (var command = connection.CreateCommand())
        {
            command.CommandText = $"""
                insert into cases (id, number, territory, holder, title, description, channel, reporter, state, category, result, answer,
                    satisfaction, policy_version, steps, reported_at, updated_at, version)
                select gen_random_uuid(), 9000000 + n, '{OtherCommunity}0' || (n % 2 + 1), '{OtherCommunity}', repeat('长', 100), '', 1, 'x',
                    9, '', '', '', 1, 1, 1, timestamptz '2026-01-01' + n * interval '1 minute', timestamptz '2026-01-01', 1
                from generate_series(1, {Many}) n
                """;
            await command.ExecuteNonQueryAsync();
        }
        await ExportAsync(new ExportCasesRequest { Territory = Community });

        var before = GC.GetTotalMemory(forceFullCollection: true);
        var (most, bytes, lines, chunks) = (0L, 0L, 0, 0);
        using var call = Exports().ExportCases(new ExportCasesRequest { Territory = OtherCommunity, State = CaseState.Closed });
        await foreach (var piece in call.ResponseStream.ReadAllAsync())
        {
            bytes += piece.Chunk.Length;
            lines += piece.Chunk.Span.Count((byte)'\n');
            piece.Chunk.Length.ShouldBeLessThan(CsvWriter.ChunkBytes + 4096);
            if (chunks++ % 10 is 0)
                most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: true));
        }
        lines.ShouldBe(Many + 1);
        bytes.ShouldBeGreaterThan(8 * MiB);
        (most - before).ShouldBeLessThan(4 * MiB);

        var all = await ExportAsync(new ExportCasesRequest { Territory = OtherCommunity, State = CaseState.Closed });
        Cells(all, 0).Distinct().Count().ShouldBe(Many);
    }

    [Fact]
    public async Task A_foreign_territory_is_refused()
    {
        await Refused.AsAsync("OUTSIDE_TERRITORY", async () => await TextAsync(
            Exports("officer", Community).ExportCases(new ExportCasesRequest { Territory = OtherCommunity })));
        await Refused.AsAsync("ROLE_NOT_ALLOWED", async () => await TextAsync(Exports("resident").ExportCases(new ExportCasesRequest())));
        await Refused.AsAsync("REQUEST_INVALID", () => ExportAsync(new ExportCasesRequest { Territory = "x" }));
    }

    private async Task IsAsListedAsync(ExportCasesRequest export, ListCasesRequest list)
    {
        var ids = (await grids.Cases().ListCasesAsync(list)).Cases.Select(c => c.Id);
        Cells(await ExportAsync(export), 1).ShouldBe(ids, ignoreOrder: true);
    }

    private static IEnumerable<string> Cells(string file, int column) =>
        file.Split("\r\n").Skip(1).Where(line => line.Length > 0).Select(line => line.Split(',')[column]);

    private async Task<string> ExportAsync(ExportCasesRequest request)
    {
        using var call = Exports().ExportCases(request);
        return await TextAsync(call);
    }

    private static async Task<string> TextAsync(AsyncServerStreamingCall<ExportCasesResponse> call)
    {
        using var file = new MemoryStream();
        await foreach (var piece in call.ResponseStream.ReadAllAsync())
            piece.Chunk.WriteTo(file);
        return Encoding.UTF8.GetString(file.ToArray());
    }

    private V1.Exports.ExportsClient Exports(string role = "officer", string territory = City) =>
        new(GridsFixture.InEnglish(grids.As(role, territory)));
}
