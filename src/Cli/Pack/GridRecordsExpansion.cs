using Google.Protobuf.WellKnownTypes;
using Governance.Grids.V1;

namespace Governance.Cli.Pack;

/// <summary>The records of grids that a pack's families stand for. Every row depends on its number and territory alone.</summary>
internal sealed class GridRecordsExpansion(
    GridRules rules,
    PackProblems problems,
    IReadOnlyList<Ground> grids,
    Func<Scope, IEnumerable<(int Number, Ground Ground)>> spread,
    Func<Ground, string, string> nameOf)
{
    /// <summary>As whom members of a council sit on it, its head first.</summary>
    private static readonly (CouncilMemberKind Kind, string Duty)[] Seats =
    [
        (CouncilMemberKind.PartyMember, "议事会长"),
        (CouncilMemberKind.GridWorker, "网格员"),
        (CouncilMemberKind.BuildingHead, "楼栋长"),
        (CouncilMemberKind.Resident, "居民代表"),
        (CouncilMemberKind.PropertyCompany, "物业人员"),
        (CouncilMemberKind.ResidentUnit, "驻区单位代表"),
    ];

    public GridRecords Expand()
    {
        var groups = Groups().ToList();
        var squads = Squads(groups).ToList();
        var councils = Councils().ToList();
        return new GridRecords(
            [.. Staff()], groups, squads, [.. Exchanges(squads, groups)],
            [.. Venues()], [.. Studios()], councils, [.. Deliberations(councils)], [.. Meetings()], rules.Bulletins);
    }

    private IEnumerable<StaffRow> Staff()
    {
        if (rules.Staff is not { } rule)
            yield break;
        for (var index = 0; index < grids.Count; index++)
        {
            for (var n = 0; n < rule.Leaders + rule.Workers; n++)
            {
                var leads = n < rule.Leaders;
                yield return new StaffRow
                {
                    Territory = grids[index].Code,
                    Role = leads ? GridStaffRole.Leader : GridStaffRole.Worker,
                    Subject = leads ? $"{grids[index].Code}-leader" : WorkerOf(grids[index].Code, n - rule.Leaders + 1),
                    Name = PeopleNames.Of((index * (rule.Leaders + rule.Workers)) + n),
                    Duty = leads ? "网格长" : "网格员",
                    Employment = StaffEmployment.FullTime,
                    PartyMember = leads,
                    From = $"{rule.From:yyyy-MM-dd}",
                };
            }
        }
    }

    private IEnumerable<NeighbourGroupRow> Groups()
    {
        if (rules.Groups is not { } rule)
            yield break;
        var codes = new CodeRegister("neighbour group", problems);
        // Buildings are numbered through a grid, so that no two groups of it share one.
        var (grid, building) = ("", 0);
        foreach (var (number, ground) in spread(rule.Scope))
        {
            if (ground.Code != grid)
                (grid, building) = (ground.Code, 0);
            var row = new NeighbourGroupRow
            {
                Code = rule.Code.Fill(number, place => nameOf(ground, place)),
                Territory = ground.Code,
                Name = rule.Name.Fill(number, place => nameOf(ground, place)),
            };
            for (var n = rule.Buildings[(number - 1) % rule.Buildings.Count]; n > 0; n--)
                row.Buildings.Add($"{++building}号楼");
            for (var n = 1; n <= rule.Heads; n++)
                row.Heads.Add(new NeighbourHead { Subject = $"{row.Code}-head-{n}", PartyMember = rule.PartyMembers });
            if (codes.Add(row.Code, rule.Code.At))
                yield return row;
        }
    }

    private IEnumerable<SquadRow> Squads(IReadOnlyList<NeighbourGroupRow> groups)
    {
        if (rules.Squads is not { } rule)
            yield break;
        var codes = new CodeRegister("squad", problems);
        var byCode = grids.ToDictionary(grid => grid.Code);
        var number = 0;
        foreach (var together in groups.GroupBy(group => group.Territory))
        {
            var ground = byCode[together.Key];
            number++;
            var row = new SquadRow
            {
                Code = rule.Code.Fill(number, place => nameOf(ground, place)),
                Territory = ground.Code,
                Name = rule.Name.Fill(number, place => nameOf(ground, place)),
                LeaderSubject = WorkerOf(ground.Code, 1),
                GroupCodes = { together.Select(group => group.Code) },
                FormedOn = $"{rule.FormedOn:yyyy-MM-dd}",
            };
            if (codes.Add(row.Code, rule.Code.At))
                yield return row;
        }
    }

    /// <summary>One exchange a day, and one conference a week, on its Friday.</summary>
    private IEnumerable<ExchangeRow> Exchanges(IReadOnlyList<SquadRow> squads, IReadOnlyList<NeighbourGroupRow> groups)
    {
        if (rules.Squads is not { } rule)
            yield break;
        var heads = groups.GroupBy(group => group.Territory).ToDictionary(some => some.Key, some => some.Sum(group => group.Heads.Count));
        foreach (var squad in squads)
        {
            for (var day = rule.From; day < rule.Until; day = day.AddDays(1))
            {
                yield return Exchange(ExchangeKind.Daily);
                if (day.DayOfWeek == DayOfWeek.Friday)
                    yield return Exchange(ExchangeKind.Weekly);

                ExchangeRow Exchange(ExchangeKind kind) => new()
                {
                    SquadCode = squad.Code,
                    Territory = squad.Territory,
                    Kind = kind,
                    Day = $"{day:yyyy-MM-dd}",
                    // The worker who leads it, and every head.
                    Attendance = heads[squad.Territory] + 1,
                };
            }
        }
    }

    private IEnumerable<VenueRow> Venues()
    {
        var codes = new CodeRegister("venue", problems);
        foreach (var rule in rules.Venues)
        {
            foreach (var (number, ground) in spread(rule.Scope))
            {
                var row = new VenueRow
                {
                    Code = rule.Code.Fill(number, place => nameOf(ground, place)),
                    Territory = ground.Code,
                    Name = rule.Name.Fill(number, place => nameOf(ground, place)),
                    Premises = rule.Premises[(number - 1) % rule.Premises.Count],
                    Kind = rule.Kind,
                };
                if (codes.Add(row.Code, rule.Code.At))
                    yield return row;
            }
        }
    }

    private IEnumerable<StudioRow> Studios()
    {
        if (rules.Studios is not { } rule)
            yield break;
        var codes = new CodeRegister("studio", problems);
        var places = spread(rule.Scope).ToList();
        var given = 0;
        foreach (var (number, ground) in places)
        {
            var row = new StudioRow
            {
                Code = rule.Code.Fill(number, place => nameOf(ground, place)),
                Territory = ground.Code,
                Name = rule.Name.Fill(number, place => nameOf(ground, place)),
            };
            for (var until = (int)((long)rule.Deputies * number / places.Count); given < until; given++)
            {
                row.Deputies.Add(new DeputyAssignment
                {
                    Subject = $"{row.Code}-deputy-{row.Deputies.Count + 1}",
                    Kind = rule.Kinds[given % rule.Kinds.Count],
                });
            }

            if (codes.Add(row.Code, rule.Code.At))
                yield return row;
        }
    }

    private IEnumerable<CouncilRow> Councils()
    {
        var taken = new Dictionary<string, Spot>();
        foreach (var rule in rules.Councils)
        {
            var places = spread(rule.Scope).ToList();
            foreach (var (number, ground) in places)
            {
                if (!taken.TryAdd(ground.Code, rule.Scope.At))
                {
                    problems.Add(rule.Scope.At, $"{ground.Code} has a council from {taken[ground.Code]} already");
                    break;
                }

                yield return Council(rule, number, ground, rule.ConcurrentHeads is { } some ? Dealt(some, number, places.Count) : null);
            }
        }
    }

    private CouncilRow Council(CouncilRule rule, int number, Ground ground, bool? concurrent)
    {
        var row = new CouncilRow
        {
            Territory = ground.Code,
            Name = rule.Name.Fill(number, place => nameOf(ground, place)),
            Quorum = new Threshold { Numerator = 1, Denominator = 2, MoreThan = true },
            Term = rule.Term,
            ConcurrentHead = concurrent is null ? ConcurrentHead.Unspecified : concurrent.Value ? ConcurrentHead.Yes : ConcurrentHead.No,
            ConcurrentSource = concurrent is null ? "" : rule.Source,
        };
        for (var n = 0; n < rule.Members; n++)
        {
            var (kind, duty) = Seats[n % Seats.Length];
            row.Members.Add(new CouncilMember
            {
                Subject = $"{ground.Code}-council-{n + 1}",
                Kind = kind,
                Name = PeopleNames.Of(((number - 1) * rule.Members) + n),
                Duty = n == 0 || kind != CouncilMemberKind.PartyMember ? duty : "党员代表",
                Seat = n == 0 ? CouncilSeat.Head : CouncilSeat.Member,
            });
        }

        return row;
    }

    private IEnumerable<Deliberation> Deliberations(IReadOnlyList<CouncilRow> councils)
    {
        if (rules.Deliberations is not { } rule)
            yield break;
        var having = councils.Select(council => council.Territory).ToHashSet();
        var places = spread(rule.Scope).ToList();
        foreach (var (number, ground) in places)
        {
            if (!having.Contains(ground.Code))
            {
                problems.Add(rule.Scope.At, $"{ground.Code} has no council that could deliberate");
                yield break;
            }

            var day = rule.From.AddDays((int)((long)(number - 1) * (rule.Until.DayNumber - rule.From.DayNumber) / places.Count));
            yield return new Deliberation(
                ground.Code, rule.Title.Fill(number, place => nameOf(ground, place)),
                rule.Form, $"{day:yyyy-MM-dd}", rule.Parties, rule.Summary);
        }
    }

    /// <summary>On the fifth of each month, or the twentieth of December, in the afternoon. The organisations that debrief are named when they have ids.</summary>
    private IEnumerable<MeetingRow> Meetings()
    {
        var codes = new CodeRegister("meeting", problems);
        foreach (var rule in rules.Meetings)
        {
            var monthly = rule.Kind == MeetingKind.GridSecretaries;
            var count = 0;
            foreach (var (number, ground) in spread(rule.Scope))
            {
                for (var day = new DateOnly(rule.From.Year, monthly ? rule.From.Month : 12, monthly ? 5 : 20);
                    day < rule.Until;
                    day = monthly ? day.AddMonths(1) : day.AddYears(1))
                {
                    count++;
                    var row = new MeetingRow
                    {
                        Code = rule.Code.Fill(count, place => nameOf(ground, place)),
                        Territory = ground.Code,
                        Kind = rule.Kind,
                        HeldAt = Timestamp.FromDateTimeOffset(new DateTimeOffset(day.ToDateTime(new TimeOnly(15, 0)), TimeSpan.FromHours(8))),
                        Place = "社区会议室",
                        Minutes = rule.Minutes,
                        Attendance = { new MeetingAttendance { Kind = MeetingAttendeeKind.Officer, Count = 1 } },
                    };
                    if (monthly)
                    {
                        row.Attendance.Add(new MeetingAttendance
                        {
                            Kind = MeetingAttendeeKind.Secretary,
                            Count = Math.Max(1, grids.Count(grid => grid.Code.StartsWith(ground.Code, StringComparison.Ordinal))),
                        });
                    }
                    else
                    {
                        const int Residents = 20;
                        var good = 14 + (number % 4);
                        row.Attendance.Add(new MeetingAttendance { Kind = MeetingAttendeeKind.Secretary, Count = 1 });
                        row.Attendance.Add(new MeetingAttendance { Kind = MeetingAttendeeKind.Resident, Count = Residents });
                        row.Debriefs.Add(new DebriefRow
                        {
                            Appraisal = new AppraisalCount { Papers = Residents, Good = good, FairlyGood = Residents - good - 1, Average = 1 },
                        });
                    }

                    if (codes.Add(row.Code, rule.Code.At))
                        yield return row;
                }
            }
        }
    }

    /// <summary>Whether the n-th of all is one of so many, dealt out evenly.</summary>
    private static bool Dealt(int some, int number, int all) => (long)some * number / all > (long)some * (number - 1) / all;

    private static string WorkerOf(string grid, int number) => $"{grid}-worker-{number}";
}
