using Governance.Cli.Pack;
using Governance.Common.V1;
using Governance.Grids.V1;
using Governance.TestKit;
using Xunit;

[assembly: AssemblyFixture(typeof(TestServers))]
// Classes share the broker, whose queue belongs to one running service.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Governance.Grids.Tests;

/// <summary>Grids with two communities of two grids each, a policy, working hours and the holidays of 2026.</summary>
public class GridsFixture(TestServers servers) : ServiceFixture(servers, "grids", Program.Create)
{
    public const string City = "3406";
    public const string OtherCity = "6590";
    public const string Community = "340603001001";
    public const string OtherCommunity = "340603001002";
    public const string Grid = Community + "01";
    public const string NextGrid = Community + "02";

    /// <summary>Stands for Organisations: whoever is asked for exists, except <see cref="UnknownOrganisation"/>.</summary>
    public static readonly Guid UnknownOrganisation = new("00000000-0000-0000-0000-00000000dead");

    /// <summary>A department of <see cref="OtherCity"/>.</summary>
    public static readonly Guid ForeignOrganisation = new("00000000-0000-0000-0000-0000f0e19000");

    /// <summary>Whoever asks for this one gets no answer.</summary>
    public static readonly Guid SilentOrganisation = new("00000000-0000-0000-0000-0000dead0000");

    private readonly FakeDirectory directory = new();

    protected override IEnumerable<string> Settings =>
        [$"--services:organisations:grpc:0={directory.Address}"];

    public override async ValueTask InitializeAsync()
    {
        await directory.StartAsync();
        await base.InitializeAsync();
        await PutPolicyAsync(p => p.WorkingHours = new WorkingHours
        {
            UtcOffsetMinutes = 480,
            Spans = { new WorkingSpan { FromMinute = 480, ToMinute = 720 }, new WorkingSpan { FromMinute = 870, ToMinute = 1050 } },
        });
        await PutPolicyAsync(p => p.Holidays = new HolidayYear { Year = 2026, Days = { new HolidayDay { Date = "2026-10-01", Name = "国庆节", Off = true } } }, "2026-01-01");
        await PutPolicyAsync(p => p.Cases = CasePolicy());
        await PutPolicyAsync(p => p.Councils = CouncilPolicy());
        await ImportAsync(Row(Grid, 0), Row(NextGrid, 1), Row(OtherCommunity + "01", 2), Row(OtherCommunity + "02", 3));
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await directory.DisposeAsync();
    }

    public static CasePolicy CasePolicy() => new()
    {
        AssessWithin = Hours(4),
        AnswerWithin = Hours(8),
        KeepPeopleDays = 30,
        ConfirmWithin = new TimeLimit { Unit = TimeUnit.EmergencyHours, Amount = 72 },
        ReportWithin = new TimeLimit { Unit = TimeUnit.EmergencyHours, Amount = 2 },
        Reviews = new ReviewPolicy
        {
            RequestWithin = new TimeLimit { Unit = TimeUnit.CalendarDays, Amount = 30 },
            DecideWithin = new TimeLimit { Unit = TimeUnit.CalendarDays, Amount = 20 },
        },
        MediateWithin = new TimeLimit { Unit = TimeUnit.CalendarDays, Amount = 30 },
        VerifyWithin = Hours(2),
        Duplicates = new DuplicatePolicy { WithinMeters = 200, WithinDays = 10, LeastPercent = 50 },
        ReopenWithin = new TimeLimit { Unit = TimeUnit.CalendarDays, Amount = 15 },
        ReopenAtMost = 2,
        BankAtMost = new TimeLimit { Unit = TimeUnit.CalendarDays, Amount = 180 },
        DeadlineChanges = new DeadlineChangePolicy
        {
            ExtendAtMost = new TimeLimit { Unit = TimeUnit.WorkDays, Amount = 5 },
            Extensions = 1,
            PauseAtMost = new TimeLimit { Unit = TimeUnit.CalendarDays, Amount = 30 },
        },
        Dispatch = new DispatchPolicy
        {
            ObjectWithin = Days(2),
            CoHandlers = 2,
            CoHandleWithin = Hours(2),
            AppraiseWithin = Days(3),
            ConsultAtMost = Days(10),
        },
        Escalation = new EscalationPolicy
        {
            After = new TimeLimit { Unit = TimeUnit.EmergencyHours, Amount = 24 },
            Levels = { new LevelLimit { Level = EscalationLevel.District, HandleWithin = new TimeLimit { Unit = TimeUnit.WorkDays, Amount = 2 } } },
        },
        Categories =
        {
            new CaseCategory { Code = "street_order", Name = "街面秩序", HandleWithin = Hours(4) },
            new CaseCategory { Code = "danger", Name = "安全隐患", HandleWithin = Hours(2), Verify = true },
            new CaseCategory { Code = "gas", Name = "燃气", Parent = "danger" },
            new CaseCategory { Code = "fire", Name = "消防", Parent = "danger", HandleWithin = Hours(1) },
            new CaseCategory { Code = "illegal_construction", Name = "私搭乱建", HandleWithin = new TimeLimit { Unit = TimeUnit.WorkDays, Amount = 20 } },
        },
    };

    public static CouncilPolicy CouncilPolicy() => new()
    {
        SupportersNeeded = 3,
        SupportWithin = Days(10),
        DecideWithin = Days(20),
        CarryOutWithin = Days(30),
        AnswerWithin = Days(5),
        VotingRules =
        {
            new VotingRule
            {
                Code = "majority_of_present",
                Name = "到会过半数",
                Basis = VotingBasis.Present,
                Passes = new Threshold { Numerator = 1, Denominator = 2, MoreThan = true },
            },
            new VotingRule
            {
                Code = "two_thirds_of_all",
                Name = "全体三分之二以上",
                Basis = VotingBasis.All,
                Passes = new Threshold { Numerator = 2, Denominator = 3 },
            },
        },
    };

    /// <summary>A square of a hundredth of a degree, the n-th from the west.</summary>
    public static GridRow Row(string code, int n) => new()
    {
        Code = code,
        Name = $"网格 {code}",
        Kind = GridKind.Residential,
        Households = 400,
        Boundary = Square(116.8 + (n * 0.01), 33.9, 0.01),
    };

    public static Polygon Square(double west, double south, double side) => new()
    {
        Points =
        {
            new Point { Longitude = west, Latitude = south },
            new Point { Longitude = west + side, Latitude = south },
            new Point { Longitude = west + side, Latitude = south + side },
            new Point { Longitude = west, Latitude = south + side },
        },
    };

    public static Point PointIn(int n) => new() { Longitude = 116.805 + (n * 0.01), Latitude = 33.905 };

    public V1.Cases.CasesClient Cases(string role = "officer", string territory = City, string subject = "somebody", Guid? organisation = null) =>
        new(As(role, territory, subject, organisation));

    public V1.Boundaries.BoundariesClient Boundaries(string role = "operator", string territory = City) => new(As(role, territory));

    public V1.Policies.PoliciesClient Policies(string role = "operator", string territory = City) => new(As(role, territory));

    public async Task<ImportSummary> ImportAsync(params GridRow[] rows) => await ImportAsync(new ImportHeader { RequestId = NewId(), Territory = City }, rows);

    public async Task<ImportSummary> ImportAsync(ImportHeader header, params GridRow[] rows)
    {
        using var call = Boundaries().ImportGrids();
        return (await call.SendAsync([new ImportGridsRequest { Header = header }, .. rows.Select(row => new ImportGridsRequest { Rows = { row } })])).Summary;
    }

    /// <summary>
    /// Until so many wait for a lock that the test holds. Whoever waits longer than a group of commands does is written by itself, and
    /// keeps its place.
    /// </summary>
    public Task WaitingAsync(int expected) => Eventually.BecomesAsync(
        () => ScalarAsync<long>("select count(*) from pg_locks where not granted and waitstart < clock_timestamp() - interval '300 milliseconds'"),
        waiting => waiting >= expected);

    public Task<PutPolicyResponse> PutPolicyAsync(Action<Policy> content, string from = "2025-01-01")
    {
        var policy = new Policy { City = City, EffectiveFrom = from };
        content(policy);
        return Policies().PutPolicyAsync(new PutPolicyRequest { RequestId = NewId(), City = City, Policy = policy }).ResponseAsync;
    }

    /// <summary>Indicators that city packs define for this service, with the pack of each.</summary>
    public static IReadOnlyList<(string Pack, IndicatorDefinition Definition)> IndicatorsOfPacks()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root!.FullName, "Governance.Micro.sln")))
            root = root.Parent;
        var problems = new PackProblems();
        var all = new List<(string, IndicatorDefinition)>();
        foreach (var folder in Directory.GetDirectories(Path.Combine(root.FullName, "seeds")).Order(StringComparer.Ordinal))
        {
            foreach (var written in PackReader.ReadIndicators(folder, path => path, problems).Where(i => i.Service is "grids"))
                all.Add((Path.GetFileName(folder), written.Definition));
        }
        problems.ThrowIfAny();
        return all;
    }

    /// <summary>As loading packs does: cities' own indicators, in the city of these tests.</summary>
    public async Task PutIndicatorsOfPacksAsync() =>
        await new Indicators.IndicatorsClient(As("operator", City)).PutIndicatorDefinitionsAsync(new PutIndicatorDefinitionsRequest
        {
            RequestId = NewId(),
            City = City,
            Definitions = { IndicatorsOfPacks().Select(i => i.Definition) },
        });

    public async Task<Case> ReportAsync(int n = 0, string subject = "resident-1", string title = "路灯不亮") =>
        (await Cases("resident", City, subject).ReportCaseAsync(new ReportCaseRequest
        {
            RequestId = NewId(),
            Point = PointIn(n),
            Title = title,
            Description = "晚上看不见路",
            Channel = CaseChannel.MiniProgramme,
        })).Case;

    public async Task<Case> AssessedAsync(string category = "street_order", string title = "路灯不亮")
    {
        var reported = await ReportAsync(title: title);
        return (await Cases().AssessCaseAsync(new AssessCaseRequest { RequestId = NewId(), CaseId = reported.Id, Category = category })).Case;
    }

    /// <summary>Handled by an organisation, answered, and closed since resident-1 is satisfied.</summary>
    public async Task<Case> ClosedAsync()
    {
        var id = (await AssessedAsync()).Id;
        await Cases().DispatchCaseAsync(new DispatchCaseRequest { RequestId = NewId(), CaseId = id, Handler = new Handler { OrganisationId = NewId() } });
        await Cases().CompleteHandlingAsync(new CompleteHandlingRequest { RequestId = NewId(), CaseId = id, Result = "换了灯泡" });
        await Cases().AnswerCaseAsync(new AnswerCaseRequest { RequestId = NewId(), CaseId = id, Answer = "已修好" });
        await Cases("resident", City, "resident-1").ConfirmCaseAsync(
            new ConfirmCaseRequest { RequestId = NewId(), CaseId = id, Satisfaction = Satisfaction.Satisfied });
        return (await Cases().CloseCaseAsync(new CloseCaseRequest { RequestId = NewId(), CaseId = id })).Case;
    }

    /// <summary>Every row of whichever table that was written in the transactions that <paramref name="transactions"/> selects.</summary>
    public async Task<List<(string Table, string Text)>> WrittenWithAsync(string transactions)
    {
        var tables = await ReadAsync("select quote_ident(tablename), '' from pg_tables where schemaname = 'public'");
        return await ReadAsync(string.Join(
            " union all ",
            tables.Select(t => $"select '{t.Item1}', t::text from {t.Item1} t where t.xmin in ({transactions})")));
    }

    private async Task<List<(string, string)>> ReadAsync(string sql)
    {
        await using var command = Database.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<(string, string)>();
        while (await reader.ReadAsync())
            rows.Add((reader.GetString(0), reader.GetString(1)));
        return rows;
    }

    public static string NewId() => Guid.NewGuid().ToString();

    private static TimeLimit Days(int amount) => new() { Unit = TimeUnit.WorkDays, Amount = amount };

    public static TimeLimit Hours(int amount) => new() { Unit = TimeUnit.WorkHours, Amount = amount };
}
