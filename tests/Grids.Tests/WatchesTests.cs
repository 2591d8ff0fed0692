using Governance.Common.V1;
using Governance.Grids.V1;
using Governance.TestKit;
using Grpc.Core;
using Npgsql;
using Shouldly;
using Xunit;
using static Governance.Grids.Tests.GridsFixture;

namespace Governance.Grids.Tests;

public sealed class WatchesTests(GridsFixture grids) : ServiceTest(grids), IClassFixture<GridsFixture>
{
    private const string Here = GridsFixture.Grid;
    private const int Reports = 120;

    /// <summary>Longer than any change takes to be told.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(3);

    [Fact]
    public async Task A_watch_of_cases_that_is_cut_again_and_again_tells_each_change_once_also_of_transactions_that_stay_open()
    {
        var old = await grids.ReportAsync();
        var start = await CursorOfNowAsync();
        // Begun before all the others, and committed after them.
        await using var connection = await grids.Database.OpenConnectionAsync();
        await using var slow = await connection.BeginTransactionAsync();
        await ExecuteAsync(connection, $"""
            insert into case_history (case_id, sequence, action, from_state, to_state, actor, actor_role, at, note, holder)
            values ('{old.Id}', 1000, 'Slow', 1, 1, 'x', 'service', now(), '', '{Here}')
            """);

        var seen = new List<(string CaseId, int Sequence)>();
        using var stop = new CancellationTokenSource();
        var watching = WatchInPiecesAsync(start, seen, stop.Token);
        await ReportManyAsync();
        // Nothing that began later is told while it is open, however long that is.
        lock (seen)
            seen.ShouldNotContain(s => s.Sequence == 1000);
        await slow.CommitAsync(TestContext.Current.CancellationToken);

        await Eventually.BecomesAsync(() => Task.FromResult(Count(seen)), count => count >= Reports + 1);
        await Task.Delay(Quiet, TestContext.Current.CancellationToken);
        await stop.CancelAsync();
        await watching;
        seen.Distinct().Count().ShouldBe(seen.Count);
        seen.Count.ShouldBe(Reports + 1);
        seen.ShouldContain((old.Id, 1000));
    }

    [Fact]
    public async Task A_watch_of_a_quiet_territory_moves_its_cursor_past_what_happens_elsewhere()
    {
        using var watch = grids.Cases().WatchCases(new WatchCasesRequest { Territory = OtherCommunity + "02" });
        (await watch.ResponseStream.MoveNext(CancellationToken.None)).ShouldBeTrue();
        var before = watch.ResponseStream.Current.Cursor;
        for (var i = 0; i < 5; i++)
            await grids.ReportAsync();
        var next = watch.ResponseStream.MoveNext(CancellationToken.None);
        await Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        grids.Clock.Advance(TimeSpan.FromSeconds(16));
        (await next).ShouldBeTrue();
        watch.ResponseStream.Current.Entry.ShouldBeNull();
        XidOf(watch.ResponseStream.Current.Cursor).ShouldBeGreaterThan(XidOf(before));
    }

    [Fact]
    public async Task Changes_that_are_watched_in_pieces_come_each_once_in_the_order_of_their_commits()
    {
        var start = await ChangesNowAsync();
        await using var connection = await grids.Database.OpenConnectionAsync();
        await using var slow = await connection.BeginTransactionAsync();
        var slowId = Guid.NewGuid();
        await ExecuteAsync(connection, $"""
            insert into audit (at, subject, role, action, request_id, territory, record_id)
            values (now(), 'x', 'service', '/governance.grids.v1.Cases/SlowCase', '{Guid.NewGuid()}', '{Here}', '{slowId}')
            """);

        var seen = new List<WatchChangesResponse>();
        using var stop = new CancellationTokenSource();
        var watching = ChangesInPiecesAsync(start, seen, stop.Token);
        await ReportManyAsync();
        await slow.CommitAsync(TestContext.Current.CancellationToken);
        await Eventually.BecomesAsync(() => Task.FromResult(Count(seen)), count => count >= Reports + 1);
        await Task.Delay(Quiet, TestContext.Current.CancellationToken);
        await stop.CancelAsync();
        await watching;

        seen.Select(c => c.Change.RecordId).Distinct().Count().ShouldBe(Reports + 1);
        seen.Count.ShouldBe(Reports + 1);
        seen.Count(c => c.Change.RecordId == slowId.ToString()).ShouldBe(1);
        seen.Select(c => XidOf(c.Cursor)).ShouldBe(seen.Select(c => XidOf(c.Cursor)).Order());
    }

    [Fact]
    public async Task A_change_says_what_was_done_to_which_record_and_where()
    {
        var cursor = await ChangesNowAsync();
        var reported = await grids.ReportAsync();
        await grids.Cases().AssessCaseAsync(new AssessCaseRequest { RequestId = NewId(), CaseId = reported.Id, Category = "street_order" });
        grids.Clock.Advance(TimeSpan.FromDays(3));

        var changes = await TakeAsync(new WatchChangesRequest { Cursor = cursor, Territory = Here }, 3, c => c.RecordId == reported.Id);
        changes.Select(c => (c.Change.Capability, c.Change.Action, c.Change.RecordId, c.Change.Territory)).ShouldBe(
        [
            ("cases", "ReportCase", reported.Id, Here),
            ("cases", "AssessCase", reported.Id, Here),
            ("escalations", "OverdueCases", reported.Id, Here),
        ]);
        changes[0].Change.At.ToDateTimeOffset().ShouldBe(reported.ReportedAt.ToDateTimeOffset());

        var escalations = new WatchChangesRequest { Cursor = cursor, Capabilities = { "escalations" } };
        (await TakeAsync(escalations, 1))[0].Change.Action.ShouldBe("OverdueCases");
        var later = new WatchChangesRequest { Cursor = changes[0].Cursor, Territory = Here };
        (await TakeAsync(later, 1, c => c.RecordId == reported.Id))[0].Change.Action.ShouldBe("AssessCase");
    }

    [Fact]
    public async Task Nothing_crosses_a_border_and_nobody_is_told_who_looked_at_whom()
    {
        var cursor = await ChangesNowAsync();
        await grids.ReportAsync(0);
        var persons = new Persons.PersonsClient(grids.As("officer", City));
        await persons.SearchPersonsAsync(new SearchPersonsRequest { Phone = "13855551234", Reason = "核实" });
        var elsewhere = await grids.ReportAsync(2);

        (await TakeAsync(new WatchChangesRequest { Cursor = cursor }, 1, territory: OtherCommunity))[0]
            .Change.RecordId.ShouldBe(elsewhere.Id);
        (await TakeAsync(new WatchChangesRequest { Cursor = cursor }, 2)).ShouldAllBe(c => c.Change.Action == "ReportCase");
        await RefusedAsync("OUTSIDE_TERRITORY", new WatchChangesRequest { Territory = Here }, OtherCommunity);
        await RefusedAsync("ROLE_NOT_ALLOWED", new WatchChangesRequest(), City, "resident");
    }

    [Fact]
    public async Task A_cursor_whose_place_is_no_longer_kept_is_refused_by_name()
    {
        var start = await ChangesNowAsync();
        await grids.ReportAsync();
        var told = (await TakeAsync(new WatchChangesRequest { Cursor = start }, 1))[0].Cursor;
        await grids.ReportAsync();
        (await TakeAsync(new WatchChangesRequest { Cursor = told }, 1)).ShouldHaveSingleItem();

        // A city that archives its audit does it past the triggers.
        await using (var connection = await grids.Database.OpenConnectionAsync())
        {
            await ExecuteAsync(connection, """
                alter table audit disable trigger user;
                delete from audit where xid <= (select max(xid) from audit where action like '%ReportCase');
                alter table audit enable trigger user;
                """);
        }
        (await RefusedAsync("CURSOR_EXPIRED", new WatchChangesRequest { Cursor = told })).Code.ShouldBe(StatusCode.OutOfRange);
        await RefusedAsync("CURSOR_EXPIRED", new WatchChangesRequest { Cursor = $"{XidOf(told) - 1}-0" });
        await RefusedAsync("CURSOR_EXPIRED", new WatchChangesRequest { Cursor = $"{ulong.MaxValue}-0" });
        await RefusedAsync("CURSOR_MALFORMED", new WatchChangesRequest { Cursor = "later" });
        await Refused.AsAsync("CURSOR_MALFORMED", async () =>
        {
            using var watch = grids.Cases().WatchCases(new WatchCasesRequest { Territory = City, Cursor = "later" });
            await watch.ResponseStream.MoveNext(CancellationToken.None);
        });
        await grids.ReportAsync();
        (await TakeAsync(new WatchChangesRequest { Cursor = "0-0" }, 1)).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_cursor_of_cases_that_lies_ahead_of_the_database_or_in_no_history_is_refused()
    {
        await grids.ReportAsync();
        foreach (var cursor in new[] { $"{ulong.MaxValue}-{Guid.Empty:N}-0", $"1-{Guid.NewGuid():N}-1" })
            await Refused.AsAsync("CURSOR_EXPIRED", async () =>
            {
                using var watch = grids.Cases().WatchCases(new WatchCasesRequest { Territory = City, Cursor = cursor });
                await watch.ResponseStream.MoveNext(CancellationToken.None);
            });
    }

    [Fact]
    public async Task A_watch_of_one_grid_that_was_away_for_long_goes_past_all_that_happened_elsewhere_in_pieces()
    {
        var elsewhere = await grids.ReportAsync(2);
        var start = await CursorOfNowAsync();
        await using (var connection = await grids.Database.OpenConnectionAsync())
        {
            // As many transactions as entries would take long; the order within one is as good.
            await ExecuteAsync(connection, $"""
                insert into case_history (case_id, sequence, action, from_state, to_state, actor, actor_role, at, note, holder)
                select '{elsewhere.Id}', 1000 + i, 'Elsewhere', 1, 1, 'x', 'service', now(), '', '{OtherCommunity}' from generate_series(1, 12000) i
                """);
        }
        var reported = await grids.ReportAsync();
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        using var watch = grids.Cases().WatchCases(new WatchCasesRequest { Territory = Here, Cursor = start }, cancellationToken: stop.Token);
        do
            (await watch.ResponseStream.MoveNext(stop.Token)).ShouldBeTrue();
        while (watch.ResponseStream.Current.Entry is null);
        watch.ResponseStream.Current.CaseId.ShouldBe(reported.Id);

        using var ofCase = grids.Cases().WatchCases(new WatchCasesRequest { Territory = City, CaseId = reported.Id, Cursor = start }, cancellationToken: stop.Token);
        (await ofCase.ResponseStream.MoveNext(stop.Token)).ShouldBeTrue();
        ofCase.ResponseStream.Current.CaseId.ShouldBe(reported.Id);
    }

    [Fact]
    public async Task A_watch_ends_with_its_token_and_goes_on_with_another_from_its_cursor()
    {
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var start = await CursorOfNowAsync();
        using var brief = Granted(TimeSpan.FromMinutes(10)).WatchCases(new WatchCasesRequest { Territory = Here, Cursor = start }, cancellationToken: stop.Token);
        using var longer = Granted(TimeSpan.FromHours(1)).WatchCases(new WatchCasesRequest { Territory = Here, Cursor = start }, cancellationToken: stop.Token);
        var before = await grids.ReportAsync();
        // As long as a token begins calls a watch with it goes on.
        grids.Clock.Advance(TimeSpan.FromMinutes(10));
        var cursor = await HeardAsync(brief, before.Id, stop.Token);
        await HeardAsync(longer, before.Id, stop.Token);

        grids.Clock.Advance(TimeSpan.FromSeconds(6));
        var after = await grids.ReportAsync();
        var ended = await Refused.AsAsync("TOKEN_EXPIRED", async () =>
        {
            while (await brief.ResponseStream.MoveNext(stop.Token))
            {
                cursor = brief.ResponseStream.Current.Cursor;
                brief.ResponseStream.Current.Entry.ShouldBeNull();
            }
        });
        ended.Code.ShouldBe(StatusCode.Unauthenticated);
        await HeardAsync(longer, after.Id, stop.Token);

        using var again = Granted(TimeSpan.FromMinutes(10)).WatchCases(new WatchCasesRequest { Territory = Here, Cursor = cursor }, cancellationToken: stop.Token);
        await HeardAsync(again, after.Id, stop.Token);
    }

    [Fact]
    public async Task A_watch_of_changes_ends_with_its_token()
    {
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var token = TokenFor("operator", TimeSpan.FromMinutes(10));
        using var watch = new Changes.ChangesClient(grids.With(token)).WatchChanges(new WatchChangesRequest(), cancellationToken: stop.Token);
        (await watch.ResponseStream.MoveNext(stop.Token)).ShouldBeTrue();
        grids.Clock.Advance(TimeSpan.FromMinutes(11));
        await Refused.AsAsync("TOKEN_EXPIRED", async () =>
        {
            while (await watch.ResponseStream.MoveNext(stop.Token))
                watch.ResponseStream.Current.Change.ShouldBeNull();
        });
    }

    private V1.Cases.CasesClient Granted(TimeSpan time) => new(grids.With(TokenFor("officer", time)));

    /// <summary>A token that is good for so long by the clock of the service.</summary>
    private string TokenFor(string role, TimeSpan time) =>
        TestTokens.Make(role, City, validFor: grids.Clock.GetUtcNow() + time - DateTimeOffset.UtcNow);

    /// <summary>The next change that is told must be of this case; its cursor.</summary>
    private static async Task<string> HeardAsync(AsyncServerStreamingCall<WatchCasesResponse> watch, string caseId, CancellationToken stop)
    {
        do
            (await watch.ResponseStream.MoveNext(stop)).ShouldBeTrue();
        while (watch.ResponseStream.Current.Entry is null);
        watch.ResponseStream.Current.CaseId.ShouldBe(caseId);
        return watch.ResponseStream.Current.Cursor;
    }

    private Task ReportManyAsync() => Parallel.ForEachAsync(
        Enumerable.Range(0, Reports), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (n, _) => await grids.ReportAsync(n % 4));

    private static int Count<T>(List<T> seen)
    {
        lock (seen)
            return seen.Count;
    }

    // Pieces of seven messages, each watch cut while more are on their way.
    private async Task WatchInPiecesAsync(string cursor, List<(string, int)> seen, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var request = new WatchCasesRequest { Territory = City, Cursor = cursor };
            using var watch = grids.Cases().WatchCases(request, cancellationToken: stop);
            for (var i = 0; i < 7 && await MovesAsync(watch, stop); i++)
            {
                cursor = watch.ResponseStream.Current.Cursor;
                if (watch.ResponseStream.Current.Entry is { } entry)
                    lock (seen)
                        seen.Add((watch.ResponseStream.Current.CaseId, entry.Sequence));
            }
        }
    }

    private async Task ChangesInPiecesAsync(string cursor, List<WatchChangesResponse> seen, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var request = new WatchChangesRequest { Territory = City, Cursor = cursor };
            using var watch = Changes().WatchChanges(request, cancellationToken: stop);
            for (var i = 0; i < 7 && await MovesAsync(watch, stop); i++)
            {
                cursor = watch.ResponseStream.Current.Cursor;
                if (watch.ResponseStream.Current.Change is not null)
                    lock (seen)
                        seen.Add(watch.ResponseStream.Current);
            }
        }
    }

    private static async Task<bool> MovesAsync<T>(AsyncServerStreamingCall<T> watch, CancellationToken stop)
    {
        try
        {
            return await watch.ResponseStream.MoveNext(stop);
        }
        catch (Exception) when (stop.IsCancellationRequested)
        {
            return false;
        }
    }

    private async Task<string> CursorOfNowAsync()
    {
        using var watch = grids.Cases().WatchCases(new WatchCasesRequest { Territory = City });
        await watch.ResponseStream.MoveNext(CancellationToken.None);
        return watch.ResponseStream.Current.Cursor;
    }

    private async Task<string> ChangesNowAsync()
    {
        using var watch = Changes().WatchChanges(new WatchChangesRequest());
        await watch.ResponseStream.MoveNext(CancellationToken.None);
        watch.ResponseStream.Current.Change.ShouldBeNull();
        return watch.ResponseStream.Current.Cursor;
    }

    private async Task<List<WatchChangesResponse>> TakeAsync(
        WatchChangesRequest request, int count, Func<Change, bool>? wanted = null, string territory = City)
    {
        var taken = new List<WatchChangesResponse>();
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        using var watch = Changes(territory).WatchChanges(request, cancellationToken: stop.Token);
        while (taken.Count < count && await watch.ResponseStream.MoveNext(stop.Token))
            if (watch.ResponseStream.Current.Change is { } change && wanted?.Invoke(change) is not false)
                taken.Add(watch.ResponseStream.Current);
        return taken;
    }

    private Task<Refused> RefusedAsync(string reason, WatchChangesRequest request, string territory = City, string role = "operator") =>
        Refused.AsAsync(reason, async () =>
        {
            using var watch = Changes(territory, role).WatchChanges(request);
            await watch.ResponseStream.MoveNext(CancellationToken.None);
        });

    private Changes.ChangesClient Changes(string territory = City, string role = "operator") => new(grids.As(role, territory));

    private static ulong XidOf(string cursor) => ulong.Parse(cursor.Split('-')[0]);

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
